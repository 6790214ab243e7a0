/** Drafts save themselves: a few seconds after the last change, and on leaving. Nothing typed is ever thrown away. */

const PAUSE = 3000
const TRY_AGAIN = 10000
// An answer that takes longer has been lost.
const PATIENCE = 30000
// Browsers send no more than 64 kB, with all that belongs to a form, after a page is left.
const MOST_ON_LEAVING = 55000
const MOST_LOST = 5
const JSON_ANSWER = { Accept: 'application/json' }

export function startSaving(form, text) {
  const saver = new Saver(form)
  text.onChange(() => saver.changed())
  form.addEventListener('input', () => saver.changed())
  form.addEventListener('submit', () => saver.leave())
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && saver.saveOnLeaving())
  window.addEventListener('pagehide', () => saver.saveOnLeaving())
  window.addEventListener('beforeunload', (event) => saver.isUnsaved && event.preventDefault())
  // What was typed before this script ran.
  if ([...form.elements].some(isChanged)) saver.changed()
  return saver
}

function isChanged(field) {
  if (field.type === 'hidden' || field.type === 'file') return false
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected))
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked
  return field.defaultValue !== undefined && field.value !== field.defaultValue
}

class Saver {
  constructor(form) {
    this.form = form
    this.state = form.querySelector('[data-kb-state]')
    this.edits = 0
    this.saved = 0
    this.isSaving = false
    this.isStopped = false
    // What was sent and never answered: it may have been saved all the same.
    this.lost = []
  }

  get isUnsaved() {
    return this.edits !== this.saved && !this.isLeaving
  }

  changed() {
    this.edits += 1
    this.isLeaving = false
    this.wait(PAUSE)
  }

  leave() {
    this.isLeaving = true
    clearTimeout(this.timer)
  }

  wait(milliseconds) {
    clearTimeout(this.timer)
    if (!this.isStopped) this.timer = setTimeout(() => this.save(), milliseconds)
  }

  /** Save now what is not saved yet. */
  async finish() {
    clearTimeout(this.timer)
    if (this.isUnsaved && !this.isSaving) await this.save()
  }

  saveOnLeaving() {
    if (this.isUnsaved && !this.isSaving && !this.isStopped) this.save({ keepalive: true })
  }

  async save(options = {}, isSecondTry = false) {
    if (this.isSaving && !isSecondTry) return this.wait(PAUSE)
    this.isSaving = true
    const edits = this.edits
    const body = new FormData(this.form)
    // A file that is chosen is sent by itself, once.
    body.delete('file')
    if (options.keepalive && new Blob([...body.values()]).size > MOST_ON_LEAVING) options = {}
    let wait = null
    try {
      const answer = await this.send(body, options)
      wait = await this.take(answer, edits, isSecondTry)
    } catch {
      this.lost = [body, ...this.lost].slice(0, MOST_LOST)
      this.say('The site cannot be reached. Your text is here and not saved yet.')
      wait = TRY_AGAIN
    } finally {
      this.isSaving = false
    }
    if (wait === 'now') return this.save(options, true)
    if (wait !== null) this.wait(wait)
    else if (this.edits !== edits) this.wait(PAUSE)
  }

  send(body, options = {}) {
    const signal = AbortSignal.timeout(PATIENCE)
    return fetch(this.form.action, { method: 'POST', body, headers: JSON_ANSWER, redirect: 'manual', signal, ...options })
  }

  /** Say whether the draft is as this window sent it before, though no answer came. Then its version is known again. */
  async hasSavedWhatWasLost() {
    for (const body of this.lost) {
      body.set('csrf_token', this.form.elements.csrf_token.value)
      const answer = await this.send(body)
      if (!answer.ok) continue
      const said = await answer.json()
      this.form.elements['kb-version'].value = said.version
      this.lost = []
      return true
    }
    return false
  }

  /** Take the answer. Returns when to try again: not at all (null), 'now', or after so many milliseconds. */
  async take(answer, edits, isSecondTry) {
    const said = answer.headers.get('Content-Type')?.startsWith('application/json') ? await answer.json() : {}
    if (answer.ok && said.version) return this.noteSaved(said, edits)
    if (said.error === 'stale-form' && !isSecondTry) {
      // Signed in anew in another tab: this form needs the token of the new session.
      for (const token of document.querySelectorAll('input[name="csrf_token"]')) token.value = said.csrf_token
      return 'now'
    }
    if (said.error === 'signed-out') return this.askToSignIn()
    if (said.error === 'stale-draft') return (await this.hasSavedWhatWasLost()) ? 'now' : this.showTwoWindows()
    if (said.error === 'too-long') this.say(`${said.message} Nothing is saved until then.`)
    else this.say('Your draft could not be saved. Your text is here: the site tries again.')
    return said.error === 'too-long' ? null : TRY_AGAIN
  }

  noteSaved(said, edits) {
    this.form.elements['kb-version'].value = said.version
    this.saved = edits
    this.lost = []
    this.say(`Draft saved at ${said.saved_at}.`)
    const others = document.querySelector('[data-kb-others]')
    if (others) others.innerHTML = said.others
    document.querySelector('[data-kb-kept]')?.remove()
    return null
  }

  askToSignIn() {
    // It is tried again and again, and said once.
    if (this.state.querySelector('a')) return TRY_AGAIN
    this.say('You have been signed out, and your text is here. ')
    const link = document.createElement('a')
    link.className = 'govuk-link'
    link.href = `/login?next=/edit/${this.form.dataset.kbEditor}`
    link.target = '_blank'
    link.textContent = 'Sign in again in a new tab'
    this.state.append(link, ', then come back: it is saved by itself.')
    return TRY_AGAIN
  }

  showTwoWindows() {
    this.isStopped = true
    this.say('You changed this draft in another window. What you see here is not saved. ')
    const button = document.createElement('button')
    button.className = 'govuk-button govuk-button--secondary'
    button.textContent = 'Show both texts'
    this.state.append(button)
    return null
  }

  say(words) {
    if (this.state.textContent !== words) this.state.textContent = words
  }
}
