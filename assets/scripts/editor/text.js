/** The text field, as CodeMirror shows it. The field itself stays what is sent. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { markdown, markdownLanguage } from '@codemirror/lang-markdown'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorState, Prec } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const LOOK = EditorView.theme({
  '&': { border: '2px solid #0b0c0c', backgroundColor: '#fff', fontSize: '1rem' },
  '&.cm-focused': { outline: '3px solid #ffdd00', boxShadow: 'inset 0 0 0 2px #0b0c0c' },
  '.cm-scroller': { fontFamily: 'ui-monospace, Menlo, Consolas, monospace', lineHeight: '1.5', height: '65vh', overflow: 'auto' },
  '.cm-gutters': { backgroundColor: '#f3f8f9', color: '#484949', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: '#e6f0f2' }
})
const COLOURS = HighlightStyle.define([
  { tag: tags.heading, fontWeight: 'bold', color: '#0b2f3c' },
  { tag: tags.strong, fontWeight: 'bold' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: [tags.link, tags.url], color: '#0a5a7c' },
  { tag: [tags.processingInstruction, tags.comment, tags.monospace], color: '#484949' }
])

/** Show the text of a field in CodeMirror. Returns what the rest of the editor does with it. */
export function makeText(field) {
  const listeners = []
  const view = new EditorView({
    parent: place(field),
    state: EditorState.create({ doc: field.value, extensions: extensions(field, () => listeners.forEach((one) => one())) })
  })
  field.hidden = true
  const label = document.querySelector(`label[for="${field.id}"]`)
  label?.addEventListener('click', (event) => {
    event.preventDefault()
    view.focus()
  })
  return {
    view,
    field,
    get value() {
      return view.state.doc.toString()
    },
    onChange: (listener) => listeners.push(listener),
    goToLine: (number) => goToLine(view, number),
    insert: (change) => insert(view, change)
  }
}

function place(field) {
  const holder = document.createElement('div')
  holder.className = 'kb-editor__code'
  field.after(holder)
  return holder
}

function extensions(field, changed) {
  const described = [field.getAttribute('aria-describedby')].filter(Boolean).join(' ')
  return [
    history(),
    // A phone has no room for them.
    ...(window.matchMedia('(min-width: 641px)').matches ? [lineNumbers()] : []),
    drawSelection(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    markdown({ base: markdownLanguage, addKeymap: true }),
    syntaxHighlighting(COLOURS),
    LOOK,
    // Tab leaves the text, as everywhere: whoever has no mouse must not be caught in it.
    Prec.low(keymap.of([...defaultKeymap, ...historyKeymap])),
    EditorView.cspNonce.of(document.querySelector('meta[name="kb-style-nonce"]').content),
    EditorView.contentAttributes.of({
      'aria-label': 'Text',
      // Editable as it is, not every checker knows that it can be reached with the keyboard.
      tabindex: '0',
      spellcheck: 'true',
      autocapitalize: 'sentences',
      ...(described && { 'aria-describedby': described })
    }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return
      field.value = update.state.doc.toString()
      changed()
    })
  ]
}

function goToLine(view, number) {
  const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines))
  view.dispatch({ selection: { anchor: line.from, head: line.to }, effects: EditorView.scrollIntoView(line.from, { y: 'center' }) })
  view.focus()
}

/** Replace the selection by what `change` makes of it: `{ text, from, to }`, the last two being what is selected then. */
function insert(view, change) {
  const { from, to } = view.state.selection.main
  const made = change(view.state.sliceDoc(from, to), view.state.doc, from, to)
  const start = made.start ?? from
  view.dispatch({
    changes: { from: start, to: made.end ?? to, insert: made.text },
    selection: { anchor: start + (made.from ?? made.text.length), head: start + (made.to ?? made.from ?? made.text.length) },
    scrollIntoView: true
  })
  view.focus()
}
