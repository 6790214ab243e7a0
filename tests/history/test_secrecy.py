"""Nobody gets more out of the history than out of the pages as they are, or as they were: the narrower of both."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.history.log import read_log
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import AUDIENCES, ContentFolder
from tests.history.conftest import SHARE, by_hand, publish_files, replace_in

HISTORY = "/history/referral/share"
LISTS = ("/changes", "/changes.atom", "/referral/share", HISTORY)
GATED = "/// staff-only\nThe secret number.\n///\n"


def revisions(store: ContentStore, path: str = SHARE) -> list[str]:
    return [entry.revision for entry in read_log(store.repository, path)]


def everything_about(app: Flask, browser: FlaskClient, store: ContentStore, path: str = SHARE) -> str:
    """Return all that a reader gets about a page's history: every list, version and comparison."""
    app.extensions["archive"].look()
    history, found = f"/history/{path.removesuffix('.md')}", revisions(store, path)
    addresses = [*LISTS, history, f"/{path.removesuffix('.md')}", f"{history}?on=1/1/2040", "/changes?area=staff"]
    addresses += [f"{history}/{one}" for one in found]
    addresses += [f"{history}/compare?from={one}&to={other}" for one in found for other in found]
    addresses += [f"{one}&view=written" for one in addresses if "compare" in one]
    return "\n".join(browser.get(address).get_data(as_text=True) for address in addresses)


def test_what_was_open_once_and_is_for_staff_now_is_for_staff(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "First words.", "The secret number.", note="Give the secret number")
    replace_in(store, "summary:", "audience: staff\nsummary:", note="It was not for everyone")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert [word for word in ("secret", "First words", "not for everyone") if word in for_all] == []
    assert all(word in for_staff for word in ("secret number", "First words", "not for everyone"))


def test_what_was_for_staff_once_and_is_open_now_stays_for_staff_as_it_was(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "summary:", "audience: staff\nsummary:", note="Close it")
    replace_in(store, "First words.", "The secret number.", note="Give the secret number")
    replace_in(store, "The secret number.", "The public number.", note="Take the secret number out")
    replace_in(store, "audience: staff\n", "", note="Open it again")
    replace_in(store, "The public number.", "The public office.", note="Name the office")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert "secret" not in for_all
    assert "Name the office" in for_all
    assert "Give the secret number" in for_staff


def test_a_folder_closes_and_opens_the_history_of_its_pages(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "First words.", "The secret number.", note="Give the secret number")
    replace_in(store, "summary:", "audience: staff\nsummary:", path="referral/index.md", note="Close the folder")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert "secret" not in for_all
    assert "secret number" in for_staff
    assert anonymous.get(HISTORY).status_code == 303


def test_a_part_for_staff_is_for_staff_in_the_history_too(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", f"Second words.\n\n{GATED}", note="Add the secret number")
    replace_in(store, "The secret number.", "The other secret.", note="Change the secret number")
    replace_in(store, "First words.", "Our words.", note="Name ourselves")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert "secret" not in for_all
    assert "Name ourselves" in for_all
    assert "Change the secret number" in for_staff
    assert "other secret" in for_staff


def test_a_change_of_parts_for_staff_alone_is_not_listed(
    app: Flask, store: ContentStore, anonymous: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", f"Second words.\n\n{GATED}", note="Add it")
    before = [anonymous.get(one).text for one in ("/changes", "/changes.atom", HISTORY)]
    replace_in(store, "The secret number.", "The other secret.", note="Change it")

    after = [anonymous.get(one).text for one in ("/changes", "/changes.atom", HISTORY)]

    assert after == before


def test_what_was_open_text_once_and_stands_in_a_part_for_staff_now_is_for_staff(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "Second words.", "The secret number.", note="Give the secret number")
    replace_in(store, "The secret number.\n", GATED, note="The secret number is for staff")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert "secret" not in for_all
    assert "Give the secret number" in for_staff


def test_a_part_that_was_for_staff_then_and_is_open_now_stays_for_staff_as_it_was(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", GATED, note="Add the secret number")
    replace_in(store, GATED, "The public number.\n", note="The secret number is no more")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert "secret" not in for_all
    assert "The secret number" in for_staff


def test_a_note_is_only_for_those_who_may_read_all_that_its_commit_changed(
    app: Flask, store: ContentStore, content: ContentFolder, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    content.page("referral/share", "New words.\n", title="Share your concern")
    content.page("staff/rota", "The new rota.\n")
    by_hand(store, "Share more, and put the secret name on the rota")

    for_all, for_staff = (everything_about(app, one, store) for one in (anonymous, staff))

    assert "secret name" not in for_all
    assert "This page was changed." in for_all
    assert "secret name" in for_staff


def test_a_page_that_came_out_of_one_for_staff_does_not_lead_back_there(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "The rota.", "The rota of secret names, which is quite long.", path="staff/rota.md")
    text = store.files.read("staff/rota.md") or b""
    publish_files(
        store,
        FileChange("referral/rota.md", text.replace(b"secret names", b"our names"), None),
        FileChange("staff/rota.md", None, text),
        note="Move the secret rota to everyone",
    )

    for_all, for_staff = (everything_about(app, one, store, "referral/rota.md") for one in (anonymous, staff))

    assert "secret" not in for_all
    assert "secret names" in for_staff


def test_a_contact_that_is_for_staff_by_now_is_not_shown_in_older_versions(
    app: Flask, store: ContentStore, content: ContentFolder, anonymous: FlaskClient
) -> None:
    contact = "mash: {name: MASH, phone: 0300 123 4567, audience: open, origin: national}\n"
    content.file("_data/contacts.yml", contact)
    by_hand(store, "Add a contact")
    replace_in(store, "First words.", "Call {{ contact.mash.phone }}.")
    replace_in(store, "Call {{ contact.mash.phone }}.", "Call us.")
    assert "0300 123 4567" in anonymous.get(f"{HISTORY}/{revisions(store)[1]}").text

    content.file("_data/contacts.yml", contact.replace("open", "staff"))
    by_hand(store, "It is for staff")

    assert "0300 123 4567" not in everything_about(app, anonymous, store)


def test_an_audience_that_was_wider_then_or_is_gone_lets_nobody_more_in(
    app: Flask, store: ContentStore, content: ContentFolder, member: FlaskClient, staff: FlaskClient
) -> None:
    content.file("_data/audiences.yml", AUDIENCES.replace("groups: [leads]", "groups: [leads, members]"))
    content.page("referral/share", "The secret number.\n", audience="leads")
    by_hand(store, "Close it")
    content.file("_data/audiences.yml", AUDIENCES.replace("groups: [leads]", "groups: [leads, staff]"))
    content.page("referral/share", "Open words.\n")
    by_hand(store, "Open it")

    # Members were leads then and are not now; staff are now and were not then.
    assert [one for one in (member, staff) if "secret" in everything_about(app, one, store)] == []


@pytest.mark.parametrize("address", ["/history/staff/rota", "/history/staff/none", "/history/staff/rota/" + "0" * 40])
def test_the_history_of_what_one_may_not_read_answers_as_of_what_is_not_there(
    store: ContentStore, anonymous: FlaskClient, member: FlaskClient, address: str
) -> None:
    assert anonymous.get(address).status_code == 303
    assert member.get(address).status_code == 404


def test_the_history_of_a_page_that_is_gone_is_for_those_who_write(
    app: Flask, store: ContentStore, anonymous: FlaskClient, member: FlaskClient
) -> None:
    text = store.files.read(SHARE)
    publish_files(store, FileChange(SHARE, None, text), note="Delete")

    assert anonymous.get(HISTORY).status_code == 404
    assert member.get(HISTORY).status_code == 404


def test_the_open_parts_of_older_versions_stay_open_while_the_part_for_staff_is_the_same(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", f"Second words.\n\n{GATED}", note="Add the secret number")
    replace_in(store, "First words.", "Our words.")
    replace_in(store, "Our words.", "Your words.")
    your, our, gated, first = revisions(store)

    answers = {one: anonymous.get(f"{HISTORY}/{one}") for one in (your, our, gated, first)}

    # What only put a part for staff there is not told of.
    assert [answers[one].status_code for one in (your, our, gated, first)] == [200, 200, 404, 200]
    assert "Our words." in answers[our].text
    assert "secret" not in "".join(one.text for one in answers.values())
    assert "secret" in staff.get(f"{HISTORY}/{our}").text
    assert "Removed: </span>Our </del>" in anonymous.get(f"{HISTORY}/compare?from={our}&to={your}").text


def test_the_fences_of_blocks_close_no_older_version(store: ContentStore, anonymous: FlaskClient) -> None:
    blocks = "/// warning\n\nTake care.\n\n///\n\n"
    replace_in(store, "Second words.\n", f"{blocks}//// staff-only\n\n/// warning\n\nThe secret.\n\n///\n\n////\n")
    replace_in(store, "Take care.", "Take great care.")

    answers = [anonymous.get(f"{HISTORY}/{one}") for one in revisions(store)[:2]]

    assert [one.status_code for one in answers] == [200, 200]
    assert ["secret" in one.text for one in answers] == [False, False]


def test_what_was_taken_out_first_and_put_into_a_part_for_staff_later_is_for_staff(
    store: ContentStore, anonymous: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", "The secret number.\n")
    replace_in(store, "The secret number.\n", "")
    replace_in(store, "First words.\n", f"First words.\n\n{GATED}")

    answers = [anonymous.get(f"{HISTORY}/{one}") for one in revisions(store)]

    assert "secret" not in "".join(one.text for one in answers)
    assert [one.status_code for one in answers][-1] == 200


def test_the_words_of_a_part_for_staff_are_not_found_in_older_versions_by_other_words(
    store: ContentStore, anonymous: FlaskClient
) -> None:
    replace_in(store, "Second words.", "Call the night desk on 0300 7.")
    replace_in(store, "Call the night desk on 0300 7.\n", "/// staff-only\nNight desk: 0300 7\n///\n")

    answers = [anonymous.get(f"{HISTORY}/{one}") for one in revisions(store)]

    assert [one.status_code for one in answers] == [200, 404, 404]
    assert "0300 7" not in "".join(one.text for one in answers)
