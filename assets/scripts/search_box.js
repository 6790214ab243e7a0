import accessibleAutocomplete from 'accessible-autocomplete/src/wrapper.js'

import { Suggestions } from './suggestions.js'

// How long a list may stay for text that has changed since: closing it at each letter would flicker.
const STALE_AFTER = 400
const BACK_TO_THE_TEXT = new Set(['ArrowLeft', 'ArrowRight', 'Home', 'End', 'Delete'])
const IS_IOS = /iP(hone|ad|od)/.test(navigator.userAgent)

/** Offer pages, sections, terms and searches under each search box while somebody types. */
export function suggestWhileTyping() {
  for (const form of document.querySelectorAll('form[data-kb-suggestions]')) new SearchBox(form)
}

/**
 * A search form whose box is a combobox. The component decides what a choice does to the text; here a choice leads to a
 * page and the text is left alone, so Enter and Escape are handled before the component sees them.
 */
class SearchBox {
  constructor(form) {
    this.suggestions = new Suggestions(form.dataset.kbSuggestions)
    this.options = []
    this.input = this.enhance(form.elements.q)
    form.addEventListener('keydown', (event) => this.handleKey(event), true)
    // Back from an option to text that may have changed since the list was made.
    this.input.addEventListener('focus', () => this.isOpen && this.suggest())
    form.addEventListener('submit', () => this.close())
    // On iOS the component keeps its list open when the box loses the focus, because the keyboard's "Done" takes it away.
    document.addEventListener('pointerdown', (event) => form.contains(event.target) || this.close())
  }

  /** Put the component in place of a plain box, with everything that the box had. */
  enhance(plain) {
    const place = document.createElement('div')
    place.className = 'kb-suggestions'
    const hadFocus = document.activeElement === plain
    const { selectionStart, selectionEnd } = plain
    plain.replaceWith(place)
    accessibleAutocomplete({ ...this.settings, element: place, id: plain.id, name: plain.name, inputClasses: plain.className })

    const input = place.querySelector('input')
    input.type = plain.type
    for (const { name, value } of plain.attributes) if (!input.hasAttribute(name)) input.setAttribute(name, value)
    input.value = plain.value
    if (hadFocus) {
      input.focus()
      input.setSelectionRange(selectionStart, selectionEnd)
    }
    // The component selects the whole text whenever it gets the focus: the next letter typed would replace it.
    input.setSelectionRange = () => {}
    input.dispatchEvent(new Event('input'))
    return input
  }

  get settings() {
    return {
      cssNamespace: 'kb-suggestions',
      displayMenu: 'overlay',
      minLength: 2,
      confirmOnBlur: false,
      showNoOptionsFound: false,
      source: (text, show) => {
        this.show = show
        if (this.isTyping) this.suggest()
      },
      // Later, because the component takes the focus back to the box, out of a section of the page that is shown.
      onConfirm: ({ url }) => setTimeout(() => window.location.assign(url)),
      templates: { inputValue: (option) => option && this.input.value, suggestion: (option) => this.describe(option) },
      menuAttributes: { 'aria-label': 'Suggestions', 'aria-labelledby': null },
      tAssistiveHint: () =>
        'Suggestions appear as you type. Use the up and down arrows to review them, and Enter to open one. ' +
        'On a touch screen, explore by touch or swipe.',
      tStatusQueryTooShort: () => '',
      tStatusNoResults: () => '',
      // An option that has the focus is read out by itself.
      tStatusSelectedOption: () => 'focused',
      tStatusResults: (count, focused) =>
        focused ? '' : `${count} ${count === 1 ? 'suggestion' : 'suggestions'}. Use the up and down arrows.`
    }
  }

  get isTyping() {
    return this.input !== undefined && document.activeElement === this.input
  }

  get isOpen() {
    return this.input.getAttribute('aria-expanded') === 'true'
  }

  /** Show suggestions for the text in the box, unless by then it has changed or the person has gone elsewhere. */
  async suggest() {
    const text = this.input.value
    this.closing ??= setTimeout(() => this.drop(), STALE_AFTER)
    const found = await this.suggestions.find(text)
    if (found && this.isTyping && this.input.value === text) this.fill(found)
  }

  /** Close a list for older text, but not under somebody who is choosing from it. */
  drop() {
    this.closing = undefined
    if (this.isTyping) this.fill([])
  }

  fill(options) {
    clearTimeout(this.closing)
    this.closing = undefined
    this.options = options
    this.show?.(options)
  }

  close() {
    this.suggestions.stop()
    this.fill([])
  }

  handleKey(event) {
    const isInBox = event.target === this.input
    const isOnOption = event.target.getAttribute('role') === 'option'
    if (event.key === 'Escape' && (isInBox || isOnOption)) {
      // A browser empties a search box at Escape.
      event.preventDefault()
      event.stopPropagation()
      this.input.focus()
      this.close()
    } else if (event.key === 'Enter' && isInBox) {
      // The component would swallow it while its list is open.
      event.stopPropagation()
    } else if (event.key === 'ArrowDown' && isInBox && !this.isOpen) {
      event.preventDefault()
      event.stopPropagation()
      this.suggest()
    } else if (isOnOption && BACK_TO_THE_TEXT.has(event.key)) {
      this.input.focus()
    }
  }

  /** Return an option as HTML: its title, and more quietly what it is part of. */
  describe(option) {
    const note = option.kind === 'search' ? 'Search for this' : option.page
    const parts = [['kb-suggestions__title', option.title]]
    if (note) parts.push(['kb-suggestions__note', note])
    // iOS does not tell the position of an option. The component adds it with a style attribute, which the
    // Content-Security-Policy refuses, so it is told here, and what the component adds ends in a comment.
    if (IS_IOS) parts.push(['govuk-visually-hidden', `${this.options.indexOf(option) + 1} of ${this.options.length}`])
    return `${parts.map(([name, text]) => span(name, text)).join(' ')}<!--`
  }
}

function span(className, text) {
  const element = document.createElement('span')
  element.className = className
  element.textContent = text
  return element.outerHTML
}
