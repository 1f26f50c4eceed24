// The filter builder: this script adds and removes rows; the server reads them from the address.
export function startFilters() {
  for (const list of document.querySelectorAll('[data-filters]')) {
    const template = list.querySelector('template')
    list.addEventListener('click', (event) => {
      const button = event.target.closest('button')
      if (button?.matches('[data-filter-add]')) {
        const row = template.content.firstElementChild.cloneNode(true)
        list.querySelector('[data-filter-rows]').append(row)
        row.querySelector('select').focus()
      } else if (button?.matches('[data-filter-remove]')) {
        button.closest('.filter').remove()
      }
    })
    list.addEventListener('change', (event) => {
      if (event.target.matches('select[name="op"], select[name="of"]')) {
        fit(event.target.closest('.filter'))
      }
    })
    list.querySelectorAll('.filter').forEach(fit)
  }

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
