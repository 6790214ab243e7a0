import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.db import london_today
from knowledge_base.moving.errors import MovingError
from knowledge_base.moving.taken_away import find_taken_away, list_taken_away
from knowledge_base.pages.checks import check_content
from knowledge_base.pages.findings import Severity
from knowledge_base.publishing.changes import Change, Contributor, FileChange, new_name
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    ChangeRefusedError,
    GateError,
    NotAllowedError,
)
from knowledge_base.publishing.moves import MOVED
from knowledge_base.publishing.publish import Published, publish
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.moving.conftest import TELL, MakePlans, page_at, text_of
from tests.publishing.conftest import NOW, git
from tests.repository.conftest import run_git

NOTE = "Put it where people look"


def do(store: ContentStore, change: Change, by: Contributor) -> Published:
    return publish(store, change, by=by, now=NOW)


def move(store: ContentStore, plans_of: MakePlans, who: Contributor, url: str, to: str) -> Published:
    change = plans_of(who).move(page_at(store, url), to, note=NOTE, name=new_name())
    return do(store, change, who)


def errors(store: ContentStore) -> list[str]:
    edition = store.library.edition()
    return [str(one) for one in check_content(edition, today=london_today()) if one.severity is Severity.ERROR]


def test_a_moved_page_takes_its_files_and_all_links_with_it(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient
) -> None:
    move(store, plans_of, jane, "/open/tell", "guides/who-to-tell")

    assert client.get("/guides/who-to-tell").status_code == 200
    assert client.get("/files/guides/who-to-tell/chart.png").status_code == 200
    gone = client.get("/open/tell")
    assert (gone.status_code, gone.location) == (301, "/guides/who-to-tell")
    assert "[how to tell](/guides/who-to-tell)" in text_of(store, "index.md")
    other = text_of(store, "open/other.md")
    assert "[when](/guides/who-to-tell#when), `[x](/open/tell)`" in other
    assert "[1]: /guides/who-to-tell\n" in other
    assert "superseded_by: /guides/who-to-tell\n" in text_of(store, "open/old.md")
    assert text_of(store, "_data/pinned.yml") == "# First.\n- searches: [tell]\n  leads_to: /guides/who-to-tell#when\n"
    assert errors(store) == []
    assert git(store, "status", "--porcelain") == ""
    assert git(store, "log", "-1", "--format=%(trailers:key=Moved-to,valueonly)").strip() == "guides/who-to-tell"


def test_links_in_pages_that_the_mover_may_not_read_change_too_and_in_one_commit(
    store: ContentStore, plans_of: MakePlans, jane: Contributor
) -> None:
    before = text_of(store, "staff/rota.md")

    published = move(store, plans_of, jane, "/open/tell", "guides/tell")

    assert text_of(store, "staff/rota.md") == before.replace("/open/tell#when", "/guides/tell#when")
    assert "staff/rota.md" in store.repository.changed_by(published.revision)


def test_by_moving_nobody_can_change_anything_else_of_a_page_they_may_not_read(
    store: ContentStore, plans_of: MakePlans, jane: Contributor
) -> None:
    rota = store.files.read("staff/rota.md")
    honest = plans_of(jane).move(page_at(store, "/open/tell"), "guides/tell", note=NOTE, name=new_name())
    sly = Change(
        (*honest.files, FileChange("staff/rota.md", b"---\ntitle: x\nsummary: x\n---\n", rota)),
        subject=honest.subject,
        note=NOTE,
        trailers=honest.trailers,
    )
    pretended = Change(
        (FileChange("open/index.md", (b := store.files.read("open/index.md") or b"") + b"\nMore.\n", b),),
        subject="open/index",
        note=NOTE,
        trailers={MOVED: "/staff/rota -> /open/other"},
    )

    with pytest.raises(NotAllowedError):
        do(store, sly, jane)
    with pytest.raises(ChangeRefusedError):
        do(store, pretended, jane)

    assert store.files.read("staff/rota.md") == rota
    assert not (store.content / "_data" / "redirects.yml").exists()


def test_a_page_edited_meanwhile_keeps_the_edit(store: ContentStore, plans_of: MakePlans, jane: Contributor) -> None:
    change = plans_of(jane).move(page_at(store, "/open/tell"), "guides/tell", note=NOTE, name=new_name())
    (store.content / "guides" / "one.md").write_text(text_of(store, "guides/one.md") + "\nNew: [tell](/open/tell).\n")

    do(store, change, jane)

    assert "New: [tell](/guides/tell)." in text_of(store, "guides/one.md")


def test_a_folder_moves_with_its_pages_and_their_links_to_each_other(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient
) -> None:
    move(store, plans_of, jane, "/guides", "open/guides")

    assert "[two](/open/guides/two)" in text_of(store, "open/guides/one.md")
    assert [client.get(url).location for url in ("/guides", "/guides/one")] == ["/open/guides", "/open/guides/one"]
    assert not (store.content / "guides").exists()
    assert errors(store) == []


def test_moved_twice_the_first_address_leads_to_the_last(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient
) -> None:
    move(store, plans_of, jane, "/open/tell", "guides/tell")
    move(store, plans_of, jane, "/guides/tell", "open/tell-now")
    assert client.get("/open/tell").location == "/open/tell-now"

    move(store, plans_of, jane, "/open/tell-now", "open/tell")

    assert client.get("/open/tell").status_code == 200
    assert client.get("/guides/tell").location == "/open/tell"
    assert errors(store) == []


@pytest.mark.parametrize(
    "to", ["open/other", "guides", "nowhere/tell", "staff/tell", "staff/rota", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/tell"]
)
def test_there_are_places_where_it_cannot_go(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, to: str
) -> None:
    with pytest.raises(MovingError):
        move(store, plans_of, jane, "/open/tell", to)


def test_a_page_with_a_part_for_others_or_in_their_folder_is_not_theirs_to_move(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, content: ContentFolder
) -> None:
    content.page("guides/three", "Open.\n\n/// staff-only\n\nSecret.\n\n///\n")
    store.library.refresh()

    with pytest.raises(MovingError, match="may not change"):
        move(store, plans_of, jane, "/guides", "open/guides")


def test_a_page_leaves_a_folder_of_two_persons_only_with_the_second(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, pat: Contributor, content: ContentFolder
) -> None:
    content.page("open/index", publishing="two-person")
    store.library.refresh()
    change = plans_of(jane).move(page_at(store, "/open/tell"), "guides/tell", note=NOTE, name=new_name())

    with pytest.raises(ApprovalNeededError):
        do(store, change, jane)
    publish(store, change, by=jane, approved_by=pat, now=NOW)

    assert page_at(store, "/guides/tell").meta.title == "Tell somebody"


def test_a_withdrawn_page_says_why_and_links_to_it_become_words(
    store: ContentStore, plans_of: MakePlans, pat: Contributor, client: FlaskClient
) -> None:
    page = page_at(store, "/guides/two")
    change = plans_of(pat).withdraw(page, reason='The law: it "changed"', note=NOTE, name=new_name())

    do(store, change, pat)

    answer = client.get("/guides/two")
    assert answer.status_code == 410
    assert "The law: it &#34;changed&#34;" in answer.text
    assert "and two." in text_of(store, "guides/one.md")
    assert errors(store) == []


def test_what_cannot_be_unlinked_stops_it_without_naming_what_they_may_not_read(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, content: ContentFolder
) -> None:
    content.page("staff/rota", "See [two][1].\n\n[1]: /guides/two\n", title="Secret rota")
    change = plans_of(jane).delete(page_at(store, "/guides/two"), note=NOTE, name=new_name())

    with pytest.raises(GateError) as raised:
        do(store, change, jane)

    assert raised.value.findings
    assert not any("rota" in str(finding) for finding in raised.value.findings)
    assert page_at(store, "/guides/two").path == "guides/two"


def test_a_deleted_page_comes_back_with_its_files(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient
) -> None:
    (store.content / "open" / "old.md").unlink()
    before = text_of(store, TELL)
    do(store, plans_of(jane).delete(page_at(store, "/open/tell"), note=NOTE, name=new_name()), jane)
    assert client.get("/open/tell").status_code == 404
    gone = find_taken_away(store, store.library.edition(), "open/tell", viewer=jane.viewer)
    assert gone is not None

    do(store, plans_of(jane).bring_back(gone, note=NOTE, name=new_name()), jane)

    assert text_of(store, TELL) == before
    assert client.get("/files/open/tell/chart.png").status_code == 200
    assert find_taken_away(store, store.library.edition(), "open/tell", viewer=jane.viewer) is None


def test_a_withdrawn_page_that_comes_back_is_no_old_address_any_more(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient
) -> None:
    do(store, plans_of(jane).withdraw(page_at(store, "/guides/two"), reason="Old", note=NOTE, name=new_name()), jane)
    gone = find_taken_away(store, store.library.edition(), "guides/two", viewer=jane.viewer)
    assert gone is not None

    do(store, plans_of(jane).bring_back(gone, note=NOTE, name=new_name()), jane)

    assert client.get("/guides/two").status_code == 200
    assert "guides/two" not in text_of(store, "_data/redirects.yml")


def test_what_was_for_others_is_neither_listed_nor_brought_back(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, pat: Contributor
) -> None:
    do(store, plans_of(pat).delete(page_at(store, "/staff/rota"), note=NOTE, name=new_name()), pat)
    (store.content / "staff" / "index.md").unlink()
    run_git(store.content, "commit", "-q", "-a", "-m", "By hand")
    edition = store.library.refresh()

    assert [one.path for one in list_taken_away(store, edition, viewer=pat.viewer)] == ["staff/index", "staff/rota"]
    assert list_taken_away(store, edition, viewer=jane.viewer) == ()


def test_a_page_does_not_come_back_to_more_readers_than_it_had(
    store: ContentStore, plans_of: MakePlans, pat: Contributor, content: ContentFolder
) -> None:
    do(store, plans_of(pat).delete(page_at(store, "/staff/rota"), note=NOTE, name=new_name()), pat)
    content.page("staff/index", audience="open")
    edition = store.library.refresh()
    gone = find_taken_away(store, edition, "staff/rota", viewer=pat.viewer)
    assert gone is not None

    with pytest.raises(MovingError, match="More people"):
        plans_of(pat).bring_back(gone, note=NOTE, name=new_name())


def test_merged_into_another_its_links_lead_to_the_headings_that_are_still_there(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    content.page("guides/one", "[Kept](/open/other#kept), [lost](/open/other#lost).\n")
    content.page("open/other", "## Kept {#kept}\n\nOne.\n\n## Lost {#lost}\n\nTwo.\n")
    store.library.refresh()
    base = store.files.read("guides/two.md") or b""
    file = FileChange("guides/two.md", base + b"\n## Kept {#kept}\n\nOne.\n", base)
    page, into = page_at(store, "/open/other"), page_at(store, "/guides/two")

    do(store, plans_of(jane).merge(page, into, file=file, note=NOTE, name=new_name()), jane)

    assert "[Kept](/guides/two#kept), [lost](/guides/two)." in text_of(store, "guides/one.md")
    assert client.get("/open/other").location == "/guides/two"
    assert errors(store) == []


def test_pages_that_the_program_leads_to_stay(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, content: ContentFolder, app: Flask
) -> None:
    content.page("referral/index")
    store.library.refresh()

    with pytest.raises(MovingError, match="has to stay"):
        plans_of(jane).delete(page_at(store, "/referral"), note=NOTE, name=new_name())
