"""The edges of what is seen: pages that went, versions that nobody could read, commits of more than pages."""

from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.history.log import read_log
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder
from tests.history.conftest import SHARE, by_hand, publish_files, replace_in

HISTORY = "/history/referral/share"


def revisions(store: ContentStore) -> list[str]:
    return [entry.revision for entry in read_log(store.repository, SHARE)]


def test_those_who_write_see_the_history_of_a_page_that_was_deleted(
    store: ContentStore, signed_in: SignedIn, anonymous: FlaskClient
) -> None:
    editor, text = signed_in("staff", roles=["editor"]), store.files.read(SHARE)
    first = revisions(store)[0]
    publish_files(store, FileChange(SHARE, None, text), note="It was wrong")

    page = editor.get(HISTORY).text

    assert "It was wrong" in page
    assert "The page was taken away" in page
    assert "First words." in editor.get(f"{HISTORY}/{first}").text
    assert anonymous.get(f"{HISTORY}/{first}").status_code == 404
    assert "taken away" in editor.get("/changes").text


def test_a_version_that_nobody_could_read_is_known_to_those_who_write_alone(
    store: ContentStore, content: ContentFolder, signed_in: SignedIn, anonymous: FlaskClient
) -> None:
    editor, good = signed_in("staff", roles=["editor"]), store.files.read(SHARE) or b""
    content.file(SHARE, good.replace(b"title:", b"tilte:"))
    broken = by_hand(store, "Break the secret title")
    content.file(SHARE, good.replace(b"First", b"Mended"))
    mended = by_hand(store, "Mend it")

    for_all, for_editor = anonymous.get(HISTORY).text, editor.get(HISTORY).text

    assert "secret title" not in for_all + for_editor
    assert for_editor.count("kb-history__when") == 3
    assert for_all.count("kb-history__when") == 1
    assert editor.get(f"{HISTORY}/{broken}").status_code == 404
    assert "Mended words." in editor.get(f"{HISTORY}/{mended}").text


def test_the_note_of_a_commit_of_data_files_is_for_whoever_is_in_every_audience(
    store: ContentStore, content: ContentFolder, signed_in: SignedIn, staff: FlaskClient
) -> None:
    everything = signed_in("staff", "leads", "members")
    content.file("_data/contacts.yml", "desk: {name: Desk, phone: 0300, audience: leads, origin: national}\n")
    content.page("referral/share", "New words.\n", title="Share your concern")
    by_hand(store, "Give the secret desk")

    assert "secret desk" not in staff.get(HISTORY).text
    assert "secret desk" in everything.get(HISTORY).text


def test_a_commit_of_very_many_pages_has_no_note(
    app: Flask, store: ContentStore, content: ContentFolder, anonymous: FlaskClient
) -> None:
    content.page("referral/share", "New words.\n", title="Share your concern")
    for number in range(60):
        content.page(f"referral/page-{number}")
    by_hand(store, "Bring everything in")

    assert "Bring everything in" not in anonymous.get(HISTORY).text
    assert "Bring everything in" not in anonymous.get("/changes").text


def test_an_older_version_shows_the_files_that_it_had(store: ContentStore, anonymous: FlaskClient) -> None:
    text = store.files.read(SHARE) or b""
    linked = text.replace(b"First words.", b"[A form](/files/referral/share/form.txt)")
    files = (FileChange(SHARE, linked, text), FileChange("referral/_files/share/form.txt", b"A form.", None))
    revision = publish_files(store, *files, note="Add a form")
    replace_in(store, "Second", "Third")

    assert "/files/referral/share/form.txt" in anonymous.get(f"{HISTORY}/{revision}").text


def test_a_page_that_came_back_from_a_closed_folder_is_not_said_to_be_as_it_was_before(
    store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    first = store.repository.head()
    base = store.files.read(SHARE) or b""
    closed = base.replace(b"Second words.", b"The night code is 1234.")
    opened = base.replace(b"Second words.", b"Third words.")
    publish_files(store, FileChange("staff/share.md", closed, None), FileChange(SHARE, None, base), note="Close it")
    between = store.repository.head()
    publish_files(store, FileChange("staff/share.md", None, closed), FileChange(SHARE, opened, None), note="Open it")

    history = "/history/referral/share"
    listed, older = anonymous.get(history).text, anonymous.get(f"{history}/{first}")

    assert "Close it" not in listed
    assert "Open it" not in listed
    assert anonymous.get(f"{history}/{between}").status_code == 404
    assert anonymous.get(f"{history}/compare?from={first}&to={between}").status_code == 404
    assert "Second words." in older.text
    assert "The version that is live" not in older.text
    assert "An older version" in older.text
    assert "1234" in staff.get(f"{history}/{between}").text
