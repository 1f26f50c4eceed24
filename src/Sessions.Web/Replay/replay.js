// Plays the recording of a session, with what happened beside it on one timeline. The recorded page itself is in the
// player's page, which has an origin of its own.
import { freshen } from '../Layout/Scripts/freshen.js'
import { clock, element } from './clock.js'
import { Controls } from './controls.js'
import { PlayerFrame } from './frame.js'
import { ItemList } from './list.js'
import { merge } from './merge.js'
import { startPictures, wantedPictures } from './pictures.js'
import { EventProperties } from './properties.js'
import { Recording } from './recording.js'
import { Timeline } from './timeline.js'

const POLL_MS = 2000
const MAX_EVENT_PAGES = 20
// While a recording loads, the list and the bar of time take at most this share of the browser's time.
const DRAWING_SHARE = 0.1

class SessionReplay {
  recording = new Recording()
  events = []
  shown = null
  atMs = 0
  firstMs = Infinity
  lastMs = -Infinity
  // The difference between the client's time and the server's, which the session's events have.
  skewMs = 0
  // The time that somebody asked for and that has not arrived yet.
  awaited = null
  isLoading = true
  hasEvents = false
  hasMoved = false
  nextDrawing = 0

  constructor(root) {
    this.root = root
    this.from = root.dataset.from
    this.isLive = root.dataset.isLive === 'true'
    this.part = (name) => root.querySelector(`[data-${name}]`)
    this.player = new PlayerFrame(this.part('stage'), root.dataset, wantedPictures())
    this.list = new ItemList(this.part)
    this.timeline = new Timeline(this.part)
    this.properties = new EventProperties(this.part('properties'), this.from)
    this.controls = new Controls(this.part, {
      toggle: () => this.player.toggle(),
      by: (ms) => this.goTo(this.atMs + ms),
      step: (steps) => this.pick(this.list.step(steps, this.atMs)),
      speed: (times) => this.player.setSpeed(times),
      skip: (whether) => this.player.setSkip(whether),
      link: () => this.keepTime(this.atMs),
    })
    this.player.onTime = (ms) => this.isAt(ms)
    this.player.onFailure = () => this.fail('The recording cannot be played.')
    this.player.onState = (isPlaying) => this.controls.isPlaying(isPlaying)
    this.player.onKey = (key, isFar) => this.controls.obey(key, isFar)
    this.list.onPick = (item) => this.pick(item)
    this.list.onChange = () => this.drawTimeline()
    this.timeline.onGoTo = (ms, windowId) => this.goTo(ms, windowId)
  }

  async start() {
    try {
      const opening = this.player.open()
      this.controls.tell()
      const [isThere] = await Promise.all([this.readRecording(() => this.arrived()), this.readEvents().then((events) => this.know(events)), opening])
      this.isLoading = false
      if (!isThere) {
        this.say(this.root.dataset.problem || (this.isLive ? 'Nothing is recorded yet.' : 'Nothing was recorded.'))
      }
      this.settle()
    } catch (failure) {
      this.fail(failure.message)
      return
    }

    startPictures(this.part('pictures'), () => (this.atMs - this.firstMs) / 1000)
    window.addEventListener('hashchange', () => this.goToHash())
    if (this.awaited) {
      this.goTo(this.awaited.ms, this.awaited.windowId)
    } else {
      this.goToStart()
    }
    this.root.dataset.state = 'ready'
    if (this.isLive) {
      setTimeout(() => this.poll(), POLL_MS)
    }
  }

  readRecording(onPart) {
    return this.recording.read(`${this.from}/data`, (windowId, lines) => this.player.add(windowId, lines), onPart)
  }

  // A part of the recording has arrived. It can be watched from its first picture on, while the rest loads.
  arrived() {
    const now = performance.now()
    if ((this.shown ? now >= this.nextDrawing : [...this.recording.windows.values()].some(isPlayable))) {
      this.settle()
      this.nextDrawing = performance.now() + (performance.now() - now) / DRAWING_SHARE
      if (this.shown && this.root.dataset.state === 'loading') {
        this.root.dataset.state = 'playable'
        this.goToStart()
      }
    }
    if (this.awaited && this.awaited.ms <= this.recording.lastMs) {
      const { ms, windowId } = this.awaited
      this.goTo(ms, windowId)
    }
  }

  know(events) {
    this.events = events
    this.hasEvents = true
    this.goToStart()
  }

  // The time in the address counts from the first event, so it has no meaning before the events are known.
  goToStart() {
    if (this.shown && this.hasEvents && !this.hasMoved) {
      this.settle()
      this.goToHash()
      this.hasMoved = true
    }
  }

  // The session's own events, as far as a timeline can show them. A shared recording does not show them.
  async readEvents() {
    const events = []
    let cursor = null
    for (let page = 0; this.root.dataset.hasEvents !== 'false' && page < MAX_EVENT_PAGES && (page === 0 || cursor); page++) {
      const answer = await fetch(`${this.from}/events?limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
      if (!answer.ok) {
        break
      }
      const { results, next } = await answer.json()
      events.push(...results.map(({ timestamp, window_id: windowId, event_id: eventId, title, ...rest }) => (
        { ...rest, level: '', ms: Date.parse(timestamp), windowId, eventId, text: title })))
      cursor = next
    }
    return events
  }

  // Updates the clock, the list and the windows from all data so far.
  settle() {
    const start = Number(this.root.dataset.start)
    this.skewMs = start && this.recording.firstMs !== Infinity ? start - this.recording.firstMs : 0
    const items = merge(this.recording.items, this.events.map((event) => ({ ...event, ms: event.ms - this.skewMs })))
    const times = items.map((item) => item.ms)
    this.firstMs = Math.min(this.recording.firstMs, times[0] ?? Infinity)
    const length = this.isLoading ? Number(this.root.dataset.lengthMs) || 0 : 0
    this.lastMs = Math.max(this.recording.lastMs, times.at(-1) ?? -Infinity, this.recording.firstMs + length)
    this.root.dataset.first = this.firstMs
    this.drawWindows()
    this.list.show(items, this.recording.windows, this.firstMs)
    this.drawTimeline()
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
  goTo(ms, windowId, play = null) {
    this.hasMoved = true
    this.awaited = this.isLoading && ms > this.recording.lastMs ? { ms, windowId } : null
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
    if (Number.isFinite(this.firstMs)) {
      this.atMs = ms
      this.timeline.isAt(ms)
      this.list.isAt(ms)
    }
  }

  pick(item) {
    if (item) {
      this.list.picked = item
      this.properties.show(item)
      this.keepTime(item.ms)
      this.goTo(item.ms, item.windowId)
      this.isAt(item.ms)
    }
  }

  // #t=12.5 is twelve and a half seconds after the start of the session's timeline.
  goToHash() {
    const seconds = /^#t=([\d.]+)$/.exec(location.hash)?.[1]
    if (seconds !== undefined) {
      this.goTo(this.firstMs + Number(seconds) * 1000)
    }
  }

  // Puts a time into the page's address, and returns the address.
  keepTime(ms) {
    history.replaceState(history.state, '', `#t=${(Math.max(0, ms - this.firstMs) / 1000).toFixed(2).replace(/\.?0+$/, '')}`)
    return location.href
  }

  drawWindows() {
    const tabs = [...this.recording.windows.values()].map((one) => {
      const known = [...this.part('windows').children].find((tab) => tab.dataset.window === one.id)
      const tab = known ?? this.newTab(one)
      tab.querySelector('.quiet').textContent = one.page ? ` ${one.page}` : ''
      tab.title = one.hasPicture ? `From ${clock(one.fromMs - this.firstMs)} to ${clock(one.toMs - this.firstMs)}` : 'This window has no full snapshot of the page.'
      tab.disabled = !isPlayable(one)
      tab.setAttribute('aria-selected', String(one === this.shown))
      return tab
    })
    if (tabs.some((tab, place) => this.part('windows').children[place] !== tab)) {
      this.part('windows').replaceChildren(...tabs)
    }
  }

  newTab(one) {
    const tab = document.createElement('button')
    tab.type = 'button'
    tab.role = 'tab'
    tab.dataset.window = one.id
    tab.append(`Window ${one.place + 1}`, element('span', 'quiet'))
    tab.addEventListener('click', () => {
      this.show(one)
      this.goTo(Math.max(this.atMs, one.fromMs), one.id)
    })
    return tab
  }

  drawTimeline() {
    this.timeline.show([...this.recording.windows.values()], this.list.shown, this.firstMs, this.lastMs)
    this.isAt(this.atMs || this.firstMs)
  }

  // Loads more of a live session, and shows on the page around the player what is new.
  async poll() {
    try {
      const before = this.recording.lastMs
      const wasOver = this.recording.isOver
      const isThere = await this.readRecording()
      const hasMore = isThere && this.recording.lastMs > before
      if (await freshen() || hasMore) {
        this.events = await this.readEvents()
        this.settle()
      }
      if (wasOver && !hasMore) {
        // The session has ended, and a whole turn has brought nothing more.
        this.root.dataset.isLive = 'false'
        this.part('follow')?.closest('label').remove()
        return
      }
      if (hasMore && this.part('follow')?.checked) {
        const last = [...this.recording.windows.values()].filter(isPlayable)
          .sort((one, other) => other.toMs - one.toMs)[0]
        if (last) {
          // From the end of the last load to the new events.
          this.goTo(Math.max(before, last.fromMs), last.id, true)
        }
      }
    } catch {
      // The next load may succeed. The recording so far stays playable.
    }
    setTimeout(() => this.poll(), POLL_MS)
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

function isPlayable(one) {
  return one.hasPicture && one.count > 1
}

for (const root of document.querySelectorAll('[data-replay]')) {
  new SessionReplay(root).start()
}
