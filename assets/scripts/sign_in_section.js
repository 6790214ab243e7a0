/**
 * Come back after signing in to the section that a link led to. Browsers do not send the part of an address after "#", so
 * the server cannot know it; they do keep it when they are sent on to the sign-in page.
 */
export function keepSectionAtSignIn() {
  if (location.pathname === '/login') {
    for (const field of document.querySelectorAll('main form input[name="next"]')) field.value = withSection(field.value)
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href*="next="]')
    if (link?.origin !== location.origin || !link.pathname.startsWith('/login')) return
    const address = new URL(link.href)
    address.searchParams.set('next', withSection(address.searchParams.get('next')))
    link.href = address.href
  })
}

/** Only where the address has no section of its own yet. */
function withSection(address) {
  return address && !address.includes('#') ? address + location.hash : address
}
