// The filter builder: this script adds and removes rows and suggests values; the server reads the rows from the address.
export function startFilters() {
  for (const list of document.querySelectorAll('[data-filters]')) {
    const template = list.querySelector('template')
    list.addEventListener('click', (event) => {
      const button = event.target.closest('button')
      if (button?.matches('[data-filter-add]')) {
        const row = template.content.firstElementChild.cloneNode(true)
        const isChip = row.matches('.chip')
        if (isChip) {
          list.querySelectorAll('.chip > details[open]').forEach((other) => { other.open = false })
        }
        list.querySelector('[data-filter-rows]').append(row)
        fit(row)
        row.querySelector('select, input').focus()
      } else if (button?.matches('[data-filter-remove]')) {
        button.closest('.filter').remove()
        // The last series has no button, because a chart needs one.
        list.querySelector('[data-filter-add]').focus()
      }
    })
    list.addEventListener('change', (event) => {
      if (event.target.matches('select[name="op"], select[name="of"], [name="key"]')) {
        fit(event.target.closest('.filter'))
      }
    })
    list.addEventListener('focusin', (event) => {
      if (event.target.matches('[data-suggest]')) {
        suggestValues(event.target)
      } else if (event.target.matches('input[name="key"], [data-suggest-events]')) {
        suggestKeys(event.target)
      }
    })
    list.querySelectorAll('.filter').forEach(fit)
  }

  document.addEventListener('focusin', (event) => {
    if (event.target.matches('[data-suggest-properties]')) {
      suggestProperties(event.target)
    }
  })

  for (const select of document.querySelectorAll('select[data-submit]')) {
    select.addEventListener('change', () => select.form.requestSubmit())
  }

  // Empty fields mean nothing, so they stay out of the address.
  document.addEventListener('submit', (event) => {
    if (event.target.method === 'get') {
      const filterParts = (field) => field.closest('.filter')
      for (const field of event.target.querySelectorAll('input[name], select[name]')) {
        if (field.value === '' && !filterParts(field) && !('keep' in field.dataset)) {
          field.disabled = true
        }
      }
      for (const row of event.target.querySelectorAll('.filter')) {
        if (row.querySelector('[name="key"]:enabled')?.value.trim() === '') {
          row.querySelectorAll('input, select').forEach((field) => { field.disabled = true })
        }
      }
      setTimeout(() => {
        event.target.querySelectorAll(':disabled[name]').forEach((field) => { field.disabled = false })
        event.target.querySelectorAll('.filter').forEach(fit)
      })
    }
  })
}

const hints = {
  between: 'from, to',
  in: 'one, another',
  not_in: 'one, another',
  regex: 'regular expression',
  not_regex: 'regular expression',
}

function fit(row) {
  const choice = row.querySelector('select[name="op"]')
  if (!choice) {
    return
  }
  const of = row.querySelector('select[name="of"]').value
  for (const key of row.querySelectorAll('[name="key"]')) {
    key.hidden = key.disabled = key.dataset.of !== of
  }
  const operator = choice.value
  const value = row.querySelector('input[name="value"]')
  value.placeholder = hints[operator] ?? 'value'
  value.style.visibility = operator === 'is_set' || operator === 'is_not_set' ? 'hidden' : ''
}

// What the project's latest sessions and events have. Each list is asked for once.
const lists = new Map()

function asked(address) {
  if (!lists.has(address)) {
    lists.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : [])).catch(() => []))
  }
  return lists.get(address)
}

async function suggestValues(field) {
  const row = field.closest('.filter')
  const of = row.querySelector('[name="of"]').value
  const key = row.querySelector('[name="key"]:enabled')?.value.trim()
  if (key) {
    offer(field, await asked(`/suggestions?of=${of}&key=${encodeURIComponent(key)}`))
  }
}

async function suggestKeys(field) {
  const ofEvents = 'suggestEvents' in field.dataset
  const found = await asked(ofEvents ? '/suggestions?of=event&key=event' : '/suggestions?of=event')
  const usual = [...document.querySelectorAll(`#${ofEvents ? 'events' : 'event-keys'} option`)].map((option) => option.value)
  offer(field, [...new Set([...found, ...usual])])
}

async function suggestProperties(field) {
  offer(field, await asked('/suggestions?of=event'))
}

let made = 0

function offer(field, values) {
  let list = document.getElementById(field.getAttribute('list'))
  if (!list?.hasAttribute('data-of-field')) {
    list = document.createElement('datalist')
    list.id = `suggested-${made++}`
    list.setAttribute('data-of-field', '')
    field.after(list)
  }
  list.replaceChildren(...values.map((value) => Object.assign(document.createElement('option'), { value })))
  field.setAttribute('list', list.id)
}
