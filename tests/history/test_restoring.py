import pytest
from flask.testing import FlaskClient

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.submission import Submission
from knowledge_base.approval.submissions import get_submission, send_back, submit
from knowledge_base.audit.events import Actor
from knowledge_base.editing.draft_files import files_of
from knowledge_base.editing.drafts import begin_draft, find_draft
from knowledge_base.history.log import read_log
from knowledge_base.history.restoring import page_of_submission, take_up
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author
from tests.conftest import SignedIn, fill_in
from tests.history.conftest import NOW, PAT, SHARE, replace_in

HISTORY = "/history/referral/share"


@pytest.fixture
def editor(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["editor"])


@pytest.fixture
def ed(editor: FlaskClient) -> Viewer:
    people: tuple[Viewer, ...] = editor.application.extensions["people"]()
    return next(one for one in people if "editor" in one.roles)


def first_version(store: ContentStore, path: str = SHARE) -> str:
    return read_log(store.repository, path)[-1].revision


def restore(browser: FlaskClient, revision: str) -> tuple[int, str]:
    answer = fill_in(browser, HISTORY, {}, to=f"{HISTORY}/{revision}/restore")
    return answer.status_code, answer.location or answer.text


def test_an_older_version_becomes_a_draft_and_nothing_goes_live(
    store: ContentStore, editor: FlaskClient, ed: Viewer
) -> None:
    replace_in(store, "First words.", "Other words.")
    revision = first_version(store)
    assert "Make this a draft" in editor.get(f"{HISTORY}/{revision}").text

    outcome = restore(editor, revision)

    draft = find_draft(store, "referral/share", by=ed)
    assert outcome == (303, "/edit/referral/share")
    assert draft
    assert "First words." in draft.text
    assert draft.base == store.files.read(SHARE)
    assert b"Other words." in (draft.base or b"")


def test_a_draft_with_changes_is_not_written_over(store: ContentStore, editor: FlaskClient, ed: Viewer) -> None:
    replace_in(store, "First words.", "Other words.")
    begin_draft(store, "referral/share", by=ed, text="What I typed.", now=NOW)

    status, page = restore(editor, first_version(store))

    assert status == 409
    assert 'href="/edit/referral/share"' in page
    assert (kept := find_draft(store, "referral/share", by=ed))
    assert kept.text == "What I typed."


def test_only_who_may_change_the_page_and_read_all_of_both_restores(
    store: ContentStore, editor: FlaskClient, signed_in: SignedIn, staff: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", "Second words.\n\n/// staff-only\nThe secret number.\n///\n")
    outsider, revision = signed_in(roles=["editor"]), first_version(store)

    assert restore(outsider, revision)[0] == 404
    assert restore(staff, revision)[0] == 404
    assert "Make this a draft" not in outsider.get(f"{HISTORY}/{revision}").text
    assert restore(editor, revision)[0] == 303


@pytest.fixture
def sent_back(store: ContentStore, ed: Viewer) -> Submission:
    """A change with a file, sent back, of a page that was published anew since."""
    base = store.files.read(SHARE) or b""
    text = base.replace(b"First words.", b"My words. [A form](/files/referral/share/form.txt)")
    files = (FileChange(SHARE, text, base), FileChange("referral/_files/share/form.txt", b"A form.", None))
    author = Contributor(ed, Author(ed.name, "ed@example.gov.uk"), Actor.of(ed))
    number = submit(store, Change(files, subject="referral/share", note="Mine"), by=author, now=NOW)
    send_back(store, number, by=PAT, comment="Not yet.", now=NOW)
    replace_in(store, "Second words.", "Their words.")
    return get_submission(store, number)


def test_what_was_sent_back_becomes_its_authors_draft_again_from_where_it_began(
    store: ContentStore, editor: FlaskClient, ed: Viewer, sent_back: Submission
) -> None:
    url = f"/approvals/{sent_back.id}"
    assert "Make it a draft again" in editor.get(url).text

    answer = fill_in(editor, url, {}, to=f"{url}/draft")

    draft = find_draft(store, "referral/share", by=ed)
    assert answer.location == "/edit/referral/share"
    assert draft
    assert "My words." in draft.text
    assert draft.base == sent_back.change.files[1].base
    assert [(file.name, file.content) for file in files_of(store, draft)] == [("form.txt", b"A form.")]


def test_nobody_else_and_nothing_that_may_still_go_live_is_taken_up(
    store: ContentStore, ed: Viewer, editor: FlaskClient, sent_back: Submission, signed_in: SignedIn
) -> None:
    other = signed_in("staff", "leads", roles=["editor"])
    author = Contributor(ed, Author(ed.name, "ed@example.gov.uk"), Actor.of(ed))
    base = store.files.read(SHARE) or b""
    change = Change((FileChange(SHARE, base + b"\nMore.\n", base),), subject="referral/share", note="More")
    waiting = submit(store, change, by=author, now=NOW)

    answers = [
        fill_in(browser, "/approvals", {}, to=f"/approvals/{number}/draft").status_code
        for browser, number in ((other, sent_back.id), (editor, waiting), (editor, 999))
    ]

    assert answers == [404, 404, 404]


def test_a_change_of_several_pages_is_no_draft(store: ContentStore, ed: Viewer) -> None:
    both = [
        FileChange(path, (base := store.files.read(path) or b"") + b"\nMore.\n", base) for path in (SHARE, "index.md")
    ]
    change = Change(tuple(both), subject="referral/share", note="More")
    number = submit(store, change, by=PAT, now=NOW)

    assert page_of_submission(get_submission(store, number)) is None


def test_a_new_page_is_taken_up_as_new(store: ContentStore, ed: Viewer) -> None:
    text = store.files.read(SHARE)
    change = Change((FileChange("referral/new.md", text, None),), subject="referral/new", note="New")
    number = submit(store, change, by=PAT, now=NOW)

    draft = take_up(store, get_submission(store, number), by=ed, now=NOW)

    assert (draft.page_path, draft.base) == ("referral/new", None)
