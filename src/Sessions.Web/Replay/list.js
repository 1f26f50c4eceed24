// The list beside the player: what happened, by kind and by what is searched, with the entry of the current time marked.
import { clock, element, length } from './clock.js'

// A player's clock is coarse, and much happens at one moment. A user who picked an entry means exactly that one.
const NEAR_MS = 100

export class ItemList {
  onPick = () => {}
  onChange = () => {}
  // The shown entries in order of time, as elements with "item".
  lines = []
  #known = new Map()
  #items = []
  #windows = new Map()
  #firstMs = 0
  #current = null
  // The entry that the user picked.
  picked = null

  constructor(part) {
    this.part = part
    part('kinds').addEventListener('change', () => this.#choose())
    part('search').addEventListener('input', () => this.#choose())
    part('list').addEventListener('keydown', (key) => this.#move(key))
  }

  show(items, windows, firstMs) {
    this.#items = items
    this.#windows = windows
    if (firstMs !== this.#firstMs) {
      this.#known.clear()
    }
    this.#firstMs = firstMs
    this.#count()
    this.#draw()
  }

  // The shown entries.
  get shown() {
    return this.lines.map((line) => line.item)
  }

  isAt(ms) {
    const isAtPicked = this.picked && Math.abs(ms - this.picked.ms) < NEAR_MS
    const current = (isAtPicked && this.lines.find((line) => line.item === this.picked)) || this.lines[this.#placeAfter(ms) - 1] || null
    if (current !== this.#current) {
      this.#current?.setAttribute('aria-current', 'false')
      current?.setAttribute('aria-current', 'true')
      this.#current = current
      this.#bringIntoSight(current)
    }
  }

  // The entry that is so many steps after the current one; null when there is none.
  step(steps, ms) {
    const at = this.#current ? this.lines.indexOf(this.#current) : this.#placeAfter(ms) - 1
    return this.lines[at + steps]?.item ?? null
  }

  #choose() {
    this.#draw()
    this.onChange()
  }

  #draw() {
    const kinds = new Set([...this.part('kinds').querySelectorAll('input[value]:checked')].map((box) => box.value))
    const words = this.part('search').value.toLowerCase().split(/\s+/).filter(Boolean)
    const wanted = this.#items.filter((item) => kinds.has(item.kind) && words.every((word) => searched(item).includes(word)))
    const before = this.#known
    this.#known = new Map()
    const seen = new Map()
    this.lines = wanted.map((item) => {
      // An entry keeps its element, and with it the focus, when more entries come.
      const base = `${item.kind} ${item.ms} ${item.windowId} ${item.text} ${item.more} ${item.endMs}`
      const number = seen.get(base) ?? 0
      seen.set(base, number + 1)
      const key = `${base} ${number} ${this.#windows.size > 1}`
      const line = before.get(key) ?? this.#line(item)
      line.item = item
      this.#known.set(key, line)
      return line
    })
    const list = this.part('list')
    this.lines.forEach((line, place) => {
      if (list.children[place] !== line) {
        list.insertBefore(line, list.children[place] ?? null)
      }
    })
    while (list.children.length > this.lines.length) {
      list.lastChild.remove()
    }
    this.part('empty').hidden = this.lines.length > 0
    this.#current?.setAttribute('aria-current', 'false')
    this.#current = null
  }

  #line(item) {
    const line = element('li', `${item.kind} ${item.level}`.trim())
    const button = element('button', '')
    button.type = 'button'
    const time = element('time', '')
    time.textContent = clock(item.ms - this.#firstMs)
    const what = element('span', 'what')
    what.textContent = item.text
    what.title = item.detail ? `${item.text}\n${item.detail}` : item.text
    const more = element('span', 'more')
    const tookMs = item.endMs ? item.endMs - item.ms : 0
    more.textContent = [item.more, tookMs >= 1 ? length(tookMs) : null].filter(Boolean).join(' · ')
    button.append(time, element('span', 'dot'), what, more)
    const one = this.#windows.get(item.windowId)
    if (one && this.#windows.size > 1) {
      const window = element('span', 'window')
      window.textContent = one.place + 1
      window.title = `Window ${one.place + 1}`
      window.setAttribute('aria-label', window.title)
      window.role = 'img'
      button.append(window)
    }
    button.addEventListener('click', () => this.onPick(line.item))
    line.append(button)
    return line
  }

  #count() {
    const counts = new Map()
    for (const { kind } of this.#items) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    for (const box of this.part('kinds').querySelectorAll('input[value]')) {
      const count = counts.get(box.value) ?? 0
      box.closest('label').classList.toggle('none', count === 0)
      box.closest('label').querySelector('.count').textContent = count
    }
    const off = this.part('off')
    if (off) {
      off.hidden = [...off.dataset.kinds.split(' ')].some((kind) => counts.get(kind) > 0)
    }
  }

  #move(key) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key.key]
    const line = key.target.closest?.('li')
    const next = step && line && (step > 0 ? line.nextElementSibling : line.previousElementSibling)
    if (next) {
      key.preventDefault()
      next.querySelector('button').focus()
    }
  }

  // The place after the last entry at that time or before. A player calls this many times a second.
  #placeAfter(ms) {
    let from = 0
    let to = this.lines.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.lines[middle].item.ms <= ms) {
        from = middle + 1
      } else {
        to = middle
      }
    }
    return from
  }

  // Scrolls the list and nothing else, and not while the user is scrolling it.
  #bringIntoSight(line) {
    const list = this.part('list')
    if (!line || list.matches(':hover') || list.contains(document.activeElement)) {
      return
    }
    const above = line.offsetTop - list.offsetTop
    if (above < list.scrollTop || above + line.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = above - list.clientHeight / 2
    }
  }
}

function searched(item) {
  return `${item.text} ${item.detail ?? ''} ${item.more ?? ''}`.toLowerCase()
}
