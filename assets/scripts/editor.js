/** The editor, nicer: coloured text, a toolbar, drafts that save themselves, a preview that follows. The page works without. */
import { startFiles } from './editor/files.js'
import { startSaving } from './editor/saving.js'
import { startPreview } from './editor/preview.js'
import { makeText } from './editor/text.js'
import { addToolbar } from './editor/toolbar.js'

const form = document.querySelector('form[data-kb-editor]')
const field = form?.querySelector('textarea[name="kb-body"]')

if (form && field) {
  const text = makeText(field)
  addToolbar(form, text)
  const saver = startSaving(form, text)
  startFiles(form, text, saver)
  startPreview(form, text)
  const line = Number(new URLSearchParams(window.location.search).get('line'))
  if (line) text.goToLine(line)
}
