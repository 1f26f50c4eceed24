// Charts, drawn by Chart.js from the JSON that the server wrote beside them. A table below has the same numbers.
import {
  BarController, BarElement, CategoryScale, Chart, Filler, Legend, LinearScale, LineController, LineElement, PointElement,
  Tooltip,
} from 'chart.js'

Chart.register(
  BarController, BarElement, CategoryScale, Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip)

// As many colours as the style sheet has.
const colors = 8
const drawn = []

export function start() {
  draw()
  document.addEventListener('themechange', draw)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
}

function draw() {
  drawn.splice(0).forEach((chart) => chart.destroy())
  for (const canvas of document.querySelectorAll('canvas[data-chart]')) {
    const given = JSON.parse(document.getElementById(canvas.dataset.chart).textContent)
    // On a phone the legend needs more room than the lines.
    canvas.parentElement.classList.toggle('many', given.series.length > 6)
    drawn.push(new Chart(canvas, configuration(given)))
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

function configuration({ kind, labels, series, unit }) {
  const isLine = kind === 'line'
  const say = (value) => sayValue(value, unit)
  return {
    type: isLine ? 'line' : 'bar',
    data: {
      labels,
      datasets: series.map((one, index) => {
        const name = `--series-${((one.color ?? index) % colors) + 1}`
        return {
          label: one.label,
          data: one.data,
          borderColor: color(name, one.previous ? 0.45 : 1),
          backgroundColor: color(name, isLine ? (series.length <= 2 ? 0.1 : 1) : one.previous ? 0.35 : 0.85),
          borderWidth: isLine ? 2 : 0,
          borderDash: one.previous ? [4, 4] : (one.color ?? index) >= colors ? [8, 3] : [],
          borderRadius: 3,
          maxBarThickness: 44,
          fill: isLine && series.length <= 2 && index === 0,
          pointRadius: labels.length > 1 ? 0 : 3,
          pointHitRadius: 12,
          cubicInterpolationMode: 'monotone',
        }
      }),
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          grid: { display: false },
          border: { color: color('--line') },
          ticks: { color: color('--quiet'), maxRotation: 0, autoSkipPadding: 16 },
        },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: color('--line') },
          ticks: { color: color('--quiet'), maxTicksLimit: 6, callback: say },
        },
      },
      plugins: {
        legend: {
          display: series.length > 1,
          position: 'bottom',
          labels: { color: color('--ink'), boxWidth: isLine ? 18 : 10, boxHeight: 10, padding: 14, usePointStyle: isLine, pointStyle: isLine ? 'line' : 'rect' },
        },
        tooltip: {
          backgroundColor: color('--panel'),
          titleColor: color('--ink'),
          bodyColor: color('--ink'),
          borderColor: color('--line-strong'),
          borderWidth: 1,
          padding: 10,
          boxPadding: 4,
          callbacks: { label: (item) => ` ${item.dataset.label}: ${say(item.raw)}` },
        },
      },
    },
  }
}

function sayValue(value, unit) {
  if (value === null || value === undefined) {
    return '–'
  }
  if (unit === 'seconds') {
    const whole = Math.round(value)
    return whole < 60 ? `${Math.round(value * 10) / 10} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
  }
  if (unit === 'percent') {
    return `${Math.round(value * 1000) / 10}%`
  }
  return value.toLocaleString('en', { maximumFractionDigits: 2 })
}
