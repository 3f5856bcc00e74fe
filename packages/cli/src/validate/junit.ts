import type { Finding } from './findings.ts'

/** What XML 1.0 cannot hold, even escaped: controls, halves of surrogate pairs, and two non-characters. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as it may stand in an attribute. Line ends are written as references, since a reader would make them spaces. */
export function escapeXml(text: string): string {
  return text
    .replace(forbidden, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '')
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function testCase({ library, plugin, check, verdict, reason, remedy, seconds }: Finding): string {
  const name = `classname="${escapeXml(plugin ?? library)}" name="${escapeXml(check)}" time="${seconds.toFixed(3)}"`
  if (verdict === 'passed') return `    <testcase ${name}/>`
  const detail =
    verdict === 'failed'
      ? `<failure message="${escapeXml(reason)}">${escapeXml(remedy)}</failure>`
      : `<skipped message="${escapeXml(reason)}"/>`
  return `    <testcase ${name}>${detail}</testcase>`
}

/** Findings as a JUnit report: a suite for each library, a test case for each check. */
export function junit(findings: readonly Finding[]): string {
  const libraries = [...new Set(findings.map(({ library }) => library))]
  const suites = libraries.map((library) => {
    const own = findings.filter((finding) => finding.library === library)
    const count = (verdict: Finding['verdict']) => own.filter((finding) => finding.verdict === verdict).length
    const counts = `tests="${own.length}" failures="${count('failed')}" skipped="${count('skipped')}"`
    const cases = own.map(testCase).join('\n')
    return `  <testsuite name="${escapeXml(library)}" ${counts}>\n${cases}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`
}
