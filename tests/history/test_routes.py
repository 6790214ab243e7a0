"""The pages of the history, as people meet them."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from knowledge_base.history.log import read_log
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder
from tests.history.conftest import SHARE, by_hand, publish_files, replace_in

HISTORY = "/history/referral/share"


def text_of(browser: FlaskClient, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.get_data(as_text=True)


def revisions(store: ContentStore, path: str = SHARE) -> list[str]:
    return [entry.revision for entry in read_log(store.repository, path)]


def test_a_pages_foot_leads_to_its_history_and_names_the_last_amendments(
    app: Flask, store: ContentStore, anonymous: FlaskClient
) -> None:
    for number in range(6):
        replace_in(store, "Second", f"{number} Second", note=f"Amend {number}.")
    replace_in(store, "First", "Fist", note="A slip of the pen", is_minor=True)
    app.extensions["archive"].look()

    page = text_of(anonymous, "/referral/share")

    assert f'href="{HISTORY}"' in page
    assert [number for number in range(6) if f"Amend {number}." in page] == [1, 2, 3, 4, 5]
    assert "A slip of the pen" not in page


def test_reading_never_begins_a_history(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("index")
    content.page("open")

    assert "History of this page" not in text_of(anonymous, "/open")
    assert anonymous.get("/history/open").status_code == 404
    assert "No changes have been published yet" in text_of(anonymous, "/changes")
    assert not (content.root / ".git").exists()


def test_the_history_names_people_to_those_who_are_signed_in(
    store: ContentStore, anonymous: FlaskClient, member: FlaskClient
) -> None:
    replace_in(store, "First", "Other", note="Say who")

    for_all, for_member = text_of(anonymous, HISTORY), text_of(member, HISTORY)

    assert "Say who" in for_all
    assert "Pat Doe" not in for_all
    assert "By Pat Doe" in for_member


def test_the_first_commit_says_that_the_history_begins_there(
    store: ContentStore, anonymous: FlaskClient, member: FlaskClient
) -> None:
    first = revisions(store)[-1]

    for browser in (anonymous, member):
        for address in (HISTORY, f"{HISTORY}/{first}"):
            page = text_of(browser, address)

            assert "The history of this page begins here." in page
            assert "This page was changed." not in page
            assert "Changed by hand" not in page


def test_an_older_version_is_shown_as_it_was_and_says_from_when_to_when(
    store: ContentStore, anonymous: FlaskClient
) -> None:
    replace_in(store, "First", "Other")
    newest, first = revisions(store)

    older, newer = (text_of(anonymous, f"{HISTORY}/{one}") for one in (first, newest))

    assert "First words." in older
    assert "Do not act on it" in older
    assert "noindex" in older
    assert f"compare?from={first}&amp;to={newest}" in older
    assert "Other words." in newer
    assert "has said since" in newer


def test_two_versions_are_compared_as_read(store: ContentStore, anonymous: FlaskClient) -> None:
    replace_in(store, "First", "Other")
    newest, first = revisions(store)

    page = text_of(anonymous, f"{HISTORY}/compare?from={first}&to={newest}")

    assert "Removed: </span>First </del>" in page
    assert "Added: </span>Other </ins>" in page
    assert "The two versions are the same" in text_of(anonymous, f"{HISTORY}/compare?from={first}&to={first}")


def test_how_it_is_written_is_for_those_who_write(
    store: ContentStore, anonymous: FlaskClient, signed_in: SignedIn
) -> None:
    replace_in(store, "First words.", "Other words. <!-- Not for readers -->")
    newest, first = revisions(store)
    url = f"{HISTORY}/compare?from={first}&to={newest}&view=written"

    assert "Not for readers" not in text_of(anonymous, url)
    assert "Not for readers" in text_of(signed_in(roles=["editor"]), url)


@pytest.mark.parametrize(
    "address",
    [
        *(f"{HISTORY}/{'0' * 40}", f"{HISTORY}/compare?from=HEAD&to=HEAD", f"{HISTORY}/compare?from=&to="),
        *("/history/referral/none", "/history/referral", "/history/_data/audiences", "/history/../x", "/history/x.md"),
    ],
)
def test_what_is_no_version_or_no_page_is_not_found(store: ContentStore, anonymous: FlaskClient, address: str) -> None:
    replace_in(store, "First", "Other")

    assert anonymous.get(address).status_code == 404


def test_a_commit_of_another_page_is_no_version_of_this_one(store: ContentStore, anonymous: FlaskClient) -> None:
    other = replace_in(store, "Some words.", "Other words.", path="referral/index.md")

    assert anonymous.get(f"{HISTORY}/{other}").status_code == 404
    assert anonymous.get(f"/history/referral/index/{other}").status_code == 200


def test_a_page_may_be_called_compare(store: ContentStore, content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("referral/compare", title="Compare offers")
    by_hand(store, "Add a page")

    assert "Compare offers" in text_of(anonymous, "/history/referral/compare")


def test_it_says_what_was_live_on_a_day(store: ContentStore, anonymous: FlaskClient) -> None:
    for day, word in ((1, "One"), (3, "Three"), (5, "Five")):
        (store.content / SHARE).write_bytes((store.content / SHARE).read_bytes() + f"\n{word}.\n".encode())
        by_hand(store, word, at=f"2031-11-{day:02}T12:00:00+00:00")
    five, three, one, _ = revisions(store)

    on_second, on_third = (text_of(anonymous, f"{HISTORY}?on={day}/11/2031") for day in (2, 3))

    assert "On 2 November 2031" in on_second
    assert (f"{one}" in inset_of(on_second), f"{three}" in inset_of(on_second)) == (True, False)
    assert (f"{one}" in inset_of(on_third), f"{three}" in inset_of(on_third)) == (True, True)
    assert five not in inset_of(on_third)
    assert "no version of this page" in text_of(anonymous, f"{HISTORY}?on=1/1/2001")
    assert anonymous.get(f"{HISTORY}?on=then").status_code == 422


def inset_of(page: str) -> str:
    return page.partition('class="kb-inset"')[2].partition("</section>")[0]


def test_the_history_goes_on_where_a_page_moved(store: ContentStore, anonymous: FlaskClient) -> None:
    text = store.files.read(SHARE)
    redirects = b"- {from: /referral/share, to: /referral/tell, audience: open}\n"
    publish_files(
        store,
        FileChange("referral/tell.md", text, None),
        FileChange(SHARE, None, text),
        FileChange("_data/redirects.yml", redirects, None),
        note="Give it a better name",
    )
    first = revisions(store, "referral/tell.md")[-1]

    moved = anonymous.get(HISTORY)

    assert (moved.status_code, moved.location) == (301, "/history/referral/tell")
    assert "First words." in text_of(anonymous, f"/history/referral/tell/{first}")
    assert "The page was at referral/share then" in text_of(anonymous, "/history/referral/tell")


def test_changes_are_listed_by_area_and_as_a_feed(store: ContentStore, anonymous: FlaskClient) -> None:
    replace_in(store, "First", "Other", note="Amend the first words")
    replace_in(store, "Second", "Third", note="Only a slip", is_minor=True)

    everything, area, other = (text_of(anonymous, f"/changes{query}") for query in ("", "?area=referral", "?area=x"))
    feed = anonymous.get("/changes.atom")

    assert all("Amend the first words" in one for one in (everything, area, other))
    assert "Only a slip" not in everything
    assert "What has changed in Referral" not in other
    assert feed.mimetype == "application/atom+xml"
    assert '<content type="text">Amend the first words</content>' in feed.text
    assert "http://guidance.example.gov.uk/referral/share" in feed.text


def test_every_page_leads_to_what_has_changed(store: ContentStore, anonymous: FlaskClient) -> None:
    assert '<a class="kb-footer__link" href="/changes">What has changed</a>' in text_of(anonymous, "/referral/share")


def test_a_long_history_has_pages(store: ContentStore, anonymous: FlaskClient) -> None:
    at = datetime(2031, 1, 1, tzinfo=UTC)
    for number in range(52):
        (store.content / SHARE).write_bytes((store.content / SHARE).read_bytes() + f"\nL{number}.\n".encode())
        by_hand(store, f"Change {number}.", at=at.isoformat())

    first, second = text_of(anonymous, HISTORY), text_of(anonymous, f"{HISTORY}?page=2")

    assert "Change 51." in first
    assert "Change 1." not in first
    assert "?page=2" in first
    assert "Change 1." in second
    assert "?page=1" in second


def test_the_feed_stays_well_formed_whatever_a_commit_says(
    store: ContentStore, content: ContentFolder, anonymous: FlaskClient
) -> None:
    content.page("referral/share", "New words.\n", title="Share \x85 <b> & ]]> your concern")
    by_hand(store, "Ring \x07\x1b[31m the <bell> & \x7f\x0c \ufffe ]]>")

    feed = etree.fromstring(anonymous.get("/changes.atom").data)

    entries = feed.findall("{*}entry")
    assert len(entries) == 1
    assert "the <bell> &" in (entries[0].findtext("{*}content") or "")
    for one in (feed, *entries):
        assert all(one.findtext(f"{{*}}{name}") for name in ("id", "title", "updated"))


def test_an_entry_of_the_feed_keeps_its_name_when_the_page_moves(
    store: ContentStore, content: ContentFolder, anonymous: FlaskClient
) -> None:
    revision = replace_in(store, "First", "Other")
    before = re.findall(f"<id>(.*{revision}.*)</id>", anonymous.get("/changes.atom").text)
    content.file("_data/redirects.yml", "- {from: /referral/share, to: /referral/tell, audience: open}\n")
    text = store.files.read(SHARE) or b""
    publish_files(store, FileChange("referral/tell.md", text, None), FileChange(SHARE, None, text), note="Move it")

    after = re.findall(f"<id>(.*{revision}.*)</id>", anonymous.get("/changes.atom").text)

    assert len(before) == 1
    assert after == before
