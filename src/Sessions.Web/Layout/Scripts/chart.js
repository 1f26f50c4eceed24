// Charts, drawn by Chart.js from the JSON that the server wrote beside them. The page has the same numbers in a table.
import {
  BarController, BarElement, CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip,
} from 'chart.js'
import { legend } from './legend.js'
import { lead } from './points.js'
import { lineOf, sayChange, sayTick, sayValue, stepOf } from './numbers.js'

Chart.register(BarController, BarElement, CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip)

// As many colours as the style sheet has. Series beyond them have the same colours with another pattern.
const colors = 8
const previousDash = [3, 4]
const secondDash = [12, 3, 3, 3]
const secondPreviousDash = [1, 3, 6, 3]
const runningDash = [5, 4]
const barHeight = 30
const drawn = []

export function start() {
  draw()
  document.addEventListener('themechange', draw)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
}

function draw() {
  const page = getComputedStyle(document.body)
  Chart.defaults.font.family = page.fontFamily
  Chart.defaults.font.size = 12
  drawn.splice(0).forEach((chart) => chart.destroy())
  for (const canvas of document.querySelectorAll('canvas[data-chart]')) {
    const given = JSON.parse(document.getElementById(canvas.dataset.chart).textContent)
    if (given.kind === 'bars') {
      canvas.parentElement.style.height = `${Math.max(120, given.labels.length * barHeight * given.series.length + 40)}px`
    }
    const chart = new Chart(canvas, configuration(given))
    drawn.push(chart)
    legend(chart, canvas.parentElement)
    lead(chart, canvas, given)
  }
}

// A canvas can't use the style sheet's variables, so their current values are read.
function color(name, alpha) {
  const probe = document.createElement('span')
  probe.style.color = `color-mix(in srgb, var(${name}) ${Math.round((alpha ?? 1) * 100)}%, transparent)`
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

// Stripes in a colour, for bars whose time is not over and for series whose colour another series has too.
function stripes(paint, rising) {
  const tile = document.createElement('canvas')
  tile.width = tile.height = 6
  const context = tile.getContext('2d')
  context.strokeStyle = paint
  context.lineWidth = 2
  for (const shift of [-6, 0, 6]) {
    context.beginPath()
    context.moveTo(shift, rising ? 6 : 0)
    context.lineTo(shift + 6, rising ? 0 : 6)
    context.stroke()
  }
  return context.createPattern(tile, 'repeat')
}

// What the area of a series ends at: the series below it, or the axis.
function below(index, given) {
  const below = given.series.findLastIndex((other, at) => at < index && !other.previous)
  return given.series[index].previous ? false : below < 0 ? 'origin' : below
}

function dataset(one, index, given) {
  const isArea = given.kind === 'area'
  const isLine = given.kind === 'line' || isArea
  const place = one.color ?? index
  const name = `--series-${(place % colors) + 1}`
  const isSecond = place >= colors
  const paint = color(name, isLine ? (one.previous ? 0.5 : 1) : one.previous ? 0.35 : 0.85)
  const isPartial = (at) => given.partial?.[at] !== undefined
  const fill = isSecond ? stripes(paint, false) : paint
  const dash = one.previous ? (isSecond ? secondPreviousDash : previousDash) : isSecond ? secondDash : []
  const solid = given.series.filter((other) => !other.previous).length === 1
  return {
    label: one.label,
    data: one.data,
    titles: one.titles,
    previous: one.previous,
    color: place,
    borderColor: paint,
    backgroundColor: isLine ? color(name, isArea ? 0.35 : 0.1) : one.data.map((_, at) => (isPartial(at) ? stripes(paint, true) : fill)),
    swatch: { paint, fill, dash, isLine },
    borderWidth: isLine ? 2 : 0,
    borderDash: dash,
    // A line to or from a time that is not in the range as a whole.
    segment: isLine ? { borderDash: (at) => (isPartial(at.p1DataIndex) || isPartial(at.p0DataIndex) ? runningDash : undefined) } : undefined,
    borderRadius: 3,
    maxBarThickness: 44,
    fill: isArea ? below(index, given) : isLine && solid && !one.previous,
    stack: one.previous ? 'before' : 'now',
    pointRadius: given.labels.length > 1 ? 0 : 3,
    pointHitRadius: 12,
  }
}

function configuration(given) {
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
      autoSkipPadding: 16,
      major: { enabled: (given.majors?.length ?? 0) > 0 },
      font: (at) => ({ weight: at.tick?.major ? 600 : 400 }),
    },
  }
  return {
    type: isLine ? 'line' : 'bar',
    data: { labels: given.labels, datasets: given.series.map((one, index) => dataset(one, index, given)) },
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
            labelColor: ({ dataset: { swatch } }) => ({
              borderColor: swatch.paint, backgroundColor: swatch.dash.length > 0 ? 'transparent' : swatch.paint, borderWidth: 2, borderDash: swatch.dash.length > 0 ? [2, 2] : [],
            }),
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
