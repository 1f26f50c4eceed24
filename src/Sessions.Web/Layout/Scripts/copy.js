// Buttons that copy the text of another element.
export function startCopying() {
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-copy]')
    if (!button) {
      return
    }
    const text = document.getElementById(button.dataset.copy).textContent
    const before = button.textContent
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      // Without TLS browsers don't allow access to the clipboard. The text is selected, so that the user can copy it.
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy))
      button.textContent = 'Press Ctrl+C'
    }
    setTimeout(() => { button.textContent = before }, 1600)
  })
}

// Buttons that ask before an action that can't be undone.
export function startAsking() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-confirm]')
    if (button && !confirm(button.dataset.confirm)) {
      event.preventDefault()
    }
  })
}
