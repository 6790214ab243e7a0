const SETTING = 'kb-search-key'
const TAKES_KEYS =
  'input:not([type="button"], [type="checkbox"], [type="radio"], [type="reset"], [type="submit"]), textarea, select, dialog, ' +
  '[role="application"], [role="combobox"], [role="dialog"], [role="listbox"], [role="menu"], [role="textbox"]'

/**
 * Let `/` lead to the search box from anywhere on a page, and show so in the box.
 *
 * People who speak to their computer set off keys by accident, so a switch in the footer turns it off, in this browser.
 */
export function focusSearchByKey() {
  const input = document.querySelector('form[data-kb-suggestions] [name="q"]')
  const links = document.querySelector('.kb-footer__list')
  if (!input || !links) return
  const hint = makeHint()
  input.closest('.kb-search__row > *').after(hint)
  const button = makeSwitch()
  links.append(document.createElement('li'))
  links.lastElementChild.append(button)

  const showSetting = () => {
    hint.hidden = !isOn()
    button.setAttribute('aria-checked', isOn())
    button.lastElementChild.textContent = isOn() ? ': on' : ': off'
    if (isOn()) input.setAttribute('aria-keyshortcuts', '/')
    else input.removeAttribute('aria-keyshortcuts')
  }
  button.addEventListener('click', () => {
    turn(!isOn())
    showSetting()
  })
  document.addEventListener('keydown', (event) => {
    if (!isMeant(event) || !isOn()) return
    event.preventDefault()
    input.focus()
    input.select()
  })
  showSetting()
}

/** Tell whether a key press is a plain `/` that nothing else is waiting for. With Shift too: some keyboards need it. */
function isMeant(event) {
  const { key, target } = event
  if (key !== '/' || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return false
  return !target.isContentEditable && !target.closest(TAKES_KEYS) && !document.querySelector('dialog[open]')
}

// A browser may refuse to keep anything; then the switch holds for the page.
let isOnHere = true

function isOn() {
  try {
    return isOnHere && localStorage.getItem(SETTING) !== 'off'
  } catch {
    return isOnHere
  }
}

function turn(on) {
  isOnHere = on
  try {
    if (on) localStorage.removeItem(SETTING)
    else localStorage.setItem(SETTING, 'off')
  } catch {
    // Kept for this page only.
  }
}

function makeHint() {
  const hint = document.createElement('kbd')
  hint.className = 'kb-search__key'
  // aria-keyshortcuts says it to those who do not see it.
  hint.setAttribute('aria-hidden', 'true')
  hint.textContent = '/'
  return hint
}

function makeSwitch() {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'kb-footer__link kb-search-switch'
  button.setAttribute('role', 'switch')
  button.innerHTML = 'Press <kbd>/</kbd> to search<span aria-hidden="true"></span>'
  return button
}
