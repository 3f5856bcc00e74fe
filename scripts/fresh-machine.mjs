// @ts-check
// Runs the two commands of the README on a machine that has nothing: a minimal Debian 12 root with a C++ compiler,
// cmake, git, and this machine's Node.js and npm copied in; standard input closed, npm's yes=false, a fresh clone of HEAD.
//   sudo node scripts/fresh-machine.mjs [--keep] [--root FOLDER] [command...]     default: "npm run demo" "npm test"
// Needs root, mmdebstrap and unshare. The mounts live in a namespace of their own and end with the command.
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, root, run, step, tryRun } from './lib/run.mjs'

const { values: options, positionals } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, root: { type: 'string' } },
  allowPositionals: true,
})
const commands = positionals.length > 0 ? positionals : ['npm run demo', 'npm test']

/** The project's place inside the machine. */
const place = 'srv/arranger'

/** Its user is root. */
const home = '/root'

/** @param {string} machine @param {(line: string) => void} show */
async function makeRoot(machine, show) {
  if (existsSync(join(machine, 'etc/debian_version'))) return 'as it was left'
  const sources = '/etc/apt/sources.list.d/debian.sources'
  const include = '--include=ca-certificates,g++,cmake,git'
  const from = existsSync(sources) ? [sources] : []
  await run('mmdebstrap', ['--variant=minbase', include, 'bookworm', machine, ...from], { onLine: show })
  return 'minbase + ca-certificates, g++, cmake, git'
}

/** Copies Node.js, npm and how this machine reaches the network, whatever that is. @param {string} machine */
async function furnish(machine) {
  const copy = (/** @type {string} */ from, to = from) => {
    const target = join(machine, to)
    if (!existsSync(from)) return
    rmSync(target, { recursive: true, force: true })
    cpSync(realpathSync(from), target, { recursive: true, verbatimSymlinks: true })
  }
  const npm = join((await run('npm', ['root', '--global'])).trim(), 'npm')
  copy(process.execPath, '/usr/bin/node')
  copy(npm, '/usr/lib/node_modules/npm')
  for (const name of ['npm', 'npx']) {
    const link = join(machine, 'usr/bin', name)
    rmSync(link, { force: true })
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, link)
  }
  copy('/etc/resolv.conf')
  copy('/etc/hosts')
  copy('/etc/ssl/certs/ca-certificates.crt')
  copy('/etc/apt/apt.conf.d')
  copy(join(homedir(), '.npmrc'), `${home}/.npmrc`)
  const globalConfig = (await run('npm', ['config', 'get', 'globalconfig'])).trim()
  copy(globalConfig)
  rmSync(join(machine, place), { recursive: true, force: true })
  mkdirSync(join(machine, dirname(place)), { recursive: true })
  await run('git', ['clone', '--quiet', '--no-hardlinks', root, join(machine, place)])
  const dirty = (await run('git', ['status', '--porcelain'])).trim()
  return `node ${process.version}, npm, clone of HEAD${dirty ? ' (uncommitted changes are not in it)' : ''}`
}

/** Proxies and certificate files, by their usual names. */
const networkVariables = () =>
  Object.entries(process.env)
    .filter(([name]) => /(^|_)(proxy|certs?|ca_bundle|ca_certs|cert_file|cert_dir|cainfo)(_|$)/i.test(name))
    .map(([name, value]) => `${name}=${value}`)

/** @param {string} machine @param {string} command */
async function runInside(machine, command) {
  const inside = [
    'mount -t proc proc "$0/proc"',
    'mount --rbind /dev "$0/dev"',
    'mount --rbind /sys "$0/sys"',
    'exec chroot "$0" /usr/bin/env -i "$@"',
  ].join(' && ')
  const variables = [
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'npm_config_yes=false',
    'LANG=C.UTF-8',
    ...networkVariables(),
  ]
  const start = performance.now()
  process.stdout.write(`\n$ ${command}\n`)
  const { code, output } = await tryRun(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', inside, machine, ...variables, `HOME=${home}`],
      ...['sh', '-c', `cd /${place} && exec ${command}`],
    ],
    { onLine: (line) => process.stdout.write(`  ${line}\n`), timeoutSeconds: 3600 },
  )
  const seconds = (performance.now() - start) / 1000
  return { command, code, seconds, lastLine: output.trim().split('\n').at(-1) ?? '' }
}

async function main() {
  if (process.getuid?.() !== 0) throw new Error('This needs root: run it with sudo.')
  const machine = options.root ?? mkdtempSync(join(tmpdir(), 'arranger-machine-'))
  try {
    await step('debian 12', (show) => makeRoot(machine, show))
    await step('furniture', () => furnish(machine))
    const results = []
    for (const command of commands) results.push(await runInside(machine, command))
    process.stdout.write('\n')
    for (const { command, code, seconds, lastLine } of results)
      process.stdout.write(`${code === 0 ? '✔' : '✖'} ${command}: exit ${code}, ${seconds.toFixed(1)} s: ${lastLine}\n`)
    if (results.some(({ code }) => code !== 0)) process.exitCode = 1
  } finally {
    if (!options.keep && !options.root) rmSync(machine, { recursive: true, force: true })
  }
}

main().catch(fail)
