// The player, in a document with an opaque origin (frame.js says why). It reaches neither our cookies nor our page. The
// page around it sends it the recording and tells it what to show.
import Player from 'rrweb-player'

const CONTROLLER_HEIGHT = 80

const windows = new Map()
let port = null
let player = null
let shown = null
let order = 0

const orders = {
  events({ window, events }) {
    if (!Array.isArray(events)) {
      return
    }
    if (!windows.has(window)) {
      windows.set(window, [])
    }
    const known = windows.get(window)
    for (const event of events) {
      known.push(event)
      if (known === shown) {
        player.addEvent(event)
      }
    }
  },

  show({ window, order: number }) {
    const events = windows.get(window)
    if (!events || !Number.isInteger(number)) {
      return
    }
    order = number
    player?.$destroy()
    shown = events
    document.body.replaceChildren()
    player = new Player({
      target: document.body,
      props: {
        // rrweb keeps and sorts its own list, while ours grows further.
        events: [...events],
        ...size(),
        autoPlay: false,
        speedOption: [1, 2, 4, 8],
        showWarning: false,
        mouseTail: true,
      },
    })
    player.addEventListener('ui-update-current-time', ({ payload }) => say({ kind: 'time', order, ms: events[0].timestamp + payload }))
  },

  goTo({ ms, play, order: number }) {
    if (player && Number.isFinite(ms) && Number.isInteger(number)) {
      order = number
      player.goto(ms - shown[0].timestamp, play === true)
    }
  },

  theme({ theme }) {
    document.documentElement.dataset.theme = theme === 'light' || theme === 'dark' ? theme : ''
  },
}

function obey({ data }) {
  if (!Object.hasOwn(orders, data?.kind)) {
    return
  }
  try {
    orders[data.kind](data)
  } catch (failure) {
    console.error(failure)
    // After another order, the recording so far stays playable.
    if (data.kind === 'show') {
      say({ kind: 'failed' })
    }
  }
}

function say(message) {
  port.postMessage(message)
}

function size() {
  return { width: Math.max(320, window.innerWidth), height: window.innerHeight - CONTROLLER_HEIGHT }
}

function resize() {
  if (player && window.innerWidth > 0) {
    player.$set(size())
    player.triggerResize()
  }
}

// The first port from our page is the only one. The recorded page has no scripts that could send another.
window.addEventListener('message', function take({ source, data, ports }) {
  if (source === window.top && data?.kind === 'port' && ports.length === 1) {
    window.removeEventListener('message', take)
    port = ports[0]
    port.onmessage = obey
    say({ kind: 'ready' })
  }
})
new ResizeObserver(resize).observe(document.documentElement)
