"""No answer to anybody holds a word that stands where they may not read: not a body, a header or a place in a list."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.content_folder import ContentFolder
from tests.rules.conftest import Refresh
from tests.rules.everybody import UNKNOWN, Everybody, Who
from tests.rules.marked_content import COMMON_WORD, SHARED_WORD, MarkedContent, Marker, marker_word

NONSENSE = marker_word("nowhere")
ENDPOINTS = ("/search", "/api/search", "/api/suggest")
# Editors and publishers read as staff do. Each test of pages is for one of those who read differently.
READERS = [who for who in Who if who not in {Who.NO_GROUP, Who.EDITOR, Who.STAFF_ADMIN}]
SEARCHERS = [Who.ANONYMOUS, Who.MEMBER, Who.STAFF, Who.LEAD]


@pytest.fixture
def marked(content: ContentFolder) -> MarkedContent:
    made = MarkedContent(content)
    made.write()
    return made


@pytest.fixture
def markers(marked: MarkedContent, everybody: Everybody) -> MarkedContent:
    """Let somebody who may read everything search first, so that whatever is kept is full of it."""
    browser = everybody.browser(Who.STAFF_AND_LEAD)
    for url in (*marked.urls, f"/search?q={COMMON_WORD}", f"/api/suggest?q={COMMON_WORD}"):
        assert browser.get(url).status_code == 200, url
    return marked


def addresses(app: Flask, marked: MarkedContent) -> Iterator[str]:
    """Yield every address that can be read without sending anything: a new route is among them by itself."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule
    yield from ("/nothing", "/open/nothing", "/static/nothing", "/api/search?limit=x", "/people/1", "/login?next=/open")
    for url in marked.urls:
        yield from (url, f"{url}/", f"{url}/nothing", f"/who-can-see?page={url}")
    for url in (*marked.files, *marked.old_addresses):
        yield url
        yield f"{url.rpartition('/')[0]}/nothing"
    yield from searches(marked)


def searches(marked: MarkedContent) -> Iterator[str]:
    for typed in (
        COMMON_WORD,
        SHARED_WORD,
        "what is bobolink scheme",
        "page heading",
        "Desk phone",
        COMMON_WORD[:4],
        "",
    ):
        for endpoint in ENDPOINTS:
            yield f"{endpoint}?q={quote(typed)}"
    yield f"/api/search?q={COMMON_WORD}&limit=50"
    for exact in ("", "&exact=1"):
        yield from (f"/search?q={COMMON_WORD}{exact}&page={number}" for number in (1, 2, 3))
        for key in ("open", "members", "staff", "leads", "leads+staff", "members+staff", "managers"):
            yield f"/search?q={COMMON_WORD}{exact}&audience={quote(key)}"
    for folder in {url.split("/")[1] for url in marked.urls}:
        yield f"/search?q={COMMON_WORD}&area={folder}"
        yield f"/search?q={COMMON_WORD}&area={folder}&audience=staff"


def all_of(answer: TestResponse, *, asked: str) -> str:
    """Return the answer, headers and all, in small letters, without what was asked for."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    text = unescape(unquote(f"{headers}\n\n{answer.text}")).lower()
    echoed = [unquote(asked), *re.split(r"[/?&=]", unquote(asked))]
    for one in sorted((one for one in echoed if len(one) > 3), key=len, reverse=True):
        text = text.replace(one.lower(), "")
    return text


def leaked(text: str, unreadable: list[Marker]) -> list[str]:
    return [f"{marker.place} ({marker.key})" for marker in unreadable if marker.word in text]


@pytest.mark.parametrize("who", READERS)
def test_no_address_tells_anybody_what_they_may_not_read(
    app: Flask, everybody: Everybody, markers: MarkedContent, who: Who
) -> None:
    browser = everybody.browser(who)
    unreadable = markers.may_not_read(who)
    told: dict[str, list[str]] = {}
    seen = []

    for url in dict.fromkeys(addresses(app, markers)):
        answer = browser.get(url, headers={"Referer": f"http://localhost/search?q={COMMON_WORD}"}, buffered=True)
        text = all_of(answer, asked=url)
        if found := leaked(text, unreadable):
            told[url] = found
        seen.append(unescape(answer.text).lower())

    assert told == {}
    everything = "\n".join(seen)
    unseen = [one for one in markers.may_read(who) if one.is_shown and one.word not in everything]
    assert [f"{one.place} ({one.key})" for one in unseen] == []


@pytest.mark.parametrize("who", SEARCHERS)
def test_a_word_that_may_not_be_read_is_searched_like_one_that_is_nowhere(
    everybody: Everybody, markers: MarkedContent, who: Who
) -> None:
    browser = everybody.browser(who)
    nothing = {endpoint: browser.get(f"{endpoint}?q={NONSENSE}").text for endpoint in ENDPOINTS}
    told = []

    for marker in markers.may_not_read(who):
        for endpoint in ENDPOINTS if who is Who.ANONYMOUS else ENDPOINTS[1:2]:
            text = browser.get(f"{endpoint}?q={marker.word}").text
            if text.replace(marker.word, NONSENSE) != nothing[endpoint]:
                told.append(f"{endpoint} knows {marker.place} ({marker.key})")
        for typed in (marker.word[:6], marker.word[:-2] + "x" + marker.word[-1]):
            text = browser.get(f"/api/suggest?q={typed}").text
            told += [f"/api/suggest offers {one}" for one in leaked(text, [marker])]

    assert told == []


@pytest.mark.parametrize("who", [*SEARCHERS, Who.STAFF_AND_LEAD])
def test_what_may_be_read_is_found_by_all_its_words(everybody: Everybody, markers: MarkedContent, who: Who) -> None:
    browser = everybody.browser(who)
    pages = {one.get("url"): one for one in browser.get("/api/pages").json["pages"]}  # type: ignore[index]
    lost = []

    for marker in markers.may_read(who):
        if not marker.leads_to or marker.leads_to not in pages or "owner" in marker.place or "source" in marker.place:
            continue
        if marker.place.startswith(("anchor", "summary")):
            continue
        hits = browser.get(f"/api/search?q={marker.word}").json["results"]  # type: ignore[index]
        if not any(hit["url"].partition("#")[0] == marker.leads_to for hit in hits):
            lost.append(f"{marker.place} ({marker.key})")

    assert lost == []


@pytest.mark.parametrize("who", [Who.ANONYMOUS, Who.MEMBER, Who.AS_ANONYMOUS])
def test_a_page_that_is_turned_from_open_to_staff_is_gone_at_once(
    app: Flask, everybody: Everybody, markers: MarkedContent, refresh: Refresh, who: Who
) -> None:
    browser = everybody.browser(who)
    url = open_page(markers)
    path, body, fields = markers.page_files[url]
    of_page = [one for one in markers.may_read(who) if one.leads_to == url and one.key == "open"]
    before = browser.get(url)
    assert leaked(all_of(before, asked=""), of_page)
    assert browser.get(f"/api/search?q={of_page[0].word}").json["total"] == 1  # type: ignore[index]

    markers.folder.page(path, body, **{**fields, "audience": "staff"})
    refresh()

    kept = {"If-None-Match": before.headers.get("ETag", "*"), "If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT"}
    again = browser.get(url, headers=kept)
    assert again.status_code == 404
    gone = [one for one in of_page if not one.place.startswith(("pinned", "synonym"))]
    told = {}
    for asked in addresses(app, markers):
        answer = browser.get(asked, buffered=True)
        if found := leaked(all_of(answer, asked=asked), gone):
            told[asked] = found
    assert told == {}
    assert leaked(all_of(everybody.browser(Who.STAFF).get(url), asked=""), gone)


def test_an_anonymous_copy_never_stands_in_for_what_somebody_may_read(
    anonymous: FlaskClient, everybody: Everybody, markers: MarkedContent
) -> None:
    staff = everybody.browser(Who.STAFF)
    for url in ("/", f"/search?q={COMMON_WORD}", "/sitemap.xml", "/api/pages", "/about/set-up", open_page(markers)):
        copy = anonymous.get(url)
        kept = {"If-None-Match": copy.headers["ETag"]}

        for condition in (kept, {"If-None-Match": f"W/{copy.headers['ETag']}"}, {"If-None-Match": "*"}):
            answer = staff.get(url, headers=condition)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), url
            assert "ETag" not in answer.headers
            assert answer.data != copy.data

        # For the same reader it holds.
        assert anonymous.get(url, headers=kept).status_code == 304, url
        assert copy.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in copy.vary


def test_signing_in_and_out_in_one_browser_never_confirms_an_old_copy(
    anonymous: FlaskClient, everybody: Everybody, markers: MarkedContent
) -> None:
    url = open_page(markers)
    of_staff = [one for one in markers.may_not_read(Who.ANONYMOUS) if one.leads_to == url]
    browser = everybody.browser(Who.STAFF)
    before = anonymous.get(url)

    signed_in = browser.get(url, headers={"If-None-Match": before.headers["ETag"]})
    browser.post("/logout", data={"csrf_token": everybody.token})
    signed_out = browser.get(url, headers={"If-None-Match": before.headers["ETag"]})
    whole = browser.get(url)

    assert leaked(all_of(signed_in, asked=url), of_staff)
    assert signed_in.status_code == 200
    assert signed_in.headers["Cache-Control"] == "no-store"
    assert signed_out.status_code == 304
    assert leaked(all_of(whole, asked=url), of_staff) == []


@pytest.mark.parametrize("who", [who for who in Who if who not in UNKNOWN])
def test_nothing_that_a_person_gets_is_kept(everybody: Everybody, markers: MarkedContent, who: Who) -> None:
    browser = everybody.browser(who)
    urls = ["/", "/account", "/view-as", "/nothing", "/sitemap.xml", "/api/pages", "/people", "/audit", *markers.urls]

    answers = {url: browser.get(url) for url in (*urls, f"/search?q={COMMON_WORD}", f"/api/suggest?q={COMMON_WORD}")}

    kept = {
        url: one.headers["Cache-Control"] for url, one in answers.items() if one.headers["Cache-Control"] != "no-store"
    }
    assert kept == {}
    assert [url for url, one in answers.items() if "ETag" in one.headers] == []


def open_page(markers: MarkedContent) -> str:
    """Return the page that everyone may read, with a block for staff."""
    return next(one.leads_to for one in markers.markers if one.place == "body in a staff-only block of page")
