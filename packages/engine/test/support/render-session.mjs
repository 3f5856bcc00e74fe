// A process that renders a session: node render-session.mjs <package> <session.json> <output>...
import { pathToFileURL } from 'node:url'

const [, , index = '', session, ...outputs] = process.argv
const { createEngine, loadSession } = await import(pathToFileURL(index).href)
const engine = await createEngine()
await engine.load(await loadSession(session))
for (const output of outputs) await engine.render(output)
await engine.close()
