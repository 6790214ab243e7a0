"""What becomes of the list of old addresses when pages move again, go, or the list is not as it should be."""

import pytest
from flask.testing import FlaskClient

from knowledge_base.publishing.changes import Contributor, new_name
from knowledge_base.publishing.errors import GateError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.moving.conftest import MakePlans, page_at, text_of
from tests.publishing.conftest import NOW

NOTE = "Put it where people look"
REDIRECTS = "_data/redirects.yml"


def move(store: ContentStore, plans_of: MakePlans, who: Contributor, url: str, to: str) -> None:
    change = plans_of(who).move(page_at(store, url), to, note=NOTE, name=new_name())
    publish(store, change, by=who, now=NOW)


def delete(store: ContentStore, plans_of: MakePlans, who: Contributor, url: str) -> None:
    publish(store, plans_of(who).delete(page_at(store, url), note=NOTE, name=new_name()), by=who, now=NOW)


def test_a_page_that_was_moved_can_be_deleted_and_its_old_addresses_go_with_it(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    content.file(REDIRECTS, "# Ours.\n- from: /first\n  to: /second\n- from: /second\n  to: /guides/two\n")
    move(store, plans_of, jane, "/guides/two", "guides/three")

    delete(store, plans_of, jane, "/guides/three")

    assert text_of(store, REDIRECTS) == "# Ours.\n"
    assert [client.get(url).status_code for url in ("/first", "/second", "/guides/two", "/guides/three")] == [404] * 4


def test_an_empty_list_is_added_to(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    content.file(REDIRECTS, "# None yet.\n[]\n")

    move(store, plans_of, jane, "/open/tell", "guides/tell")

    assert text_of(store, REDIRECTS) == "# None yet.\n- from: /open/tell\n  to: /guides/tell\n"
    assert client.get("/open/tell").location == "/guides/tell"


@pytest.mark.parametrize("broken", [b"- from: [\n", b"\xff\n", b"{from: /a, to: /b}\n"])
def test_with_a_list_that_cannot_be_read_no_page_moves(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, content: ContentFolder, broken: bytes
) -> None:
    content.file(REDIRECTS, broken)

    with pytest.raises(GateError) as raised:
        move(store, plans_of, jane, "/open/tell", "guides/tell")

    assert "cannot be used for /open/tell" in str(raised.value.findings[0])
    assert (store.content / REDIRECTS).read_bytes() == broken
    assert page_at(store, "/open/tell").path == "open/tell"


def test_why_a_page_was_withdrawn_stays_with_its_readers_when_its_folder_goes(
    store: ContentStore, plans_of: MakePlans, pat: Contributor, client: FlaskClient
) -> None:
    page = page_at(store, "/staff/rota")
    change = plans_of(pat).withdraw(page, reason="A secret", note=NOTE, name=new_name())
    publish(store, change, by=pat, now=NOW)

    move(store, plans_of, pat, "/staff", "open/staff")

    answer = client.get("/staff/rota")
    assert answer.status_code == 404
    assert "A secret" not in answer.text
    gone = store.library.edition().gone("/staff/rota", store.library.edition().may_read(pat.viewer))
    assert gone is not None
    assert gone.reason == "A secret"
