// Charts, drawn by Chart.js from the JSON that the server wrote beside them. The page has the same numbers in a table.
import {
  BarController, BarElement, CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip,
} from 'chart.js'
import { legend } from './legend.js'
import { lead } from './points.js'
import { configuration, heightOf } from './chart-options.js'

Chart.register(BarController, BarElement, CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip)

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
    const height = heightOf(given)
    if (height) {
      canvas.parentElement.style.height = `${height}px`
    }
    const chart = new Chart(canvas, configuration(given, { color, stripes }))
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
//   ways: of the stripes: rising, falling
function stripes(paint, ...ways) {
  const tile = document.createElement('canvas')
  tile.width = tile.height = 6
  const context = tile.getContext('2d')
  context.strokeStyle = paint
  context.lineWidth = 2
  for (const way of ways) {
    for (const shift of [-6, 0, 6]) {
      context.beginPath()
      context.moveTo(shift, way === 'rising' ? 6 : 0)
      context.lineTo(shift + 6, way === 'rising' ? 0 : 6)
      context.stroke()
    }
  }
  return context.createPattern(tile, 'repeat')
}
