// The player's page, as the page around it sees it.
//
// A recording is made by anybody, so the recorded page must not be of our origin. It needs an opaque one that the player
// and the frame in which it draws the recorded page share. A frame with "sandbox" and without "allow-same-origin" does not
// do: each frame in it gets yet another origin, and the player could draw nothing. A document from a "data:" address does:
// browsers give it a new opaque origin, which its own empty frames share.
//
// So there are three documents: our page; in it an empty page of ours, whose policy says what the recorded page may load
// (ReplayFrame.cs); in that the "data:" document, which takes over this policy. A message port leads to the player.
// Nothing else in the frames can send anything to our page.

const documentOf = ({ script, style }) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><title>Player</title><link rel="stylesheet" href="${new URL(style, location.href)}"></head>
<body><script src="${new URL(script, location.href)}"></script></body></html>`

export class PlayerFrame {
  onTime = () => {}
  onFailure = () => {}
  onState = () => {}
  onKey = () => {}
  #channel = new MessageChannel()
  #port = this.#channel.port1
  // Each order to show something else has a number, and what the player says has that of the last order that it knows.
  // Times that it said before it got the last order are out of date.
  #order = 0

  constructor(stage, addresses, pictures) {
    this.stage = stage
    this.addresses = addresses
    this.pictures = pictures
  }

  // Resolves when the player takes orders. Orders wait until then.
  open() {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(new Error('The player cannot be opened. Load the page again.'))
      this.#port.addEventListener('message', ({ data }) => this.#hear(data, resolve))
      this.#port.start()
      const frame = newFrame('fullscreen')
      frame.src = `${this.addresses.frame}?pictures=${this.pictures}`
      frame.addEventListener('load', () => this.#fill(frame.contentDocument, refuse), { once: true })
      this.stage.append(frame)
    })
  }

  // The lines of an answer with events of one window.
  add(window, lines) {
    this.#port.postMessage({ kind: 'events', window, text: `[${lines.join(',')}]` })
  }

  show(window) {
    this.#port.postMessage({ kind: 'show', window, order: ++this.#order })
  }

  // Plays from there, or not; null goes on as before.
  goTo(ms, play) {
    this.#port.postMessage({ kind: 'goTo', ms, play, order: ++this.#order })
  }

  toggle() {
    this.#port.postMessage({ kind: 'toggle' })
  }

  setSpeed(times) {
    this.#port.postMessage({ kind: 'speed', times })
  }

  setSkip(whether) {
    this.#port.postMessage({ kind: 'skip', whether })
  }

  #fill(page, refuse) {
    if (!page?.body) {
      refuse()
      return
    }
    const frame = newFrame('fullscreen *')
    // Here "allow-same-origin" only lets the document keep the opaque origin of its address. The frame can't lead to
    // another address: the policy of the page around it allows only "data:".
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin')
    frame.src = `data:text/html;charset=utf-8,${encodeURIComponent(documentOf(this.addresses))}`
    frame.addEventListener('load', () => {
      // An opaque origin has no name, so the message can't be addressed to it. It contains only the port.
      frame.contentWindow.postMessage({ kind: 'port' }, '*', [this.#channel.port2])
      this.#tellTheme()
      document.addEventListener('themechange', () => this.#tellTheme())
    }, { once: true })
    page.body.append(frame)
  }

  #tellTheme() {
    this.#port.postMessage({ kind: 'theme', theme: document.documentElement.dataset.theme ?? '' })
  }

  // Takes nothing from the player but that it is ready, that it failed, whether it plays, a time, and a key.
  #hear(message, resolve) {
    if (message?.kind === 'ready') {
      resolve()
    } else if (message?.kind === 'failed') {
      this.onFailure()
    } else if (message?.kind === 'state') {
      this.onState(message.isPlaying === true)
    } else if (message?.kind === 'key' && typeof message.key === 'string') {
      this.onKey(message.key, message.isFar === true)
    } else if (message?.kind === 'time' && Number.isFinite(message.ms) && message.order === this.#order) {
      this.onTime(message.ms)
    }
  }
}

function newFrame(allow) {
  const frame = document.createElement('iframe')
  frame.title = 'Player'
  frame.allow = allow
  return frame
}
