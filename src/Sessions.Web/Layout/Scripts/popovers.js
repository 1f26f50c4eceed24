// Menus and sheets that open over the page: Escape and a click beside them close them.
const open = '.drop[open], .chip > details[open]'

export function startPopovers() {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      for (const one of document.querySelectorAll(open)) {
        const hadFocus = one.contains(document.activeElement)
        one.open = false
        if (hadFocus) {
          one.querySelector('summary').focus()
        }
      }
    }
  })
  document.addEventListener('pointerdown', (event) => {
    for (const one of document.querySelectorAll(open)) {
      if (!one.contains(event.target)) {
        one.open = false
      }
    }
  })
}
