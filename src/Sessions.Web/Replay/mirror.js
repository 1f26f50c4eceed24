// The recorded page as it is at one moment of a recording: as much of its elements as names them. It has nothing of what
// anybody typed: values are not kept.

const ELEMENT = 2
const TEXT = 3

const MOST_TEXT = 80
const MOST_UP = 5

const KEPT = ['id', 'class', 'name', 'type', 'role', 'aria-label', 'title', 'alt', 'placeholder', 'data-testid', 'for']
// What names an element besides its text, the best first; the same as for events (EventTitle.cs).
const NAMING = ['aria-label', 'title', 'alt', 'placeholder', 'name', 'id', 'data-testid']
const NAMING_FIELDS = ['name', 'id', 'placeholder', 'title', 'data-testid', 'type']
const FIELDS = new Set(['input', 'textarea', 'select'])
const PRESSED = new Set(['a', 'button', 'summary', 'label', 'option'])
const PRESSED_ROLES = new Set(['button', 'link', 'tab', 'menuitem', 'option', 'switch', 'checkbox', 'radio'])
const PRESSED_TYPES = new Set(['submit', 'button', 'reset', 'image', 'checkbox', 'radio'])
const SILENT = new Set(['script', 'style', 'noscript', 'template'])

export class PageMirror {
  #nodes = new Map()
  #labels = null

  // A full snapshot: a page in place of the one before.
  replace(root) {
    this.#nodes.clear()
    this.#labels = null
    this.#add(root, null)
  }

  // Changes of the page.
  change({ texts, attributes, removes, adds }) {
    for (const { id } of list(removes)) {
      this.#remove(id)
    }
    for (const { parentId, nextId, node } of list(adds)) {
      this.#add(node, parentId, nextId)
    }
    for (const { id, value } of list(texts)) {
      const known = this.#nodes.get(id)
      if (known) {
        known.text = short(value)
      }
    }
    for (const { id, attributes: changed } of list(attributes)) {
      const known = this.#nodes.get(id)
      if (known?.attributes && changed && typeof changed === 'object') {
        known.attributes = { ...known.attributes, ...kept(changed) }
      }
    }
    this.#labels = null
  }

  // Whether a person types into the element, instead of pressing it.
  isField(id) {
    const { tag, attributes } = this.#nodes.get(id) ?? {}
    return FIELDS.has(tag) && !PRESSED_TYPES.has(attributes.type)
  }

  isRadio(id) {
    return this.#nodes.get(id)?.attributes?.type === 'radio'
  }

  // What people would call the element: its text, else what is read out for it. Null when nothing names it.
  nameOf(id) {
    if (FIELDS.has(this.#nodes.get(id)?.tag)) {
      return this.#fieldName(id)
    }
    const around = this.#around(id)
    const pressed = around.findIndex((at) => PRESSED.has(at.tag) || PRESSED_ROLES.has(at.attributes.role))
    if (pressed >= 0) {
      const whole = this.#text(around[pressed], true)
      // What is around a button or link doesn't name it.
      return whole ?? around.slice(0, pressed + 1).map((at) => first(at.attributes, NAMING)).find(Boolean) ?? null
    }
    return around.map((at) => this.#text(at, false) ?? first(at.attributes, NAMING)).find(Boolean) ?? null
  }

  // Where the element is, as styles say it, such as button#buy.
  selectorOf(id) {
    const at = this.#element(id)
    if (!at) {
      return null
    }
    const { id: own, class: classes, role, type } = at.attributes
    const name = own ? `#${own}` : typeof classes === 'string' && classes.trim() ? `.${classes.trim().split(/\s+/)[0]}` : ''
    return `${at.tag}${name}${type ? `[type=${type}]` : ''}${role ? `[role=${role}]` : ''}`
  }

  #fieldName(id) {
    const { attributes } = this.#nodes.get(id)
    return first(attributes, ['aria-label']) ?? this.#labelOf(id, attributes.id) ?? first(attributes, NAMING_FIELDS)
  }

  #labelOf(id, ownId) {
    for (let at = this.#nodes.get(id), steps = 0; at && steps < MOST_UP; at = this.#nodes.get(at.parent), steps++) {
      if (at.tag === 'label') {
        return this.#text(at, true)
      }
    }
    if (!ownId) {
      return null
    }
    if (!this.#labels) {
      this.#labels = new Map()
      for (const node of this.#nodes.values()) {
        if (node.tag === 'label' && node.attributes.for) {
          this.#labels.set(node.attributes.for, node)
        }
      }
    }
    const label = this.#labels.get(ownId)
    return label ? this.#text(label, true) : null
  }

  // The element with this id, or the one around this text.
  #element(id) {
    let at = this.#nodes.get(id)
    while (at && !at.attributes) {
      at = this.#nodes.get(at.parent)
    }
    return at ?? null
  }

  // The element and what is around it.
  #around(id) {
    const found = []
    for (let at = this.#element(id); at && found.length < MOST_UP; at = this.#element(at.parent)) {
      found.push(at)
    }
    return found
  }

  // The text in an element: of everything in it, or its own alone.
  #text(node, isWhole) {
    let text = ''
    const open = [...node.children].reverse()
    while (open.length > 0 && text.length <= MOST_TEXT) {
      const at = this.#nodes.get(open.pop())
      if (at?.text) {
        text += ` ${at.text}`
      } else if (isWhole && at && !SILENT.has(at.tag)) {
        open.push(...at.children.toReversed())
      }
    }
    return readable(text)
  }

  #add(root, rootParent, nextId) {
    const open = [[root, rootParent, nextId]]
    while (open.length > 0) {
      const [node, parent, next] = open.pop()
      if (!node || typeof node.id !== 'number') {
        continue
      }
      this.#remove(node.id)
      const made = { parent, children: [], tag: '', attributes: null, text: null }
      if (node.type === ELEMENT) {
        made.tag = String(node.tagName ?? '').toLowerCase()
        made.attributes = kept(node.attributes)
      } else if (node.type === TEXT) {
        made.text = short(node.textContent)
      }
      this.#nodes.set(node.id, made)
      const around = this.#nodes.get(parent)
      if (around) {
        const place = next == null ? -1 : around.children.indexOf(next)
        around.children.splice(place < 0 ? around.children.length : place, 0, node.id)
      }
      for (const child of list(node.childNodes).toReversed()) {
        open.push([child, node.id, undefined])
      }
    }
  }

  #remove(id) {
    const known = this.#nodes.get(id)
    if (!known) {
      return
    }
    const around = this.#nodes.get(known.parent)
    if (around) {
      around.children = around.children.filter((child) => child !== id)
    }
    const open = [id]
    while (open.length > 0) {
      const gone = open.pop()
      open.push(...(this.#nodes.get(gone)?.children ?? []))
      this.#nodes.delete(gone)
    }
  }
}

function kept(attributes) {
  const found = {}
  for (const name of KEPT) {
    const value = attributes?.[name]
    if (typeof value === 'string') {
      found[name] = value.slice(0, MOST_TEXT * 2)
    }
  }
  return found
}

function first(attributes, names) {
  for (const name of names) {
    const value = readable(attributes[name])
    if (value) {
      return value
    }
  }
  return null
}

function short(text) {
  return typeof text === 'string' ? text.slice(0, MOST_TEXT * 2) : null
}

// In one line; masked text is no name.
function readable(text) {
  const line = (text ?? '').replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '').replace(/\s+/g, ' ').trim()
  return line === '' || /^[*\s]+$/.test(line) ? null : line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT)}…` : line
}

function list(value) {
  return Array.isArray(value) ? value.filter((one) => one && typeof one === 'object') : []
}
