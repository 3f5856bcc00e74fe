// SPDX-License-Identifier: MIT
// plugin.h, asked through a compiled C program, against the TypeScript types and against the released layout.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as sdk from '../src/index.ts'
import { cCompiler, header, output, temporaryFolder } from './toolchain.ts'

interface CField {
  name: string
  offset: number
  size: number
}

const enumeratorLine = /^ {2}(ARR_\w+) = \d+,? *\/\*\*< "([^"]*)"/gm
const structText = /typedef struct (arr_\w+) \{\n([\s\S]*?)\n\} \1;/g
const memberLine = /^ {2}(?! )[^/\n]*?(?:\(\*(?:const \*\()?\*?(\w+)\)\(|(\w+)(?:\[\d+\])?; *(?:\/\*\*<.*)?$)/gm

const jsonNameOf = new Map(
  [...header.matchAll(enumeratorLine)].map(([, cName, name]) => [cName as string, name as string]),
)
const membersOf = new Map(
  [...header.matchAll(structText)].map(([, struct, body]) => [
    struct as string,
    [...(body as string).matchAll(memberLine)].map(([, pointer, name]) => (pointer ?? name) as string),
  ]),
)
const c = askCompiler()

/** Compiles and runs a program that prints every enum value, size and offset. */
function askCompiler(): { enumerators: Map<string, number>; structs: Map<string, { size: number; fields: CField[] }> } {
  const prints = [...jsonNameOf.keys()].map((name) => `printf("enum ${name} %lld\\n", (long long)${name});`)
  for (const [struct, members] of membersOf) {
    prints.push(`printf("struct ${struct} %zu\\n", sizeof(${struct}));`)
    for (const member of members)
      prints.push(
        `printf("field ${struct} ${member} %zu %zu\\n", offsetof(${struct}, ${member}), sizeof(((${struct} *)0)->${member}));`,
      )
  }
  const folder = temporaryFolder()
  const source = join(folder, 'layout.c')
  const program = join(folder, 'layout')
  writeFileSync(
    source,
    `#include <stdio.h>\n#include <arranger/plugin.h>\nint main(void) {\n${prints.join('\n')}\nreturn 0;\n}\n`,
  )
  output(cCompiler, ['-std=c11', '-I', sdk.includeDir, source, '-o', program])

  const enumerators = new Map<string, number>()
  const structs = new Map<string, { size: number; fields: CField[] }>()
  for (const line of output(program, []).trim().split('\n')) {
    const [kind, name, ...rest] = line.split(' ') as [string, string, ...string[]]
    if (kind === 'enum') enumerators.set(name, Number(rest[0]))
    else if (kind === 'struct') structs.set(name, { size: Number(rest[0]), fields: [] })
    else structs.get(name)?.fields.push({ name: rest[0] as string, offset: Number(rest[1]), size: Number(rest[2]) })
  }
  return { enumerators, structs }
}

/** JSON name to value, of the enumerators that begin with a prefix and with no longer one of the list. */
function valuesInC(prefix: string, prefixes: string[]): Record<string, number> {
  const others = prefixes.filter((other) => other !== prefix && other.startsWith(prefix))
  const names = [...c.enumerators.keys()].filter(
    (name) => name.startsWith(prefix) && !others.some((other) => name.startsWith(other)),
  )
  return Object.fromEntries(names.map((name) => [jsonNameOf.get(name), c.enumerators.get(name) as number]))
}

const valuesInTypeScript: Record<string, Record<string, number>> = {
  ARR_STATUS_: sdk.statusValues,
  ARR_PROCESS_: sdk.processStatusValues,
  ARR_CATEGORY_: sdk.categoryValues,
  ARR_PORT_TYPE_: sdk.portTypeValues,
  ARR_PORT_ROLE_: sdk.portRoleValues,
  ARR_PORT_HINT_: sdk.portHintValues,
  ARR_UNIT_: sdk.unitValues,
  ARR_TAPER_: sdk.taperValues,
  ARR_GRAPH_TYPE_: sdk.graphTypeValues,
  ARR_PORT_FLAG_: sdk.portFlagValues,
  ARR_CONFIG_TYPE_: sdk.configTypeValues,
  ARR_EVENT_: sdk.eventTypeValues,
  ARR_HINT_: sdk.hintFlagValues,
  ARR_TRANSPORT_: sdk.transportFlagValues,
}
const prefixes = Object.keys(valuesInTypeScript)

describe('enums', () => {
  test.each(prefixes)('%s has the same names and values in C and TypeScript', (prefix) => {
    expect(valuesInTypeScript[prefix]).toEqual(valuesInC(prefix, prefixes))
  })

  test('no enumerator of the header is missing from TypeScript, and none there is foreign', () => {
    const covered = [...c.enumerators.keys()].filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
    expect(covered).toEqual([...c.enumerators.keys()])
    const tables = Object.entries(sdk).filter(([name]) => name.endsWith('Values'))
    expect(new Set(tables.map(([, values]) => values))).toEqual(new Set(Object.values(valuesInTypeScript)))
  })

  test('every enumerator that the header defines was found', () => {
    const defined = [...header.matchAll(/^ {2}(ARR_\w+) = /gm)].map(([, name]) => name)
    expect([...c.enumerators.keys()]).toEqual(defined)
  })
})

describe('descriptor fields', () => {
  const generated = readFileSync(new URL('../src/generated/abi.ts', import.meta.url), 'utf8')
  const pairs = {
    arr_descriptor: 'Descriptor',
    arr_port: 'Port',
    arr_config_param: 'ConfigParam',
    arr_migration: 'Migration',
  }

  /** What a C field is called in JSON; null for what only C needs. */
  function jsonName(field: string, all: string[]): string | null {
    if (['struct_size', 'reserved'].includes(field)) return null
    if (field.endsWith('_count') && all.includes(field.replace(/_count$/, 's'))) return null
    return /^default_(value|text|number)$/.test(field) ? 'default' : field
  }

  test.each(Object.entries(pairs))('%s has the fields of the interface %s', (struct, name) => {
    const body = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(generated)?.[1] ?? ''
    const inTypeScript = [...body.matchAll(/^ {2}(\w+): /gm)].map(([, field]) => field)
    const all = c.structs.get(struct)?.fields.map((field) => field.name) ?? []
    const inC = all.map((field) => jsonName(field, all)).filter((field) => field !== null)
    expect(new Set(inTypeScript)).toEqual(new Set(inC))
    expect(inTypeScript.length).toBe(new Set(inTypeScript).size)
  })
})

describe('layout', () => {
  test('the members of every struct lie side by side, so none was overlooked and no padding is hidden', () => {
    expect(c.structs.size).toBe([...header.matchAll(/^typedef struct/gm)].length)
    for (const [struct, { size, fields }] of c.structs) {
      let end = 0
      for (const field of fields) {
        expect(`${struct}.${field.name} at ${field.offset}`).toBe(`${struct}.${field.name} at ${end}`)
        end = field.offset + field.size
      }
      expect(`${struct} ends at ${end}`).toBe(`${struct} ends at ${size}`)
    }
  })

  test('every struct but arr_event begins with struct_size', () => {
    for (const [struct, { fields }] of c.structs)
      expect(`${struct} ${fields[0]?.name}`).toBe(`${struct} ${struct === 'arr_event' ? 'frame' : 'struct_size'}`)
  })

  // A released layout grows at its end only; a difference elsewhere needs a new major version.
  test('values, sizes and offsets are those of the released layout (64 bits)', async () => {
    const lines = [...c.enumerators].map(([name, value]) => `${name} = ${value}`)
    for (const [struct, { size, fields }] of c.structs) {
      lines.push(`${struct} ${size}`)
      for (const field of fields) lines.push(`${struct}.${field.name} at ${field.offset} size ${field.size}`)
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('plugin-abi.layout.txt')
  })
})

test('what follows from the header is fresh', () => {
  const script = new URL('../../../scripts/generate-abi.mjs', import.meta.url)
  output(process.execPath, [script.pathname, '--check'])
})
