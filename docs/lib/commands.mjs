// @ts-check
// Step: a page for each command, cut from docs/reference/commands.md, which is made from the engine's `describe` and fresh.
// Its examples are run by the engine's contract test.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from './markdown.mjs'
import { withSiteLinks } from './pages.mjs'
import { root } from './paths.mjs'

const source = 'docs/reference/commands.md'

/** Cuts Markdown before each heading of a level. @param {string} text @param {string} sign */
const cut = (text, sign) => text.split(new RegExp(`^(?=${sign} )`, 'm'))

/** One level up: what was a part is a page. @param {string} text */
const raised = (text) =>
  text
    .replace(/^###? /, '# ')
    .replace(/^\*\*(Request|Reply|Example)\*\*/gm, '## $1')
    .replace(/^## Example, (.*)$/gm, '## Example\n\n*$1*')

/** @param {string} section */
const nameOf = (section) => section.match(/^###? (\S+)/)?.[1] ?? ''
/** @param {string} section */
const firstLine = (section) => section.split('\n')[2]?.replace(/ \*.*\*$/, '') ?? ''

/** @param {import('./site.mjs').Site} site */
export async function commandsStep(site) {
  const text = readFileSync(join(root, source), 'utf8')
  const [head = '', ...parts] = cut(text, '##')
  const groups = parts
    .filter((part) => /^## .* commands$/m.test(part.split('\n')[0] ?? ''))
    .map((part) => {
      const [title = '', ...commands] = cut(part, '###')
      return { title: title.replace(/^## (.*) commands\s*$/, '$1').trim(), commands }
    })
  for (const { commands } of groups)
    for (const command of commands) site.page(`commands/${nameOf(command)}`, withSiteLinks(source, raised(command)))
  const rest = parts.filter((part) => /^## (Push events|Errors)/.test(part))
  site.page('commands/events', withSiteLinks(source, `# Events and errors\n\n${rest.join('\n')}`))
  const introduction = head.replace(/^<!--.*-->\s*/, '').replace(/^- \[[\s\S]*$/m, '')
  const lists = groups.flatMap(({ title, commands }) => [
    `## ${title} commands`,
    table(
      ['Command', 'What it does'],
      commands.map((one) => [`[\`${nameOf(one)}\`](#${nameOf(one)})`, firstLine(one)]),
    ),
  ])
  site.page('commands/index', withSiteLinks(source, [introduction.trim(), ...lists].join('\n\n')))
  const items = [
    {
      text: 'Commands',
      items: [
        { text: 'All commands', link: '/commands/' },
        { text: 'Events and errors', link: '/commands/events' },
      ],
    },
    ...groups.map(({ title, commands }) => ({
      text: title,
      items: commands.map((one) => ({ text: nameOf(one), link: `/commands/${nameOf(one)}` })),
    })),
    {
      text: 'More',
      items: [
        { text: 'Error codes', link: '/reference/errors' },
        { text: 'The server', link: '/reference/server' },
        { text: 'arranger validate', link: '/reference/validate' },
      ],
    },
  ]
  site.sidebar('/commands/', items)
  site.sidebar('/reference/', items)
  return `${groups.flatMap(({ commands }) => commands).length} commands`
}
