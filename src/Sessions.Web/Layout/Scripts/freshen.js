// Keeps a page as fresh as what it shows: the server makes the page again, and what differs is put in place. Parts with
// data-fresh are replaced; lists with data-grows get their new entries, each in its place.
const everyMs = 3_000

// Freshens the page of a live session until it has ended. On the page of a recording the player does it.
export function start() {
  const turn = async () => {
    const wasLive = Boolean(document.querySelector('[data-still-live]'))
    try {
      await freshen()
    } catch {
      // The next turn may succeed.
    }
    if (wasLive) {
      setTimeout(turn, everyMs)
    }
  }
  setTimeout(turn, everyMs)
}

// Whether anything was new.
export async function freshen() {
  if (document.hidden || !document.querySelector('[data-fresh], [data-grows]')) {
    return false
  }
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: 'text/html' } })
  if (!answer.ok) {
    return false
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  let isNew = false
  for (const old of document.querySelectorAll('[data-fresh]')) {
    const made = page.querySelector(`[data-fresh="${CSS.escape(old.dataset.fresh)}"]`)
    if (made && made.innerHTML !== old.innerHTML && !isInUse(old)) {
      old.replaceChildren(...made.childNodes)
      isNew = true
    }
  }
  for (const old of document.querySelectorAll('[data-grows]')) {
    const made = page.querySelector(`[data-grows="${CSS.escape(old.dataset.grows)}"]`)
    isNew = (made && grow(old, made)) || isNew
  }
  const recorded = document.querySelector('[data-recorded]')
  if (recorded && page.querySelector('[data-replay]')) {
    recorded.hidden = false
  }
  return isNew
}

// Whether the user has the focus or selected text in it.
function isInUse(part) {
  const selected = getSelection()
  return part.contains(document.activeElement) || (!selected.isCollapsed && selected.containsNode(part, true))
}

// Gives a list the entries of another one in its order. An entry that stays keeps its element, opened or not.
function grow(list, made) {
  const entries = new Map([...list.children].map((entry) => [entry.dataset.id, entry]))
  const ids = new Set([...made.children].map((entry) => entry.dataset.id))
  let isNew = false
  for (const [id, entry] of entries) {
    if (!ids.has(id)) {
      entry.remove()
      isNew = true
    }
  }
  let next = list.firstElementChild
  for (const entry of [...made.children]) {
    const known = entries.get(entry.dataset.id)
    if (!known) {
      list.insertBefore(entry, next)
      isNew = true
      continue
    }
    if (known === next) {
      next = next.nextElementSibling
    } else {
      list.insertBefore(known, next)
    }
    // Times count from the start, which moves when an earlier event comes.
    const [time, fresh] = [known.querySelector('time'), entry.querySelector('time')]
    if (time && fresh && time.textContent !== fresh.textContent) {
      time.textContent = fresh.textContent
      isNew = true
    }
  }
  return isNew
}
