// Light, dark, or as the system. A cookie remembers it, so that the server sends the next page in the right one.
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
