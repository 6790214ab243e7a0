/** Everything here makes a working page nicer; without it, the page still works. */
import {
  Button,
  createAll,
  ErrorSummary,
  PasswordInput,
  ServiceNavigation,
  SkipLink
} from 'govuk-frontend/dist/govuk/all.mjs'

import { keepPrintDate } from './print_date.js'
import { openFoldedTarget, unfoldForPrinting } from './folded_text.js'
import { suggestWhileTyping } from './search_box.js'
import { focusSearchByKey } from './search_key.js'
import { keepSectionAtSignIn } from './sign_in_section.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')

for (const Component of [Button, ErrorSummary, PasswordInput, ServiceNavigation, SkipLink]) createAll(Component)

keepPrintDate()
openFoldedTarget()
unfoldForPrinting()
suggestWhileTyping()
focusSearchByKey()
keepSectionAtSignIn()
