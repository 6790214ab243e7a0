/** Add pictures and documents: chosen, dropped onto the text, or pasted. Each goes into the text where it is wanted. */

const LARGEST = 10_000_000

export function startFiles(form, text, saver) {
  const button = form.querySelector('[data-kb-add-file]')
  const [chosen, alt] = [form.elements.file, form.elements.alt]
  const files = form.querySelector('#kb-files')
  button.addEventListener('click', async (event) => {
    // A file that takes the place of another changes words of the text: the server does that, and shows the page anew.
    if (!chosen.files.length || form.elements.replaces?.value) return
    event.preventDefault()
    if (await add(form, text, saver, chosen.files[0], alt.value)) {
      chosen.value = ''
      alt.value = ''
      text.view.focus()
    }
  })
  // A dropped or pasted file waits in the field until its author has said what it shows.
  const take = (event, list) => {
    if (!list?.files.length) return
    event.preventDefault()
    const one = new DataTransfer()
    one.items.add(list.files[0])
    chosen.files = one.files
    files.open = true
    const others = list.files.length > 1 ? ' The others come after it, one at a time.' : ''
    say(form, `Say what “${list.files[0].name}” shows, then choose “Add the file”.${others}`)
    alt.focus()
  }
  text.view.dom.addEventListener('paste', (event) => take(event, event.clipboardData), true)
  // Beside the text too: a browser would leave the page and open the file. The field for a file takes one by itself.
  const isField = (event) => event.target === chosen
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') && !isField(event)) event.preventDefault()
  })
  document.addEventListener('drop', (event) => isField(event) || take(event, event.dataTransfer), true)
}

async function add(form, text, saver, file, alt) {
  if (file.size > LARGEST) return say(form, `“${file.name}” is larger than 10 MB: make it smaller.`)
  // What is typed must be in the draft before the file is, and a text is sent by one of them at a time.
  await saver.finish()
  const body = new FormData()
  for (const name of ['csrf_token', 'kb-version', 'kb-holder']) body.set(name, form.elements[name].value)
  body.set('file', file)
  body.set('alt', alt)
  try {
    const answer = await fetch(`/edit/${form.dataset.kbEditor}/files`, {
      method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'manual'
    })
    const said = await answer.json()
    if (!answer.ok) return say(form, said.message ?? 'The file could not be added. Save the draft, then try again.')
    text.insert(spaceAfter(said.markdown))
    form.querySelector('[data-kb-files]').innerHTML = said.files
    say(form, `“${said.name}” goes live with the page.`)
    return true
  } catch {
    return say(form, 'The file could not be added: the site cannot be reached, or the file is too large.')
  }
}

/** What is selected stays, and words do not run into what comes after them. */
const spaceAfter = (markdown) => (_selected, doc, _from, to) => {
  const isApart = /^\s?$/.test(doc.sliceString(Math.max(0, to - 1), to))
  return { start: to, end: to, text: `${isApart ? '' : ' '}${markdown}` }
}

function say(form, words) {
  form.querySelector('[data-kb-state]').textContent = words
  return false
}
