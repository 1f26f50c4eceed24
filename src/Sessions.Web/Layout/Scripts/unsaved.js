// A form with changes that are not saved says so, and asks before its page is left.
export function start(form) {
  const note = form.querySelector('[data-unsaved-note]')
  const discard = form.querySelector('[data-discard]')
  if (!note) {
    return
  }
  const before = contents(form)
  const isTyped = form.dataset.unsaved === 'true'
  let isLeaving = false
  const isChanged = () => isTyped || contents(form) !== before
  const show = () => {
    const changed = isChanged()
    form.toggleAttribute('data-changed', changed)
    note.textContent = changed ? 'Not saved yet.' : ''
    discard.hidden = !changed
  }
  form.addEventListener('input', show)
  form.addEventListener('change', show)
  form.addEventListener('submit', () => { isLeaving = true })
  discard.addEventListener('click', (event) => {
    // Rows that were added or removed come back with the page.
    event.preventDefault()
    isLeaving = true
    location.assign(location.pathname)
  })
  addEventListener('beforeunload', (event) => {
    if (!isLeaving && isChanged()) {
      event.preventDefault()
    }
  })
  show()
}

function contents(form) {
  return JSON.stringify([...new FormData(form)].filter(([name]) => !name.startsWith('__')))
}
