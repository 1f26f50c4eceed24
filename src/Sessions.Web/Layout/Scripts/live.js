// The live page, updated by the server's stream. It reads the live sessions once the stream is open, and again after
// each reconnection, so that it misses no change in between.
import { freshen } from './freshen.js'
import { showRows } from './rows.js'

const minute = 60_000
const filteredMs = 3_000
// Of the sessions that are not in the list only their number is known, and only the server knows who of them went quiet.
const unlistedMs = 10_000
const minutesMs = 20_000
const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' })

export function start() {
  const page = document.querySelector('[data-live]')
  const most = Number(page.dataset.most)
  const activeMs = Number(page.dataset.activeSeconds) * 1000
  const filters = page.dataset.filtersOfApi
  const state = document.querySelector('[data-live-state]')
  const sessions = new Map()
  const at = (name) => page.querySelector(`[data-live-${name}]`)
  const [activeBody, quietBody] = ['active', 'quiet'].map((kind) => page.querySelector(`[data-live-rows="${kind}"]`))
  const rowsShown = Number(page.dataset.rows)
  // Live sessions that are not in the list, because there are too many.
  const others = { active: 0, quiet: 0 }
  // What the stream said while the list is being read, which may be newer than the list; null at other times.
  let said = null
  // How far the server's clock is ahead of this browser's.
  let ahead = 0
  let dirty = false

  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: page.dataset.zone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: page.dataset.zone, day: 'numeric', month: 'short' })
  const now = () => Date.now() + ahead
  const isActive = (session) => now() - Date.parse(session.$last_event_at) <= activeMs

  const take = (session, isNew = false) => {
    said?.push([session, isNew])
    const id = session.$session_id
    // A session that is not in the list was counted with the others, unless it begins now.
    if (!sessions.has(id) && !isNew) {
      const likely = session.end_reason === 'idle' ? ['quiet', 'active'] : ['active', 'quiet']
      const kind = likely.find((one) => others[one] > 0)
      if (kind) {
        others[kind]--
      }
    }
    if (session.status === 'live') {
      sessions.set(id, session)
    } else {
      sessions.delete(id)
    }
    dirty = true
  }

  const read = async () => {
    said = []
    try {
      const answer = await fetch(`/api/live?limit=${most}${filters ? `&filters=${encodeURIComponent(filters)}` : ''}`, { headers: { accept: 'application/json' } })
      if (!answer.ok) {
        throw new Error(`the server answered ${answer.status}`)
      }
      const date = Date.parse(answer.headers.get('date'))
      const live = await answer.json()
      // The header has whole seconds, so a smaller difference means nothing.
      ahead = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0
      begin(live)
    } finally {
      said = null
    }
  }

  const begin = (live) => {
    const known = new Map(sessions)
    sessions.clear()
    for (const session of live.sessions) {
      // Rows are a few seconds older than the stream.
      const streamed = known.get(session.$session_id)
      sessions.set(session.$session_id, streamed?.$event_count > session.$event_count ? streamed : session)
    }
    const unlisted = Math.max(0, live.count - live.sessions.length)
    others.active = Math.min(unlisted, Math.max(0, live.active_count - live.sessions.filter(isActive).length))
    others.quiet = unlisted - others.active
    const meanwhile = said ?? []
    said = null
    meanwhile.forEach(([session, isNew]) => take(session, isNew))
    dirty = true
  }

  // The stream has all sessions of the project, so a page with filters asks the API which of them match.
  if (filters) {
    const again = () => read().then(
      () => { state.textContent = 'updating live' }, (failure) => { state.textContent = `can't load the live sessions: ${failure.message}` })
      .finally(() => setTimeout(again, filteredMs))
    again()
  } else {
    follow()
  }

  function follow() {
    const stream = new EventSource('/api/live/stream')
    const readAgain = () => read().then(
      () => { state.textContent = 'updating live' }, (failure) => { state.textContent = `can't load the live sessions: ${failure.message}` })
    stream.onopen = readAgain
    stream.onerror = () => {
      state.textContent = stream.readyState === EventSource.CLOSED ? 'the stream has ended; reload the page' : 'connection lost; trying again …'
    }
    stream.addEventListener('session_started', (event) => take(JSON.parse(event.data), true))
    stream.addEventListener('session_updated', (event) => take(JSON.parse(event.data)))
    stream.addEventListener('session_ended', (event) => take(JSON.parse(event.data)))
    setInterval(() => {
      if (others.active + others.quiet > 0 && !document.hidden && said === null && stream.readyState === EventSource.OPEN) {
        readAgain()
      }
    }, unlistedMs)
    addEventListener('pagehide', () => stream.close())
  }

  const show = () => {
    if (!dirty || document.hidden) {
      return
    }
    dirty = false
    const all = [...sessions.values()].sort((a, b) => (a.$start_timestamp < b.$start_timestamp ? 1 : -1))
    const [active, quiet] = [all.filter(isActive), all.filter((session) => !isActive(session))]
    write(at('count'), (active.length + others.active).toLocaleString('en'))
    write(at('quiet-count'), (quiet.length + others.quiet).toLocaleString('en'))
    write(at('came'), String(active.filter((one) => now() - Date.parse(one.$start_timestamp) < minute).length))
    if (all.length > 0) {
      at('empty')?.remove()
    }
    at('quiet').hidden = quiet.length === 0
    for (const group of page.querySelectorAll('[data-live-by]')) {
      showGroup(group, active, Number(page.dataset.bars))
    }
    const items = (some) => some.slice(0, rowsShown).map((session) => itemOf(session, now(), clock, day))
    showRows([{ body: activeBody, items: items(active) }, { body: quietBody, items: items(quiet) }])
  }
  setInterval(() => { dirty = true; show() }, 5_000)
  setInterval(show, 500)
  // The numbers of the last minutes are the server's.
  setInterval(() => freshen().catch(() => {}), minutesMs)
}

function write(node, text) {
  if (node.textContent !== text) {
    node.textContent = text
  }
}

function showGroup(group, all, most) {
  const property = group.dataset.liveBy
  const counts = new Map()
  for (const session of all) {
    const value = session[property] ?? null
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  // Without a file for countries there are none.
  group.closest('.card').hidden = property === '$country' && ![...counts.keys()].some((value) => value !== null)
  const top = [...counts].sort((a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1)).slice(0, most)
  while (group.rows.length > top.length) {
    group.deleteRow(-1)
  }
  top.forEach(([value, count], index) => {
    const row = group.rows[index] ?? bar(group)
    const link = row.querySelector('a')
    write(link, value === null ? 'none' : property === '$country' && /^[A-Z]{2}$/.test(value) ? countries.of(value) : value)
    link.href = sessionsWith(property, value)
    row.querySelector('.bar').style.setProperty('--w', `${(100 * count) / all.length}%`)
    write(row.cells[1], String(count))
  })
}

function bar(group) {
  const row = group.insertRow()
  const span = document.createElement('span')
  span.className = 'bar'
  span.append(document.createElement('a'))
  row.insertCell().append(span)
  row.insertCell().className = 'n'
  return row
}

function sessionsWith(property, value) {
  const filters = [['status', 'exact', 'live'], value === null ? [property, 'is_not_set', ''] : [property, 'exact', value]]
  const address = new URLSearchParams([['date_from', 'all']])
  for (const [place, name] of ['key', 'op', 'value'].entries()) {
    filters.forEach((filter) => address.append(name, filter[place]))
  }
  return `/sessions?${address}`
}

function itemOf(session, now, clock, day) {
  const start = new Date(session.$start_timestamp)
  const started = day.format(start) === day.format(new Date(now)) ? clock.format(start) : `${day.format(start)} ${clock.format(start)}`
  const screen = session.$screen_count > 0 ? '(screen without a name)' : '–'
  return {
    id: session.$session_id,
    link: session.distinct_id.trim() ? session.distinct_id : '(blank)',
    texts: [
      session.$exit_pathname ?? session.$exit_screen_name ?? screen, session.$entry_pathname ?? session.$entry_screen_name ?? screen,
      session.$channel_type ?? '–', started, ago(now - Date.parse(session.$last_event_at)), duration(session.$session_duration),
      session.$event_count.toLocaleString('en'),
    ],
  }
}

function ago(ms) {
  const seconds = Math.floor(ms / 1000)
  return seconds < 10 ? 'now' : seconds < 60 ? `${seconds} s ago` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`
}

function duration(seconds) {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (number) => String(number).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
