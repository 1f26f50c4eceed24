// Rows of a form that users add, remove and move. Without scripts the form has an empty row at the end of each list.
export function start() {
  for (const list of document.querySelectorAll('form [data-rows]')) {
    if (!list.parentElement.closest('[data-rows]')) {
      number(list, list.dataset.rows)
    }
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-row-add], [data-row-remove], [data-row-raise]')
    const list = button?.closest('[data-rows]')
    if (!list) {
      return
    }
    if (button.matches('[data-row-add]')) {
      add(list)
    } else if (button.matches('[data-row-remove]')) {
      remove(button.closest('[data-row]'), list)
    } else {
      raise(button.closest('[data-row]'))
      button.focus()
    }
    const whole = outermost(list)
    number(whole, whole.dataset.rows)
    whole.dispatchEvent(new Event('input', { bubbles: true }))
  })
}

function add(list) {
  const row = list.querySelector(':scope > template').content.firstElementChild.cloneNode(true)
  list.querySelector(':scope > [data-row-list]').append(row)
  row.querySelector('input:not([type=hidden]), select').focus()
}

// The focus goes to the row that takes the place, or to the button that adds rows.
function remove(row, list) {
  const beside = row.nextElementSibling ?? row.previousElementSibling
  row.remove()
  const next = beside?.querySelector('[data-row-remove]') ?? list.querySelector(':scope > * > [data-row-add]')
  next?.focus()
}

function raise(row) {
  row.previousElementSibling?.before(row)
}

function outermost(list) {
  const above = list.parentElement.closest('[data-rows]')
  return above ? outermost(above) : list
}

// Fields have the place of their row in their names. The server reads the rows in this order.
function number(list, base) {
  [...list.querySelectorAll(':scope > [data-row-list] > [data-row]')].forEach((row, at) => {
    row.setAttribute('aria-label', `${list.dataset.rowName} ${at + 1}`)
    for (const field of row.querySelectorAll('[data-part]')) {
      if (field.closest('[data-row]') === row && !('flat' in list.dataset)) {
        field.name = `${base}.${at}.${field.dataset.part}`
      }
    }
    for (const inner of row.querySelectorAll('[data-rows]')) {
      if (inner.parentElement.closest('[data-row]') === row) {
        number(inner, `${base}.${at}.${inner.dataset.rows}`)
      }
    }
  })
}
