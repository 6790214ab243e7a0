"""What axe-core finds on the page that a window shows, and whether it fits."""

from playwright.sync_api import Page, expect

from knowledge_base.settings import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What it found to be well is many times as much, and nobody reads it.
RUN = """async rules => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})
  return found.violations.map(one => [one.id, ...one.nodes.map(node => node.html).slice(0, 3)])
}"""


def check_shown(page: Page) -> None:
    """Look at the page as it stands with axe-core."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN, RULES) == [], page.url


def check_fits(page: Page) -> None:
    """Look for what has to be scrolled sideways."""
    fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert fits, f"{page.url} scrolls sideways at {page.viewport_size}"


def check(page: Page, url: str) -> None:
    """Look at the page of an address in every way that there is here."""
    page.goto(url)
    check_shown(page)
    check_fits(page)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
