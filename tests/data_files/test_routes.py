import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database, london_today
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder
from tests.publishing.conftest import git

COUNCIL = """# The council's own.
threshold:
  label: Number of children
  value: "44"
  audience: open
  origin: Thurrock
  as_of: 2024-02
  confirmed:
inbox:
  label: Secret inbox
  value: secret words
  audience: staff
  origin: Thurrock
# Not known yet.
limit:
  label: Time limit
  value:
  audience: open
  origin: Thurrock
"""
PINS = "# First.\n- searches: [tell]\n  leads_to: /page\n- searches: [covert]\n  leads_to: /page\n  audience: staff\n"
NOTE = {"note": "Bring it up to date"}


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    content.page("index", title="Home")
    content.page("page", "There are {{ council.threshold }}.\n")
    content.file("_data/council.yml", COUNCIL)
    content.file("_data/pinned.yml", PINS)
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


@pytest.fixture
def editor(store: ContentStore, signed_in: SignedIn) -> FlaskClient:
    """An editor who reads what everybody may read."""
    return signed_in(roles=["editor"])


def council(store: ContentStore) -> str:
    return (store.content / "_data" / "council.yml").read_text()


def filled(editor: FlaskClient, url: str) -> dict[str, str]:
    """Return what a form holds when it is shown."""
    page = editor.get(url).text
    fields = dict(re.findall(r'<input[^>]* name="((?:field-)?[\w]+)"[^>]* value="([^"]*)"', page))
    lists = re.findall(r'<textarea[^>]* name="(field-\w+)"[^>]*>\s*([^<]*)</textarea>', page)
    return {**fields, **dict(lists)}


def test_a_value_is_confirmed_in_one_click_with_role_and_date(
    editor: FlaskClient, store: ContentStore, database: Database
) -> None:
    answer = fill_in(editor, "/data/confirm", {"role": "Head of service", "entry": "council.yml/threshold"})

    assert answer.status_code == 303
    today = london_today().isoformat()
    confirmed = f"  confirmed: {{on: {today}, by: Head of service}}\n"
    assert council(store) == COUNCIL.replace("  confirmed:\n", confirmed)
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
    fill_in(editor, "/data/confirm", {"role": "Head of service", "entry": "council.yml/threshold"})

    assert 'value="Head of service"' in editor.get("/data/confirm").text


def test_to_keep_the_role_confirms_nothing(editor: FlaskClient, store: ContentStore) -> None:
    assert fill_in(editor, "/data/confirm", {"role": "Head of service"}).status_code == 303

    assert council(store) == COUNCIL
    assert 'value="Head of service"' in editor.get("/data/confirm").text


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"entry": "council.yml/threshold"}, 422, "Type your role first"),
        ({"entry": "council.yml/inbox", "role": "Head"}, 409, "there is none to confirm"),
        ({"entry": "council.yml/limit", "role": "Head"}, 409, "there is none to confirm"),
        ({"entry": "../x", "role": "Head"}, 409, "there is none to confirm"),
    ],
)
def test_what_cannot_be_confirmed(
    editor: FlaskClient, store: ContentStore, fields: dict[str, str], status: int, words: str
) -> None:
    answer = fill_in(editor, "/data/confirm", fields)

    assert (answer.status_code, words in answer.text) == (status, True)
    assert council(store) == COUNCIL


def test_nobody_sees_what_is_for_others(editor: FlaskClient, signed_in: SignedIn) -> None:
    for url in ("/data/confirm", "/data/council.yml", "/data/pinned.yml"):
        page = editor.get(url).text
        assert "ecret" not in page
        assert "covert" not in page
    assert editor.get("/data/council.yml/inbox").status_code == 404
    assert editor.get("/data/pinned.yml/2").status_code == 404
    assert "Secret inbox" in signed_in("staff", roles=["publisher"]).get("/data/council.yml").text


def test_an_entry_is_changed_and_the_rest_of_the_file_stays(editor: FlaskClient, store: ContentStore) -> None:
    fields = {**filled(editor, "/data/council.yml/limit"), **NOTE, "field-value": "24 hours"}

    answer = fill_in(editor, "/data/council.yml/limit", fields)

    assert answer.status_code == 303, answer.text
    assert council(store) == COUNCIL.replace("  value:\n", '  value: "24 hours"\n')
    assert git(store, "status", "--porcelain") == ""


def test_a_changed_value_is_not_confirmed_any_more(editor: FlaskClient, store: ContentStore) -> None:
    fill_in(editor, "/data/confirm", {"role": "Head of service", "entry": "council.yml/threshold"})
    fields = {**filled(editor, "/data/council.yml/threshold"), **NOTE, "field-value": "60"}

    fill_in(editor, "/data/council.yml/threshold", fields)

    assert council(store) == COUNCIL.replace('"44"', '"60"')


def test_an_entry_that_somebody_changed_meanwhile_is_not_overwritten(editor: FlaskClient, store: ContentStore) -> None:
    fields = {**filled(editor, "/data/council.yml/limit"), **NOTE, "field-value": "24 hours"}
    (store.content / "_data" / "council.yml").write_text(COUNCIL.replace("Time limit", "Limit of time"))

    answer = fill_in(editor, "/data/council.yml/limit", fields)

    assert answer.status_code == 409
    assert "Somebody else changed this meanwhile" in answer.text
    assert "24 hours" in answer.text


def test_entries_are_added_and_removed(editor: FlaskClient, store: ContentStore) -> None:
    new = {"field-searches": "who to tell\r\nreport", "field-leads_to": "/page", **NOTE}

    assert fill_in(editor, "/data/pinned.yml/new", new).status_code == 303
    pins = store.content / "_data" / "pinned.yml"
    assert pins.read_text() == f'{PINS}- searches: [who to tell, report]\n  leads_to: "/page"\n'
    was = filled(editor, "/data/pinned.yml/1/remove")["was"]
    assert fill_in(editor, "/data/pinned.yml/1/remove", {**NOTE, "was": was}).status_code == 303

    assert pins.read_text().startswith("# First.\n- searches: [covert]")


def test_the_gate_says_what_is_wrong(editor: FlaskClient, store: ContentStore) -> None:
    fields = {**filled(editor, "/data/council.yml/limit"), **NOTE, "field-as_of": "last year"}

    answer = fill_in(editor, "/data/council.yml/limit", fields)

    assert answer.status_code == 422
    assert "limit.as_of" in answer.text
    assert "last year" in answer.text


def test_nobody_gives_an_entry_to_an_audience_that_they_are_not_in(editor: FlaskClient, store: ContentStore) -> None:
    fields = {**filled(editor, "/data/council.yml/limit"), **NOTE, "field-audience": "staff"}

    assert fill_in(editor, "/data/council.yml/limit", fields).status_code == 409
    assert council(store) == COUNCIL


def test_audiences_are_for_administrators_who_write_and_take_two(signed_in: SignedIn, editor: FlaskClient) -> None:
    assert editor.get("/data/audiences.yml").status_code == 404
    administrator = signed_in("staff", roles=["admin", "editor"])
    fields = {**filled(administrator, "/data/audiences.yml/staff"), **NOTE, "field-description": "Others"}

    answer = fill_in(administrator, "/data/audiences.yml/staff", fields)

    assert answer.status_code == 303
    assert answer.location == "/approvals/1"


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
    form = filled(editor, "/data/contacts.yml/team")

    answer = fill_in(editor, "/data/contacts.yml/team", {**form, **NOTE, "field-name": "The duty team"})

    assert answer.status_code == 303, answer.text
    text = (store.content / "_data" / "contacts.yml").read_text()
    assert "name: The duty team\n" in text
    assert lines in text
    assert "by: Head of service" in text
