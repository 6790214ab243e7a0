/** Buttons for what Markdown and this site's blocks can do. Each has a key where that is usual. */
import { redo, undo } from '@codemirror/commands'

import { pickContact, pickPage } from './link_picker.js'

const BLOCKS = {
  Warning: '/// warning\n\n¶\n\n///',
  'Staff only': '/// staff-only\n\n¶\n\n///',
  Table: '| ¶ |  |\n| --- | --- |\n|  |  |'
}

export function addToolbar(form, text) {
  const bar = document.createElement('div')
  bar.className = 'kb-toolbar'
  bar.setAttribute('role', 'group')
  bar.setAttribute('aria-label', 'Formatting')
  const add = (name, run, key) => bar.append(button(name, () => run(), key))
  add('Heading', () => text.insert(asHeading))
  add('Bold', () => text.insert(wrap('**', 'bold words')), 'Ctrl+B')
  add('Link', () => link(text), 'Ctrl+K')
  add('List', () => text.insert(asList))
  add('Contact', () => contact(form, text))
  add('Steps', () => text.insert(asSteps))
  for (const [name, block] of Object.entries(BLOCKS)) add(name, () => text.insert(asBlock(block)))
  add('Image', () => showFiles(form))
  add('Undo', () => undo(text.view), 'Ctrl+Z')
  add('Redo', () => redo(text.view), 'Ctrl+Y')
  text.view.dom.before(bar)
  text.view.dom.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
    const run = { b: () => text.insert(wrap('**', 'bold words')), k: () => link(text) }[event.key.toLowerCase()]
    if (!run) return
    event.preventDefault()
    run()
  })
}

function button(name, run, key) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'kb-toolbar__button'
  made.textContent = name
  if (key) {
    made.title = key
    made.setAttribute('aria-keyshortcuts', key.replace('Ctrl', 'Control'))
  }
  made.addEventListener('click', run)
  return made
}

/** Lead to where a picture is chosen. It needs words for whoever does not see it, so that there is no quicker way. */
function showFiles(form) {
  form.querySelector('#kb-files').open = true
  form.elements.file.focus()
}

async function link(text) {
  const { from, to } = text.view.state.selection.main
  const chosen = await pickPage(text.view.state.sliceDoc(from, to))
  text.view.focus()
  if (!chosen) return
  text.insert((selected) => {
    const words = selected || chosen.title
    return { text: `[${words}](${chosen.url})`, from: 1, to: 1 + words.length }
  })
}

async function contact(form, text) {
  const chosen = await pickContact(form)
  text.view.focus()
  if (!chosen) return
  const block = asBlock(`/// contact | ${chosen.url}\n///¶`)
  // What is selected stays: a contact has no words of its own.
  text.insert((_selected, doc, _from, to) => ({ ...block('', doc, to, to), start: to }))
}

/** Put marks around what is selected, or take them away where they are. */
const wrap = (mark, words) => (selected, doc, from, to) => {
  const size = mark.length
  if (selected && doc.sliceString(Math.max(0, from - size), from) === mark && doc.sliceString(to, to + size) === mark) {
    return { start: from - size, end: to + size, text: selected, from: 0, to: selected.length }
  }
  if (selected.length > 2 * size && selected.startsWith(mark) && selected.endsWith(mark)) {
    const inner = selected.slice(size, -size)
    return { text: inner, from: 0, to: inner.length }
  }
  const inner = selected || words
  return { text: `${mark}${inner}${mark}`, from: mark.length, to: mark.length + inner.length }
}

function asHeading(_selected, doc, from) {
  const line = doc.lineAt(from)
  const words = line.text.replace(/^#+\s*/, '')
  const marks = /^##\s/.test(line.text) ? '### ' : '## '
  return { start: line.from, end: line.to, text: `${marks}${words}` }
}

function asList(_selected, doc, from, to) {
  const [first, last] = [doc.lineAt(from), doc.lineAt(to)]
  const lines = doc.sliceString(first.from, last.to).split('\n')
  const items = lines.map((line) => `- ${line.replace(/^[-*]\s+/, '')}`).join('\n')
  // Without an empty line between them, a list and the words before or after it are one paragraph.
  const isOther = (number) => number >= 1 && number <= doc.lines && /^(?!\s*(?:[-*]\s|$))/.test(doc.line(number).text)
  const [lead, tail] = [isOther(first.number - 1) ? '\n' : '', isOther(last.number + 1) ? '\n' : '']
  const made = `${lead}${items}`
  return { start: first.from, end: last.to, text: made + tail, from: made.length }
}

/** Each line that is selected is a step. */
function asSteps(selected, doc, from, to) {
  const lines = selected.split('\n').filter((line) => line.trim()).map((line) => line.replace(/^\s*(?:[-*]|\d+[.)])\s+/, ''))
  const steps = (lines.length > 1 ? lines : [lines[0] ?? '', '']).map((line, number) => `${number + 1}. ${line}`)
  const made = asBlock(`/// steps\n\n${steps.join('\n')}\n\n///¶`)('', doc, from, to)
  // The first step is what is written next.
  const place = made.text.indexOf('1. ') + 3 + (lines[0] ?? '').length
  return { ...made, from: place, to: place }
}

/** A block stands by itself: with an empty line before and after it. What is selected goes into it. */
const asBlock = (block) => (selected, doc, from, to) => {
  const before = doc.sliceString(0, from)
  const after = doc.sliceString(to)
  const lead = !before || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  const tail = !after || after.startsWith('\n\n') ? '\n' : after.startsWith('\n') ? '\n' : '\n\n'
  const made = lead + block.replace('¶', () => selected) + tail
  const place = lead.length + block.indexOf('¶') + selected.length
  return { text: made, from: place, to: place }
}
