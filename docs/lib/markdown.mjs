// @ts-check
// Text that becomes Markdown: what would begin HTML, a template or an emphasis is escaped, code is left alone.

/** @param {string} text */
const escapedText = (text) =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/\{/g, '&#123;')
    .replace(/[*_[\]~]/g, (sign) => `\\${sign}`)

/** Escapes all but `code`, which `onCode` may turn into something else. @param {string} text @param {(code: string) => string} [onCode] */
export const escaped = (text, onCode = (code) => `\`${code}\``) =>
  text
    .split(/`([^`\n]+)`/)
    .map((part, index) => (index % 2 === 1 ? onCode(part) : escapedText(part)))
    .join('')

/** A cell of a table. @param {string} text */
export const cell = (text) => text.replace(/\s*\n\s*/g, ' ').replace(/(?<!\\)\|/g, '\\|')

/** @param {string[]} columns @param {string[][]} rows */
export const table = (columns, rows) =>
  [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

/** The id of a heading, as GitHub gives it. @param {string} heading */
export const slug = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

/** What a page is called: its first heading. @param {string} text @param {string} fallback */
export const titleOf = (text, fallback) => text.match(/^# (.+)$/m)?.[1]?.replace(/[`\\]/g, '') ?? fallback
