"""The changes at a page's foot are worked out once, and never for one reader out of what another may read."""

from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.history.archive import Archive
from knowledge_base.history.changes import amendments_of
from knowledge_base.history.seeing import Eyes
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder
from tests.history.conftest import by_hand, replace_in

URL = "/referral/share"
GATED = "/// staff-only\nThe secret number.\n///\n"


def test_each_reader_has_their_own(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient, member: FlaskClient
) -> None:
    replace_in(store, "Second words.\n", f"Second words.\n\n{GATED}", note="Add the secret number")
    app.extensions["archive"].look()

    answers = [one.get(URL).text for one in (staff, anonymous, member, staff, anonymous)]

    assert ["Add the secret number" in one for one in answers] == [True, False, False, True, False]


def test_whoever_is_no_longer_in_an_audience_is_not_told_what_was_kept_for_them(
    app: Flask, store: ContentStore, content: ContentFolder, staff: FlaskClient, signed_in: SignedIn
) -> None:
    both = signed_in("staff", "leads")
    replace_in(store, "Second words.\n", f"Second words.\n\n{GATED}", note="Add the secret number")
    app.extensions["archive"].look()
    before = [one.get(URL).text for one in (staff, both)]
    audiences = store.files.read("_data/audiences.yml") or b""

    content.file("_data/audiences.yml", audiences.decode().replace("groups: [staff]", "groups: [leads]"))
    by_hand(store, "Staff are leads now")
    app.extensions["archive"].look()
    after = [one.get(URL).text for one in (staff, both)]

    assert ["secret" in one for one in (*before, *after)] == [True, True, False, True]


def test_people_who_may_read_the_same_share_what_was_worked_out(store: ContentStore) -> None:
    replace_in(store, "First words.", "Our words.", note="Name ourselves")
    archive, edition = Archive(store.content), store.library.refresh()
    page, past = edition.page(URL), archive.past
    assert page
    assert past
    people = [Viewer(number, f"Person {number}", frozenset({"staff"})) for number in (1, 2)]

    first, second, anybody = (amendments_of(Eyes(one, edition, past), archive, page) for one in (*people, ANONYMOUS))

    assert [one.note for one in first] == ["Name ourselves"]
    assert second is first
    assert anybody is not first
