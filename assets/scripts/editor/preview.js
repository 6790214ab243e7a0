/** The preview and the checks follow what is typed, and the preview scrolls with the text. */

const PAUSE = 1200

export function startPreview(form, text) {
  const preview = document.querySelector('[data-kb-preview]')
  const notes = document.querySelector('[data-kb-notes]')
  let timer
  let number = 0
  const wait = (milliseconds = PAUSE) => {
    clearTimeout(timer)
    timer = setTimeout(show, milliseconds)
  }
  const show = async () => {
    const mine = ++number
    try {
      const body = new FormData(form)
      body.delete('file')
      const answer = await fetch(`/edit/${form.dataset.kbEditor}/preview`, {
        method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'manual'
      })
      // A later one overtook it.
      if (mine !== number || !answer.ok) return
      const said = await answer.json()
      preview.innerHTML = said.preview
      notes.innerHTML = said.notes
      openLinksElsewhere(preview)
      preview.scrollTop = placeInPreview(text.view, preview)
    } catch {
      // It is tried again with the next change.
    }
  }
  text.onChange(() => wait())
  form.addEventListener('input', () => wait())
  form.elements.as.addEventListener('change', () => wait(0))
  notes.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-kb-line]')
    if (!link) return
    event.preventDefault()
    text.goToLine(Number(link.dataset.kbLine))
  })
  openLinksElsewhere(preview)
  scrollTogether(text, preview)
}

/** A link of the preview must not take its author away from the text. */
function openLinksElsewhere(preview) {
  for (const link of preview.querySelectorAll('a[href]:not([href^="#"])')) link.target = '_blank'
}

/** Where the text is scrolled to, the preview is too: from heading to heading. */
function scrollTogether(text, preview) {
  const { view } = text
  let isAsked = false
  view.scrollDOM.addEventListener('scroll', () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      preview.scrollTop = placeInPreview(view, preview)
    })
  })
}

function placeInPreview(view, preview) {
  const top = view.scrollDOM.scrollTop
  const marks = pairs(view, preview)
  const next = marks.findIndex((mark) => mark.text > top)
  const [from, to] = [marks[next - 1] ?? marks[0], marks[next] ?? marks[marks.length - 1]]
  const share = to.text > from.text ? (top - from.text) / (to.text - from.text) : 0
  return from.page + share * (to.page - from.page)
}

/** Return the heights at which the same headings stand in the text and in the preview, from top to end. */
function pairs(view, preview) {
  const marks = [{ text: 0, page: 0 }]
  const headings = [...preview.querySelectorAll('.kb-prose :is(h2, h3, h4)')]
  const { doc } = view.state
  let inCode = false
  for (let number = 1; number <= doc.lines && headings.length; number += 1) {
    const line = doc.line(number)
    if (/^\s*(```|~~~)/.test(line.text)) inCode = !inCode
    if (inCode || !/^#{2,4}\s/.test(line.text)) continue
    const heading = headings.shift()
    marks.push({ text: view.lineBlockAt(line.from).top, page: heading.offsetTop })
  }
  const { scrollDOM } = view
  const end = { text: scrollDOM.scrollHeight - scrollDOM.clientHeight, page: preview.scrollHeight - preview.clientHeight }
  return [...marks.filter((mark) => mark.text < end.text && mark.page < end.page), end]
}
