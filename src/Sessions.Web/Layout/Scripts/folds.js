// Forms that phones show behind a button, so that the result comes first.
export function startFolds() {
  for (const button of document.querySelectorAll('[data-fold]')) {
    button.addEventListener('click', () => {
      const isOpen = document.getElementById(button.dataset.fold).toggleAttribute('data-open')
      button.setAttribute('aria-expanded', String(isOpen))
    })
  }
}
