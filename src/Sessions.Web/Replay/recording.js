// A recording while it arrives: what is known of its windows, and the entries of the list beside the player. It keeps no
// rrweb events; those go to the player's page, so that they are in memory once.

import { WindowItems } from './items.js'

const FULL_SNAPSHOT = 2
const INCREMENTAL = 3
// Movements of a mouse or a finger, or of a dragged element.
const MOVE = /"source":(?:1|6|12),/
const POSITIONS = '"positions":['
const TIME = /"timestamp":(\d+)/
const BEFORE_EVENT = '",{'

export class Recording {
  windows = new Map()
  items = []
  cursor = 0
  firstMs = Infinity
  lastMs = -Infinity
  // Whether the server says that the session has ended.
  isOver = false

  // Reads the lines of an answer as they arrive, and passes on the lines of each part, by window: the text, because
  // browsers take longer to copy objects from page to page than to read them from a text. "onPart" is called after each part.
  async read(address, onLines, onPart = () => {}) {
    const separator = address.includes('?') ? '&' : '?'
    const answer = await fetch(`${address}${this.cursor ? `${separator}after=${this.cursor}` : ''}`)
    if (answer.status === 404) {
      return false
    }
    if (!answer.ok) {
      throw new Error(`The replay cannot be loaded (status ${answer.status}).`)
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
      const arrived = new Map()
      for (const line of parts) {
        const [windowId, event] = moveOf(line) ?? JSON.parse(line)
        this.add(windowId, event)
        if (!arrived.has(windowId)) {
          arrived.set(windowId, [])
        }
        arrived.get(windowId).push(line)
      }
      for (const [windowId, lines] of arrived) {
        onLines(windowId, lines)
      }
      onPart()
    }
    this.isOver = answer.headers.get('Replay-Live') === 'false'
    this.cursor = Number(answer.headers.get('Replay-Cursor')) || this.cursor
    return true
  }

  add(windowId, event) {
    let known = this.windows.get(windowId)
    if (!known) {
      known = {
        id: windowId, place: this.windows.size, page: null, items: new WindowItems(windowId, this.items),
        fromMs: event.timestamp, toMs: event.timestamp, count: 0, hasPicture: false,
      }
      this.windows.set(windowId, known)
    }
    known.toMs = event.timestamp
    known.count++
    known.hasPicture ||= event.type === FULL_SNAPSHOT
    this.firstMs = Math.min(this.firstMs, event.timestamp)
    this.lastMs = Math.max(this.lastMs, event.timestamp)
    try {
      known.items.add(event)
    } catch {
      // An event of a form that no SDK makes has no entry. The player decides for itself what it does with it.
    }
    known.page ??= known.items.firstPath
  }
}

// Most of a recording is the way of the pointer. The list needs only its times, and reading the rest takes as long as all
// else; the player reads it for itself. Null for other events.
function moveOf(line) {
  const end = line.indexOf(BEFORE_EVENT)
  const source = end < 0 ? -1 : line.search(MOVE)
  if (source < 0 || line.indexOf(POSITIONS, source) < 0) {
    return null
  }
  try {
    const timestamp = Number(TIME.exec(line)?.[1])
    return timestamp > 0 ? [JSON.parse(line.slice(1, end + 1)), { type: INCREMENTAL, timestamp, data: {} }] : null
  } catch {
    // The id of the window has these characters itself.
    return null
  }
}
