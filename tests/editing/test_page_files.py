"""The files of a published page in its editor: taken away, replaced, described anew, with the same publication."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.editing.draft_files import add_file, files_of
from knowledge_base.editing.drafts import find_draft, get_draft, let_go_after_publishing
from knowledge_base.editing.page_files import with_alt
from knowledge_base.editing.uploads import prepare_upload
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import NOW, fields_of, save, send
from tests.pages.files_of_pages import png

PAGE = "referral/share"
HALL = "/files/referral/share/hall.png"
SHOWN = f"## When {{#when}}\n\nAt once.\n\n![The hall]({HALL})"
UNUSED = "## When {#when}\n\nAt once."


@pytest.fixture
def hall(store: ContentStore, content: ContentFolder) -> str:
    """A picture that the page shows."""
    content.file("referral/_files/share/hall.png", png(8, 8))
    content.page(PAGE, SHOWN, title="Share your concern", sources=["paper"])
    assert not store.library.refresh().faults
    return "hall.png"


def with_file(browser: FlaskClient, **fields: str | tuple[BytesIO, str]) -> TestResponse:
    """Send the editor's form with one of its buttons for files."""
    return browser.post(f"/edit/{PAGE}/files", data={**fields_of(browser.get(f"/edit/{PAGE}").text), **fields})


def publish(browser: FlaskClient, body: str) -> TestResponse:
    answer = save(browser, PAGE, {"body": body}, then="publish")
    return send(browser, answer.location, note="Of the hall")


def test_a_published_file_is_taken_away_with_the_publication(
    janes: FlaskClient, anonymous: FlaskClient, store: ContentStore, hall: str
) -> None:
    assert with_file(janes, **{"take-away": hall}).status_code == 303
    assert "Is taken away with the draft" in janes.get(f"/edit/{PAGE}").text
    assert anonymous.get(HALL).status_code == 200

    assert "File taken away" in janes.get(save(janes, PAGE, {"body": UNUSED}, then="publish").location).text
    assert publish(janes, UNUSED).location.startswith("/drafts/published/")

    assert anonymous.get(HALL).status_code == 404
    assert store.files.read("referral/_files/share/hall.png") is None


def test_a_file_that_a_page_still_uses_is_not_taken_away(
    janes: FlaskClient, anonymous: FlaskClient, hall: str, content: ContentFolder, store: ContentStore
) -> None:
    with_file(janes, **{"take-away": hall})
    assert "The text still uses it" in janes.get(f"/edit/{PAGE}").text

    assert "cannot be shown" in janes.get(save(janes, PAGE, {}, then="publish").location).text
    content.page("referral/mixed", f"For all: [the hall]({HALL}).", sources=["paper"])
    store.library.refresh()
    other = janes.get(save(janes, PAGE, {"body": UNUSED}, then="publish").location).text

    assert "there is no such file" in other
    assert "Errors stop the page from being published" in other
    assert anonymous.get(HALL).status_code == 200


def test_a_file_is_kept_after_all(janes: FlaskClient, anonymous: FlaskClient, hall: str) -> None:
    with_file(janes, **{"take-away": hall})

    with_file(janes, remove=hall)

    assert "Is taken away" not in janes.get(f"/edit/{PAGE}").text
    assert publish(janes, f"{SHOWN}\n\nMore.").location.startswith("/drafts/published/")
    assert anonymous.get(HALL).status_code == 200


def test_a_file_is_replaced_under_its_address(
    janes: FlaskClient, anonymous: FlaskClient, store: ContentStore, hall: str
) -> None:
    before = store.files.read("referral/_files/share/hall.png")

    with_file(janes, replaces=hall, alt="The new [hall]", file=(BytesIO(png(20, 9)), "IMG 7.png"))

    shown = janes.get(f"/edit/{PAGE}").text
    assert "Replaced: the new one goes live with the draft" in shown
    body = fields_of(shown)["kb-body"]
    assert body == SHOWN.replace("The hall", "The new (hall)")
    assert publish(janes, body).location.startswith("/drafts/published/")
    assert store.files.read("referral/_files/share/hall.png") != before
    assert 'alt="The new (hall)"' in anonymous.get("/referral/share").text


def test_replaced_without_words_it_shows_what_it_did(janes: FlaskClient, hall: str) -> None:
    answer = with_file(janes, replaces=hall, file=(BytesIO(png(20, 9)), "IMG 7.png"))

    assert answer.status_code == 303
    assert fields_of(janes.get(f"/edit/{PAGE}").text)["kb-body"] == SHOWN


@pytest.mark.parametrize("replaced", ["other.png", "../../index.md"])
def test_only_a_file_of_the_page_is_replaced(janes: FlaskClient, hall: str, replaced: str) -> None:
    answer = with_file(janes, replaces=replaced, alt="x", file=(BytesIO(png(20, 9)), "IMG 7.png"))

    assert answer.status_code == 422
    assert "Choose a file of this page" in answer.text


def test_a_file_does_not_take_the_place_of_one_of_another_kind(janes: FlaskClient, hall: str) -> None:
    answer = with_file(janes, replaces=hall, alt="x", file=(BytesIO(b"%PDF-1.7"), "a.pdf"))

    assert answer.status_code == 422
    assert "is PDF inside" in answer.text


@pytest.mark.parametrize("name", ["other.png", "../../../index.md", "../../share.md", ""])
def test_what_is_no_file_of_the_page_is_not_taken_away(
    janes: FlaskClient, jane: Contributor, store: ContentStore, hall: str, name: str
) -> None:
    with_file(janes, **{"take-away": name})

    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    assert files_of(store, draft) == ()


def test_what_a_picture_shows_is_changed_where_the_text_shows_it(janes: FlaskClient, hall: str) -> None:
    fields = {"kb-body": f"{SHOWN}\n\nTyped since.", "describe": hall, f"alt-{hall}": "The [old] hall"}

    with_file(janes, **fields)
    empty = with_file(janes, describe=hall, **{f"alt-{hall}": " "})

    body = fields_of(janes.get(f"/edit/{PAGE}").text)["kb-body"]
    assert body == f"{SHOWN}\n\nTyped since.".replace("The hall", "The (old) hall")
    assert empty.status_code == 422


def test_other_pictures_keep_their_words() -> None:
    text = f"![a]({HALL}) ![b]({HALL}x) ![c](/files/other/hall.png) [d]({HALL}) ![]( {HALL} )"

    assert with_alt(text, HALL, "new") == (
        f"![new]({HALL}) ![b]({HALL}x) ![c](/files/other/hall.png) [d]({HALL}) ![new]( {HALL} )"
    )


def test_a_file_that_somebody_else_published_meanwhile_is_not_written_over(
    janes: FlaskClient, hall: str, content: ContentFolder, store: ContentStore
) -> None:
    with_file(janes, replaces=hall, file=(BytesIO(png(20, 9)), "a.png"))
    with_file(janes, alt="New", file=(BytesIO(png(20, 9)), "new.png"))
    theirs = content.file("referral/_files/share/hall.png", png(3, 3)).read_bytes()
    also = content.file("referral/_files/share/new.png", png(4, 4)).read_bytes()

    conflict = publish(janes, f"{SHOWN}\n\n![New]({HALL.replace('hall', 'new')})").location

    assert conflict.endswith("/conflict")
    assert store.files.read("referral/_files/share/hall.png") == theirs
    assert store.files.read("referral/_files/share/new.png") == also
    assert "hall.png (opens in a new tab)</a>: yours takes its place" in janes.get(conflict).text
    send(janes, conflict)
    assert send(janes, conflict.replace("conflict", "publish")).location.startswith("/drafts/published/")
    assert store.files.read("referral/_files/share/hall.png") != theirs


def test_a_file_that_comes_while_the_draft_is_being_published_stays_with_it(
    janes: FlaskClient, jane: Contributor, store: ContentStore
) -> None:
    save(janes, PAGE, {"body": UNUSED})
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    add_file(store, draft, prepare_upload("a.csv", b"a,b", alt=""), now=NOW)

    let_go_after_publishing(store, draft, by=jane.viewer)

    assert [file.name for file in files_of(store, get_draft(store, draft.id, by=jane.viewer))] == ["a.csv"]


def test_what_becomes_of_files_comes_back_with_a_submission(
    janes: FlaskClient, content: ContentFolder, store: ContentStore, jane: Contributor
) -> None:
    content.file("uasc/_files/arrival/hall.png", png(8, 8))
    data = {**fields_of(janes.get("/edit/uasc/arrival").text), "take-away": "hall.png"}
    janes.post("/edit/uasc/arrival/files", data=data)
    number = send(janes, save(janes, "uasc/arrival", {}, then="publish").location, note="No hall").location.split("/")[
        -1
    ]
    assert "Taken away" in janes.get(f"/approvals/{number}").text
    send(janes, f"/approvals/{number}", to=f"/approvals/{number}/withdraw")

    send(janes, "/edit", to=f"/drafts/of-submission/{number}")

    draft = find_draft(store, "uasc/arrival", by=jane.viewer)
    assert draft
    assert [(file.name, file.content) for file in files_of(store, draft)] == [("hall.png", None)]
