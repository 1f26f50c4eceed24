// The entries that a recording itself has for the list beside the player: clicks, inputs, pages, the console, requests.
import { PageMirror } from './mirror.js'

const FULL_SNAPSHOT = 2
const INCREMENTAL = 3
const META = 4
const CUSTOM = 5
const PLUGIN = 6

const MUTATION = 0
const INTERACTION = 2
const INPUT = 5

const CLICK = 2
const CONTEXT_MENU = 3
const TOUCH_END = 9

// A pause in typing that is longer than this begins another entry.
const TYPING_PAUSE_MS = 3000
// A browser says "click" this soon after a finger went up.
const TAP_MS = 700
const SAME_PAGE_MS = 3000

// The entries of one window, in the order of its events.
export class WindowItems {
  firstPath = null
  #mirror = new PageMirror()
  #page = null
  #typing = null
  #touch = null
  #requests = new Map()

  constructor(windowId, items) {
    this.windowId = windowId
    this.items = items
  }

  add(event) {
    const data = event.data ?? {}
    if (event.type === FULL_SNAPSHOT) {
      this.#mirror.replace(data.node)
    } else if (event.type === INCREMENTAL) {
      this.#change(event.timestamp, data)
    } else if (event.type === META && data.href) {
      this.#open(event.timestamp, data.href, true)
    } else if (event.type === CUSTOM && (data.tag === '$pageview' || data.tag === '$url_changed') && data.payload?.href) {
      this.#open(event.timestamp, data.payload.href, false)
    } else if (event.type === PLUGIN && data.plugin === 'rrweb/console@1') {
      this.#say(event.timestamp, data.payload)
    } else if (event.type === PLUGIN && data.plugin === 'rrweb/network@1') {
      for (const request of Array.isArray(data.payload?.requests) ? data.payload.requests : []) {
        this.#ask(event.timestamp, request)
      }
    }
  }

  #change(ms, data) {
    if (data.source === MUTATION) {
      this.#mirror.change(data)
    } else if (data.source === INTERACTION) {
      this.#press(ms, data)
    } else if (data.source === INPUT && !(data.isChecked === false && this.#mirror.isRadio(data.id))) {
      this.#type(ms, data.id)
    }
  }

  #press(ms, { type, id }) {
    if (type === TOUCH_END) {
      this.#touch = this.#push({ kind: 'click', ms, text: named('Touch', 'on', this.#mirror, id), detail: this.#mirror.selectorOf(id) })
    } else if (type === CLICK) {
      // The finger that went up a moment ago has clicked.
      if (this.#touch && ms - this.#touch.ms < TAP_MS) {
        this.items.splice(this.items.lastIndexOf(this.#touch), 1)
      }
      this.#touch = null
      const verb = this.#mirror.isField(id) ? 'Click in field' : 'Click'
      this.#push({ kind: 'click', ms, text: named(verb, 'on', this.#mirror, id), detail: this.#mirror.selectorOf(id) })
    } else if (type === CONTEXT_MENU) {
      this.#push({ kind: 'click', ms, text: named('Right click', 'on', this.#mirror, id), detail: this.#mirror.selectorOf(id) })
    }
  }

  #type(ms, id) {
    if (this.#typing && this.#typing.id === id && ms - this.#typing.endMs <= TYPING_PAUSE_MS) {
      this.#typing.endMs = ms
      return
    }
    const verb = this.#mirror.isField(id) ? 'Typed in field' : 'Changed field'
    this.#typing = this.#push({ kind: 'input', ms, endMs: ms, id, text: named(verb, 'at', this.#mirror, id), detail: this.#mirror.selectorOf(id) })
  }

  #open(ms, address, isSnapshot) {
    // A recorder takes a snapshot of the same page again and again, and says a page in two ways.
    const isKnown = this.#page?.address === address && (isSnapshot || ms - this.#page.ms < SAME_PAGE_MS)
    if (!isKnown) {
      this.firstPath ??= pathOf(address)
      this.#page = this.#push({ kind: 'page', ms, address, text: `Page view ${pathOf(address)}`, detail: address })
    }
  }

  #say(ms, payload) {
    const level = levelOf(payload?.level ?? 'log')
    this.#push({ kind: level === 'error' ? 'error' : 'console', level, ms, text: consoleText(payload) || level, isConsole: true })
  }

  // Headers and bodies are not looked at: the project may have asked for none, and a site's own options for them.
  #ask(eventMs, request) {
    if (typeof request?.name !== 'string' || request.name === '' || !(request.initiatorType || request.method || request.entryType === 'navigation')
      || request.entryType === 'serverTiming') {
      return
    }
    const ms = positive(request.timestamp) ?? eventMs
    const status = positive(request.status) ?? positive(request.responseStatus)
    const tookMs = positive(request.duration) ?? (positive(request.endTime) ? request.endTime - (request.startTime ?? 0) : null)
    const method = typeof request.method === 'string' ? request.method.toUpperCase() : null
    const known = this.#requests.get(request.name)
    // A request is recorded by the browser, and by who made it, who also knows its method.
    const item = known && Math.abs(known.ms - ms) < 50 && !(known.method && method) ? known : this.#push({ kind: 'request', ms })
    item.method = method ?? item.method ?? null
    item.status = status ?? item.status ?? null
    item.bytes = positive(request.transferSize) ?? positive(request.encodedBodySize) ?? item.bytes ?? null
    item.endMs = tookMs ? item.ms + tookMs : item.endMs
    item.level = item.status >= 400 ? 'error' : ''
    item.text = `${item.method ?? asker(request.initiatorType)} ${pathOf(request.name, this.#page?.address)}`
    item.detail = request.name
    item.more = [item.status, size(item.bytes)].filter(Boolean).join(' · ')
    this.#requests.set(request.name, item)
  }

  #push(item) {
    const made = { level: '', windowId: this.windowId, ...item }
    this.items.push(made)
    return made
  }
}

function named(verb, preposition, mirror, id) {
  const name = mirror.nameOf(id)
  const selector = mirror.selectorOf(id)
  return name ? `${verb} “${name}”` : selector ? `${verb} ${preposition} ${selector}` : verb
}

// The path of an address; with its host when that is not the page's own.
export function pathOf(address, page = address) {
  if (!URL.canParse(address)) {
    return address
  }
  const { host, pathname } = new URL(address)
  return URL.canParse(page) && new URL(page).host === host ? pathname : `${host}${pathname}`
}

// An SDK that records times alone does not know the method of what a script asked for. What a page loads itself is a GET.
function asker(initiator) {
  return { fetch: 'fetch', xmlhttprequest: 'XHR', beacon: 'POST', ping: 'POST' }[initiator] ?? 'GET'
}

function positive(value) {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null
}

function size(bytes) {
  return !bytes ? null : bytes < 1000 ? `${Math.round(bytes)} B` : bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
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
