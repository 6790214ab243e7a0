"""What becomes of the list of old addresses when pages move again, go, or the list is not as it should be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from knowledge_base.moving.taken_away import find_taken_away, list_taken_away
from knowledge_base.pages.edition import Edition
from knowledge_base.publishing import moves
from knowledge_base.publishing.changes import Change, Contributor, new_name
from knowledge_base.publishing.errors import GateError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import Git
from tests.content_folder import ContentFolder
from tests.moving.conftest import MakePlans, page_at, text_of
from tests.publishing.conftest import NOW
from tests.repository.conftest import run_git

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


def bring_back(store: ContentStore, plans_of: MakePlans, who: Contributor, path: str) -> None:
    gone = find_taken_away(store, store.library.edition(), path, viewer=who.viewer)
    assert gone
    publish(store, plans_of(who).bring_back(gone, note=NOTE, name=new_name()), by=who, now=NOW)


def test_a_page_that_was_moved_and_deleted_comes_back_with_its_old_addresses(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    listed = "- from: /first\n  to: /second\n- from: /second\n  to: /guides/two#a\n- from: /old\n  to: /open\n"
    content.file(REDIRECTS, listed)
    move(store, plans_of, jane, "/guides/two", "guides/three")
    before = {old: client.get(old).location for old in ("/first", "/second", "/guides/two", "/old")}
    delete(store, plans_of, jane, "/guides/three")

    bring_back(store, plans_of, jane, "guides/three")

    assert {old: client.get(old).location for old in before} == before
    assert before["/guides/two"] == "/guides/three"


def test_an_old_address_that_is_in_use_by_now_does_not_come_back(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    move(store, plans_of, jane, "/guides/two", "guides/three")
    move(store, plans_of, jane, "/guides/three", "guides/four")
    delete(store, plans_of, jane, "/guides/four")
    content.page("guides/two", title="Another")
    content.file(REDIRECTS, "- from: /guides/three\n  to: /open\n")
    store.library.refresh()

    bring_back(store, plans_of, jane, "guides/four")

    assert client.get("/guides/two").status_code == 200
    assert client.get("/guides/three").location == "/open"
    assert text_of(store, REDIRECTS) == "- from: /guides/three\n  to: /open\n"


def test_of_a_page_that_moved_before_it_was_deleted_only_the_last_place_is_listed(
    store: ContentStore, plans_of: MakePlans, jane: Contributor
) -> None:
    move(store, plans_of, jane, "/guides/two", "guides/three")
    delete(store, plans_of, jane, "/guides/three")

    listed = list_taken_away(store, store.library.edition(), viewer=jane.viewer)

    assert [one.path for one in listed] == ["guides/three"]


def test_however_many_pages_were_taken_away_git_is_started_a_few_times(
    store: ContentStore, jane: Contributor, content: ContentFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        content.page(f"guides/page-{number}")
    run_git(store.content, "add", ".")
    run_git(store.content, "commit", "-q", "-m", "By hand")
    run_git(store.content, "rm", "-q", *(f"guides/page-{number}.md" for number in range(12)))
    run_git(store.content, "commit", "-q", "-m", "By hand")
    started: list[tuple[str, ...]] = []
    run = Git.run

    def count_and_run(git: Git, *given: str, **more: Any) -> bytes:  # noqa: ANN401 - whatever git takes
        started.append(given)
        return run(git, *given, **more)

    monkeypatch.setattr(Git, "run", count_and_run)

    listed = list_taken_away(store, store.library.refresh(), viewer=jane.viewer)

    assert len(listed) == 12
    assert len(started) < 6


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


def let_somebody_save_while_links_are_changed(patch: pytest.MonkeyPatch, file: Path) -> None:
    follow_up, saved = moves.follow_up, [False]

    def somebody_saves(
        change: Change, *, before: Edition, after: Edition, texts: Mapping[str, bytes], earlier: bytes
    ) -> dict[str, bytes]:
        if not saved[0]:
            saved[0] = True
            file.write_text(f"{file.read_text()}\nBy hand.\n")
        return follow_up(change, before=before, after=after, texts=texts, earlier=earlier)

    patch.setattr(moves, "follow_up", somebody_saves)


def test_a_page_that_is_saved_by_hand_while_its_links_are_changed_keeps_what_was_saved(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = store.content / "guides" / "one.md"
    let_somebody_save_while_links_are_changed(monkeypatch, one)

    move(store, plans_of, jane, "/open/tell", "guides/tell")

    assert one.read_text().endswith("See [tell](/guides/tell) and [two](/guides/two).\n\nBy hand.\n")
    assert store.repository.git.text("status", "--porcelain") == ""


def test_done_again_because_of_such_a_save_the_old_address_is_still_for_the_pages_readers(
    store: ContentStore,
    plans_of: MakePlans,
    pat: Contributor,
    content: ContentFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content.page("staff/links", "See [the rota](/staff/rota).\n")
    store.library.refresh()
    let_somebody_save_while_links_are_changed(monkeypatch, store.content / "staff" / "links.md")
    page = page_at(store, "/staff/rota")

    change = plans_of(pat).withdraw(page, reason="A secret", note=NOTE, name=new_name())
    publish(store, change, by=pat, now=NOW)

    assert text_of(store, REDIRECTS) == '- from: /staff/rota\n  to:\n  reason: "A secret"\n  audience: staff\n'
    assert text_of(store, "staff/links.md").endswith("See the rota.\n\nBy hand.\n")
