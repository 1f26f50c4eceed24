// The SQL page: Ctrl+Enter runs what is in the editor, and a name in the schema is put where the cursor is.
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
