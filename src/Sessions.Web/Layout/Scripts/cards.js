// The overview: tabs of cards without a reload of the page, the number of those who are on now, and names of countries.
const everyMs = 30_000

export function start() {
  dress()
  document.addEventListener('click', (event) => {
    const tab = event.target.closest?.('a[data-card-tab]')
    if (tab && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault()
      show(tab)
    }
  })
  setInterval(count, everyMs)
}

async function show(tab) {
  const name = tab.closest('[data-card]').dataset.card
  try {
    const answer = await fetch(tab.href)
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (!answer.ok || !page.querySelector(`[data-card="${name}"]`)) {
      throw new Error('no card')
    }
    for (const card of document.querySelectorAll('[data-card]')) {
      card.replaceWith(page.querySelector(`[data-card="${card.dataset.card}"]`))
    }
    keep(page)
    history.replaceState(null, '', tab.href)
    dress()
    document.querySelector(`[data-card="${name}"] [data-card-tab][aria-current]`).focus({ preventScroll: true })
  } catch {
    location.assign(tab.href)
  }
}

// What else leads on from the page carries the chosen tab from now on.
function keep(page) {
  const links = (root) => [...root.querySelectorAll('main a[href]')].filter((link) => !link.closest('[data-card]'))
  const [old, fresh] = [links(document), links(page)]
  if (old.length === fresh.length) {
    old.forEach((link, at) => { link.setAttribute('href', fresh[at].getAttribute('href')) })
  }
  const hidden = (form) => [...form.querySelectorAll('input[type=hidden]')]
  const forms = [...page.querySelectorAll('main form[method=get]')]
  document.querySelectorAll('main form[method=get]').forEach((form, at) => {
    hidden(form).forEach((field) => field.remove())
    form.prepend(...hidden(forms[at] ?? form))
  })
}

function dress() {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' })
  for (const link of document.querySelectorAll('a[data-country]')) {
    const code = link.dataset.country
    if (/^[A-Z]{2}$/.test(code) && link.textContent === code) {
      link.textContent = names.of(code)
    }
  }
  const map = document.querySelector('[data-map]:empty')
  if (map) {
    import('./map.js').then((drawing) => drawing.draw(map, names))
  }
}

async function count() {
  const shown = document.querySelector('[data-online-count]')
  if (!shown || document.hidden) {
    return
  }
  try {
    const answer = await fetch('/api/live?limit=1')
    if (answer.ok) {
      shown.textContent = (await answer.json()).active_count.toLocaleString('en')
    }
  } catch {
    // The number stays as it is until the gateway answers again.
  }
}
