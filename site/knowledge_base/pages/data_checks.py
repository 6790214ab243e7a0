"""What is checked across pages and in the data files: questions asked twice, pins and old addresses, contacts."""

from collections.abc import Container, Iterator

from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.links import Links, line_of
from knowledge_base.pages.personal_data import doubts_about
from knowledge_base.pages.redirects import PATH

PINNED, CONTACTS, REDIRECTS = f"{DATA_FOLDER}/pinned.yml", f"{DATA_FOLDER}/contacts.yml", PATH


def check_questions(edition: Edition, names: Container[str] | None = None) -> Iterator[Finding]:
    """Name each question that stands under two sections: a search then cannot tell which one answers it.

    The finding is the later section's. With `names` of files, it is theirs, wherever the other section stands.
    """
    places: dict[str, list[tuple[str, int, str]]] = {}
    for page in edition.pages.values():
        for section in edition.document(page).sections:
            for question in section.asked:
                known = places.setdefault(" ".join(question.casefold().split()), [])
                known.append((f"{page.path}.md", line_of(page, question), f"{page.url}#{section.anchor}"))
    for question, found in places.items():
        for number, (name, line, place) in enumerate(found):
            others = [other for _, _, other in (found[:number] if names is None else found) if other != place]
            if others and (names is None or name in names):
                message = f"'{question}' is asked under {others[0]} too"
                yield Finding(name, line, Severity.WARNING, message, "keep it where the answer is")


def check_pins(edition: Edition) -> Iterator[Finding]:
    """Name each answer that is put first and is not there."""
    links = Links(edition)
    for pin in edition.pinned.entries:
        if not links.leads_somewhere(pin.leads_to):
            message = f"{pin.leads_to}, put first for '{pin.searches[0]}', is not there"
            remedy = "change 'leads_to', or give the heading that it means this anchor"
            yield Finding(PINNED, 0, Severity.WARNING, message, remedy)


def check_redirects(edition: Edition) -> Iterator[Finding]:
    """Name each old address that leads nowhere, and each at which there is a page again."""
    for old, gone in edition.redirects.items():
        if gone.to and gone.to.partition("#")[0] not in edition.pages:
            message = f"the old address {old} leads to {gone.to}, where there is no page"
            yield Finding(REDIRECTS, 0, Severity.ERROR, message, "say where the page is now, or why it was withdrawn")
    for old in edition.old_addresses:
        if old in edition.pages:
            message = f"there is a page again at the old address {old}, and it is shown"
            yield Finding(REDIRECTS, 0, Severity.WARNING, message, "delete the entry")


def check_contacts(edition: Edition) -> Iterator[Finding]:
    """Name each contact that looks like one person."""
    for contact in edition.data.contacts.values():
        for message, remedy in doubts_about(contact):
            yield Finding(CONTACTS, 0, Severity.WARNING, message, remedy)
