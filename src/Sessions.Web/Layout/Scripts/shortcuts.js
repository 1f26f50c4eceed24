// Keyboard shortcuts. They do nothing while the user types, and can be switched off.
const stored = 'shortcuts'
const pages = { o: '/', l: '/live', s: '/sessions', e: '/explore', q: '/sql', p: '/project' }
const ranges = { d: 'dStart', h: '-24h', w: '-7d', m: '-30d', y: '-90d', a: 'all' }
const help = [
  ['?', 'This list'],
  ['g then o, l, s, e, q, p', 'Overview, Live, Sessions, Explore, SQL, Project'],
  ['d  h  w  m  y  a', 'Today, 24 hours, 7, 30, 90 days, all time'],
  ['f', 'New filter'],
  ['x', 'Clear the filters'],
  ['c', 'Choose what to compare with'],
  ['Esc', 'Close what is open'],
]
let isAfterG = false

export function startShortcuts() {
  document.addEventListener('keydown', press)
  document.querySelector('[data-shortcuts]')?.addEventListener('click', showHelp)
}

function press(event) {
  const isTyping = event.target.closest?.('input, select, textarea, [contenteditable=""], [contenteditable=true], dialog, iframe')
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) {
    return
  }
  if (event.key === '?') {
    event.preventDefault()
    showHelp()
    return
  }
  if (isOff() || event.key.length !== 1) {
    return
  }
  const key = event.key.toLowerCase()
  const done = isAfterG ? follow(`nav.main a[href="${pages[key]}"], nav.main a[href^="${pages[key]}?"]`, key in pages) : one(key)
  isAfterG = !isAfterG && key === 'g'
  if (done) {
    event.preventDefault()
  }
}

function one(key) {
  if (key in ranges) {
    const link = [...document.querySelectorAll('nav[aria-label="Date range"] a')]
      .find((each) => new URL(each.href).searchParams.get('date_from') === ranges[key])
    link?.click()
    return Boolean(link)
  }
  switch (key) {
    case 'f': return follow('[data-filters] [data-filter-add]:not([data-series])', true)
    case 'x': return follow('[data-filters-clear]', true)
    case 'c': return follow('[data-compare] > summary', true)
    default: return false
  }
}

function follow(selector, isKnown) {
  const found = isKnown && document.querySelector(selector)
  found?.click?.()
  found?.focus?.()
  return Boolean(found)
}

function isOff() {
  try {
    return localStorage.getItem(stored) === 'off'
  } catch {
    return false
  }
}

function showHelp() {
  if (document.querySelector('dialog.shortcuts')) {
    return
  }
  const dialog = document.createElement('dialog')
  dialog.className = 'shortcuts card'
  dialog.setAttribute('aria-labelledby', 'shortcuts-title')
  const title = Object.assign(document.createElement('h2'), { id: 'shortcuts-title', textContent: 'Keyboard shortcuts' })
  const table = document.createElement('table')
  for (const [keys, does] of help) {
    const row = table.insertRow()
    const cell = row.insertCell()
    keys.split(/(\s+|, )/).forEach((part) => cell.append(part.trim() === '' || part === ', ' || part === 'then' ? part : Object.assign(document.createElement('kbd'), { textContent: part })))
    row.insertCell().textContent = does
  }
  const label = document.createElement('label')
  label.className = 'check'
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: !isOff() })
  box.addEventListener('change', () => {
    try {
      localStorage.setItem(stored, box.checked ? 'on' : 'off')
    } catch {
      // A browser that stores nothing keeps them on.
    }
  })
  label.append(box, 'Shortcuts are on in this browser')
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn', textContent: 'Close' })
  close.addEventListener('click', () => dialog.close())
  dialog.append(title, table, label, close)
  // What is beside the dialog is its backdrop, whose clicks are the dialog's own.
  dialog.addEventListener('click', (event) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect()
    const isInside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom
    // A key that presses a button clicks at no place.
    if (event.target === dialog && !isInside) {
      dialog.close()
    }
  })
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}
