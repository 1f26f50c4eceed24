// The properties of the entry that the user picked, if it is one of the session's events. They are read when the user opens
// them: the events of a long session have megabytes of properties.

export class EventProperties {
  #item = null
  #shown = null

  constructor(part, from) {
    this.part = part
    this.address = `/api${from.replace(/\/replay$/, '')}/events`
    part.addEventListener('toggle', () => this.#load())
  }

  show(item) {
    this.#item = item
    this.part.hidden = !item.eventId
    this.part.querySelector('bdi').textContent = item.text
    this.#load()
  }

  async #load() {
    const item = this.#item
    if (!this.part.open || this.part.hidden || this.#shown === item.eventId) {
      return
    }
    this.#shown = item.eventId
    this.#say('Loading …')
    try {
      // An event that came late may be between the cursor and this one.
      const answer = await fetch(`${this.address}?limit=10${item.after ? `&cursor=${encodeURIComponent(item.after)}` : ''}`)
      const found = answer.ok ? (await answer.json()).results.find((one) => one.event_id === item.eventId) : null
      if (this.#item.eventId === item.eventId) {
        this.#say(found ? JSON.stringify(found.properties, null, 2) : 'They cannot be read now.')
        this.#shown = found ? item.eventId : null
      }
    } catch {
      this.#shown = null
      this.#say('They cannot be read now.')
    }
  }

  #say(text) {
    this.part.querySelector('pre').textContent = text
  }
}
