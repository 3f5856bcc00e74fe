// @ts-check
// From nothing to a sound of one's own: `node bench/authoring.mjs [--cold] [--limit SECONDS]`. Packs everything, serves it by a
// registry on this machine, runs in an empty folder what the README tells, and says how long each step takes. All else comes from
// npm's cache, as on a machine that has seen such a project before; with --cold from the network. Ends with 1 over the limit.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startRegistry } from '../scripts/lib/loopback-registry.mjs'
import { pack } from '../scripts/pack.mjs'

const { values } = parseArgs({ options: { cold: { type: 'boolean' }, limit: { type: 'string', default: '15' } } })
const limit = Number(values.limit)
/** Seconds from a save to its sound. */
const saveLimit = 1.5
const name = 'my-gain'
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, NO_COLOR: '1' }

const seconds = (/** @type {number} */ from) => (performance.now() - from) / 1000
const tell = (/** @type {string} */ what, /** @type {number} */ took) =>
  process.stdout.write(`${took.toFixed(2).padStart(7)} s  ${what}\n`)

/** Runs a line as a user would, and says how long it took. @param {string} line @param {string} cwd */
async function step(line, cwd) {
  const began = performance.now()
  const child = spawn(line, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const code = await new Promise((ended) => child.on('close', ended))
  if (code !== 0) throw new Error(`${line} ended with ${code}\n${said}`)
  tell(line, seconds(began))
}

/**
 * A session of `arranger dev`, and its events as they come.
 * @param {string} line @param {string} cwd
 */
function startDev(line, cwd) {
  const child = spawn(line, { cwd, env, shell: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${line} ended before it was heard`)
    return JSON.parse(value)
  }
  return {
    /** The first event that is meant. @param {(event: any) => boolean} isMeant */
    until: async (isMeant) => {
      for (let event = await next(); ; event = await next()) {
        if (event.event === 'error') throw new Error(`${line}: ${event.message}`)
        if (isMeant(event)) return event
      }
    },
    quit: () => {
      child.stdin.end('q')
      return new Promise((ended) => child.on('close', ended))
    },
  }
}

const isHeard = (/** @type {any} */ event) => event.event === 'level' && event.rms_dbfs !== null && event.rms_dbfs > -60

/** The folder: until its first sound. @param {string} project */
async function hearFolder(project) {
  const line = 'npx arranger dev'
  const began = performance.now()
  const session = startDev(`${line} --json --device none`, project)
  const { rms_dbfs } = await session.until(isHeard)
  tell(`${line}, until it sounds (${rms_dbfs.toFixed(1)} dBFS)`, seconds(began))
  await session.quit()
}

/** The source alone: from a save until what was saved is heard. @param {string} project */
async function hearSaved(project) {
  const source = join(project, 'src', `${name}.cpp`)
  const session = startDev(`npx arranger dev src/${name}.cpp --json --device none`, project)
  const before = await session.until(isHeard)
  await session.until((event) => event.event === 'optimised') // then a session is as it is for most of its time
  const began = performance.now()
  writeFileSync(source, readFileSync(source, 'utf8').replaceAll('gain[i] *', '0.25f * gain[i] *'))
  const after = await session.until((event) => isHeard(event) && event.generation > before.generation)
  const levels = `${before.rms_dbfs.toFixed(1)} to ${after.rms_dbfs.toFixed(1)} dBFS`
  const took = seconds(began)
  tell(`from a save of src/${name}.cpp to its sound (${levels})`, took)
  await session.quit()
  return took
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'arranger-authoring-'))
  const registry = await startRegistry(await pack(join(folder, 'packages'), { asBuilt: true }))
  try {
    // Warm: what npm has in its cache it does not ask after. Cold: it has nothing.
    const cache = values.cold ? { npm_config_cache: join(folder, 'cache') } : { npm_config_prefer_offline: 'true' }
    Object.assign(env, registry.env, cache)
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const project = join(empty, name)
    const began = performance.now()
    await step(`npm create --yes @arranger/plugin ${name}`, empty)
    await step('npm install', project)
    const hasDev = existsSync(join(project, 'node_modules/@arranger/cli/dist/commands/dev.js'))
    await (hasDev ? hearFolder(project) : step('npm test', project))
    const whole = seconds(began)
    tell('in all', whole)
    const saved = hasDev ? await hearSaved(project) : 0
    if (whole > limit) throw new Error(`More than ${limit} s.`)
    if (saved > saveLimit) throw new Error(`More than ${saveLimit} s from a save to its sound.`)
  } finally {
    registry.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
