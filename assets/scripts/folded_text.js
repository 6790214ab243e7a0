/** Open the folded text that a link to one of its anchors leads into: a search result may stand inside it. */
export function openFoldedTarget() {
  const open = () => {
    const target = document.querySelector(':target')
    const folded = target?.closest('details:not([open])')
    if (!folded) return
    folded.open = true
    target.scrollIntoView()
  }
  window.addEventListener('hashchange', open)
  open()
}

/** Print folded text unfolded, and fold it again afterwards. */
export function unfoldForPrinting() {
  let unfolded = []
  window.addEventListener('beforeprint', () => {
    unfolded = [...document.querySelectorAll('details:not([open])')]
    for (const details of unfolded) details.open = true
  })
  window.addEventListener('afterprint', () => {
    for (const details of unfolded) details.open = false
    unfolded = []
  })
}
