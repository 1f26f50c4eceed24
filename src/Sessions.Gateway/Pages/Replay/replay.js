// Plays what was recorded of a session, with its events, console and navigation beside it on one timeline.
import Player from 'rrweb-player'
import { Recording } from './recording.js'

const POLL_MS = 2000
const MAX_EVENT_PAGES = 20
const CONTROLLER_HEIGHT = 80
const NEAR_MS = 100
const LANES_HEIGHT = 84
const LANE_HEIGHT = 20

class SessionReplay {
  recording = new Recording()
  items = []
  // The lines of the list, in the order of time, and which of them is now.
  lines = []
  current = null
  player = null
  shown = null
  picked = null
  atMs = 0
  // What is to be added to the client's times to have the server's, which the session's events have.
  skewMs = 0

  constructor(root) {
    this.root = root
    this.from = root.dataset.from
    this.isLive = root.dataset.isLive === 'true'
    this.part = (name) => root.querySelector(`[data-${name}]`)
  }

  async start() {
    try {
      const [isThere, events] = await Promise.all([this.recording.read(`${this.from}/data`), this.readEvents()])
      this.events = events
      if (!isThere) {
        this.say(this.isLive ? 'Nothing is recorded yet.' : 'Nothing was recorded.')
      }
      this.settle()
    } catch (failure) {
      this.say(failure.message)
      this.root.dataset.state = 'failed'
      return
    }

    this.part('kinds').addEventListener('change', () => this.drawItems())
    this.part('timeline').addEventListener('click', (click) => this.clickTimeline(click))
    new ResizeObserver(() => this.resize()).observe(this.part('stage'))
    window.addEventListener('hashchange', () => this.goToHash())
    this.goToHash()
    this.root.dataset.state = 'ready'
    if (this.isLive) {
      setTimeout(() => this.poll(), POLL_MS)
    }
  }

  // A session's own events, as far as a timeline can show them.
  async readEvents() {
    const events = []
    let cursor = null
    for (let page = 0; page < MAX_EVENT_PAGES && (page === 0 || cursor); page++) {
      const answer = await fetch(`${this.from}/events?limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
      if (!answer.ok) {
        break
      }
      const { results, next } = await answer.json()
      events.push(...results.map((event) => ({
        kind: 'event', level: '', ms: Date.parse(event.timestamp), windowId: event.window_id,
        text: event.pathname ? `${event.event} ${event.pathname}` : event.event,
      })))
      cursor = next
    }
    return events
  }

  // Puts together what is known now: the clock, the list, the windows.
  settle() {
    const start = Number(this.root.dataset.start)
    this.skewMs = start && this.recording.firstMs !== Infinity ? start - this.recording.firstMs : 0
    this.items = [
      ...this.recording.items,
      ...(this.events ?? []).map((event) => ({ ...event, ms: event.ms - this.skewMs })),
    ].sort((one, other) => one.ms - other.ms)
    const times = this.items.map((item) => item.ms)
    this.firstMs = Math.min(this.recording.firstMs, times[0] ?? Infinity)
    this.lastMs = Math.max(this.recording.lastMs, times.at(-1) ?? -Infinity)
    this.root.dataset.first = this.firstMs
    this.drawWindows()
    this.drawItems()
    if (!this.shown) {
      const first = [...this.recording.windows.values()].find(isPlayable)
      if (first) {
        this.show(first)
      } else if (this.recording.windows.size > 0) {
        this.say('What was recorded has no picture of the page to begin with.')
      }
    }
  }

  show(shown) {
    this.player?.$destroy()
    this.shown = shown
    this.shownFromMs = shown.events[0].timestamp
    const stage = this.part('stage')
    stage.replaceChildren()
    this.player = new Player({
      target: stage,
      props: {
        // rrweb keeps and sorts its own list; ours goes on growing.
        events: [...shown.events],
        ...this.size(),
        autoPlay: false,
        speedOption: [1, 2, 4, 8],
        showWarning: false,
        mouseTail: true,
      },
    })
    this.player.addEventListener('ui-update-current-time', ({ payload }) => this.isAt(this.shownFromMs + payload))
    for (const tab of this.part('windows').children) {
      tab.setAttribute('aria-selected', String(tab.dataset.window === shown.id))
    }
  }

  size() {
    const width = Math.max(320, this.part('stage').clientWidth)
    return { width, height: Math.round(Math.min(width * 0.6, 600)) - CONTROLLER_HEIGHT }
  }

  resize() {
    const { width, height } = this.size()
    if (this.player && width !== this.width) {
      this.width = width
      this.player.$set({ width, height })
      this.player.triggerResize()
    }
  }

  // Goes to a time of the client's clock, in the window that has something then.
  goTo(ms, windowId, play = false) {
    const wanted = this.recording.windows.get(windowId)
    const target = wanted && isPlayable(wanted) ? wanted : this.windowAt(ms)
    if (!target) {
      return
    }
    if (target !== this.shown) {
      this.show(target)
    }
    const offset = Math.max(0, Math.min(ms, target.events.at(-1).timestamp) - this.shownFromMs)
    this.player.goto(offset, play)
    this.isAt(this.shownFromMs + offset)
  }

  windowAt(ms) {
    const covers = (one) => one.events[0].timestamp <= ms && ms <= one.events.at(-1).timestamp
    if (this.shown && covers(this.shown)) {
      return this.shown
    }
    const playable = [...this.recording.windows.values()].filter(isPlayable)
    return playable.find(covers) ?? this.shown ?? playable[0]
  }

  isAt(ms) {
    if (!Number.isFinite(this.firstMs)) {
      return
    }
    this.atMs = ms
    this.part('cursor').style.left = `${this.percent(ms)}%`
    this.part('now').textContent = clock(ms - this.firstMs)
    // The player's clock is coarse, and much happens in a moment: who picked a line means that one.
    const isAtPicked = this.picked && Math.abs(ms - this.picked.ms) < NEAR_MS
    const current = (isAtPicked && this.lines.find((line) => line.item === this.picked)) || this.lineAt(ms)
    if (current !== this.current) {
      this.current?.setAttribute('aria-current', 'false')
      current?.setAttribute('aria-current', 'true')
      this.current = current
      this.bringIntoSight(current)
    }
  }

  // The last line of that time or before: a player asks for it many times a second.
  lineAt(ms) {
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
    return this.lines[from - 1] ?? null
  }

  // Scrolls the list and nothing else, and not under somebody's hand.
  bringIntoSight(line) {
    const list = this.part('list')
    if (!line || list.matches(':hover') || list.contains(document.activeElement)) {
      return
    }
    const above = line.offsetTop - list.offsetTop
    if (above < list.scrollTop || above + line.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = above - list.clientHeight / 2
    }
  }

  // #t=12.5 is twelve and a half seconds after the session's first moment on the timeline.
  goToHash() {
    const seconds = /^#t=([\d.]+)$/.exec(location.hash)?.[1]
    if (seconds !== undefined) {
      this.goTo(this.firstMs + Number(seconds) * 1000)
    }
  }

  clickTimeline(click) {
    const box = this.part('timeline').getBoundingClientRect()
    const share = Math.max(0, Math.min(1, (click.clientX - box.left) / box.width))
    const windows = [...this.recording.windows.values()]
    const lane = windows[Math.floor(((click.clientY - box.top) / box.height) * windows.length)]
    this.goTo(this.firstMs + share * (this.lastMs - this.firstMs), lane?.id)
  }

  drawWindows() {
    const tabs = [...this.recording.windows.values()].map((one) => {
      const tab = document.createElement('button')
      tab.type = 'button'
      tab.role = 'tab'
      tab.dataset.window = one.id
      tab.textContent = nameOf(one)
      tab.title = one.isPlayable ? one.id : 'There is no picture of the page to begin with.'
      if (one.page) {
        const page = element('span', 'quiet')
        page.textContent = ` ${one.page}`
        tab.append(page)
      }
      tab.disabled = !isPlayable(one)
      tab.setAttribute('aria-selected', String(one === this.shown))
      tab.addEventListener('click', () => {
        this.show(one)
        this.goTo(Math.max(this.atMs, one.events[0].timestamp), one.id)
      })
      return tab
    })
    this.part('windows').replaceChildren(...tabs)
    this.part('total').textContent = this.lastMs > this.firstMs ? clock(this.lastMs - this.firstMs) : ''
  }

  drawItems() {
    const kinds = new Set([...this.part('kinds').querySelectorAll('input[value]:checked')].map((box) => box.value))
    const wanted = this.items.filter((item) => kinds.has(item.kind))
    const windows = [...this.recording.windows.values()]
    this.lines = wanted.map((item) => this.line(item, windows.length > 1))
    this.part('list').replaceChildren(...this.lines)
    this.current = null
    const height = Math.min(LANE_HEIGHT, LANES_HEIGHT / Math.max(1, windows.length))
    const timeline = this.part('timeline')
    timeline.style.height = `${Math.max(LANE_HEIGHT, height * windows.length)}px`
    const spans = windows.map((one) => {
      const span = element('div', 'replay-span')
      const [from, to] = [one.events[0].timestamp, one.events.at(-1).timestamp]
      place(span, this.percent(from), one.place * height, height)
      span.style.width = `${this.percent(to) - this.percent(from)}%`
      return span
    })
    const marks = wanted.map((item) => {
      const mark = element('div', `replay-mark ${item.kind} ${item.level}`)
      const lane = this.recording.windows.get(item.windowId)
      // What no recorded window said goes through all lanes.
      place(mark, this.percent(item.ms), (lane?.place ?? 0) * height, lane ? height : height * windows.length)
      return mark
    })
    timeline.replaceChildren(...spans, ...marks, this.part('cursor'))
    this.isAt(this.atMs || this.firstMs)
  }

  line(item, namesWindow) {
    const line = element('li', `${item.kind} ${item.level}`)
    const button = element('button', '')
    button.type = 'button'
    const time = element('time', '')
    time.textContent = clock(item.ms - this.firstMs)
    const what = element('span', 'what')
    what.textContent = item.text
    what.title = item.text
    button.append(time, element('span', 'dot'), what)
    const one = this.recording.windows.get(item.windowId)
    if (one && namesWindow) {
      const window = element('span', 'window')
      window.textContent = one.place + 1
      window.title = nameOf(one)
      window.setAttribute('aria-label', nameOf(one))
      button.append(window)
    }
    button.addEventListener('click', () => this.pick(item))
    line.item = item
    line.append(button)
    return line
  }

  pick(item) {
    this.picked = item
    this.goTo(item.ms, item.windowId)
    this.isAt(item.ms)
  }

  // More of a session that goes on.
  async poll() {
    try {
      const before = this.recording.lastMs
      const isThere = await this.recording.read(`${this.from}/data`, (known, event) => {
        if (known === this.shown) {
          this.player.addEvent(event)
        }
      })
      if (isThere && this.recording.lastMs > before) {
        this.events = await this.readEvents()
        this.settle()
        if (this.part('follow')?.checked) {
          const last = [...this.recording.windows.values()].filter(isPlayable)
            .sort((one, other) => other.events.at(-1).timestamp - one.events.at(-1).timestamp)[0]
          if (last) {
            // From where the last look ended to what is new.
            this.goTo(Math.max(before, last.events[0].timestamp), last.id, true)
          }
        }
      }
    } catch {
      // The next look may go better; what is there can be played.
    }
    setTimeout(() => this.poll(), POLL_MS)
  }

  percent(ms) {
    return this.lastMs > this.firstMs ? ((ms - this.firstMs) / (this.lastMs - this.firstMs)) * 100 : 0
  }

  say(text) {
    const note = element('p', 'replay-note')
    note.textContent = text
    this.part('stage').replaceChildren(note)
  }
}

function isPlayable(one) {
  return one.isPlayable && one.events.length > 1
}

function nameOf(one) {
  return `Window ${one.place + 1}`
}

function place(what, left, top, height) {
  what.style.left = `${left}%`
  what.style.top = `${top}px`
  what.style.height = `${height}px`
}

function element(name, className) {
  const made = document.createElement(name)
  made.className = className
  return made
}

function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = String(seconds % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

for (const root of document.querySelectorAll('[data-replay]')) {
  new SessionReplay(root).start()
}
