// @ts-check
// A plugin in the page: the WebAssembly engine in an AudioWorklet plays its scene, and its parameters are set by hand.
import { defineComponent, h, onBeforeUnmount, reactive } from 'vue'
import { travelOf, valueAt } from '../../lib/taper.mjs'

/** @typedef {import('@arranger/plugin-sdk').Descriptor['ports'][number]} Port */
/** @typedef {import('../../lib/gallery-scenes.mjs').Scene & { beats: number, ports: Port[] }} PageScene */

/** Positions of a slider. */
const steps = 1000

/** @param {string} address */
const fetched = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer())

/** Fetched by the first click, not with the page. @param {PageScene} scene */
async function open({ graph, events, beats }) {
  const { createWorkletConnection, Engine } = await import('@arranger/engine/wasm')
  const context = new AudioContext()
  const usesSample = JSON.stringify(graph).includes('sample.wav')
  const connection = await createWorkletConnection(context, {
    moduleUrl: '/engine/arranger.wasm',
    workletUrl: '/engine/wasm/worklet.js',
    files: new Map(usesSample ? [['sample.wav', await fetched('/plugins/sample.wav')]] : []),
  })
  const engine = new Engine(connection)
  // What is moved by hand is not moved by the schedule.
  await engine.load({ graph, events: events.filter(({ type }) => type !== 'param') })
  await engine.setLoop({ start: 0, end: beats })
  return { engine, context }
}

/** @param {Port} port @param {number} value @param {(value: number) => void} set */
function control(port, value, set) {
  const { choices, hint, min, unit } = port
  const read = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target)
  if (choices.length > 0) {
    const options = choices.map((choice, i) => h('option', { value: min + i, selected: min + i === value }, choice))
    return h('select', { onChange: (/** @type {Event} */ event) => set(Number(read(event).value)) }, options)
  }
  if (hint === 'toggle') {
    const onChange = (/** @type {Event} */ event) => set(read(event).checked ? 1 : 0)
    return h('input', { type: 'checkbox', checked: value >= 0.5, onChange })
  }
  const onInput = (/** @type {Event} */ event) => set(valueAt(port, Number(read(event).value) / steps))
  return [
    h('input', { type: 'range', min: 0, max: steps, value: Math.round(steps * travelOf(port, value)), onInput }),
    h('output', `${Number(value.toPrecision(4))} ${unit}`),
  ]
}

export default defineComponent({
  name: 'PluginPlayer',
  props: { scene: { type: String, required: true } },
  setup({ scene }) {
    const shown = reactive({ state: 'stopped', failure: '', ports: /** @type {Port[]} */ ([]) })
    const values = reactive(/** @type {Record<string, number>} */ ({}))
    /** @type {Awaited<ReturnType<typeof open>> | undefined} */
    let opened

    async function begin() {
      /** @type {PageScene} */
      const given = await (await fetch(scene)).json()
      opened = await open(given)
      const params = given.graph.nodes?.find(({ id }) => id === 'plugin')?.params ?? {}
      shown.ports = given.ports.filter(
        ({ type, role, flags }) => type === 'control' && role === 'input' && !flags.includes('hidden'),
      )
      for (const port of shown.ports) values[port.id] = Number(params[port.id] ?? port.default)
    }

    async function toggle() {
      const wanted = shown.state === 'stopped'
      shown.state = 'waiting'
      try {
        if (!opened) await begin()
        await opened?.context.resume()
        await (wanted ? opened?.engine.play() : opened?.engine.stop())
        shown.state = wanted ? 'playing' : 'stopped'
      } catch (error) {
        shown.failure = error instanceof Error ? error.message : String(error)
        shown.state = 'stopped'
      }
    }

    /** @param {Port} port @param {number} value */
    async function set({ id }, value) {
      values[id] = value
      await opened?.engine.send({ cmd: 'set_param', node_id: 'plugin', param_id: id, value })
    }

    onBeforeUnmount(async () => {
      await opened?.engine.close()
      await opened?.context.close()
    })
    return () =>
      h('div', { class: 'player', 'data-state': shown.state }, [
        h(
          'button',
          { type: 'button', disabled: shown.state === 'waiting', onClick: toggle },
          shown.state === 'playing' ? 'Stop' : 'Play it here',
        ),
        shown.failure === '' ? null : h('p', { role: 'alert' }, shown.failure),
        ...shown.ports.map((port) =>
          h('label', { key: port.id }, [
            h('span', port.display_name),
            control(port, values[port.id] ?? port.default, (value) => set(port, value)),
          ]),
        ),
      ])
  },
})
