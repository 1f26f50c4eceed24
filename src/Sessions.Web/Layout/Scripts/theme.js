// The light or dark theme, or that of the system. A cookie stores the choice, so that the server sends the next page
// in it.
const year = 365 * 24 * 3600

export function startThemes() {
  const buttons = [...document.querySelectorAll('[data-theme-choice]')]
  const root = document.documentElement
  const show = () => {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === (root.dataset.theme ?? '')))
    }
  }
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const choice = button.dataset.themeChoice
      if (choice) {
        root.dataset.theme = choice
      } else {
        delete root.dataset.theme
      }
      document.cookie = `theme=${choice}; path=/; max-age=${choice ? year : 0}; samesite=lax`
      show()
      document.dispatchEvent(new Event('themechange'))
    })
  }
  show()
}
