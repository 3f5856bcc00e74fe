// SPDX-License-Identifier: MIT
import { createLogUpdate } from 'log-update'
import { columnsOf, type Palette, paletteFor } from '../terminal.ts'
import { level as levelText, plural, shortPath } from '../text.ts'
import type { Diagnostic } from './diagnostics.ts'
import type { DevEvent, GenerationEvent } from './events.ts'
import { keyHelp } from './keys.ts'
import { type ParameterValue, shown, travel } from './parameters.ts'

/** Of the level's history, and of a parameter's way. */
const barColumns = 12
const bars = ' ▁▂▃▄▅▆▇█'
/** What the lowest and the highest bar stand for, in dBFS. */
const lowest = -48

/** A level as a bar. */
function bar(dbfs: number | null): string {
  if (dbfs === null || dbfs <= lowest) return bars[0] as string
  return bars[Math.min(8, Math.ceil((8 * (dbfs - lowest)) / -lowest))] ?? '█'
}

/** What happened, line by line, and below it what is: redrawn in place. */
export class Screen {
  readonly #name: string
  readonly #parameters: () => readonly ParameterValue[]
  readonly #palette: Palette = paletteFor(process.stdout)
  readonly #live = createLogUpdate(process.stdout)
  #generation: GenerationEvent | undefined
  #seconds = 0
  #isOptimised = false
  #playing = false
  #chosen: string | undefined
  #levels: (number | null)[] = []
  #cpu: number | undefined
  #verdict: (DevEvent & { event: 'verdict' }) | undefined
  #fault: string | undefined
  #monitors = new Map<string, number>()

  constructor(name: string, parameters: () => readonly ParameterValue[]) {
    this.#name = name
    this.#parameters = parameters
    this.#draw()
  }

  take(event: DevEvent): void {
    const lines = this.#linesOf(event)
    this.#remember(event)
    if (lines.length > 0) this.#live.persist(lines.join('\n'))
    this.#draw()
  }

  /** Leaves what is there, and the cursor below it. */
  close(): void {
    this.#live.done()
  }

  #remember(event: DevEvent): void {
    switch (event.event) {
      case 'built':
        this.#seconds = event.seconds
        this.#isOptimised = event.optimised
        break
      case 'optimised':
        this.#isOptimised = true
        break
      case 'generation':
        this.#generation = event
        this.#fault = undefined
        this.#verdict = undefined
        this.#monitors.clear()
        break
      case 'playing':
        this.#playing = event.playing
        break
      case 'level':
        this.#levels = [...this.#levels, event.peak_dbfs].slice(-barColumns)
        break
      case 'load':
        this.#cpu = event.cpu
        break
      case 'parameter':
        this.#chosen = event.id
        break
      case 'monitor':
        if (typeof event.value === 'number') this.#monitors.set(event.id, event.value)
        break
      case 'verdict':
        this.#verdict = event
        break
      case 'crashed':
      case 'fault':
        this.#fault = `${event.reason} in ${event.function}`
        break
      case 'restarted':
        this.#fault = undefined
    }
  }

  /** What stays on the screen of an event. */
  #linesOf(event: DevEvent): string[] {
    const { accent, bad, dim, warn } = this.#palette
    switch (event.event) {
      case 'changed':
        return [`${accent('✎')} ${shortPath(event.file)} changed`]
      case 'built':
        return event.warnings.flatMap((one) => this.#place(one))
      case 'generation':
        return [this.#generationLine(event)]
      case 'error':
        return [
          `${bad('✖')} ${event.message}${event.generation === null ? '' : `, generation ${event.generation} keeps playing`} ${dim(`(${event.code})`)}`,
          ...event.errors.slice(0, 5).flatMap((one) => this.#place(one)),
        ]
      case 'verdict':
        return event.failures.flatMap(({ check, reason, remedy }) => [
          `${bad('✖')} ${check}: ${reason}`,
          `  ${dim(remedy)}`,
        ])
      case 'crashed':
      case 'fault':
        return [`${bad('✖')} ${event.message} ${dim(`(${event.reason} in ${event.function})`)}`]
      case 'restarted':
        return [`${warn('!')} it plays again, in a new process`]
      default:
        return []
    }
  }

  #generationLine({ generation, seconds, state, parameters }: GenerationEvent): string {
    const { good, dim } = this.#palette
    const values = this.#parameters().map((one) => `${one.port.id} ${shown(one)}`)
    const kept = state && `state kept${values.length > 0 ? ` (${values.join(', ')})` : ''}`
    const dropped = state && state.dropped.length > 0 && `dropped ${state.dropped.join(', ')}`
    const renamed = state?.renamed.map(({ from, to }) => `${from} is ${to} now`) ?? []
    const time = seconds !== null && `heard after ${seconds.toFixed(2)} s`
    const known = Object.keys(parameters).length
    const facts = [time, kept || plural(known, 'parameter'), dropped, ...renamed].filter(Boolean)
    return `${good('→')} generation ${generation}  ${dim(facts.join(', '))}`
  }

  #place({ file, line, column, severity, message }: Diagnostic): string[] {
    const { bad, bold, warn } = this.#palette
    const place = file === '' ? '' : `${bold(`${shortPath(file)}:${line}${column > 0 ? `:${column}` : ''}`)}  `
    return [`  ${place}${(severity === 'error' ? bad : warn)(severity)}: ${message}`]
  }

  #draw(): void {
    const width = columnsOf(process.stdout) - 1
    const { dim } = this.#palette
    const monitors = [...this.#monitors].map(([id, value]) => `    ${id.padEnd(this.#widest)} ${value.toFixed(2)}`)
    const lines = [
      this.#status(),
      ...this.#parameters()
        .slice(0, 12)
        .map((one) => this.#row(one)),
      ...monitors,
    ]
    this.#live([...lines, dim(`  ${keyHelp}`.slice(0, width))].join('\n'))
  }

  get #widest(): number {
    return Math.max(0, ...this.#parameters().map(({ port }) => port.id.length))
  }

  #row(one: ParameterValue): string {
    const { accent, dim } = this.#palette
    const isChosen = one.port.id === this.#chosen
    const full = Math.round(travel(one) * barColumns)
    const way = `${'━'.repeat(full)}${dim('─'.repeat(barColumns - full))}`
    const text = `${one.port.id.padEnd(this.#widest)} ${shown(one).padStart(10)}`
    return isChosen ? `  ${accent(`› ${text}`)}  ${way}` : `    ${text}  ${way}`
  }

  #status(): string {
    const { accent, bold, dim } = this.#palette
    const generation = this.#generation
    if (!generation) return `${dim('…')} ${bold(this.#name)}  not built yet`
    const level = this.#levels.at(-1) ?? null
    const facts = [
      `generation ${generation.generation}`,
      `built in ${this.#seconds.toFixed(2)} s`,
      `${this.#levels.map(bar).join('').padStart(barColumns)} ${levelText(level, 'dB')}`,
      ...(this.#cpu === undefined
        ? []
        : [`${(100 * this.#cpu).toFixed(1)} % of the block${this.#isOptimised ? '' : ' (optimising…)'}`]),
      this.#judgement(),
    ]
    return `${accent(this.#playing ? '▶' : '■')} ${bold(this.#name)}  ${facts.join('  ')}`
  }

  #judgement(): string {
    const { bad, dim, good } = this.#palette
    if (this.#fault) return bad(this.#fault)
    const verdict = this.#verdict
    if (verdict?.generation !== this.#generation?.generation) return dim('checking…')
    return verdict?.passed
      ? good('finite, real-time safe')
      : bad(verdict?.failures.map(({ check }) => check).join(', ') ?? '')
  }
}
