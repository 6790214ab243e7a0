import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database, london_today
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder
from tests.data_files.conftest import COUNCIL, NOTE, change, draft_page, live, publish, send
from tests.editing.conftest import fields_of
from tests.publishing.conftest import git


def test_a_value_is_confirmed_in_one_click_with_role_and_date(
    editor: FlaskClient, store: ContentStore, database: Database
) -> None:
    answer = send(editor, "/data/confirm", role="Head of service", entry="council.yml/threshold=44")

    assert answer.status_code == 303
    today = london_today().isoformat()
    confirmed = f"  confirmed: {{on: {today}, by: Head of service}}\n"
    assert live(store) == COUNCIL.replace("  confirmed:\n", confirmed)
    page = editor.get("/data/confirm").text
    assert "Confirmed for this council: Number of children" in page
    assert "not confirmed here" not in editor.get("/page").text
    assert git(store, "log", "-1", "--format=%(trailers:key=Small-correction,valueonly)").strip() == "yes"
    with database.read() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert last is not None
    assert (last.kind, last.subject) == ("setting.value-confirmed", "Number of children (_data/council.yml)")


def test_the_role_is_remembered(editor: FlaskClient, store: ContentStore) -> None:
    more = "more:\n  label: More\n  value: x\n  audience: open\n  origin: Thurrock\n"
    (store.content / "_data" / "council.yml").write_text(COUNCIL + more)
    store.library.refresh()
    send(editor, "/data/confirm", role="Head of service", entry="council.yml/threshold=44")

    assert 'value="Head of service"' in editor.get("/data/confirm").text


def test_to_keep_the_role_confirms_nothing(editor: FlaskClient, store: ContentStore) -> None:
    assert fill_in(editor, "/data/confirm", {"role": "Head of service"}).status_code == 303

    assert live(store) == COUNCIL
    assert 'value="Head of service"' in editor.get("/data/confirm").text


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"entry": "council.yml/threshold=44"}, 422, "Type your role first"),
        ({"entry": "council.yml/inbox", "role": "Head"}, 409, "there is none to confirm"),
        ({"entry": "council.yml/limit", "role": "Head"}, 409, "there is none to confirm"),
        ({"entry": "council.yml/threshold=43", "role": "Head"}, 409, "That value is another now"),
        ({"entry": "../x", "role": "Head"}, 409, "there is none to confirm"),
    ],
)
def test_what_cannot_be_confirmed(
    editor: FlaskClient, store: ContentStore, fields: dict[str, str], status: int, words: str
) -> None:
    answer = fill_in(editor, "/data/confirm", fields)

    assert (answer.status_code, words in answer.text) == (status, True)
    assert live(store) == COUNCIL


def test_nobody_sees_what_is_for_others(editor: FlaskClient, signed_in: SignedIn) -> None:
    for url in ("/data/confirm", "/data/council.yml", "/data/pinned.yml"):
        page = editor.get(url).text
        assert "ecret" not in page
        assert "covert" not in page
    assert editor.get("/data/council.yml/inbox").status_code == 404
    assert editor.get("/data/pinned.yml/2").status_code == 404
    assert "Secret inbox" in signed_in("staff", roles=["publisher"]).get("/data/council.yml").text


def test_an_entry_is_changed_and_the_rest_of_the_file_stays(editor: FlaskClient, store: ContentStore) -> None:
    answer = change(editor, "council.yml/limit", value="24 hours")

    assert (answer.status_code, answer.location) == (303, "/data/council.yml"), answer.text
    assert live(store) == COUNCIL
    assert publish(editor, "council.yml").status_code == 303
    assert live(store) == COUNCIL.replace("  value:\n", '  value: "24 hours"\n')
    assert git(store, "status", "--porcelain") == ""


def test_a_changed_value_is_not_confirmed_any_more(editor: FlaskClient, store: ContentStore) -> None:
    send(editor, "/data/confirm", role="Head of service", entry="council.yml/threshold=44")

    change(editor, "council.yml/threshold", value="60")
    publish(editor, "council.yml")

    assert live(store) == COUNCIL.replace('"44"', '"60"')


def test_an_entry_that_somebody_changed_meanwhile_is_not_overwritten(editor: FlaskClient, store: ContentStore) -> None:
    fields = {**fields_of(editor.get("/data/council.yml/limit").text), "field-value": "24 hours"}
    (store.content / "_data" / "council.yml").write_text(COUNCIL.replace("Time limit", "Limit of time"))

    answer = editor.post("/data/council.yml/limit", data=fields)

    assert answer.status_code == 409
    assert "Somebody else changed this meanwhile" in answer.text
    assert "24 hours" in answer.text


def test_entries_are_added_and_removed(editor: FlaskClient, store: ContentStore) -> None:
    new = {"field-searches": "who to tell\r\nreport", "field-leads_to": "/page"}

    assert fill_in(editor, "/data/pinned.yml/new", new).status_code == 303
    assert send(editor, "/data/pinned.yml/1/remove").status_code == 303
    page = editor.get("/data/pinned.yml").text
    assert publish(editor, "pinned.yml").status_code == 303

    pins = (store.content / "_data" / "pinned.yml").read_text()
    assert pins.startswith("# First.\n- searches: [covert]")
    assert pins.endswith('- searches: [who to tell, report]\n  leads_to: "/page"\n')
    assert "covert" not in page
    assert re.search(r"New:\s*<a[^>]*>/page", page)
    assert re.search(r"Removed:\s*/page", page)


def test_the_gate_says_what_is_wrong_and_nothing_is_published(editor: FlaskClient, store: ContentStore) -> None:
    answer = send(editor, "/data/council.yml/limit", **{"field-as_of": "last year", "then": "publish"})

    page = editor.get(answer.location).text
    assert "limit.as_of" in page
    assert "Errors stop the file from being published" in page
    sent = {**fields_of(editor.get("/data/council.yml/limit").text), "note": NOTE}
    assert editor.post(answer.location, data=sent).status_code == 422
    assert live(store) == COUNCIL


def test_nobody_gives_an_entry_to_an_audience_that_they_are_not_in(editor: FlaskClient, store: ContentStore) -> None:
    assert change(editor, "council.yml/limit", audience="staff").status_code == 409
    assert live(store) == COUNCIL


def test_audiences_are_for_administrators_who_write_and_take_two(
    signed_in: SignedIn, editor: FlaskClient, store: ContentStore
) -> None:
    assert editor.get("/data/audiences.yml").status_code == 404
    administrator = signed_in("staff", roles=["admin", "editor"])

    assert change(administrator, "audiences.yml/staff", description="Others").status_code == 303
    page = administrator.get(draft_page(administrator, "audiences.yml", "publish")).text
    answer = publish(administrator, "audiences.yml")

    assert "This file asks for a second person" in page
    assert (answer.status_code, answer.location) == (303, "/approvals/1")
    assert "Others" not in (store.content / "_data" / "audiences.yml").read_text()


def test_a_file_that_cannot_be_read_says_so(editor: FlaskClient, store: ContentStore) -> None:
    (store.content / "_data" / "council.yml").write_text("a: [")

    page = editor.get("/data/council.yml")

    assert page.status_code == 200
    assert "Mend it in a text editor" in page.text


def test_a_value_of_several_lines_that_nobody_touched_keeps_them_and_stays_confirmed(
    store: ContentStore, content: ContentFolder, editor: FlaskClient
) -> None:
    lines = "  address: |\n    County Hall\n    Chelmsford\n"
    team = f"team:\n  name: The team\n  audience: open\n{lines}  origin: Essex\n"
    content.file("_data/contacts.yml", f"{team}  confirmed:\n    on: 2026-11-01\n    by: Head of service\n")
    store.library.refresh()

    change(editor, "contacts.yml/team", name="The duty team")
    answer = publish(editor, "contacts.yml")

    assert answer.status_code == 303, answer.text
    text = (store.content / "_data" / "contacts.yml").read_text()
    assert "name: The duty team\n" in text
    assert lines in text
    assert "by: Head of service" in text


@pytest.mark.parametrize(("key", "status"), [("Duty Desk", 422), ("", 422), ("a b", 422), ("new", 409), ("limit", 409)])
def test_a_short_name_that_cannot_be_one_is_refused(
    editor: FlaskClient, store: ContentStore, key: str, status: int
) -> None:
    new = {"field-label": "More", "field-origin": "Here", "key": key}

    answer = send(editor, "/data/council.yml/new", **new)

    assert answer.status_code == status
    assert 'value="More"' in answer.text
    assert "Your draft" not in editor.get("/data/council.yml").text
