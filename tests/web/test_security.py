"""Headers of every kind of answer, and what may be kept of it."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask, Response, abort, redirect
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as BaseResponse

from knowledge_base.access.guards import public
from knowledge_base.db import Database
from knowledge_base.settings import Settings
from knowledge_base.web.assets import asset_url
from knowledge_base.web.security import HEADERS
from tests.conftest import MakeApp, SignedIn
from tests.content_folder import ContentFolder
from tests.databases import on_postgresql

NO_STORE, ASK_AGAIN = "no-store", "private, no-cache"


@pytest.fixture
def pages(content: ContentFolder) -> None:
    content.page("index", title="Home")
    content.page("gated", title="Gated", audience="staff")


@pytest.fixture
def site(app: Flask, pages: None) -> Flask:
    """A site on which anything can happen."""
    app.testing = False

    def fail() -> str:
        raise RuntimeError

    def serve_svg() -> Response:
        return Response("<svg xmlns='http://www.w3.org/2000/svg'/>", mimetype="image/svg+xml")

    for start in ("", "/api"):
        app.add_url_rule(f"{start}/go-wrong", f"fail{start}", public(fail))
        for code in (400, 401, 403, 429, 503):
            app.add_url_rule(f"{start}/go-wrong/{code}", f"{start}{code}", public(lambda code=code: abort(code)))
    app.add_url_rule("/picture.svg", "svg", public(serve_svg))
    app.add_url_rule("/moved", "moved", public(lambda: redirect("/")))
    return app


Ask = Callable[[FlaskClient], TestResponse]

# What is asked for, and the status of the answer.
KINDS: Mapping[str, tuple[Ask, int]] = {
    "page": (lambda browser: browser.get("/"), 200),
    "page's head": (lambda browser: browser.head("/"), 200),
    "options": (lambda browser: browser.options("/"), 200),
    "search": (lambda browser: browser.get("/search?q=x"), 200),
    "json": (lambda browser: browser.get("/api/search?q=x"), 200),
    "xml": (lambda browser: browser.get("/sitemap.xml"), 200),
    "svg": (lambda browser: browser.get("/picture.svg"), 200),
    "health": (lambda browser: browser.get("/healthz"), 200),
    "redirect": (lambda browser: browser.get("/moved"), 302),
    "bad request": (lambda browser: browser.get("/go-wrong/400"), 400),
    "unauthorised": (lambda browser: browser.get("/go-wrong/401"), 303),
    "unauthorised json": (lambda browser: browser.get("/api/go-wrong/401"), 401),
    "forbidden": (lambda browser: browser.get("/go-wrong/403"), 403),
    "nothing": (lambda browser: browser.get("/nothing"), 404),
    "nothing json": (lambda browser: browser.get("/api/nothing"), 404),
    "no asset": (lambda browser: browser.get("/static/nothing.css"), 404),
    "wrong method": (lambda browser: browser.put("/search"), 405),
    "too much": (lambda browser: browser.post("/login", data={"x": "x" * 2_000_000}), 413),
    "too often": (lambda browser: browser.get("/go-wrong/429"), 429),
    "fault": (lambda browser: browser.get("/go-wrong"), 500),
    "fault json": (lambda browser: browser.get("/api/go-wrong"), 500),
    "out of order": (lambda browser: browser.get("/go-wrong/503"), 503),
    "sign-in": (lambda browser: browser.get("/login"), 200),
    "no token": (lambda browser: browser.post("/logout"), 400),
}
# Pages of accounts hold tokens.
NEVER_KEPT = {"sign-in", "no token", "too much"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_says_what_a_browser_may_do_with_it(site: Flask, kind: str) -> None:
    ask, status = KINDS[kind]

    answer = ask(site.test_client())

    assert answer.status_code == status
    assert_safe(answer)
    assert answer.headers["Cache-Control"] == (NO_STORE if kind in NEVER_KEPT else ASK_AGAIN)
    assert kind in NEVER_KEPT or "Cookie" in answer.headers["Vary"]


def test_no_answer_to_a_signed_in_person_is_kept(site: Flask, signed_in: SignedIn) -> None:
    person = signed_in("staff")

    for kind, (ask, status) in KINDS.items():
        if kind != "sign-in":  # leads somebody who is signed in to the home page
            answer = ask(person)
            assert answer.status_code == status, kind
            assert_safe(answer)
            assert answer.headers["Cache-Control"] == NO_STORE, kind
            assert "ETag" not in answer.headers, kind


def test_record_is_sent_as_a_file_that_is_not_kept(signed_in: SignedIn, pages: None) -> None:
    answer = signed_in(roles=["admin"]).get("/audit.csv")

    assert answer.mimetype == "text/csv"
    assert_safe(answer)
    assert answer.headers["Cache-Control"] == NO_STORE


def test_key_of_a_second_factor_is_a_picture_that_is_not_kept(app: Flask, signed_in: SignedIn, pages: None) -> None:
    person = signed_in("staff")
    person.get("/account/second-factor")

    answer = person.get("/account/second-factor.svg")

    assert answer.mimetype == "image/svg+xml"
    assert_safe(answer)
    assert answer.headers["Cache-Control"] == NO_STORE


@pytest.mark.parametrize("url", ["/", "/search?q=x", "/api/search?q=x"])
def test_an_anonymous_page_is_sent_again_only_when_it_changed(anonymous: FlaskClient, pages: None, url: str) -> None:
    tag = anonymous.get(url).headers["ETag"]

    answer = anonymous.get(url, headers={"If-None-Match": tag})

    assert answer.status_code == 304
    assert_safe(answer)
    assert answer.headers["Cache-Control"] == ASK_AGAIN
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_whoever_asks_on_a_condition_is_told_how_it_stands(anonymous: FlaskClient, pages: None, header: str) -> None:
    tag = anonymous.get("/").headers["ETag"]
    told = {"If-Match": (200, 412), "If-None-Match": (304, 200)}[header]

    answers = tuple(anonymous.get("/", headers={header: one}).status_code for one in (tag, '"another"'))

    assert answers == told


def test_a_tag_from_before_the_sign_in_does_not_bring_the_anonymous_page_back(
    app: Flask, signed_in: SignedIn, pages: None
) -> None:
    tag = app.test_client().get("/").headers["ETag"]

    answer = signed_in("staff").get("/", headers={"If-None-Match": tag})

    assert answer.status_code == 200


def test_a_gated_page_leads_to_the_sign_in_and_tells_nothing(anonymous: FlaskClient, pages: None) -> None:
    answers = [anonymous.get(url) for url in ("/account", "/audit", "/view-as")]

    assert {answer.status_code for answer in answers} == {303}
    for answer in answers:
        assert_safe(answer)
        assert "public" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("known", [False, True])
def test_an_asset_is_the_same_for_everybody(staff: FlaskClient, known: bool) -> None:  # noqa: FBT001
    url = asset_url("site.css")
    with staff.get(url) as first:
        tag = first.headers["ETag"] if known else "none"

    with staff.get(url, headers={"If-None-Match": tag}) as answer:
        assert answer.status_code == (304 if known else 200)
        assert_safe(answer)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers


def test_no_view_can_have_a_signed_in_persons_answer_kept(site: Flask, signed_in: SignedIn) -> None:
    def show_all() -> Response:
        return Response("words", headers={"Cache-Control": "public, max-age=60", "X-Frame-Options": "SAMEORIGIN"})

    site.add_url_rule("/for-all", "for_all", public(show_all))

    answer = signed_in("staff").get("/for-all")

    assert answer.headers["Cache-Control"] == NO_STORE
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(("url", "status"), [("/", 503), ("/account", 503), ("/api/search?q=x", 200)])
def test_page_of_a_signed_in_person_is_not_stored_when_the_database_fails_while_it_is_made(
    app: Flask, database: Database, staff: FlaskClient, url: str, status: int
) -> None:
    app.testing = False
    with database.write() as session:
        session.execute(text(f"DROP TABLE sign_in_sessions{' CASCADE' if on_postgresql else ''}"))

    answer = staff.get(url)

    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == NO_STORE
    assert "999" in answer.text or answer.is_json
    assert_safe(answer)


@pytest.fixture
def behind_tls(make_app: MakeApp, settings: Settings, app: Flask, pages: None) -> Iterator[FlaskClient]:
    site = make_app(dataclasses.replace(settings, base_url="https://guidance.example.gov.uk"))
    yield site.test_client()
    site.extensions["search_index"].close()
    site.extensions["database"].dispose()


@pytest.mark.parametrize("url", ["/healthz", "/nothing", "/login", "/static/nothing.css", "/account"])
def test_behind_tls_browsers_are_told_to_stay_there(behind_tls: FlaskClient, url: str) -> None:
    headers = behind_tls.get(url).headers

    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Content-Security-Policy"] == f"{HEADERS['Content-Security-Policy']}; upgrade-insecure-requests"


def test_behind_tls_the_cookie_belongs_to_this_host_alone(behind_tls: FlaskClient) -> None:
    cookie = behind_tls.get("/login", base_url="https://guidance.example.gov.uk").headers["Set-Cookie"]

    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_behind_tls_the_answer_to_whoever_has_the_cookie_is_not_kept(behind_tls: FlaskClient) -> None:
    behind_tls.get("/login", base_url="https://guidance.example.gov.uk")

    answer = behind_tls.get("/", base_url="https://guidance.example.gov.uk")

    assert answer.headers["Cache-Control"] == NO_STORE


def test_without_tls_nothing_asks_for_it(anonymous: FlaskClient, pages: None) -> None:
    headers = anonymous.get("/").headers

    assert "Strict-Transport-Security" not in headers
    assert "upgrade" not in headers["Content-Security-Policy"]


def test_the_policy_allows_this_site_and_nothing_inline() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))

    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}
    assert set(policy) == {"script-src", "style-src", "font-src", "img-src", "connect-src", "form-action"}


def assert_safe(answer: BaseResponse) -> None:
    """Every header stands there, once, as it should."""
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value]
    assert len(answer.headers.getlist("Cache-Control")) == 1
    assert answer.status_code == 304 or answer.headers["Content-Type"]
