// The buttons below the player, and the keys that do the same. The browser remembers the speed, and whether to skip
// inactivity.

const SPEED = 'replay-speed'
const SKIPS = 'replay-skips'
const STEP_MS = 5000

export class Controls {
  // Set by the page: toggle(), by(ms), step(entries), speed(times), skip(whether), link().
  constructor(part, orders) {
    this.part = part
    this.orders = orders
    part('speed').value = remembered(SPEED) ?? '1'
    if (part('speed').selectedIndex < 0) {
      part('speed').value = '1'
    }
    part('skip').checked = remembered(SKIPS) !== 'no'
    part('play').addEventListener('click', () => orders.toggle())
    part('speed').addEventListener('change', () => {
      remember(SPEED, part('speed').value)
      this.tell()
    })
    part('skip').addEventListener('change', () => {
      remember(SKIPS, part('skip').checked ? 'yes' : 'no')
      this.tell()
    })
    part('full').addEventListener('click', () => this.#fill())
    part('link').addEventListener('click', () => this.#copy())
    document.addEventListener('fullscreenchange', () => this.#name())
    document.addEventListener('keydown', (key) => this.#press(key))
    this.#name()
  }

  // Tells the player what is chosen.
  tell() {
    this.orders.speed(Number(this.part('speed').value))
    this.orders.skip(this.part('skip').checked)
  }

  isPlaying(is) {
    this.part('play').dataset.playing = String(is)
    this.part('play').setAttribute('aria-label', is ? 'Pause' : 'Play')
    this.part('play').title = is ? 'Pause (space)' : 'Play (space)'
  }

  // What a key does, also one that was pressed in the player's own page.
  obey(key, isFar = false) {
    const meant = {
      ' ': () => this.orders.toggle(),
      ArrowLeft: () => this.orders.by(isFar ? -6 * STEP_MS : -STEP_MS),
      ArrowRight: () => this.orders.by(isFar ? 6 * STEP_MS : STEP_MS),
      ',': () => this.orders.step(-1),
      '.': () => this.orders.step(1),
      f: () => this.#fill(),
    }
    if (!Object.hasOwn(meant, key)) {
      return false
    }
    meant[key]()
    return true
  }

  #press(key) {
    const target = key.target
    const types = target.matches?.('input:not([type=checkbox]), textarea, select, [contenteditable]')
    // A button or link that has the focus takes the space bar, and a table its arrows.
    const takesSpace = key.key === ' ' && target.closest?.('button, a, summary, label, input')
    const takesArrows = key.key.startsWith('Arrow') && target.closest?.('.scroll, pre')
    if (!key.defaultPrevented && !key.ctrlKey && !key.altKey && !key.metaKey && !types && !takesSpace && !takesArrows
      && this.obey(key.key, key.shiftKey)) {
      key.preventDefault()
    }
  }

  async #fill() {
    try {
      await (document.fullscreenElement ? document.exitFullscreen() : this.part('main').requestFullscreen())
    } catch {
      // The browser does not allow it now, and says so itself.
    }
  }

  #name() {
    const isFull = document.fullscreenElement !== null
    this.part('full').setAttribute('aria-label', isFull ? 'Leave full screen' : 'Full screen')
    this.part('full').title = isFull ? 'Leave full screen (f)' : 'Full screen (f)'
  }

  async #copy() {
    const address = this.orders.link()
    const button = this.part('link')
    try {
      await navigator.clipboard.writeText(address)
      button.textContent = 'Copied'
    } catch {
      // Without TLS browsers don't allow access to the clipboard.
      button.textContent = 'It is in the address bar'
    }
    setTimeout(() => { button.textContent = button.dataset.name }, 1600)
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key)
  } catch {
    // The browser stores nothing for this site.
    return null
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // The choice holds for this page alone.
  }
}
