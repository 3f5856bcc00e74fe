// The JSON contract is what `describe` says: every schema is one, every example runs, every code comes, and requests that are
// nearly right do no harm. A command that is added is covered without an edit here.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { originalsOf } from './support/contract/files.ts'
import { hunt, reduced, report } from './support/contract/hunt.ts'
import { type Description, Judge, schemaCompiler } from './support/contract/judge.mjs'
import { featuresFor } from './support/contract/needed.ts'
import { placeFiles } from './support/contract/scenes.mjs'
import { JsonEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'

await using described = await JsonEngine.open()
const description: Description = await described.must({ cmd: 'describe' })
const commands = Object.entries(description.commands)
const examples = commands.flatMap(([name, { examples }]) =>
  examples.map((example, index) => ({ name, title: `${name} ${index + 1}`, ...example })),
)

const folder = temporaryFolder()
const files = originalsOf(
  examples.flatMap((example) => example.files),
  join(folder, 'originals'),
)

describe('describe', () => {
  it('gives JSON Schemas of draft 2020-12', () => {
    const compiler = schemaCompiler()
    const schemas = commands.flatMap(([, { request, reply }]) => [request, reply])
    schemas.push(...Object.values(description.events), description.error_reply, description.descriptor)
    expect(schemas.length).toBeGreaterThan(30)
    for (const schema of schemas) {
      expect(compiler.validateSchema(schema), JSON.stringify(compiler.errors)).toBe(true)
      compiler.compile(schema)
    }
  })

  it('explains every command, field, event and code', () => {
    const silent: string[] = []
    const read = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return
      const { properties = {}, items, additionalProperties } = value as Record<string, unknown>
      for (const [name, schema] of Object.entries(properties as Record<string, { description?: string }>)) {
        if (!schema.description) silent.push(`${path}.${name}`)
        read(schema, `${path}.${name}`)
      }
      read(items, `${path}[]`)
      read(additionalProperties, `${path}.*`)
    }
    for (const [name, { doc, request, reply, examples }] of commands) {
      if (!doc || examples.length === 0) silent.push(name)
      read(request, `${name} request`)
      read(reply, `${name} reply`)
    }
    for (const [name, schema] of Object.entries(description.events)) read(schema, name)
    for (const { code, cause, remedy } of description.errors) if (!cause || !remedy) silent.push(code)
    expect(silent).toEqual([])
  })
})

describe('every documented example', () => {
  const judge = new Judge(description)
  const ground = join(folder, 'examples')
  const home = process.cwd()
  beforeAll(() => {
    mkdirSync(ground)
    process.chdir(ground)
  })
  afterAll(() => process.chdir(home))

  for (const { name, title, needs: before, request, files: named, otherwise } of examples)
    it(`runs on a fresh engine: ${title}`, needs(...featuresFor([...before, request])), async () => {
      placeFiles(Object.fromEntries(named.map((file) => [file, files[file] as string])))
      await using engine = await JsonEngine.open()
      for (const one of [...before, request]) {
        const text = JSON.stringify(one)
        const reply = await engine.handle(text)
        const { status, code } = JSON.parse(reply)
        if (otherwise === undefined || status !== 'error') expect({ status, code }, text).toEqual({ status: 'ok' })
        else expect(code, text).toBe(otherwise)
        expect(judge.faultOf(text, reply), text).toBeUndefined()
      }
      expect(request).toMatchObject({ cmd: name })
    })
})

describe('requests that are nearly right', () => {
  const seed = Number(process.env.ARRANGER_SEED ?? 20_261_127)
  const count = Number(process.env.ARRANGER_MUTANTS ?? 10_000)
  const ground = { folder: join(folder, 'mutants'), files }

  it(
    'get a reply within a second, ok or a code, as their schemas say, and an error changes nothing',
    () => {
      mkdirSync(ground.folder)
      const result = hunt(ground, seed, count)
      const failures = result.failures.flatMap((failure) => reduced(ground, failure) ?? [])
      expect(failures.map((failure) => report(seed, failure)).join('\n\n')).toBe('')
      const tallies = Object.entries(result.commands)
      const sum = (of: (tally: (typeof tallies)[number][1]) => number) =>
        tallies.reduce((total, [, tally]) => total + of(tally), 0)
      expect(tallies.map(([name]) => name)).toEqual(commands.map(([name]) => name))
      expect(sum(({ sent }) => sent)).toBeGreaterThanOrEqual(count * 0.7)
      expect(tallies.filter(([, { sent }]) => sent < count / 200)).toEqual([])
      // Were all refused at the first look, nothing would have been tried. What needs a device, or what this back end
      // has not, may well be refused.
      const isRefused = (name: string) =>
        description.commands[name]?.examples.every(
          ({ needs: before, request, otherwise }) => otherwise || needs(...featuresFor([...before, request])).skip,
        )
      expect(tallies.filter(([name, { ok, sent }]) => (ok === 0 && !isRefused(name)) || ok === sent)).toEqual([])
    },
    60_000 + count * 30,
  )
})
