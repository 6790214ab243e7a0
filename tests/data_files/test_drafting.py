import re
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from knowledge_base.accounts.models import Account
from knowledge_base.data_files.drafting import change_draft
from knowledge_base.data_files.kinds import BY_NAME, FILES
from knowledge_base.db import Database, utc_now
from knowledge_base.editing.draft_links import LASTS
from knowledge_base.editing.drafts import find_draft
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.permission import DATA_FILES
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder
from tests.data_files.conftest import COUNCIL, NOTE, PINS, change, draft_page, live, publish, send
from tests.editing.conftest import fields_of
from tests.publishing.conftest import git


def test_the_files_with_forms_are_those_that_people_may_change() -> None:
    assert {file.path for file in FILES} == DATA_FILES


def test_a_draft_holds_changes_of_several_entries_and_is_published_as_one(
    editor: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/limit", value="24 hours")
    change(editor, "council.yml/threshold", value="60")
    page = editor.get("/data/council.yml").text

    answer = publish(editor, "council.yml")

    assert "Readers do not see it before it is published" in page
    assert re.findall(r"Changed:\s*<a[^>]*>([^<]*)", page) == ["Number of children", "Time limit"]
    assert page.count("Changed in your draft") == 2
    assert "“council.yml” is live" in editor.get(answer.location).text
    assert live(store) == COUNCIL.replace("  value:\n", '  value: "24 hours"\n').replace('"44"', '"60"')
    assert git(store, "log", "-1", "--format=%s").strip() == f"_data/council.yml: {NOTE}"
    assert ">60<" in editor.get("/page").text
    assert "Your draft of this file" not in editor.get("/data/council.yml").text


def test_the_forms_show_what_the_draft_says_and_readers_what_is_live(
    editor: FlaskClient, store: ContentStore, anonymous: FlaskClient
) -> None:
    change(editor, "council.yml/threshold", value="60")

    form = editor.get("/data/council.yml/threshold").text

    assert fields_of(form)["field-value"] == "60"
    assert "draft of this file</a>. This is what it says." in form
    assert ">44<" in anonymous.get("/page").text
    assert 'href="/data/council.yml"' in editor.get("/edit").text
    assert "You have a draft" in editor.get("/data").text


def test_a_draft_is_its_authors_alone_and_others_see_that_there_is_one(
    editor: FlaskClient, other: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/threshold", value="60")
    address = draft_page(editor, "council.yml", "publish")

    page = other.get("/data/council.yml").text

    assert "A editor is editing this file too" in page
    assert "Your draft" not in page
    assert fields_of(other.get("/data/council.yml/threshold").text)["field-value"] == "44"
    assert [other.get(address.replace("publish", one)).status_code for one in ("publish", "conflict", "discard")] == [
        404,
        404,
        404,
    ]


def test_a_draft_is_discarded(editor: FlaskClient, store: ContentStore) -> None:
    change(editor, "council.yml/threshold", value="60")
    address = draft_page(editor, "council.yml", "discard")
    asked = editor.get(address).text

    answer = fill_in(editor, address, {})

    assert "These changes go." in asked
    assert (answer.status_code, answer.location) == (303, "/data/council.yml")
    assert "Your draft" not in editor.get("/data/council.yml").text
    assert fields_of(editor.get("/data/council.yml/threshold").text)["field-value"] == "44"


def test_what_others_publish_meanwhile_comes_into_the_draft(
    editor: FlaskClient, other: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/threshold", value="60")
    change(other, "council.yml/limit", value="24 hours")
    publish(other, "council.yml")

    form = editor.get("/data/council.yml/limit").text
    publish(editor, "council.yml")

    assert fields_of(form)["field-value"] == "24 hours"
    assert live(store) == COUNCIL.replace("  value:\n", '  value: "24 hours"\n').replace('"44"', '"60"')


def test_a_publish_page_that_others_overtook_is_looked_at_again(
    editor: FlaskClient, other: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/threshold", value="60")
    address = draft_page(editor, "council.yml", "publish")
    form = {**fields_of(editor.get(address).text), "note": NOTE}
    change(other, "council.yml/limit", value="24 hours")
    publish(other, "council.yml")

    answer = editor.post(address, data=form)

    assert answer.status_code == 422
    assert "or somebody else published: look at it again" in answer.text
    assert '"44"' in live(store)
    assert editor.post(address, data={**fields_of(answer.text), "note": NOTE}).status_code == 303
    assert '"60"' in live(store)


@pytest.mark.parametrize(("side", "value"), [("mine", "60"), ("theirs", "70")])
def test_two_changes_of_one_entry_are_shown_side_by_side(
    editor: FlaskClient, other: FlaskClient, store: ContentStore, side: str, value: str
) -> None:
    change(editor, "council.yml/threshold", value="60")
    change(editor, "council.yml/limit", value="24 hours")
    change(other, "council.yml/threshold", value="70")
    publish(other, "council.yml")

    answer = publish(editor, "council.yml")

    assert answer.location == draft_page(editor, "council.yml", "conflict")
    assert "Somebody else published a change of the same entries" in editor.get("/data/council.yml").text
    page = editor.get(answer.location).text
    assert "value: <del" in page
    assert "Number of children" in page
    assert "Time limit" not in page
    assert fill_in(editor, answer.location, {}).status_code == 422
    settled = fill_in(editor, answer.location, {"entry-0": side})
    assert settled.location == "/data/council.yml"
    assert publish(editor, "council.yml").status_code == 303
    assert f'value: "{value}"' in live(store)
    assert 'value: "24 hours"' in live(store)
    assert editor.get("/data/council.yml").status_code == 200


def test_a_value_that_was_confirmed_meanwhile_is_not_published_as_another(
    editor: FlaskClient, other: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/threshold", value="60")
    send(other, "/data/confirm", role="Head of service", entry="council.yml/threshold=44")

    answer = publish(editor, "council.yml")

    assert answer.location == draft_page(editor, "council.yml", "conflict")
    assert "Head of service" in editor.get(answer.location).text
    fill_in(editor, answer.location, {"entry-0": "mine"})
    publish(editor, "council.yml")
    assert live(store) == COUNCIL.replace('"44"', '"60"')


def test_nothing_of_an_entry_for_others_is_on_any_page_of_the_draft(
    editor: FlaskClient, other: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/threshold", value="60")
    change(editor, "council.yml/limit", value="24 hours")
    change(other, "council.yml/inbox", value="other secret words")
    publish(other, "council.yml")

    pages = [editor.get(draft_page(editor, "council.yml", one)).text for one in ("publish", "discard")]
    change(other, "council.yml/limit", value="70", audience="staff", label="Secret number")
    publish(other, "council.yml")
    pages += [editor.get(draft_page(editor, "council.yml", one)).text for one in ("publish", "discard", "conflict")]
    pages.append(editor.get("/data/council.yml").text)

    assert not [page for page in pages if "ecret" in page]
    assert "24 hours" in pages[0]
    assert "for an audience that you are not in" in pages[4]
    assert 'value="mine"' not in pages[4]
    assert "other secret words" in live(store)


def test_what_was_chosen_for_others_meanwhile_cannot_be_kept(
    editor: FlaskClient, other: FlaskClient, store: ContentStore
) -> None:
    change(editor, "council.yml/limit", value="60")
    change(other, "council.yml/limit", value="70", audience="staff")
    publish(other, "council.yml")

    fill_in(editor, draft_page(editor, "council.yml", "conflict"), {"entry-0": "mine"})

    assert '"70"' in live(store)
    assert "Your draft" not in editor.get("/data/council.yml").text or publish(editor, "council.yml").status_code == 403
    assert '"70"' in live(store)


def test_a_set_time_waits_as_for_a_page(editor: FlaskClient, other: FlaskClient, store: ContentStore) -> None:
    change(editor, "pinned.yml/1", leads_to="/")

    answer = publish(editor, "pinned.yml", day="1/1/2099", time="09:00")

    assert answer.location == "/approvals/1"
    assert live(store, "pinned.yml") == PINS
    for browser, sees in ((editor, False), (other, True)):
        page = browser.get("/approvals/1").text
        assert "leads_to: " in page
        assert ("covert" in page) is sees
    fill_in(editor, "/approvals/1", {}, to="/approvals/1/withdraw")
    again = fill_in(editor, "/edit", {}, to="/drafts/of-submission/1")
    assert again.location == "/data/pinned.yml"
    assert fields_of(editor.get("/data/pinned.yml/1").text)["field-leads_to"] == "/"


def test_a_form_that_was_sent_twice_publishes_once(editor: FlaskClient, store: ContentStore) -> None:
    change(editor, "council.yml/limit", value="24 hours")
    address = draft_page(editor, "council.yml", "publish")
    form = {**fields_of(editor.get(address).text), "note": NOTE}

    first, second = editor.post(address, data=form), editor.post(address, data=form)

    assert first.location == second.location
    assert git(store, "log", "--format=%s", "--", "_data/council.yml").count(NOTE) == 1


def test_a_data_file_has_no_preview_and_no_links_to_show_it(editor: FlaskClient, store: ContentStore) -> None:
    change(editor, "council.yml/limit", value="24 hours")
    links = draft_page(editor, "council.yml", "links")

    token = fields_of(editor.get("/data/council.yml/limit").text)["csrf_token"]
    answer = editor.post(links, data={"lasts": next(iter(LASTS)), "csrf_token": token})

    assert [editor.get(links).status_code, answer.status_code] == [404, 404]
    assert editor.get("/edit/_data/council.yml").status_code == 404
    assert editor.get("/edit/_data/council").status_code == 404


def test_without_a_change_there_is_nothing_to_publish(editor: FlaskClient, store: ContentStore) -> None:
    answer = send(editor, "/data/council.yml/limit", then="publish")

    assert answer.status_code == 409
    assert "Nothing is different from what it was" in answer.text
    change(editor, "council.yml/limit", value="24 hours")
    again = send(editor, "/data/council.yml/limit", then="publish")
    assert again.location == draft_page(editor, "council.yml", "publish")


def test_what_is_changed_back_is_no_draft_any_more(editor: FlaskClient, store: ContentStore) -> None:
    change(editor, "council.yml/threshold", value="60")
    change(editor, "council.yml/threshold", value="44")

    assert "Your draft" not in editor.get("/data/council.yml").text


def test_a_file_that_is_not_there_is_begun(editor: FlaskClient, store: ContentStore) -> None:
    new = {"field-name": "Duty desk", "field-origin": "Here", "key": "desk", "field-audience": "open"}

    assert send(editor, "/data/contacts.yml/new", **new).status_code == 303
    page = editor.get("/data/contacts.yml").text
    answer = publish(editor, "contacts.yml")

    assert re.search(r"New:\s*<a[^>]*>Duty desk", page)
    assert answer.status_code == 303, answer.text
    assert live(store, "contacts.yml") == "desk:\n  name: Duty desk\n  audience: open\n  origin: Here\n"


def test_two_windows_that_change_two_entries_at_once_both_get_in(
    editor: FlaskClient, store: ContentStore, app: Flask, database: Database
) -> None:
    with database.read() as session:
        account = session.scalars(select(Account)).one()
        viewer = next(one for one in app.extensions["people"]() if one.account_id == account.id)
    barrier, file = Barrier(2), BY_NAME["council.yml"]

    def add(label: str) -> None:
        barrier.wait()
        fields = {"label": label, "audience": "open", "origin": "Here"}
        change_draft(store, file, lambda entries: entries.add(label, fields), by=viewer, now=utc_now())

    threads = [Thread(target=add, args=(label,)) for label in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    draft = find_draft(store, file.path, by=viewer)
    assert draft is not None
    assert "\none:\n" in draft.text
    assert "\ntwo:\n" in draft.text
    with pytest.raises(DataFileError):
        change_draft(store, file, lambda entries: entries.text, by=viewer, now=utc_now())


def test_sources_have_parts_and_may_be_without_a_day(editor: FlaskClient, store: ContentStore) -> None:
    new = {
        "key": "paper",
        "field-title": "A paper",
        "field-publisher": "The council",
        "field-status": "current",
        "field-parts": "one: Section 1, Duties\r\ntwo: Section 2",
    }

    assert send(editor, "/data/sources.yml/new", **new).status_code == 303
    publish(editor, "sources.yml")
    wrong = change(editor, "sources.yml/paper", parts="Section 3")

    assert live(store, "sources.yml") == (
        "paper:\n  title: A paper\n  publisher: The council\n  date:\n  status: current\n"
        '  parts: {one: "Section 1, Duties", two: Section 2}\n'
    )
    assert (wrong.status_code, "Write each part on a line of its own" in wrong.text) == (409, True)
    assert "Section 3" in wrong.text


def test_the_home_pages_second_person_holds_for_data_files_too(
    editor: FlaskClient, store: ContentStore, content: ContentFolder
) -> None:
    content.page("index", title="Home", publishing="two-person")
    store.library.refresh()
    change(editor, "council.yml/limit", value="24 hours")

    answer = publish(editor, "council.yml")
    confirmed = send(editor, "/data/confirm", role="Head of service", entry="council.yml/threshold=44")

    assert [answer.location, confirmed.location] == ["/approvals/1", "/approvals/2"]
    assert live(store) == COUNCIL


def test_only_an_administrator_has_a_draft_of_the_audiences(
    editor: FlaskClient, signed_in: SignedIn, store: ContentStore
) -> None:
    administrator = signed_in("staff", roles=["admin", "editor"])

    change(administrator, "audiences.yml/staff", groups="staff\r\nmembers")

    assert "Your draft" in administrator.get("/data/audiences.yml").text
    for page in ("/data/audiences.yml", "/data/audiences.yml/staff", "/history/_data/audiences.yml"):
        assert editor.get(page).status_code == 404


def test_a_form_that_is_sent_twice_changes_and_adds_once(editor: FlaskClient, store: ContentStore) -> None:
    sent = {**fields_of(editor.get("/data/council.yml/limit").text), "field-value": "24 hours"}
    pin = {**fields_of(editor.get("/data/pinned.yml/new").text), "field-searches": "report", "field-leads_to": "/page"}

    changed = [editor.post("/data/council.yml/limit", data=sent).location for _ in range(2)]
    added = [editor.post("/data/pinned.yml/new", data=pin).status_code for _ in range(2)]

    assert changed == ["/data/council.yml"] * 2
    assert added == [303, 409]
    assert editor.get("/data/pinned.yml").text.count("New:") == 1
