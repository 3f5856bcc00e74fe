// @ts-check
// Plots with logarithmic axes, as SVG that is readable on light and on dark ground.

const width = 860
const left = 330
const right = 24

const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .grid { stroke: #8b949e; stroke-opacity: 0.35 }
  .one { stroke: #1f2328; stroke-width: 1.5 }
  .c0 { fill: #0969da; stroke: #0969da } .c1 { fill: #bf5b00; stroke: #bf5b00 }
  .c2 { fill: #1a7f37; stroke: #1a7f37 } .c3 { fill: #8250df; stroke: #8250df }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .one { stroke: #e6edf3 }
    .c0 { fill: #58a6ff; stroke: #58a6ff } .c1 { fill: #f0883e; stroke: #f0883e }
    .c2 { fill: #56d364; stroke: #56d364 } .c3 { fill: #bc8cff; stroke: #bc8cff }
  }
</style>`

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
/** @param {number} x @param {number} y @param {string} text */
const label = (x, y, text, anchor = 'start') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(text)}</text>`
/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
const line = (x1, y1, x2, y2, kind = 'grid') =>
  `<line class="${kind}" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`
/** @param {string} title what screen readers say @param {number} height @param {string[]} parts */
const document = (title, height, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height.toFixed(0)}" role="img">\n<title>${escaped(title)}</title>\n${style}\n${parts.join('\n')}\n</svg>\n`

/** @param {number[]} values @returns {{ low: number, high: number, ticks: number[] }} powers of ten around them */
function decades(values) {
  const exponents = values.filter((value) => value > 0).map(Math.log10)
  const low = Math.floor(Math.min(...exponents))
  const high = Math.max(low + 1, Math.ceil(Math.max(...exponents, low + 1)))
  return { low, high, ticks: Array.from({ length: high - low + 1 }, (_, index) => low + index) }
}

/** @param {number} exponent */
const power = (exponent) => {
  const [unit, size] = exponent >= 6 ? [' M', 6] : exponent >= 3 ? [' k', 3] : ['', 0]
  return `${Number((10 ** (exponent - Number(size))).toPrecision(1))}${unit}`
}

/** @param {string} title @param {{ label: string, bars: { name: string, value: number }[] }[]} groups */
export function bars(title, groups) {
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))]
  const { low, high, ticks } = decades([1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value))])
  const at = (/** @type {number} */ value) =>
    left + ((Math.log10(value) - low) / (high - low)) * (width - left - right - 50)
  const parts = [label(left, 18, title)]
  for (const [index, name] of names.entries()) {
    parts.push(`<rect class="c${index % 4}" x="${left - 60 + 145 * index}" y="28" width="10" height="10"/>`)
    parts.push(label(left - 46 + 145 * index, 37, name))
  }
  let y = 56
  const top = y
  for (const group of groups) {
    parts.push(label(left - 10, y + 7 * group.bars.length + 4, group.label, 'end'))
    for (const { name, value } of group.bars) {
      const [from, to] = [Math.min(at(1), at(value)), Math.max(at(1), at(value))]
      parts.push(
        `<rect class="c${names.indexOf(name) % 4}" x="${from.toFixed(1)}" y="${y}" width="${Math.max(1, to - from).toFixed(1)}" height="11"/>`,
      )
      parts.push(label(Math.max(at(1), to) + 4, y + 10, `${value.toPrecision(3)}×`))
      y += 14
    }
    y += 14
  }
  for (const tick of ticks) {
    parts.unshift(line(at(10 ** tick), top - 6, at(10 ** tick), y, tick === 0 ? 'one' : 'grid'))
    parts.push(label(at(10 ** tick), y + 16, power(tick), 'middle'))
  }
  return document(title, y + 26, parts)
}

/** One small plot for each curve, two in a row. @param {string} title @param {import('../measures/growth.mjs').Curve[]} all */
export function curves(title, all) {
  const [cellWidth, cellHeight, edge] = [width / 2, 220, 56]
  const parts = all.flatMap(({ name, x, y, points }, index) => {
    const [x0, y0] = [(index % 2) * cellWidth + edge, Math.floor(index / 2) * cellHeight + 34]
    const [w, h] = [cellWidth - edge - 20, cellHeight - 84]
    const across = decades(points.map((point) => point.x))
    const up = decades(points.map((point) => point.y))
    const atX = (/** @type {number} */ value) =>
      x0 + ((Math.log10(value) - across.low) / (across.high - across.low)) * w
    const atY = (/** @type {number} */ value) => y0 + h - ((Math.log10(value) - up.low) / (up.high - up.low)) * h
    const drawn = points.filter((point) => point.x > 0 && point.y > 0)
    return [
      label(x0, y0 - 12, `${name}: ${y}`),
      ...across.ticks.flatMap((tick) => [
        line(atX(10 ** tick), y0, atX(10 ** tick), y0 + h),
        label(atX(10 ** tick), y0 + h + 16, power(tick), 'middle'),
      ]),
      ...up.ticks.flatMap((tick) => [
        line(x0, atY(10 ** tick), x0 + w, atY(10 ** tick)),
        label(x0 - 6, atY(10 ** tick) + 4, power(tick), 'end'),
      ]),
      label(x0 + w / 2, y0 + h + 32, x, 'middle'),
      `<polyline class="line c0" style="fill:none" points="${drawn.map((point) => `${atX(point.x).toFixed(1)},${atY(point.y).toFixed(1)}`).join(' ')}"/>`,
      ...drawn.map(
        (point) => `<circle class="c0" cx="${atX(point.x).toFixed(1)}" cy="${atY(point.y).toFixed(1)}" r="3"/>`,
      ),
    ]
  })
  return document(title, Math.ceil(all.length / 2) * cellHeight, parts)
}
