// @ts-check
// What must be true of every reply, whatever was asked.
import ajv from 'ajv/dist/2020.js'

/** @typedef {import('./mutants.mjs').Command} Command */
/** @typedef {import('ajv').ValidateFunction} Validate */
/**
 * @typedef {object} Description
 * @property {Record<string, Command>} commands
 * @property {Record<string, object>} events
 * @property {{ code: string, cause: string, remedy: string }[]} errors
 * @property {object} error_reply
 * @property {object} descriptor
 */

/** The time within which every reply must be there, in ms. */
export const longestReply = 1000

/** Schemas of draft 2020-12; only the unit is ours. A schema that says something meaningless does not compile. */
export function schemaCompiler() {
  const compiler = new ajv.Ajv2020({ strict: true, allowUnionTypes: true, allErrors: false })
  compiler.addKeyword({ keyword: 'unit', schemaType: 'string' })
  return compiler
}

/** @param {string} text @returns {unknown} undefined when it is not JSON. */
export function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** All but some members. @param {Record<string, unknown>} object @param {string[]} names */
const without = (object, names) => Object.fromEntries(Object.entries(object).filter(([key]) => !names.includes(key)))

/** Of a key that is given twice JavaScript takes the last value, and the engine speaks of either. @param {string} key @param {string} request */
const occursTwice = (key, request) => request.split(`${JSON.stringify(key)}:`).length > 2

/** Whether a JSON Pointer leads to a place in the request, or to a member that it could have. @param {string} pointer @param {string} request */
function leadsInto(pointer, request) {
  const tokens = pointer.split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (tokens.shift() !== '') return false
  let place = parsed(request)
  if (!isObject(place) || tokens.some((token) => occursTwice(token, request))) return true
  for (const token of tokens) {
    if (typeof place !== 'object' || place === null) return false
    place = Reflect.get(place, token)
  }
  return true
}

export class Judge {
  /** @param {Description} description */
  constructor(description) {
    const compiler = schemaCompiler()
    this.commands = description.commands
    this.codes = new Set(description.errors.map(({ code }) => code))
    this.errorReply = compiler.compile(description.error_reply)
    const both = Object.entries(description.commands).map(
      ([name, { request, reply }]) =>
        /** @type {const} */ ([name, { request: compiler.compile(request), reply: compiler.compile(reply) }]),
    )
    this.validators = new Map(both)
  }

  /** What is wrong with a reply, or nothing. @param {string} request @param {string} reply @returns {string | undefined} */
  faultOf(request, reply) {
    const answer = parsed(reply)
    if (!isObject(answer)) return 'the reply is not a JSON object'
    const asked = parsed(request)
    const idIsRead = answer.code !== 'invalid_json' && !occursTwice('id', request)
    if (isObject(asked) && idIsRead && JSON.stringify(answer.id) !== JSON.stringify(asked.id))
      return 'the reply has another id than the request'
    const body = without(answer, ['status', 'id'])
    if (answer.status === 'error') return this.#faultOfError(request, body)
    if (answer.status !== 'ok') return 'the status is neither ok nor error'
    return this.#faultOfSuccess(asked, body)
  }

  /** @param {string} request @param {Record<string, unknown>} body */
  #faultOfError(request, body) {
    if (!this.errorReply(body)) return `the error ${said(this.errorReply)}`
    if (!this.codes.has(String(body.code))) return `the code ${body.code} is not in the catalogue`
    if (body.message === '') return 'the message is empty'
    if (typeof body.path === 'string' && !leadsInto(body.path, request))
      return `the path ${body.path} leads nowhere in the request`
    return undefined
  }

  /** @param {unknown} asked @param {Record<string, unknown>} body */
  #faultOfSuccess(asked, body) {
    if (!isObject(asked)) return 'a request that is no JSON object was accepted'
    const validators = this.validators.get(String(asked.cmd))
    if (!validators) return 'a command that describe does not know was accepted'
    if (!validators.request(without(asked, ['cmd', 'id'])))
      return `the request was accepted, but by its schema it ${said(validators.request)}`
    if (!validators.reply(body)) return `the reply ${said(validators.reply)}`
    return undefined
  }
}

/** @param {Validate} validate */
function said({ errors }) {
  const [{ instancePath = '', message = 'is invalid' } = {}] = errors ?? []
  return `${message} (at ${instancePath || 'its root'})`
}
