import type { Palette } from '../terminal.ts'
import { shortPath } from '../text.ts'
import type { Finding } from './findings.ts'

const width = 22

/** The lines of one finding, for people; a heading first where the library or the plugin is another than before. */
export function linesOf(finding: Finding, before: Finding | undefined, palette: Palette): string[] {
  const { library, plugin, check, verdict, reason, remedy, seconds } = finding
  const { bold, dim, good, bad } = palette
  const heading =
    before?.library !== library
      ? [bold(shortPath(library)), ...(plugin ? [`  ${plugin}`] : [])]
      : before.plugin !== plugin
        ? [`  ${plugin}`]
        : []
  const name = check.padEnd(width)
  if (verdict === 'passed') return [...heading, `  ${good('✔')} ${name}${dim(`${seconds.toFixed(2)} s`)}`]
  if (verdict === 'skipped') return [...heading, dim(`  – ${name}${reason}`)]
  return [...heading, `  ${bad('✖')} ${name}${reason}`, `    ${' '.repeat(width)}${dim(remedy)}`]
}

/** `54 passed, 1 failed, 9 do not apply`. */
export function sumLine(findings: readonly Finding[], { good, bad }: Palette): string {
  const count = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict).length
  const failed = count('failed')
  const text = `${count('passed')} passed, ${failed} failed, ${count('skipped')} do not apply`
  return failed > 0 ? bad(text) : good(text)
}
