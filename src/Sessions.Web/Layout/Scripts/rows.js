// The rows of tables, changed in place: a row that stays keeps its elements, and so its keyboard focus and the text that
// the user selected in it.
const classes = ['cut id', 'cut', 'cut', '', '', 'n', 'n', 'n']
const cutCells = 3

// Shows items in their order in the bodies of tables. A row whose item moves to another table moves there.
//   tables: [{ body, items }], each item with an id, the text of its link, and the texts of its other cells
export function showRows(tables) {
  const home = new Map(tables.flatMap(({ body, items }) => items.map((item) => [item.id, body])))
  const rows = new Map()
  for (const row of tables.flatMap(({ body }) => [...body.rows])) {
    const body = home.get(row.dataset.id)
    if (!body) {
      leave(row)
      continue
    }
    rows.set(row.dataset.id, row)
    if (row.parentElement !== body) {
      move(body, row, null)
    }
  }
  for (const { body, items } of tables) {
    let next = body.firstElementChild
    for (const item of items) {
      const row = rows.get(item.id) ?? made(item)
      if (row === next) {
        next = next.nextElementSibling
      } else {
        move(body, row, next)
      }
      fill(row, item)
    }
  }
}

function move(body, row, before) {
  if (row.isConnected && body.moveBefore) {
    body.moveBefore(row, before)
    return
  }
  // An older browser takes the focus away from what is moved.
  const held = row.contains(document.activeElement) ? document.activeElement : null
  body.insertBefore(row, before)
  held?.focus({ preventScroll: true })
}

// Removes a row. Its focus goes to the row beside it.
function leave(row) {
  if (row.contains(document.activeElement)) {
    const beside = row.nextElementSibling ?? row.previousElementSibling
    beside?.querySelector('a')?.focus({ preventScroll: true })
  }
  row.remove()
}

function made(item) {
  const row = document.createElement('tr')
  row.dataset.id = item.id
  classes.forEach((name) => { row.insertCell().className = name })
  const link = document.createElement('a')
  link.href = `/sessions/${item.id}`
  row.cells[0].append(link)
  return row
}

function fill(row, item) {
  [item.link, ...item.texts].forEach((text, place) => {
    const cell = row.cells[place]
    const holder = place === 0 ? cell.querySelector('a') : cell
    if (holder.textContent !== text) {
      // The text's node stays, so that a selection which begins or ends in it stays too.
      const [node, ...more] = holder.childNodes
      if (node?.nodeType === Node.TEXT_NODE && more.length === 0) {
        node.data = text
      } else {
        holder.textContent = text
      }
    }
    if (place < cutCells && cell.title !== text) {
      cell.title = text
    }
  })
}
