from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database
from knowledge_base.editing.draft_files import files_of
from knowledge_base.editing.drafts import begin_draft, find_draft
from knowledge_base.history.log import read_log
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore
from knowledge_base.web.templating import show_date_and_time
from tests.conftest import SignedIn, fill_in
from tests.history.conftest import NOW, SHARE, publish_files, replace_in
from tests.pages.files_of_pages import png

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


def test_it_is_recorded_which_version_was_taken_up(
    store: ContentStore, editor: FlaskClient, database: Database
) -> None:
    replace_in(store, "First words.", "Other words.")

    restore(editor, first_version(store))

    with database.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "page.restored")).one()
    first = store.repository.git.text("log", "--reverse", "--format=%cI").splitlines()[0]
    assert event.subject == "Share your concern (/referral/share)"
    assert event.details == {"version": show_date_and_time(datetime.fromisoformat(first))}


def test_pictures_that_are_gone_or_different_by_now_come_back_with_the_version(
    store: ContentStore, editor: FlaskClient, ed: Viewer
) -> None:
    names = ("gone", "other", "same")
    links = "".join(f"\n\n![A map](/files/referral/share/{name}.png)" for name in names)
    old = {f"referral/_files/share/{name}.png": png(2, 2) for name in names}
    base = store.files.read(SHARE) or b""
    page = FileChange(SHARE, base.replace(b"Second words.", f"Second words.{links}".encode()), base)
    revision = publish_files(store, page, *(FileChange(path, one, None) for path, one in old.items()), note="Maps")
    gone, other, _ = old
    changes = (FileChange(gone, None, old[gone]), FileChange(other, png(3, 3), old[other]))
    publish_files(store, FileChange(SHARE, base, page.content), *changes, note="Fewer maps")

    restore(editor, revision)

    draft = find_draft(store, "referral/share", by=ed)
    assert draft
    assert {(one.name, one.content) for one in files_of(store, draft)} == {
        ("gone.png", png(2, 2)),
        ("other.png", png(2, 2)),
    }


def test_a_version_from_before_a_move_leads_to_its_pictures_where_the_page_is_now(
    store: ContentStore, editor: FlaskClient, ed: Viewer
) -> None:
    base = store.files.read(SHARE) or b""
    shown = base.replace(b"Second words.", b"![A map](/files/referral/share/map.png)")
    picture = FileChange("referral/_files/share/map.png", png(2, 2), None)
    revision = publish_files(store, FileChange(SHARE, shown, base), picture, note="A map")
    publish_files(
        store,
        FileChange("referral/tell.md", base, None),
        FileChange(SHARE, None, shown),
        FileChange(picture.path, None, png(2, 2)),
        note="Move",
    )

    address = "/history/referral/tell"
    answer = fill_in(editor, address, {}, to=f"{address}/{revision}/restore")

    draft = find_draft(store, "referral/tell", by=ed)
    assert answer.status_code == 303
    assert draft
    assert "(/files/referral/tell/map.png)" in draft.text
    assert [one.name for one in files_of(store, draft)] == ["map.png"]
