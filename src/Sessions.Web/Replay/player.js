// The player, in a document with an opaque origin (frame.js says why). It reaches neither our cookies nor our page. The
// page around it sends it the recording and tells it what to show.
import Player from 'rrweb-player'

const SPEEDS = [0.5, 1, 2, 4, 8]
const KEYS = [' ', 'ArrowLeft', 'ArrowRight', ',', '.', 'f']

const windows = new Map()
let port = null
let player = null
let shown = null
let order = 0
let speed = 1
let skips = true
let isPlaying = false

const orders = {
  events({ window, text }) {
    const events = JSON.parse(text).map(([, event]) => event)
    if (!windows.has(window)) {
      windows.set(window, [])
    }
    const known = windows.get(window)
    for (const event of events) {
      known.push(event)
    }
    if (known === shown) {
      append(player.getReplayer(), events)
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
        speed,
        speedOption: SPEEDS,
        skipInactive: skips,
        // The page around the player has its buttons.
        showController: false,
        showWarning: false,
        mouseTail: true,
      },
    })
    isPlaying = false
    say({ kind: 'state', isPlaying })
    player.getReplayer().iframe.title = 'Recorded page'
    player.setSpeed(speed)
    player.addEventListener('ui-update-player-state', ({ payload }) => {
      isPlaying = payload === 'playing'
      say({ kind: 'state', isPlaying })
    })
    player.addEventListener('ui-update-current-time', ({ payload }) => say({ kind: 'time', order, ms: events[0].timestamp + payload }))
  },

  goTo({ ms, play, order: number }) {
    if (player && Number.isFinite(ms) && Number.isInteger(number)) {
      order = number
      player.goto(ms - shown[0].timestamp, play ?? isPlaying)
    }
  },

  toggle() {
    player?.toggle()
  },

  speed({ times }) {
    if (SPEEDS.includes(times)) {
      speed = times
      player?.setSpeed(speed)
    }
  },

  skip({ whether }) {
    if (player && (whether === true) !== skips) {
      player.toggleSkipInactive()
    }
    skips = whether === true
  },

  theme({ theme }) {
    document.documentElement.dataset.theme = theme === 'light' || theme === 'dark' ? theme : ''
  },
}

// Hands the shown window what came later. A player that plays has to plan each event. One that rests needs them only in its
// list, which takes a thousandth of the time: a long recording arrives while nobody has pressed "play" yet.
function append(replayer, events) {
  const { state } = replayer.service
  const list = state.context.events
  for (const event of events) {
    if (state.matches('paused') && list.at(-1)?.timestamp <= event.timestamp) {
      list.push(event)
    } else {
      replayer.addEvent(event)
    }
  }
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
  port?.postMessage(message)
}

function size() {
  return { width: window.innerWidth, height: window.innerHeight }
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
// Keys and clicks on the player mean the same as on the page around it.
document.addEventListener('keydown', (key) => {
  if (KEYS.includes(key.key) && !key.ctrlKey && !key.altKey && !key.metaKey) {
    key.preventDefault()
    say({ kind: 'key', key: key.key, isFar: key.shiftKey })
  }
})
document.addEventListener('click', () => player?.toggle())
new ResizeObserver(resize).observe(document.documentElement)
