// The SQL page: Ctrl+Enter runs the query in the editor, and a click on a name in the schema inserts it at the cursor.
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
}
