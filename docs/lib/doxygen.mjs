// @ts-check
// Runs Doxygen over the SDK's headers and gives its XML. Their comments are plain: `//` in C++, `/** */` in C, Markdown inside. Doxygen
// reads copies in which every comment is one of its own with the text verbatim: it finds what a comment belongs to, and no more.
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { XMLParser } from 'fast-xml-parser'
import { build, root } from './paths.mjs'

const include = join(root, 'packages/plugin-sdk/include')
const folder = join(build, 'doxygen')
const copies = join(folder, 'include')

const settings = `
INPUT = ${copies}
STRIP_FROM_PATH = ${copies}
OUTPUT_DIRECTORY = ${folder}
RECURSIVE = YES
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
XML_PROGRAMLISTING = NO
EXTRACT_ALL = YES
HIDE_IN_BODY_DOCS = YES
AUTOLINK_SUPPORT = NO
SORT_MEMBER_DOCS = NO
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = ARR_EXPORT= ARR_ENTRY_NAME=register_plugin ARRANGER_DSP_INLINE=inline __GNUC__=1
QUIET = YES
WARN_AS_ERROR = FAIL_ON_WARNINGS
`

const verbatim = (/** @type {string} */ text) => `\\verbatim ${text} \\endverbatim */`

/** One line of a `//` comment, alone or behind code. @param {string} line */
function split(line) {
  const at = line.match(/^((?:[^"'/]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/(?![/*]))*)\/\/ ?(.*)$/)
  return at ? { code: at[1] ?? '', text: at[2] ?? '' } : undefined
}

/** A C++ header in which Doxygen sees the comments; its lines stay where they are. @param {string} source */
function withVisibleComments(source) {
  const out = []
  const lines = source.split('\n')
  for (let i = 0; i < lines.length; ) {
    const first = split(lines[i] ?? '')
    if (!first) {
      out.push(lines[i++] ?? '')
      continue
    }
    const behindCode = first.code.trim() !== ''
    // The end of a namespace and a word to the linter say nothing of a declaration.
    if (/^\s*\}/.test(first.code) || first.text.startsWith('NOLINT')) {
      out.push(first.code)
      i += 1
      continue
    }
    const texts = [first.text]
    // What goes on below a comment behind code is indented as far as it is.
    for (i += 1; i < lines.length; i += 1) {
      const next = split(lines[i] ?? '')
      if (next?.code.trim() !== '') break
      if (behindCode && next.code.length !== first.code.length) break
      texts.push(next.text)
    }
    out.push(...`${first.code}/**${behindCode ? '<' : ''} ${verbatim(texts.join('\n'))}`.split('\n'))
  }
  return out.join('\n')
}

/** The C header: its comments are Doxygen's by form, and become verbatim. @param {string} source */
const withVerbatimComments = (source) =>
  source.replace(
    /\/\*\*(<?) ?([\s\S]*?)\*\//g,
    (_, mark, text) => `/**${mark} ${verbatim(text.replace(/^ *\* ?/gm, ''))}`,
  )

/** @returns {string[]} the headers, relative to the include folder */
export const headers = () =>
  readdirSync(include, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(h|hpp)$/.test(name))
    .sort()

/** @param {string} name */
export const readHeader = (name) => readFileSync(join(include, name), 'utf8')

/** @returns {Promise<any[]>} the compounds, as fast-xml-parser gives them in order */
export async function doxygenXml() {
  rmSync(folder, { recursive: true, force: true })
  for (const name of headers()) {
    const copy = join(copies, name)
    mkdirSync(dirname(copy), { recursive: true })
    writeFileSync(
      copy,
      name.endsWith('.h') ? withVerbatimComments(readHeader(name)) : withVisibleComments(readHeader(name)),
    )
  }
  writeFileSync(join(folder, 'Doxyfile'), settings)
  await promisify(execFile)('doxygen', [join(folder, 'Doxyfile')]).catch((error) => {
    if (error.code === 'ENOENT')
      throw new Error('Doxygen is missing. On Debian or Ubuntu run: sudo apt-get install -y doxygen')
    throw new Error(`Doxygen refuses the headers:\n${error.stderr}`)
  })
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    trimValues: false,
  })
  const xml = join(folder, 'xml')
  return readdirSync(xml)
    .filter((name) => name.endsWith('.xml') && name !== 'index.xml')
    .map((name) => parser.parse(readFileSync(join(xml, name), 'utf8')))
}
