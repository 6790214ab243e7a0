"""What is checked across pages and in the data files: questions asked twice, pins and old addresses, contacts."""

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.links import Links, line_of
from knowledge_base.pages.personal_data import doubts_about
from knowledge_base.pages.redirects import PATH

if TYPE_CHECKING:
    from knowledge_base.pages.page import Page, Section

PINNED, CONTACTS, REDIRECTS = f"{DATA_FOLDER}/pinned.yml", f"{DATA_FOLDER}/contacts.yml", PATH


def check_questions(edition: Edition, names: Container[str] | None = None) -> Iterator[Finding]:
    """Name each question that stands under two sections: a search then cannot tell which one answers it.

    The finding is the later section's. With `names` of files, it is theirs, wherever the other section stands.
    """
    places: dict[str, list[tuple[Page, Section, str]]] = {}
    for page in edition.pages.values() if names is None else _pages_that_may_ask_the_same(edition, names):
        for section in edition.document(page).sections:
            for question in section.asked:
                places.setdefault(_alike(question), []).append((page, section, question))
    for found in places.values():
        for number, (page, section, question) in enumerate(found):
            others = [one for one in (found[:number] if names is None else found) if one[1] is not section]
            if others and (names is None or f"{page.path}.md" in names):
                other, elsewhere, _ = others[0]
                yield Finding(
                    path=f"{page.path}.md",
                    line=line_of(page, question),
                    severity=Severity.WARNING,
                    message=f"'{question}' is asked under {other.url}#{elsewhere.anchor} too",
                    remedy="keep it where the answer is",
                    about=elsewhere.requirement,
                    discreet=f"'{question}' is asked in another place too",
                )


def _pages_that_may_ask_the_same(edition: Edition, names: Container[str]) -> Iterator["Page"]:
    """Yield the named pages, and those whose text has one of their questions: to render all would take seconds."""
    named = [page for page in edition.pages.values() if f"{page.path}.md" in names]
    questions = {
        _alike(question) for page in named for section in edition.document(page).sections for question in section.asked
    }
    # To look for one word first takes a tenth of the time that the whole text takes to be made alike.
    longest = {max(question.split(), key=len) for question in questions if question}
    for page in edition.pages.values():
        if f"{page.path}.md" in names or (
            any(map(page.body.casefold().__contains__, longest)) and any(map(_alike(page.body).__contains__, questions))
        ):
            yield page


def _alike(words: str) -> str:
    return " ".join(words.casefold().split())


def check_pins(edition: Edition) -> Iterator[Finding]:
    """Name each answer that is put first and is not there."""
    links = Links(edition)
    for pin in edition.pinned.entries:
        if not links.leads_somewhere(pin.leads_to):
            message = f"{pin.leads_to}, put first for '{pin.searches[0]}', is not there"
            remedy = "change 'leads_to', or give the heading that it means this anchor"
            about = edition.folder_requirement(pin.leads_to.partition("#")[0]).narrowed_by(pin.audience)
            yield Finding(PINNED, 0, Severity.WARNING, message, remedy, about=about)


def check_redirects(edition: Edition) -> Iterator[Finding]:
    """Name each old address that leads nowhere, and each at which there is a page again."""
    for old, gone in edition.redirects.items():
        if gone.to and gone.to.partition("#")[0] not in edition.pages:
            message = f"the old address {old} leads to {gone.to}, where there is no page"
            remedy = "say where the page is now, or why it was withdrawn"
            found = Finding(REDIRECTS, 0, Severity.ERROR, message, remedy, about=gone.requirement)
            yield found.also_about(edition.folder_requirement(gone.to.partition("#")[0]))
    for old in edition.old_addresses:
        if old in edition.pages:
            message = f"there is a page again at the old address {old}, and it is shown"
            yield Finding(REDIRECTS, 0, Severity.WARNING, message, "delete the entry")


def check_contacts(edition: Edition) -> Iterator[Finding]:
    """Name each contact that looks like one person."""
    for contact in edition.data.contacts.values():
        for message, remedy in doubts_about(contact):
            about = Requirement().narrowed_by(contact.audience)
            yield Finding(CONTACTS, 0, Severity.WARNING, message, remedy, about=about)
