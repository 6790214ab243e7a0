const LONG_DATE = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'Europe/London' }

/** Show on paper the day of printing, even when the page has been open, or kept by the browser, since an earlier one. */
export function keepPrintDate() {
  window.addEventListener('beforeprint', () => {
    for (const place of document.querySelectorAll('time[data-kb-print-date]')) {
      const now = new Date()
      place.textContent = now.toLocaleDateString('en-GB', LONG_DATE)
      place.setAttribute('datetime', now.toISOString())
    }
  })
}
