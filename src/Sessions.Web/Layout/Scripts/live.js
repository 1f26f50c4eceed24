// The live page, updated by the server's stream. It reads the live sessions once the stream is open, and again after
// each reconnection, so that it misses no change in between.
const rowsShown = 100
const groupsShown = 8

export function start() {
  const page = document.querySelector('[data-live]')
  const most = Number(page.dataset.most)
  const state = document.querySelector('[data-live-state]')
  const sessions = new Map()
  let others = 0
  let ended = 0
  let dirty = false

  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: page.dataset.zone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const at = (name) => page.querySelector(`[data-live-${name}]`)

  const take = (session) => {
    if (session.status === 'live') {
      sessions.set(session.$session_id, session)
    } else {
      sessions.delete(session.$session_id)
    }
    dirty = true
  }

  const read = async () => {
    const answer = await fetch(`/api/live?limit=${most}`, { headers: { accept: 'application/json' } })
    if (!answer.ok) {
      throw new Error(`the server answered ${answer.status}`)
    }
    const live = await answer.json()
    sessions.clear()
    live.sessions.forEach((session) => sessions.set(session.$session_id, session))
    others = live.count - live.sessions.length
    dirty = true
  }

  const stream = new EventSource('/api/live/stream')
  stream.onopen = () => {
    read().then(() => { state.textContent = 'updating live' }, (failure) => { state.textContent = `can't load the live sessions: ${failure.message}` })
  }
  stream.onerror = () => {
    state.textContent = stream.readyState === EventSource.CLOSED ? 'the stream has ended; reload the page' : 'connection lost; trying again …'
  }
  stream.addEventListener('session_started', (event) => take(JSON.parse(event.data)))
  stream.addEventListener('session_updated', (event) => take(JSON.parse(event.data)))
  stream.addEventListener('session_ended', (event) => {
    const session = JSON.parse(event.data)
    if (!sessions.has(session.$session_id) && others > 0) {
      others--
    }
    ended++
    take(session)
  })

  const show = () => {
    if (!dirty || document.hidden) {
      return
    }
    dirty = false
    const all = [...sessions.values()].sort((a, b) => (a.$start_timestamp < b.$start_timestamp ? 1 : -1))
    at('count').textContent = (all.length + others).toLocaleString('en')
    at('ended').textContent = ended.toLocaleString('en')
    at('came').textContent = all.filter((one) => Date.now() - Date.parse(one.$start_timestamp) < 60_000).length
    if (all.length > 0) {
      at('empty')?.remove()
    }
    for (const group of page.querySelectorAll('[data-live-by]')) {
      showGroup(group, all)
    }
    at('rows').replaceChildren(...all.slice(0, rowsShown).map((session) => row(session, clock)))
  }
  setInterval(() => { dirty = true; show() }, 5_000)
  setInterval(show, 500)
  addEventListener('pagehide', () => stream.close())
}

function showGroup(group, all) {
  const counts = new Map()
  for (const session of all) {
    const name = session[group.dataset.liveBy] ?? '–'
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, groupsShown)
  group.replaceChildren(...top.map(([name, count]) => {
    const bar = element('span', name, 'bar')
    bar.style.setProperty('--w', `${(100 * count) / all.length}%`)
    return line([bar, String(count)], ['', 'n'])
  }))
}

function row(session, clock) {
  const link = element('a', session.distinct_id.trim() ? session.distinct_id : '(blank)')
  link.href = `/sessions/${session.$session_id}`
  return line(
    [
      link, session.$exit_pathname ?? '–', session.$entry_pathname ?? '–', session.$channel_type ?? '–',
      clock.format(new Date(session.$start_timestamp)), duration(session.$session_duration), session.$event_count.toLocaleString('en'),
    ],
    ['cut', 'cut', 'cut', '', '', 'n', 'n'])
}

function line(cells, classes) {
  const made = document.createElement('tr')
  cells.forEach((content, index) => {
    const cell = document.createElement('td')
    cell.className = classes[index]
    cell.append(content)
    made.append(cell)
  })
  return made
}

function element(name, text, className = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

function duration(seconds) {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (number) => String(number).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
