// Whether a replay loads the recorded site's own pictures and styles. The browser remembers what the viewer chose.
const KEY = 'replay-pictures'

export function wantedPictures() {
  try {
    return localStorage.getItem(KEY) === 'never' ? 'never' : 'always'
  } catch {
    // The browser stores nothing for this site, so it has no choice to remember.
    return 'always'
  }
}

// The policy of the player's page holds for as long as that page is open. So another choice loads everything again, at
// the second that was shown.
export function startPictures(select, second) {
  select.value = wantedPictures()
  select.addEventListener('change', () => {
    localStorage.setItem(KEY, select.value)
    history.replaceState(null, '', `#t=${Math.max(0, second() || 0).toFixed(2)}`)
    location.reload()
  })
}
