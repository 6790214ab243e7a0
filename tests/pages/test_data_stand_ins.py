from pathlib import Path

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library
from knowledge_base.pages.stand_ins import OUTCOME
from knowledge_base.repository.repository import SITE_AUTHOR, Repository
from knowledge_base.repository.versions import EarlierVersions
from tests.content_folder import ContentFolder

CONTACTS = "_data/contacts.yml"
DESK = "desk:\n  name: Duty desk\n  audience: open\n  phone: '1'\n  origin: Here\n"
NIGHT = "night:\n  name: Night team\n  audience: staff\n  phone: '2'\n  origin: Here\n"


@pytest.fixture
def committed(content: ContentFolder) -> ContentFolder:
    content.page("index", title="Home")
    content.page("page", "Ring {{ contact.desk.phone }}.\n")
    content.file(CONTACTS, DESK + NIGHT)
    content.file("_data/sources.yml", "paper: {title: A, publisher: B, date: 2026-01-01, status: current}\n")
    commit(content.root, "index.md", "page.md", CONTACTS, "_data/sources.yml", "_data/audiences.yml")
    return content


def commit(root: Path, *paths: str) -> None:
    contents: dict[str, bytes | None] = {path: (root / path).read_bytes() for path in paths}
    Repository.of(root).commit(contents, author=SITE_AUTHOR, message="A version\n")


def edition(content: ContentFolder) -> Edition:
    return Library(content.root, versions=EarlierVersions(content.root)).edition()


@pytest.mark.parametrize(
    "broken",
    [
        DESK.replace("phone: '1'", "phone: [") + NIGHT,
        DESK + NIGHT + "new:\n  name: New: one\n  audience: open\n",
        DESK + NIGHT.replace("  phone: '2'", "\tphone: '2'"),
        DESK + DESK + NIGHT,
        "- a\n- b\n",
        DESK + NIGHT.replace("origin: Here", "purpose: Ask: staff of the desk"),
    ],
)
def test_the_last_version_without_a_fault_stays_live_and_editors_are_told(
    committed: ContentFolder, broken: str
) -> None:
    committed.file(CONTACTS, broken)

    found = edition(committed)

    assert found.data.contacts["desk"].phone == "1"
    assert [OUTCOME in fault.message for fault in found.faults if fault.path == CONTACTS] == [True]


@pytest.mark.parametrize(
    "broken",
    [
        DESK.replace("audience: open", "audience: staff") + NIGHT + "x: [",
        DESK.replace("audience: open", "audiance: staff") + NIGHT + "x: [",
        DESK.replace("audience: open", "for: staff") + NIGHT + "x: [",
        DESK.replace("audience: open", "audience: staff") + NIGHT.replace("audience: staff", "audience: open") + "x: [",
        DESK.replace("audience: open", "# audience") + NIGHT + "x: [",
        "desk: {name: Duty desk, audience: leads\n" + NIGHT,
    ],
)
def test_what_may_be_meant_for_fewer_people_is_shown_to_nobody(committed: ContentFolder, broken: str) -> None:
    committed.file(CONTACTS, broken)

    found = edition(committed)

    assert found.data.contacts == {}
    assert not any(OUTCOME in fault.message for fault in found.faults)


def test_a_broken_version_that_was_committed_is_passed_over(committed: ContentFolder) -> None:
    committed.file(CONTACTS, DESK + NIGHT + "x: [")
    commit(committed.root, CONTACTS)
    committed.file(CONTACTS, DESK + NIGHT + "x: [\n")

    assert edition(committed).data.contacts["night"].phone == "2"


def test_a_register_with_a_wrong_entry_is_the_last_good_one(committed: ContentFolder) -> None:
    committed.file("_data/sources.yml", "paper: {title: A}\n")

    assert edition(committed).sources.by_id["paper"].publisher == "B"


def test_nobody_is_in_an_audience_of_a_broken_file(committed: ContentFolder) -> None:
    committed.file("_data/audiences.yml", "staff: [")

    assert edition(committed).audiences.by_name == {}


def test_a_change_of_the_broken_file_itself_is_taken_as_it_is(committed: ContentFolder) -> None:
    committed.file(CONTACTS, DESK + NIGHT + "x: [")
    library = Library(committed.root, versions=EarlierVersions(committed.root))

    mended = library.edition_with({CONTACTS: DESK.replace("'1'", "'3'").encode()})
    other = library.edition_with({"_data/sources.yml": b""})
    still_broken = library.edition_with({CONTACTS: b"x: ["})

    assert mended.data.contacts["desk"].phone == "3"
    assert other.data.contacts["desk"].phone == "1"
    assert still_broken.data.contacts == {}
    assert library.edition().data.contacts["desk"].phone == "1"


def test_it_is_live_again_once_it_is_mended(committed: ContentFolder) -> None:
    library = Library(committed.root, versions=EarlierVersions(committed.root))
    committed.file(CONTACTS, DESK + NIGHT + "x: [")
    library.refresh()
    committed.file(CONTACTS, DESK.replace("'1'", "'3'"))

    found = library.refresh()

    assert found.data.contacts["desk"].phone == "3"
    assert found.faults == ()
