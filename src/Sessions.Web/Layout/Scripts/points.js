// A point of a chart leads to the sessions behind it: by mouse, by touch and by key. The links are those of the table with the
// same numbers, which works without scripts too.

// How far beside the area of a chart a pointer may be that means its edge.
const BESIDE_PX = 24
const drawn = new WeakMap()

// Makes the points of a chart lead somewhere, if the page has links for them.
export function lead(chart, canvas, given) {
  const table = document.getElementById(canvas.dataset.pointsIn)
  if (!table?.querySelector('[data-point]')) {
    return
  }
  const linkOf = ({ datasetIndex, index }) => {
    const row = given.series[datasetIndex].rows?.[index]
    return table.querySelector(`[data-point="${row === undefined ? `${datasetIndex}:${index}` : `${row}:whole`}"]`)
  }
  // The chart is drawn again when the theme changes.
  drawn.get(canvas)?.abort()
  const off = new AbortController()
  drawn.set(canvas, off)
  const { signal } = off
  const keys = new Keys(chart, canvas, given, linkOf)
  let touched = null
  canvas.addEventListener('click', (click) => {
    const point = nearest(chart, click, linkOf)
    // A finger has no place to hover: the first touch says what the point is, the second one opens it.
    const place = point && `${point.datasetIndex}:${point.index}`
    const isFirstTouch = click.pointerType === 'touch' && touched !== place
    touched = place
    if (point && !isFirstTouch) {
      linkOf(point).click()
    }
  }, { signal })
  canvas.addEventListener('pointermove', (move) => { canvas.style.cursor = nearest(chart, move, linkOf) ? 'pointer' : '' }, { signal })
  canvas.addEventListener('keydown', (key) => keys.press(key), { signal })
  canvas.addEventListener('blur', () => keys.leave(), { signal })
}

// The point with sessions that is meant: of those at the pointer's place along the axis, the closest one.
function nearest(chart, event, linkOf) {
  const box = chart.canvas.getBoundingClientRect()
  const [x, y] = [event.clientX - box.left, event.clientY - box.top]
  const { left, right, top, bottom } = chart.chartArea
  if (x < left - BESIDE_PX || x > right + BESIDE_PX || y < top - BESIDE_PX || y > bottom + BESIDE_PX) {
    return null
  }
  // The first and the last point are at the edges of the area, and who means them is often beside it.
  const inside = { native: event, x: Math.max(left, Math.min(right, x)), y: Math.max(top, Math.min(bottom, y)) }
  const at = chart.getElementsAtEventForMode(inside, 'index', { axis: chart.options.interaction.axis, intersect: false }, false)
  return at.filter((point) => linkOf(point))
    .sort((one, other) => distance(one.element, x, y) - distance(other.element, x, y))[0] ?? null
}

function distance(element, x, y) {
  return Math.hypot(element.x - x, element.y - y)
}

// Arrows go from point to point and from series to series, Enter opens the sessions of the point.
class Keys {
  constructor(chart, canvas, given, linkOf) {
    Object.assign(this, { chart, canvas, given, linkOf, index: -1, series: 0 })
    canvas.tabIndex = 0
    // The arrows are the chart's own while it has the focus.
    canvas.setAttribute('role', 'application')
    canvas.setAttribute('aria-roledescription', 'chart')
    canvas.setAttribute('aria-keyshortcuts', 'ArrowLeft ArrowRight ArrowUp ArrowDown Enter')
    this.said = canvas.parentElement.querySelector('[data-point-said]') ?? document.createElement('p')
    this.said.className = 'sr'
    this.said.dataset.pointSaid = ''
    this.said.setAttribute('aria-live', 'polite')
    canvas.parentElement.append(this.said)
  }

  press(key) {
    const isLying = this.chart.options.indexAxis === 'y'
    const [next, before] = isLying ? ['ArrowDown', 'ArrowUp'] : ['ArrowRight', 'ArrowLeft']
    const [nextSeries, seriesBefore] = isLying ? ['ArrowRight', 'ArrowLeft'] : ['ArrowUp', 'ArrowDown']
    const last = this.given.labels.length - 1
    const moves = {
      [next]: () => { this.index = Math.min(last, this.index + 1) },
      [before]: () => { this.index = this.index < 0 ? last : Math.max(0, this.index - 1) },
      [nextSeries]: () => { this.series = (this.series + 1) % this.given.series.length },
      [seriesBefore]: () => { this.series = (this.series + this.given.series.length - 1) % this.given.series.length },
      Home: () => { this.index = 0 },
      End: () => { this.index = last },
    }
    if (Object.hasOwn(moves, key.key)) {
      moves[key.key]()
      this.index = Math.max(0, this.index)
      this.show()
      key.preventDefault()
    } else if (key.key === 'Enter' && this.index >= 0) {
      this.linkOf({ datasetIndex: this.series, index: this.index })?.click()
      key.preventDefault()
    }
  }

  show() {
    const active = this.given.series.map((_, datasetIndex) => ({ datasetIndex, index: this.index }))
    const element = this.chart.getDatasetMeta(this.series).data[this.index]
    this.chart.setActiveElements(active)
    this.chart.tooltip.setActiveElements(active, { x: element?.x ?? 0, y: element?.y ?? 0 })
    this.chart.update()
    const series = this.given.series[this.series]
    const name = this.given.titles?.[this.index] ?? this.given.labels[this.index]
    const value = series.data[this.index]
    this.said.textContent = `${series.label}, ${name}: ${value ?? 'nothing'}${this.linkOf({ datasetIndex: this.series, index: this.index }) ? '. Enter opens its sessions.' : ''}`
  }

  leave() {
    this.chart.setActiveElements([])
    this.chart.tooltip.setActiveElements([], { x: 0, y: 0 })
    this.chart.update()
  }
}
