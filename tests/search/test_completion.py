from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.search.past_queries import TIMES_TO_SUGGEST
from tests.conftest import fill_in
from tests.content_folder import ContentFolder

SignedIn = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", "Welcome.", title="Home")
    content.page("about/index", "About us.", title="About")
    content.page("about/consent", "Ask for consent.\n\n## Consent of parents {#parents}\n\nAsk them.", title="Consent")
    content.page("staff/index", "Procedures.", title="Procedures", audience="staff")
    content.page("staff/zebra", "The zebra form.", title="Consent by zebra form")


def suggested(browser: FlaskClient, typed: str) -> list[tuple[str, str]]:
    answer = browser.get("/api/suggest", query_string={"q": typed})
    assert answer.json is not None
    return [(one["kind"], one["title"]) for one in answer.json["suggestions"]]


def open_from_search(browser: FlaskClient, text: str, url: str, *, times: int = TIMES_TO_SUGGEST) -> None:
    came_from = f"http://localhost/search?q={text.replace(' ', '+')}"
    for _ in range(times):
        assert browser.get(url, headers={"Referer": came_from}).status_code == 200


def test_titles_and_headings_that_may_be_read_are_suggested(anonymous: FlaskClient, signed_in: SignedIn) -> None:
    assert suggested(anonymous, "cons") == [("page", "Consent"), ("section", "Consent of parents")]
    assert ("page", "Consent by zebra form") in suggested(signed_in("staff"), "cons")


def test_a_slip_in_what_is_typed_still_suggests(anonymous: FlaskClient, signed_in: SignedIn) -> None:
    assert suggested(anonymous, "consetn")[0] == ("page", "Consent")
    assert suggested(anonymous, "zebar") == []
    assert suggested(signed_in("staff"), "zebar") == [("page", "Consent by zebra form")]


def test_a_search_that_led_to_a_page_often_enough_is_suggested_to_the_next_person(anonymous: FlaskClient) -> None:
    open_from_search(anonymous, "ask parents", "/about/consent")

    assert suggested(anonymous, "ask") == [("search", "ask parents")]
    answer = anonymous.get("/api/suggest?q=ask").json
    assert answer is not None
    assert answer["suggestions"][0]["url"] == "/search?q=ask+parents"


def test_a_name_that_stands_on_no_page_is_never_kept(anonymous: FlaskClient) -> None:
    open_from_search(anonymous, "ask ahmed", "/about/consent")

    assert suggested(anonymous, "ask") == []


def test_what_staff_searched_for_is_not_suggested_to_others(anonymous: FlaskClient, signed_in: SignedIn) -> None:
    staff = signed_in("staff")
    open_from_search(staff, "ask parents", "/about/consent")
    open_from_search(staff, "form zebra", "/staff/zebra")

    assert suggested(anonymous, "ask") == []
    assert suggested(anonymous, "form") == []
    assert suggested(staff, "ask") == [("search", "ask parents")]
    assert suggested(staff, "form z") == [("page", "Consent by zebra form"), ("search", "form zebra")]


@pytest.mark.parametrize(
    "came_from", ["http://elsewhere.example/search?q=ask+parents", "http://localhost/about?q=ask+parents", "::", ""]
)
def test_only_our_own_results_page_counts(anonymous: FlaskClient, came_from: str) -> None:
    for _ in range(TIMES_TO_SUGGEST):
        anonymous.get("/about/consent", headers={"Referer": came_from})

    assert suggested(anonymous, "ask") == []


def test_a_refused_page_counts_for_nothing(anonymous: FlaskClient) -> None:
    for _ in range(TIMES_TO_SUGGEST):
        answer = anonymous.get("/staff/zebra", headers={"Referer": "http://localhost/search?q=ask+parents"})
        assert answer.status_code == 303

    assert suggested(anonymous, "ask") == []


def test_whoever_tries_the_site_as_another_reader_counts_for_nothing(
    anonymous: FlaskClient, signed_in: SignedIn
) -> None:
    publisher = signed_in("staff", roles=["publisher"])
    fill_in(publisher, "/view-as", {"reader": "anonymous", "next": "/"})

    open_from_search(publisher, "ask parents", "/about/consent")

    assert suggested(anonymous, "ask") == []


def test_a_page_is_shown_although_the_search_cannot_be_counted(app: Flask, anonymous: FlaskClient) -> None:
    with app.extensions["database"].write():
        answer = anonymous.get("/about/consent", headers={"Referer": "http://localhost/search?q=ask+parents"})

    assert answer.status_code == 200
    assert suggested(anonymous, "ask") == []
