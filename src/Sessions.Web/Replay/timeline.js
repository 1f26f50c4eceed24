// The bar of time below the player: a lane for each window, marks of what happened, and the current time.
import { clock, element } from './clock.js'

const LANES_HEIGHT = 84
// Fingers need more room than a mouse.
const LANE_HEIGHT = matchMedia('(max-width: 520px)').matches ? 32 : 20
// Marks of one kind that are this close, in shares of the bar, look like one.
const SAME_PLACE = 1 / 1000
// A pointer this close to a mark means it.
const NEAR_PX = 4

export class Timeline {
  onGoTo = () => {}
  #windows = []
  #items = []
  #firstMs = 0
  #lastMs = 0

  constructor(part) {
    this.part = part
    this.bar = part('timeline')
    this.bar.addEventListener('click', (click) => this.#click(click))
    this.bar.addEventListener('pointermove', (pointer) => this.#tell(pointer))
    this.bar.addEventListener('pointerleave', () => { this.part('tip').hidden = true })
    this.bar.addEventListener('keydown', (key) => this.#jump(key))
  }

  show(windows, items, firstMs, lastMs) {
    this.#windows = windows
    this.#items = items
    this.#firstMs = firstMs
    this.#lastMs = lastMs
    const height = Math.min(LANE_HEIGHT, LANES_HEIGHT / Math.max(1, windows.length))
    this.bar.style.height = `${Math.max(LANE_HEIGHT, height * windows.length)}px`
    const spans = windows.map((one) => {
      const span = element('div', 'replay-span')
      place(span, this.#share(one.fromMs), one.place * height, height)
      span.style.width = `${(this.#share(one.toMs) - this.#share(one.fromMs)) * 100}%`
      return span
    })
    this.bar.replaceChildren(...spans, ...this.#marks(height), this.part('cursor'))
    this.bar.setAttribute('aria-valuemax', String(Math.max(0, Math.round((lastMs - firstMs) / 1000))))
    this.part('total').textContent = lastMs > firstMs ? clock(lastMs - firstMs) : ''
  }

  isAt(ms) {
    this.part('cursor').style.left = `${this.#share(ms) * 100}%`
    const now = clock(ms - this.#firstMs)
    if (this.part('now').textContent !== now) {
      this.part('now').textContent = now
      this.bar.setAttribute('aria-valuenow', String(Math.max(0, Math.round((ms - this.#firstMs) / 1000))))
      this.bar.setAttribute('aria-valuetext', `${now} of ${clock(this.#lastMs - this.#firstMs)}`)
    }
  }

  #marks(height) {
    const drawn = new Set()
    const marks = []
    const tails = []
    for (const item of this.#items) {
      const lane = this.#windows.find((one) => one.id === item.windowId)
      const share = this.#share(item.ms)
      const key = `${item.kind} ${item.level} ${lane?.place} ${Math.round(share / SAME_PLACE)}`
      if (!drawn.has(key)) {
        drawn.add(key)
        const mark = element('div', `replay-mark ${item.kind} ${item.level}`)
        // An entry that belongs to no recorded window goes through all lanes.
        const [top, tall] = [(lane?.place ?? 0) * height, lane ? height : height * Math.max(1, this.#windows.length)]
        place(mark, share, top, tall)
        marks.push(mark)
        if (item.endMs > item.ms) {
          // How long it took, below the marks of what happened meanwhile.
          const tail = element('div', `replay-tail ${item.kind} ${item.level}`)
          place(tail, share, top, tall)
          tail.style.width = `${(this.#share(item.endMs) - share) * 100}%`
          tails.push(tail)
        }
      }
    }
    return [...tails, ...marks]
  }

  #click(click) {
    const box = this.bar.getBoundingClientRect()
    const lane = this.#windows[Math.floor(((click.clientY - box.top) / box.height) * this.#windows.length)]
    this.onGoTo(this.#timeAt(click.clientX, box), lane?.id)
  }

  #jump(key) {
    const ms = { Home: this.#firstMs, End: this.#lastMs }[key.key]
    if (ms !== undefined) {
      key.preventDefault()
      this.onGoTo(ms)
    }
  }

  // Shows the time under the pointer, and what happened there.
  #tell(pointer) {
    const box = this.bar.getBoundingClientRect()
    const ms = this.#timeAt(pointer.clientX, box)
    const nearMs = (NEAR_PX / box.width) * (this.#lastMs - this.#firstMs)
    const near = this.#items.filter((item) => item.ms - nearMs <= ms && ms <= (item.endMs ?? item.ms) + nearMs)
    const names = near.slice(0, 3).map((item) => item.text)
    const tip = this.part('tip')
    tip.textContent = [clock(ms - this.#firstMs), ...names, near.length > 3 ? `and ${near.length - 3} more` : ''].filter(Boolean).join(' · ')
    tip.hidden = false
    const left = Math.max(0, Math.min(box.width - tip.offsetWidth, pointer.clientX - box.left - tip.offsetWidth / 2))
    tip.style.left = `${left}px`
  }

  #timeAt(x, box) {
    return this.#firstMs + Math.max(0, Math.min(1, (x - box.left) / box.width)) * (this.#lastMs - this.#firstMs)
  }

  #share(ms) {
    return this.#lastMs > this.#firstMs ? Math.max(0, Math.min(1, (ms - this.#firstMs) / (this.#lastMs - this.#firstMs))) : 0
  }
}

function place(what, share, top, height) {
  what.style.left = `${share * 100}%`
  what.style.top = `${top}px`
  what.style.height = `${height}px`
}
