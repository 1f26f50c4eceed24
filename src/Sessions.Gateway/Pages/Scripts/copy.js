// Buttons that copy the text of the element they name.
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
      // Without TLS browsers keep the clipboard to themselves: marked, the text can be copied by hand.
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy))
      button.textContent = 'Press Ctrl+C'
    }
    setTimeout(() => { button.textContent = before }, 1600)
  })
}

// Buttons that ask before they do what can't be undone.
export function startAsking() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-confirm]')
    if (button && !confirm(button.dataset.confirm)) {
      event.preventDefault()
    }
  })
}
