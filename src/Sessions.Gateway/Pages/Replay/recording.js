// A recording as it comes in: rrweb events by window, and what is worth a line beside the player.

const FULL_SNAPSHOT = 2
const META = 4
const CUSTOM = 5
const PLUGIN = 6

export class Recording {
  windows = new Map()
  items = []
  cursor = 0
  firstMs = Infinity
  lastMs = -Infinity

  // Reads the lines of an answer as they arrive; calls back for each event that is new.
  async read(address, onEvent) {
    const separator = address.includes('?') ? '&' : '?'
    const answer = await fetch(`${address}${this.cursor ? `${separator}after=${this.cursor}` : ''}`)
    if (answer.status === 404) {
      return false
    }
    if (!answer.ok) {
      throw new Error(`The replay could not be read (${answer.status}).`)
    }

    const lines = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { value, done } = await lines.read()
      if (done) {
        break
      }
      const parts = (rest + value).split('\n')
      rest = parts.pop()
      for (const line of parts) {
        this.add(...JSON.parse(line), onEvent)
      }
    }
    this.cursor = Number(answer.headers.get('Replay-Cursor')) || this.cursor
    return true
  }

  add(windowId, event, onEvent) {
    let known = this.windows.get(windowId)
    if (!known) {
      known = { id: windowId, place: this.windows.size, page: null, events: [], isPlayable: false }
      this.windows.set(windowId, known)
    }
    known.events.push(event)
    known.isPlayable ||= event.type === FULL_SNAPSHOT
    this.firstMs = Math.min(this.firstMs, event.timestamp)
    this.lastMs = Math.max(this.lastMs, event.timestamp)
    const item = itemOf(windowId, event)
    if (item) {
      this.items.push(item)
      known.page ??= item.kind === 'page' ? pathOf(item.text) : null
    }
    onEvent?.(known, event)
  }
}

function itemOf(windowId, event) {
  const data = event.data ?? {}
  if (event.type === PLUGIN && data.plugin === 'rrweb/console@1') {
    const level = data.payload?.level ?? 'log'
    return { kind: 'console', level: levelOf(level), ms: event.timestamp, windowId, text: consoleText(data.payload) || level }
  }
  if (event.type === META && data.href) {
    return { kind: 'page', level: '', ms: event.timestamp, windowId, text: data.href }
  }
  if (event.type === CUSTOM && (data.tag === '$pageview' || data.tag === '$url_changed') && data.payload?.href) {
    return { kind: 'page', level: '', ms: event.timestamp, windowId, text: data.payload.href }
  }
  return null
}

function pathOf(address) {
  return URL.canParse(address) ? new URL(address).pathname : address
}

function levelOf(level) {
  if (level === 'error' || level === 'assert') {
    return 'error'
  }
  return level === 'warn' || level === 'countReset' ? 'warn' : 'log'
}

// The console plugin writes each argument as JSON.
function consoleText(payload) {
  const parts = Array.isArray(payload?.payload) ? payload.payload : []
  return parts.map((part) => {
    try {
      const value = JSON.parse(part)
      return typeof value === 'string' ? value : part
    } catch {
      return String(part)
    }
  }).join(' ')
}
