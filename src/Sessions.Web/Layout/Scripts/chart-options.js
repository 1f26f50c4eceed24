// What a chart looks like: the options that Chart.js draws it by. Nothing here touches the page.
import { lineOf, sayChange, sayTick, sayValue, stepOf } from './numbers.js'

// As many colours as the style sheet has. Series beyond them have the same colours with another pattern.
const colors = 8
// The time before is dotted, the time that is not over has long dashes.
const previousDash = [2, 4]
const secondDash = [12, 3, 3, 3]
const secondPreviousDash = [1, 3, 6, 3]
const runningDash = [9, 6]
const barHeight = 30
const leastHeight = 120
const axisHeight = 40
const fewestCharacters = 8
const characterWidth = 7

// The height of lying bars, of which each has its label; null for the height that the style sheet gives.
export function heightOf(given) {
  return given.kind === 'bars' ? Math.max(leastHeight, given.labels.length * barHeight * given.series.length + axisHeight) : null
}

// A label of a lying bar. The names may take half of the chart, and Chart.js would cut them at their beginning.
export function shorten(label, width) {
  const most = Math.max(fewestCharacters, Math.floor(width / 2 / characterWidth))
  return label.length <= most ? label : `${label.slice(0, most - 1)}…`
}

// What the area of a series ends at: the series below it, or the axis.
function below(index, given) {
  const below = given.series.findLastIndex((other, at) => at < index && !other.previous)
  return given.series[index].previous ? false : below < 0 ? 'origin' : below
}

function dataset(one, index, given, { color, stripes }) {
  const isArea = given.kind === 'area'
  const isLine = given.kind === 'line' || isArea
  const place = one.color ?? index
  const name = `--series-${(place % colors) + 1}`
  const isSecond = place >= colors
  const paint = color(name, isLine ? (one.previous ? 0.5 : 1) : one.previous ? 0.35 : 0.85)
  const isPartial = (at) => given.partial?.[at] !== undefined
  const fill = isSecond ? stripes(paint, 'falling') : paint
  const running = isLine ? null : isSecond ? stripes(paint, 'rising', 'falling') : stripes(paint, 'rising')
  const dash = one.previous ? (isSecond ? secondPreviousDash : previousDash) : isSecond ? secondDash : []
  const solid = given.series.filter((other) => !other.previous).length === 1
  return {
    label: one.label,
    data: one.data,
    titles: one.titles,
    previous: one.previous,
    color: place,
    borderColor: paint,
    backgroundColor: isLine ? color(name, isArea ? 0.35 : 0.1) : one.data.map((_, at) => (isPartial(at) ? running : fill)),
    swatch: { paint, fill, dash, isLine },
    // The box in a tooltip, which is too small for the line's own pattern.
    box: {
      borderColor: paint,
      backgroundColor: isSecond ? (isLine ? stripes(paint, 'falling') : fill) : one.previous ? 'transparent' : paint,
      borderWidth: 2,
      borderDash: one.previous ? [2, 2] : [],
    },
    borderWidth: isLine ? 2 : 0,
    borderDash: dash,
    // A line to or from a time that is not in the range as a whole.
    segment: isLine && !one.previous ? { borderDash: (at) => (isPartial(at.p1DataIndex) || isPartial(at.p0DataIndex) ? runningDash : undefined) } : undefined,
    borderRadius: 3,
    maxBarThickness: 44,
    fill: isArea ? below(index, given) : isLine && solid && !one.previous,
    // Bars of several series stand side by side: with a stack, and an axis that adds nothing up, one would hide the other.
    stack: isArea ? (one.previous ? 'before' : 'now') : undefined,
    pointRadius: given.labels.length > 1 ? 0 : 3,
    pointHitRadius: 12,
  }
}

// How the chart looks and what it says, for Chart.js.
//   look: color(name, alpha) reads a colour of the style sheet, stripes(paint, ...ways) makes a pattern
export function configuration(given, look) {
  const { color } = look
  const isArea = given.kind === 'area'
  const isLine = given.kind === 'line' || isArea
  const isLying = given.kind === 'bars'
  const { unit } = given
  const values = given.series.flatMap((one) => one.data).filter((value) => value !== null)
  const most = Math.max(0, ...values)
  const isWhole = unit === 'count' && values.every(Number.isInteger)
  const numbers = {
    beginAtZero: true,
    stacked: isArea,
    suggestedMax: most > 0 ? undefined : 1,
    border: { display: false },
    grid: { color: color('--line') },
    ticks: {
      color: color('--quiet'),
      maxTicksLimit: 6,
      precision: isWhole ? 0 : undefined,
      stepSize: unit === 'seconds' ? stepOf(most) : undefined,
      callback: (value) => sayTick(value, unit),
    },
  }
  const names = {
    grid: { display: false },
    border: { color: color('--line') },
    afterBuildTicks: (axis) => axis.ticks.forEach((tick) => { tick.major = given.majors?.includes(tick.value) ?? false }),
    ticks: {
      color: color('--quiet'),
      maxRotation: 0,
      autoSkip: !isLying,
      ...(isLying && { callback(value) { return shorten(given.labels[value], this.chart.width) } }),
      autoSkipPadding: 16,
      major: { enabled: (given.majors?.length ?? 0) > 0 },
      font: (at) => ({ weight: at.tick?.major ? 600 : 400 }),
    },
  }
  return {
    type: isLine ? 'line' : 'bar',
    data: { labels: given.labels, datasets: given.series.map((one, index) => dataset(one, index, given, look)) },
    options: {
      indexAxis: isLying ? 'y' : 'x',
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: 'index', axis: isLying ? 'y' : 'x', intersect: false },
      scales: isLying ? { x: numbers, y: names } : { x: names, y: numbers },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: color('--panel'),
          multiKeyBackground: color('--panel'),
          titleColor: color('--ink'),
          bodyColor: color('--ink'),
          footerColor: color('--quiet'),
          footerFont: { weight: 400 },
          borderColor: color('--line-strong'),
          borderWidth: 1,
          padding: 10,
          boxPadding: 4,
          itemSort: (one, other) => one.dataset.color - other.dataset.color || Number(one.dataset.previous) - Number(other.dataset.previous),
          callbacks: {
            title: ([item]) => (item ? given.titles?.[item.dataIndex] ?? item.label : ''),
            label: (item) => lineOf(item, (value) => sayValue(value, unit)),
            labelColor: ({ dataset: { box } }) => box,
            footer: (items) => [...changes(items, unit), given.partial?.[items[0]?.dataIndex]].filter(Boolean),
          },
        },
      },
    },
  }
}

// How far each series is from what it was in the time before.
function changes(items, unit) {
  const now = items.filter((item) => !item.dataset.previous)
  return now.flatMap((item) => {
    const before = items.find((other) => other.dataset.previous && other.dataset.color === item.dataset.color)
    const change = before && sayChange(item.raw, before.raw, unit)
    return change ? [now.length > 1 ? `${item.dataset.label}: ${change}` : change] : []
  })
}
