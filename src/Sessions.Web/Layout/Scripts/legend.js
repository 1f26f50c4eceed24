// The legend below a chart. Each swatch is drawn with what the series itself is drawn with. A click hides a series.
const width = 26
const height = 12

export function legend(chart, box) {
  box.parentElement.querySelector('.legend')?.remove()
  if (chart.data.datasets.length < 2) {
    return
  }
  const list = document.createElement('ul')
  list.className = 'legend'
  chart.data.datasets.forEach((dataset, index) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.setAttribute('aria-pressed', 'true')
    button.append(swatch(dataset.swatch), dataset.label)
    button.addEventListener('click', () => {
      const isShown = !chart.isDatasetVisible(index)
      chart.setDatasetVisibility(index, isShown)
      button.setAttribute('aria-pressed', String(isShown))
      chart.update()
    })
    item.append(button)
    list.append(item)
  })
  box.after(list)
}

function swatch({ paint, fill, dash, isLine }) {
  const made = document.createElement('canvas')
  const scale = devicePixelRatio || 1
  made.width = width * scale
  made.height = height * scale
  made.style.width = `${width}px`
  made.style.height = `${height}px`
  made.setAttribute('aria-hidden', 'true')
  const context = made.getContext('2d')
  context.scale(scale, scale)
  if (isLine) {
    context.strokeStyle = paint
    context.lineWidth = 2
    context.setLineDash(dash)
    context.beginPath()
    context.moveTo(0, height / 2)
    context.lineTo(width, height / 2)
    context.stroke()
  } else {
    context.fillStyle = fill
    context.fillRect((width - height) / 2, 0, height, height)
  }
  return made
}
