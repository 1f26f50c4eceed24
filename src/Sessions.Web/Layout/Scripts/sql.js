// The SQL page: Ctrl+Enter runs the query in the editor, a click on a name in the schema inserts it at the cursor, and queries
// are saved in this browser, for each project apart.
export function start() {
  const editor = document.querySelector('[data-sql]')
  editor.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      editor.form.requestSubmit()
    }
  })
  document.addEventListener('click', (event) => {
    const name = event.target.closest?.('[data-sql-name]')?.dataset.sqlName
    if (name) {
      editor.setRangeText(name, editor.selectionStart, editor.selectionEnd, 'end')
      editor.focus()
    }
  })
  saved(editor)
}

function saved(editor) {
  const box = document.querySelector('[data-sql-saved]')
  const place = `sql of ${box.dataset.sqlSaved}`
  const read = () => {
    try {
      const found = JSON.parse(localStorage.getItem(place) ?? '[]')
      return Array.isArray(found) ? found.filter((one) => typeof one?.name === 'string' && typeof one?.query === 'string') : []
    } catch {
      return []
    }
  }
  const write = (queries) => {
    try {
      localStorage.setItem(place, JSON.stringify(queries))
    } catch {
      alert('This browser does not store anything for this page.')
    }
    show()
  }
  const show = () => {
    const queries = read()
    box.hidden = queries.length === 0
    box.querySelector('ul').replaceChildren(...queries.map(({ name, query }) => {
      const item = document.createElement('li')
      const open = button('link', name)
      open.addEventListener('click', () => {
        editor.value = query
        editor.focus()
      })
      const remove = button('btn plain tiny', '×')
      remove.setAttribute('aria-label', `Remove the saved query ${name}`)
      remove.addEventListener('click', () => write(read().filter((one) => one.name !== name)))
      item.append(open, remove)
      return item
    }))
  }
  document.querySelector('[data-sql-save]').addEventListener('click', () => {
    const query = editor.value.trim()
    const name = query && prompt('Name of the query', query.split('\n')[0].slice(0, 60))?.trim()
    if (name) {
      write([...read().filter((one) => one.name !== name), { name, query }])
    }
  })
  show()
}

function button(className, text) {
  return Object.assign(document.createElement('button'), { type: 'button', className, textContent: text })
}
