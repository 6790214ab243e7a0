const SHORTEST = 2
const DEBOUNCE = 150

/** Suggestions for what someone types, asked of the site once each, and never given when newer text has been asked about. */
export class Suggestions {
  constructor(address) {
    this.address = address
    this.known = new Map()
    this.request = new AbortController()
  }

  /** Return the suggestions for a text, none if the site cannot be asked, or null if something newer came meanwhile. */
  async find(text) {
    this.stop()
    const { signal } = (this.request = new AbortController())
    const query = text.trim()
    if (query.length < SHORTEST) return []
    const found = await (this.known.get(query) ?? this.ask(query, signal))
    return signal.aborted ? null : found
  }

  /** Drop what is being asked: nobody waits for it any more. */
  stop() {
    this.request.abort()
  }

  async ask(query, signal) {
    await new Promise((resolve) => setTimeout(resolve, DEBOUNCE))
    if (signal.aborted) return []
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(query)}`, { signal })
      if (!answer.ok) return []
      const { suggestions } = await answer.json()
      this.known.set(query, suggestions)
      return suggestions
    } catch {
      // No network, or no JSON: the form still works as it does without suggestions.
      return []
    }
  }
}
