// Plays the recording of a session, with its events, console and navigation beside it on one timeline. The recorded page
// itself is in the player's page, which has an origin of its own.
import { PlayerFrame } from './frame.js'
import { startPictures, wantedPictures } from './pictures.js'
import { Recording } from './recording.js'

const POLL_MS = 2000
const MAX_EVENT_PAGES = 20
const NEAR_MS = 100
// A page that is seen in a recording and as an event this soon after one another is one.
const SAME_MS = 3000
const LANES_HEIGHT = 84
const LANE_HEIGHT = 20

class SessionReplay {
  recording = new Recording()
  items = []
  // The entries of the list in order of time, and the current one.
  lines = []
  current = null
  shown = null
  picked = null
  atMs = 0
  // The difference between the client's time and the server's, which the session's events have.
  skewMs = 0

  constructor(root) {
    this.root = root
    this.from = root.dataset.from
    this.isLive = root.dataset.isLive === 'true'
    this.part = (name) => root.querySelector(`[data-${name}]`)
    this.player = new PlayerFrame(this.part('stage'), root.dataset, wantedPictures())
    this.player.onTime = (ms) => this.isAt(ms)
    this.player.onFailure = () => this.fail('The recording cannot be played.')
  }

  async start() {
    try {
      const [isThere, events] = await Promise.all([this.readRecording(), this.readEvents(), this.player.open()])
      this.events = events
      if (!isThere) {
        this.say(this.root.dataset.problem || (this.isLive ? 'Nothing is recorded yet.' : 'Nothing was recorded.'))
      }
      this.settle()
    } catch (failure) {
      this.fail(failure.message)
      return
    }

    this.part('kinds').addEventListener('change', () => this.drawItems())
    this.part('timeline').addEventListener('click', (click) => this.clickTimeline(click))
    startPictures(this.part('pictures'), () => (this.atMs - this.firstMs) / 1000)
    window.addEventListener('hashchange', () => this.goToHash())
    this.goToHash()
    this.root.dataset.state = 'ready'
    if (this.isLive) {
      setTimeout(() => this.poll(), POLL_MS)
    }
  }

  readRecording() {
    return this.recording.read(`${this.from}/data`, (windowId, events) => this.player.add(windowId, events))
  }

  // The session's own events, as far as a timeline can show them.
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
        kind: 'event', level: '', ms: Date.parse(event.timestamp), windowId: event.window_id, text: event.title, viewed: event.viewed,
      })))
      cursor = next
    }
    return events
  }

  // Updates the clock, the list and the windows from all data so far.
  settle() {
    const start = Number(this.root.dataset.start)
    this.skewMs = start && this.recording.firstMs !== Infinity ? start - this.recording.firstMs : 0
    const events = (this.events ?? []).map((event) => ({ ...event, ms: event.ms - this.skewMs }))
    this.items = [...withoutRepeated(this.recording.items, events), ...events].sort((one, other) => one.ms - other.ms)
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
      } else if (this.root.dataset.problem || this.recording.windows.size > 0) {
        this.say(this.root.dataset.problem || 'The recording has no full snapshot of the page, so it cannot be played.')
      }
    }
  }

  show(shown) {
    this.shown = shown
    this.part('note').hidden = true
    this.player.show(shown.id)
    for (const tab of this.part('windows').children) {
      tab.setAttribute('aria-selected', String(tab.dataset.window === shown.id))
    }
  }

  // Moves to a time in the client's time, in the window that has an event then.
  goTo(ms, windowId, play = false) {
    const wanted = this.recording.windows.get(windowId)
    const target = wanted && isPlayable(wanted) ? wanted : this.windowAt(ms)
    if (!target) {
      return
    }
    if (target !== this.shown) {
      this.show(target)
    }
    const at = Math.max(target.fromMs, Math.min(ms, target.toMs))
    this.player.goTo(at, play)
    this.isAt(at)
  }

  windowAt(ms) {
    const covers = (one) => one.fromMs <= ms && ms <= one.toMs
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
    // The player's clock is coarse, and much happens at one moment. A user who picked an entry means exactly that one.
    const isAtPicked = this.picked && Math.abs(ms - this.picked.ms) < NEAR_MS
    const current = (isAtPicked && this.lines.find((line) => line.item === this.picked)) || this.lineAt(ms)
    if (current !== this.current) {
      this.current?.setAttribute('aria-current', 'false')
      current?.setAttribute('aria-current', 'true')
      this.current = current
      this.bringIntoSight(current)
    }
  }

  // The last entry at that time or before. A player calls this many times a second.
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

  // Scrolls the list and nothing else, and not while the user is scrolling it.
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

  // #t=12.5 is twelve and a half seconds after the start of the session's timeline.
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
      tab.title = one.hasPicture ? one.id : 'This window has no full snapshot of the page.'
      if (one.page) {
        const page = element('span', 'quiet')
        page.textContent = ` ${one.page}`
        tab.append(page)
      }
      tab.disabled = !isPlayable(one)
      tab.setAttribute('aria-selected', String(one === this.shown))
      tab.addEventListener('click', () => {
        this.show(one)
        this.goTo(Math.max(this.atMs, one.fromMs), one.id)
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
      const [from, to] = [one.fromMs, one.toMs]
      place(span, this.percent(from), one.place * height, height)
      span.style.width = `${this.percent(to) - this.percent(from)}%`
      return span
    })
    const marks = wanted.map((item) => {
      const mark = element('div', `replay-mark ${item.kind} ${item.level}`)
      const lane = this.recording.windows.get(item.windowId)
      // An entry that belongs to no recorded window goes through all lanes.
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

  // Loads more of a live session.
  async poll() {
    try {
      const before = this.recording.lastMs
      const isThere = await this.readRecording()
      if (isThere && this.recording.lastMs > before) {
        this.events = await this.readEvents()
        this.settle()
        if (this.part('follow')?.checked) {
          const last = [...this.recording.windows.values()].filter(isPlayable)
            .sort((one, other) => other.toMs - one.toMs)[0]
          if (last) {
            // From the end of the last load to the new events.
            this.goTo(Math.max(before, last.fromMs), last.id, true)
          }
        }
      }
    } catch {
      // The next load may succeed. The recording so far stays playable.
    }
    setTimeout(() => this.poll(), POLL_MS)
  }

  percent(ms) {
    return this.lastMs > this.firstMs ? ((ms - this.firstMs) / (this.lastMs - this.firstMs)) * 100 : 0
  }

  say(text) {
    this.part('note').textContent = text
    this.part('note').hidden = false
  }

  fail(text) {
    this.say(text)
    this.root.dataset.state = 'failed'
  }
}

// The navigation in a recording without what an event or the navigation before it has already said.
function withoutRepeated(items, events) {
  const views = events.filter((event) => event.viewed)
  const last = new Map()
  return items.filter((item) => {
    if (item.kind !== 'page') {
      return true
    }
    const before = last.get(item.windowId)
    last.set(item.windowId, item)
    return !(before?.text === item.text && item.ms - before.ms < SAME_MS)
      && !views.some((view) => view.viewed === item.text && Math.abs(view.ms - item.ms) < SAME_MS)
  })
}

function isPlayable(one) {
  return one.hasPicture && one.count > 1
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
