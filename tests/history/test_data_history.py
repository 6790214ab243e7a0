import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.history.log import read_log
from knowledge_base.publishing.store import ContentStore
from knowledge_base.web.templating import show_date_and_time
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder
from tests.history.conftest import by_hand, replace_in

PATH = "_data/contacts.yml"
HISTORY = f"/history/{PATH}"
DESK = "desk:\n  name: Duty desk\n  audience: open\n  phone: '1'\n  origin: Here\n"
HIDDEN = "safe:\n  name: Safe house\n  audience: staff\n  phone: '2'\n  origin: Here\n"


@pytest.fixture
def contacts(store: ContentStore, content: ContentFolder) -> ContentStore:
    content.file(PATH, DESK)
    by_hand(store, "Begin the contacts", at="2026-11-01T09:00:00+00:00")
    return store


@pytest.fixture
def editor(signed_in: SignedIn, contacts: ContentStore) -> FlaskClient:
    """An editor who reads what everybody may read."""
    return signed_in(roles=["editor"])


def revisions(store: ContentStore) -> list[str]:
    return [entry.revision for entry in read_log(store.repository, PATH)]


def test_the_list_says_who_changed_what_when_and_why(editor: FlaskClient, contacts: ContentStore) -> None:
    replace_in(contacts, "'1'", "'11'", path=PATH, note="The desk has a new number")

    page = editor.get(HISTORY).text

    assert "The desk has a new number" in page
    assert "By Pat Doe" in page
    assert "Begin the contacts" in page
    assert f'href="{HISTORY}"' in editor.get("/data/contacts.yml").text


def test_two_versions_are_compared_as_they_are_written(editor: FlaskClient, contacts: ContentStore) -> None:
    replace_in(contacts, "Duty desk", "Night desk", path=PATH)
    new, old = revisions(contacts)

    page = editor.get(f"{HISTORY}/compare?from={old}&to={new}").text

    assert "<del>Duty</del>" in page
    assert "<ins>Night</ins>" in page
    assert f"{HISTORY}/compare?from={old}&amp;to={new}" in editor.get(f"{HISTORY}/{new}").text


def test_what_was_live_on_a_date(editor: FlaskClient, contacts: ContentStore) -> None:
    replace_in(contacts, "'1'", "'11'", path=PATH)

    page = editor.get(f"{HISTORY}?on=2/11/2026").text

    live = page[page.index('id="kb-live"') : page.index("</section>")]
    assert revisions(contacts)[1] in live
    assert revisions(contacts)[0] not in live
    assert editor.get(f"{HISTORY}?on=yesterday").status_code == 422
    assert "There is no version of this file" in editor.get(f"{HISTORY}?on=2/11/2020").text


def test_a_version_becomes_a_draft(editor: FlaskClient, contacts: ContentStore) -> None:
    replace_in(contacts, "'1'", "'11'", path=PATH)
    old = revisions(contacts)[1]

    answer = fill_in(editor, f"{HISTORY}/{old}", {}, to=f"{HISTORY}/{old}/restore")

    assert (answer.status_code, answer.location) == (303, "/data/contacts.yml")
    page = editor.get("/data/contacts.yml").text
    assert "This is the older version. Readers get it when you publish it." in page
    assert re.search(r"Changed:\s*<a[^>]*>Duty desk", page)
    assert b"'11'" in (contacts.files.read(PATH) or b"")
    again = fill_in(editor, f"{HISTORY}/{old}", {}, to=f"{HISTORY}/{old}/restore")
    assert (again.status_code, "/data/contacts.yml" in again.text) == (409, True)


def test_it_is_recorded_which_version_was_taken_up(editor: FlaskClient, contacts: ContentStore) -> None:
    replace_in(contacts, "'1'", "'11'", path=PATH)
    old = revisions(contacts)[1]

    fill_in(editor, f"{HISTORY}/{old}", {}, to=f"{HISTORY}/{old}/restore")

    with contacts.database.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "page.restored")).one()
    begun = datetime.fromisoformat("2026-11-01T09:00:00+00:00")
    assert (event.subject, event.details) == (PATH, {"version": show_date_and_time(begun)})


@pytest.mark.parametrize("file", ["redirects.yml", "audiences.yml", "nothing.yml", "contacts", "contacts.md"])
def test_files_that_are_not_theirs_to_change_have_no_history(editor: FlaskClient, file: str) -> None:
    assert editor.get(f"/history/_data/{file}").status_code == 404


def test_only_those_who_write_see_it(contacts: ContentStore, signed_in: SignedIn, anonymous: FlaskClient) -> None:
    assert signed_in("staff").get(HISTORY).status_code == 404
    assert signed_in("staff", roles=["admin"]).get(HISTORY).status_code == 404
    assert anonymous.get(HISTORY).location == f"/login?next={HISTORY}"


def test_whoever_may_not_know_of_an_entry_has_no_history(
    editor: FlaskClient, contacts: ContentStore, content: ContentFolder, signed_in: SignedIn
) -> None:
    content.file(PATH, DESK + HIDDEN)
    before = editor.get(HISTORY).status_code
    by_hand(contacts, "Add the safe house")
    new, old = revisions(contacts)

    for url in (HISTORY, f"{HISTORY}/{new}", f"{HISTORY}/{old}", f"{HISTORY}/compare?from={old}&to={new}"):
        assert editor.get(url).status_code == 404, url
    assert before == 404
    assert "Add the safe house" in signed_in("staff", roles=["editor"]).get(HISTORY).text


def test_the_list_ends_where_something_stood_that_is_not_for_them(
    editor: FlaskClient, contacts: ContentStore, content: ContentFolder, signed_in: SignedIn
) -> None:
    content.file(PATH, DESK + HIDDEN)
    by_hand(contacts, "Add the safe house")
    content.file(PATH, DESK)
    by_hand(contacts, "Remove the safe house")
    replace_in(contacts, "'1'", "'11'", path=PATH, note="A new number")
    newest, without, withit, first = revisions(contacts)

    page = editor.get(HISTORY).text

    assert "A new number" in page
    assert "safe house" not in page
    assert "Begin the contacts" not in page
    assert without in page
    assert [editor.get(f"{HISTORY}/{one}").status_code for one in (newest, without, withit, first)] == [
        *(200, 200),
        *(404, 404),
    ]
    assert editor.get(f"{HISTORY}/compare?from={withit}&to={newest}").status_code == 404
    assert editor.post(f"{HISTORY}/{withit}/restore").status_code in {400, 404}
    assert "Remove the safe house" in signed_in("staff", roles=["editor"]).get(HISTORY).text


def test_audiences_of_then_count(contacts: ContentStore, content: ContentFolder, signed_in: SignedIn) -> None:
    content.file(PATH, DESK + HIDDEN.replace("staff", "members"))
    by_hand(contacts, "For members")
    content.file(PATH, DESK)
    by_hand(contacts, "Away with it")
    audiences = (content.root / "_data" / "audiences.yml").read_text()
    content.file("_data/audiences.yml", audiences.replace("groups: [members, staff]", "groups: [leads]"))
    by_hand(contacts, "Others are members now")

    for group in ("leads", "members"):
        page = signed_in(group, roles=["editor"]).get(HISTORY).text
        assert "For members" not in page, group
        assert "Away with it" not in page, group


def test_a_note_about_another_page_is_for_its_readers(
    editor: FlaskClient, contacts: ContentStore, content: ContentFolder
) -> None:
    content.file(PATH, DESK.replace("'1'", "'11'"))
    content.page("staff/rota", "The rota, with the new number.\n")
    by_hand(contacts, "The night shift moved to Grays")

    page = editor.get(HISTORY).text

    assert "Grays" not in page
    assert "This file was changed." in page


def test_a_version_that_cannot_be_read_is_for_those_who_may_read_everything(
    editor: FlaskClient, contacts: ContentStore, content: ContentFolder, signed_in: SignedIn
) -> None:
    content.file(PATH, DESK + "  audience: [\n")
    by_hand(contacts, "Break it")
    content.file(PATH, DESK)
    by_hand(contacts, "Mend it")

    assert "Break it" not in editor.get(HISTORY).text
    assert "Break it" in signed_in("members", "staff", "leads", roles=["editor"]).get(HISTORY).text
