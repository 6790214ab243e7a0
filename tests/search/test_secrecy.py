"""What someone finds is, in every detail, what it would be if the pages they may not read did not exist."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.access.policy import Viewer
from knowledge_base.search.filters import Filters
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import ResultPage, SectionResults, find_pages, find_sections
from knowledge_base.search.snapshot import Asker
from tests.content_folder import AUDIENCES, ContentFolder

CONTACTS = "hub: {name: Safeguarding hub, audience: open, origin: national, phone: '101', purpose: Worries}\n"
GATED_CONTACTS = "desk: {name: Wintergreen desk, audience: staff, origin: national, phone: 01999 999 999}\n"
PINNED = "- {searches: [in danger], leads_to: '/referral#now'}\n"
GATED_PINNED = """
- {searches: [helpline], leads_to: '/referral#now', audience: staff}
- {searches: [form, in danger], leads_to: '/desk'}
- {searches: [plan, wintergreen], leads_to: '/referral#staff-only-1'}
"""
SYNONYMS = "- {words: [grass], mean: [tell]}\n"
GATED_SYNONYMS = "- {words: [bergamot], mean: [hub], audience: staff}\n- {same: [hub, form], audience: staff}\n"
TERM = "## Juniper plan {#jp}\n\n/// term\n    short: [JP]\n///\n\nA plan of junipers.\n"
GATED_TERM = "## Wintergreen plan {#wp}\n\n/// term\n    short: [WP]\n    also: [plan]\n///\n\nA plan of wintergreen.\n"
REFERRAL = """
Who to tell: the hub. A form.

## What to do now {#now}

Send the form to the hub. It is a plan.

/// contact | hub
///
"""
STAFF_BLOCK = """
//// staff-only

Use the wintergreen inbox: wintergreen, wintergreen. A form, a form, a plan.

## Wintergreen steps {#wintergreen}

/// steps

1. Send the form to the wintergreen hub. {by: 3 days}

///

/// asked
what to do with the wintergreen form
///

/// contact | desk
///

////
"""
GATED_PAGE = """
The wintergreen hub, the form, the junipers.

## Wintergreen {#wintergreen}

A form for the plan of the hub, the wintergreens and the referal.

/// asked
who to tell now
///

/// myth

The wintergreen spies on the hub.

///
"""
# What the gated pages hold, mistyped, begun, in quotation marks; and what open ones hold too.
TYPED = [
    "wintergreen",
    "wintergren",
    "wintergreens form",
    "winter green",
    "wintergreenhub",
    '"wintergreen inbox"',
    "wintergreen plan",
    "what is WP",
    "plan",
    "what is a plan",
    "wintergreen desk phone",
    "01999 999 999",
    "when must i send the form to the hub",
    "bergamot",
    "bergamott",
    "hub",
    "hbu",
    "form",
    "the form of the hub",
    "in danger",
    "helpline",
    "referal",
    "who to tell now",
    "grass",
    "junipers",
    "juniper plan",
    "safeguarding hub",
    "hub form plan wintergreen junipers",
    "who what",
]
Site = tuple[ContentFolder, SearchIndex]


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """Make a content folder with what everyone may read, and an index for it."""
    made: list[SearchIndex] = []

    def make(name: str) -> Site:
        folder = ContentFolder(tmp_path / name / "content")
        folder.file("_data/audiences.yml", AUDIENCES)
        add_open(folder)
        made.append(SearchIndex(tmp_path / name / "search_index"))
        return folder, made[-1]

    yield make
    for index in made:
        index.close()


def add_open(folder: ContentFolder) -> None:
    folder.file("_data/contacts.yml", CONTACTS)
    folder.file("_data/pinned.yml", PINNED)
    folder.file("_data/synonyms.yml", SYNONYMS)
    folder.page("index", "Welcome to the hub.", title="Home")
    folder.page("referral/index", REFERRAL, title="Share a concern", keywords=["referral form"])
    folder.page("referral/notes", "A form of the hub, and a juniper.", title="Notes")
    folder.page("referral/others", "A form of the hub, and a juniper.", title="Notes")
    folder.page("glossary/index", TERM, title="Glossary")


def add_gated(folder: ContentFolder, *, audience: str = "staff") -> None:
    folder.file("_data/contacts.yml", CONTACTS + GATED_CONTACTS)
    folder.file("_data/pinned.yml", PINNED + GATED_PINNED)
    folder.file("_data/synonyms.yml", SYNONYMS + GATED_SYNONYMS)
    folder.page("referral/index", REFERRAL + STAFF_BLOCK, title="Share a concern", keywords=["referral form"])
    folder.page("glossary/staff", GATED_TERM, title="Glossary for staff", audience=audience)
    folder.page("desk/index", GATED_PAGE, title="Wintergreen", keywords=["hub", "danger"], audience=audience)
    for number in range(8):
        folder.page(
            f"desk/page-{number}", GATED_PAGE, title="Form of the hub", summary="Wintergreen.", audience=audience
        )


def all_shown(site: Site, typed: str) -> tuple[SectionResults, list[ResultPage]]:
    """Return all that someone who has not signed in is shown for what they typed, whatever filter they choose."""
    folder, index = site
    edition = folder.edition()
    asker = Asker(edition, edition.may_read(Viewer(groups=frozenset())))
    filters = [Filters(), Filters(area="referral"), Filters(area="desk"), Filters(audience="staff")]
    pages = [
        find_pages(index, typed, asker=asker, number=1, filters=replace(one, exact=exact))
        for one in filters
        for exact in (False, True)
    ]
    # A section's number in the index is shown to nobody.
    pages = [replace(page, answers=tuple(replace(one, number=0) for one in page.answers)) for page in pages]
    return find_sections(index, typed, asker=asker, limit=50), pages


def test_nothing_that_is_shown_depends_on_what_may_not_be_read(make_site: Callable[[str], Site]) -> None:
    without, with_gated = make_site("without"), make_site("with")
    add_gated(with_gated[0])

    for typed in TYPED:
        assert all_shown(with_gated, typed) == all_shown(without, typed), typed


def test_nothing_that_is_shown_depends_on_what_could_once_be_read(make_site: Callable[[str], Site]) -> None:
    without, with_gated = make_site("without"), make_site("with")
    add_gated(with_gated[0], audience="open")
    assert all_shown(with_gated, "wintergreen") != all_shown(without, "wintergreen")

    add_gated(with_gated[0])

    for typed in TYPED:
        assert all_shown(with_gated, typed) == all_shown(without, typed), typed


def test_nothing_that_is_shown_tells_that_gated_pages_change(make_site: Callable[[str], Site]) -> None:
    without, with_gated = make_site("without"), make_site("with")
    add_gated(with_gated[0])
    all_shown(with_gated, "hub")

    with_gated[0].page("desk/page-3", "Elderflower, the hub and a form.", title="Another", audience="staff")
    changed = f"{REFERRAL}{STAFF_BLOCK}\n/// staff-only\n\nElderflower.\n\n///\n"
    with_gated[0].page("referral/index", changed, title="Share a concern", keywords=["referral form"])

    for typed in [*TYPED, "elderflower", "elderflowr"]:
        assert all_shown(with_gated, typed) == all_shown(without, typed), typed


def test_staff_are_shown_what_others_are_not(make_site: Callable[[str], Site]) -> None:
    folder, index = make_site("with")
    add_gated(folder)
    edition = folder.edition()
    staff = Asker(edition, edition.may_read(Viewer(groups=frozenset({"staff"}))))

    def page(typed: str) -> ResultPage:
        return find_pages(index, typed, asker=staff, number=1)

    assert page("wintergren").suggestion == "wintergreen"
    assert [one.title for one in page("what is WP").answers] == ["Wintergreen plan (WP)"]
    assert [one.title for one in page("wintergreen desk phone").answers] == ["Wintergreen desk"]
    assert page("helpline").groups[0].best.url == "/referral#now"
    assert page("in danger").groups[0].best.url == "/referral#now"
    assert page("plan").groups[0].best.page_url == "/referral"
    assert page("bergamot").total > 0
    assert {choice.value for choice in page("hub").areas} >= {"desk", "referral"}
    assert {choice.value for choice in page("hub").audiences} == {"open", "staff"}


@pytest.mark.parametrize("typed", TYPED)
def test_no_answer_of_the_site_holds_a_word_of_staff(
    app: Flask, content: ContentFolder, anonymous: FlaskClient, typed: str
) -> None:
    add_open(content)
    add_gated(content)
    app.extensions["library"].refresh()
    markers = [word for word in ("wintergreen", "01999", "/desk", "staff-only", "spies", "3 days") if word not in typed]

    for url in ("/search", "/api/search", "/api/suggest"):
        for extra in ({}, {"area": "desk"}, {"audience": "staff"}):
            text = anonymous.get(url, query_string={"q": typed, **extra}).text.lower()

            # The page gives back what was asked for, in links as well.
            text = text.replace("area=desk", "").replace('value="desk"', "")
            assert [marker for marker in markers if marker in text] == []
