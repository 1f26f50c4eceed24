// Makes one list of what a recording has and what the session's events have. What a user did once is in both, as a recorded
// click and as an event of autocapture, say; the list has it once.

// A click and its event are said at about the same time.
const CLICK_MS = 1500
// A change is said when the user leaves the field, which may be a while after the typing.
const CHANGE_MS = 60_000
const SAME_MS = 3000
// What was found has the time of the recorded click.
const FOUND_MS = 5

export function merge(recorded, events) {
  const items = recorded.map((item) => ({ ...item }))
  const clicks = inOrder(items, 'click')
  const inputs = inOrder(items, 'input')
  const errors = inOrder(items, 'error')
  const pages = inOrder(items, 'page')
  const gone = new Set()
  const kept = []
  // What was found comes last, when the clicks have their names.
  for (const event of [...events.filter((one) => !one.is_found), ...events.filter((one) => one.is_found)]) {
    const of = (one) => !one.isSaid && !gone.has(one) && (!event.windowId || one.windowId === event.windowId)
    if (event.event === '$autocapture' && event.kind === 'click') {
      if (say(closest(clicks, event.ms, CLICK_MS, of), event)) {
        continue
      }
    } else if (event.event === '$autocapture' && event.kind === 'input') {
      if (say(before(inputs, event.ms + SAME_MS, (one) => of(one) && event.ms - one.endMs <= CHANGE_MS), event)) {
        continue
      }
    } else if (event.is_found) {
      // The server found it in the recording, and so the click is in the list.
      if (trouble(closest(clicks, event.ms, FOUND_MS, (one) => one.windowId === event.windowId), event)) {
        continue
      }
    } else if (event.event === '$exception' && event.about) {
      const same = closest(errors, event.ms, SAME_MS, (one) => !gone.has(one) && saysSame(one.text, event.about))
      gone.add(same)
    } else if (event.viewed) {
      for (const page of between(pages, event.ms - SAME_MS, event.ms + SAME_MS)) {
        if (page.address === event.viewed) {
          gone.add(page)
        }
      }
    }
    kept.push(event)
  }
  return [...items.filter((item) => !gone.has(item)), ...kept].sort((one, other) => one.ms - other.ms)
}

// The recorded entry gets the event's name, unless only its own says what the element is called.
function say(item, event) {
  if (!item) {
    return false
  }
  item.isSaid = true
  item.eventId = event.eventId
  item.after = event.after
  if (event.text.includes('“') || !item.text.includes('“')) {
    item.text = event.text
  }
  return true
}

// A rage or dead click has the name of the click that it is.
function trouble(item, event) {
  if (!item) {
    return false
  }
  const about = item.text.replace(/^(Click|Touch)( in field)?/, '')
  item.text = item.kind === 'trouble' ? item.text.replace(/^(Rage|Dead) click/, 'Rage and dead click') : event.text + about
  item.kind = 'trouble'
  return true
}

function saysSame(text, about) {
  const message = about.replace(/^\w*(?:Error|Exception): /, '')
  return message !== '' && text.includes(message)
}

function inOrder(items, kind) {
  return items.filter((item) => item.kind === kind).sort((one, other) => one.ms - other.ms)
}

// The place of the first item at that time or later.
function placeOf(items, ms) {
  let from = 0
  let to = items.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (items[middle].ms < ms) {
      from = middle + 1
    } else {
      to = middle
    }
  }
  return from
}

function between(items, fromMs, toMs) {
  return items.slice(placeOf(items, fromMs), placeOf(items, toMs + 1))
}

function closest(items, ms, withinMs, isWanted) {
  let found = null
  for (const one of between(items, ms - withinMs, ms + withinMs)) {
    if (isWanted(one) && (!found || Math.abs(one.ms - ms) < Math.abs(found.ms - ms))) {
      found = one
    }
  }
  return found
}

function before(items, ms, isWanted) {
  for (let at = placeOf(items, ms) - 1; at >= 0 && ms - items[at].ms < 10 * CHANGE_MS; at--) {
    if (isWanted(items[at])) {
      return items[at]
    }
  }
  return null
}
