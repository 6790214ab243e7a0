/** Choose a page, a section of one, or a contact, by typing some of its name. */

const MOST = 30

const PAGES = { heading: 'Link to a page', label: 'Words of its title', list: 'Pages', none: 'No page or section has these words in its title.' }
const CONTACTS = { heading: 'Show a contact', label: 'Words of its name', list: 'Contacts', none: 'No contact has these words in its name.' }

/** Ask for a page. Gives `{ url, title }`, or null when nothing was chosen. */
export function pickPage(words) {
  return pick(PAGES, words, async () => {
    const answer = await fetch('/api/pages')
    return (await answer.json()).pages.flatMap(placesOf)
  })
}

/** Ask for one of the contacts that the page lists. Gives `{ url, title }`, `url` being its name in the file, or null. */
export function pickContact(form) {
  const listed = [...form.querySelectorAll('[data-kb-contact]')]
  return pick(CONTACTS, '', async () =>
    listed.map((one) => ({ url: one.dataset.kbContact, title: one.dataset.kbName, shown: one.dataset.kbName }))
  )
}

async function pick(words, typed, load) {
  const dialog = makeDialog(words)
  const field = dialog.querySelector('input')
  const list = dialog.querySelector('ul')
  document.body.append(dialog)
  field.value = typed
  dialog.showModal()
  let places = []
  const state = dialog.querySelector('[role="status"]')
  const show = () => {
    const found = matching(places, field.value)
    list.replaceChildren(...found.map((one) => choice(one, dialog)))
    state.textContent = found.length ? '' : words.none
  }
  field.addEventListener('input', show)
  try {
    places = await load()
    show()
  } catch {
    state.textContent = 'The pages cannot be listed. Type the address into the text.'
  }
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue ? JSON.parse(dialog.returnValue) : null)
    })
  })
}

function makeDialog(words) {
  const dialog = document.createElement('dialog')
  dialog.className = 'kb-picker'
  dialog.setAttribute('aria-labelledby', 'kb-picker-title')
  dialog.innerHTML =
    '<form method="dialog"><h2 class="govuk-heading-m" id="kb-picker-title"></h2>' +
    '<label class="govuk-label" for="kb-picker-words"></label>' +
    '<input class="govuk-input" id="kb-picker-words" type="text" autocomplete="off" autofocus>' +
    '<p class="govuk-body kb-picker__state" role="status">Looking…</p>' +
    '<ul class="kb-picker__list"></ul>' +
    '<button class="govuk-button govuk-button--secondary" value="">Cancel</button></form>'
  dialog.querySelector('h2').textContent = words.heading
  dialog.querySelector('label').textContent = words.label
  dialog.querySelector('ul').setAttribute('aria-label', words.list)
  // Enter takes the first of the list.
  dialog.querySelector('input').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    dialog.querySelector('.kb-picker__choice')?.click()
  })
  return dialog
}

function placesOf(page) {
  const sections = page.sections.filter((one) => one.anchor)
  return [
    { url: page.url, title: page.title, shown: page.title },
    ...sections.map((one) => ({ url: `${page.url}#${one.anchor}`, title: one.heading, shown: `${page.title}: ${one.heading}` }))
  ]
}

function matching(places, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const found = places.filter((one) => words.every((word) => `${one.shown} ${one.url}`.toLowerCase().includes(word)))
  // Pages before the sections of pages.
  return found.sort((one, other) => one.url.includes('#') - other.url.includes('#')).slice(0, MOST)
}

function choice(place, dialog) {
  const item = document.createElement('li')
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'kb-picker__choice'
  made.textContent = place.shown
  made.addEventListener('click', () => dialog.close(JSON.stringify({ url: place.url, title: place.title })))
  item.append(made)
  return item
}
