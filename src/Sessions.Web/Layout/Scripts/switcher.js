// The menu of projects, for the operator. Its list is read when it is opened first.
const fewest = 8

export function start(menu) {
  menu.addEventListener('toggle', () => fill(menu), { once: true })
}

async function fill(menu) {
  const form = menu.querySelector('[data-choices]')
  try {
    const answer = await fetch('/projects/choices')
    if (!answer.ok) {
      return
    }
    const projects = await answer.json()
    const buttons = projects.map(({ id, name }) => choice(id, name, id === menu.dataset.switcher))
    if (buttons.length > fewest) {
      form.before(search(buttons))
    }
    form.append(...buttons)
  } catch {
    // The link to all projects is there.
  }
}

function choice(id, name, isOpen) {
  const button = document.createElement('button')
  button.className = 'choice'
  button.name = 'id'
  button.value = id
  if (isOpen) {
    button.setAttribute('aria-current', 'true')
  }
  const shown = document.createElement('bdi')
  shown.textContent = name
  button.append(shown)
  if (name !== id) {
    button.append(' ', Object.assign(document.createElement('span'), { className: 'quiet small', textContent: id }))
  }
  return button
}

function search(buttons) {
  const field = Object.assign(document.createElement('input'), { type: 'search', placeholder: 'Find a project' })
  field.setAttribute('aria-label', 'Find a project')
  field.addEventListener('input', () => {
    const typed = field.value.trim().toLowerCase()
    for (const button of buttons) {
      button.hidden = !button.textContent.toLowerCase().includes(typed)
    }
  })
  return field
}
