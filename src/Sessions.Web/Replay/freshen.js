// Keeps the parts of a page around the player as fresh as the player: the server makes the page again, and what differs is
// put in place. Parts with data-fresh are replaced, lists with data-grows get their new entries.

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
    if (made && made.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) {
      old.replaceChildren(...made.childNodes)
      isNew = true
    }
  }
  for (const old of document.querySelectorAll('[data-grows]')) {
    const made = page.querySelector(`[data-grows="${CSS.escape(old.dataset.grows)}"]`)
    const added = made ? [...made.children].slice(old.children.length) : []
    old.append(...added)
    isNew ||= added.length > 0
  }
  return isNew
}
