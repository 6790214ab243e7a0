import pytest
from flask.testing import FlaskClient

from knowledge_base.access.policy import Viewer
from knowledge_base.editing.drafts import begin_draft, find_draft
from knowledge_base.history.log import read_log
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn, fill_in
from tests.history.conftest import NOW, SHARE, replace_in

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
    assert "Restore this version as a draft" in editor.get(f"{HISTORY}/{revision}").text

    outcome = restore(editor, revision)

    draft = find_draft(store, "referral/share", by=ed)
    assert outcome == (303, "/edit/referral/share")
    assert "This is the older version." in editor.get("/edit/referral/share").text
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
    assert "Restore this version as a draft" not in outsider.get(f"{HISTORY}/{revision}").text
    assert restore(editor, revision)[0] == 303
