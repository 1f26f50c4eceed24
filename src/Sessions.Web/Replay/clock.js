// A duration as the player shows it everywhere: 3:07, and 1:02:03 from an hour on.
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = String(seconds % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

// How long something took: 240 ms, 3.2 s.
export function length(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms)
}

export function element(name, className) {
  const made = document.createElement(name)
  made.className = className
  return made
}
