// @ts-check
// `npm run demo`: all set-up, then a real song through plugins that are loaded at run time: out/demo.wav and a picture.
// `npm run demo -- SONG.mid` renders another song.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fail, root, tryRun } from './lib/run.mjs'
import { setup } from './setup.mjs'

const cli = join(root, 'packages/cli/dist/main.js')
const ownSong = join(root, 'examples/media/prelude-in-c.mid')
const wav = join(root, 'out/demo.wav')
const picture = join(root, 'out/demo.png')
/** Brings the packaged song to a peak of about -5 dBFS; a song that somebody names may be a louder one. */
const gain = { ours: '1', theirs: '0.4' }

/** The file of an installed Debian package whose name ends so. @param {string} name @param {string} ending */
async function packagedFile(name, ending) {
  const { stdout } = await tryRun('dpkg', ['-L', name])
  return stdout.split('\n').find((path) => path.endsWith(ending) && existsSync(path))
}

/** Runs the arranger command on this terminal. @param {string[]} args */
function arranger(args) {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code, signal) =>
      code === 0 ? done(undefined) : reject(new Error(`arranger ${args.join(' ')}: ${signal ?? `exit code ${code}`}`)),
    )
  })
}

async function main() {
  await setup()
  const { handle } = await import('../packages/engine/dist/index.js')
  const { libraries, failed, message } = JSON.parse(handle('{"cmd":"list_libraries"}'))
  if (!libraries) throw new Error(`the plugin libraries could not be listed: ${message}`)
  process.stdout.write('\nPlugins, each from a library loaded at run time\n')
  for (const { path, plugin_ids: ids, isa } of libraries)
    process.stdout.write(`  ${ids.join(', ').padEnd(20)} ${relative(root, path)}${isa ? ` (${isa})` : ''}\n`)
  if (failed.length > 0) throw new Error(`not every library could be loaded: ${JSON.stringify(failed)}`)

  const song = process.argv[2] ?? (await packagedFile('openttd-openmsx', '/tttheme2.mid')) ?? ownSong
  const font = song === ownSong ? undefined : await packagedFile('timgm6mb-soundfont', '.sf2')
  process.stdout.write(
    `\n${basename(song)} through ${font ? `builtin.fluidsynth with ${basename(font)}` : 'builtin.synth'} and builtin.reverb\n`,
  )
  mkdirSync(join(root, 'out'), { recursive: true })
  const level = process.argv[2] ? gain.theirs : gain.ours
  const sound = [...(font ? ['--sf2', font] : []), '--gain', level, '--reverb', '0.15']
  await arranger(['render', song, '-o', wav, ...sound, '--picture', picture])
  process.stdout.write(`\nListen to ${relative(root, wav)}, look at ${relative(root, picture)}.\n`)
}

main().catch(fail)
