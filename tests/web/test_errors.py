"""Error pages: what happened, what to do, and the emergency numbers."""

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from knowledge_base.access.guards import public
from knowledge_base.web import assets
from knowledge_base.web.assets import AssetsNotBuiltError


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser of a site on which things go wrong."""
    app.testing = False

    def fail() -> str:
        message = "secret detail"
        raise RuntimeError(message)

    app.add_url_rule("/go-wrong", "fail", public(fail))
    app.add_url_rule("/api/go-wrong", "api_fail", public(fail))
    for code in (400, 403, 413, 503):
        app.add_url_rule(f"/go-wrong/{code}", f"abort_{code}", public(lambda code=code: abort(code)))
        app.add_url_rule(f"/api/go-wrong/{code}", f"api_abort_{code}", public(lambda code=code: abort(code)))
    return app.test_client()


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("/go-wrong", 500, "there is a problem with this site"),
        ("/go-wrong/400", 400, "could not use what your browser sent"),
        ("/go-wrong/403", 403, "You cannot do this"),
        ("/go-wrong/413", 413, "could not use what your browser sent"),
        ("/go-wrong/503", 503, "not available just now"),
        ("/nothing", 404, "Page not found"),
        ("/static/nothing.css", 404, "Page not found"),
    ],
)
def test_an_error_page_says_what_to_do_and_whom_to_call(browser: FlaskClient, url: str, code: int, words: str) -> None:
    answer = browser.get(url)

    assert answer.status_code == code
    text = answer.get_data(as_text=True)
    assert words in text
    assert "tel:999" in text
    assert "secret detail" not in text


def test_a_wrong_method_says_which_are_right(browser: FlaskClient) -> None:
    answer = browser.delete("/")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(("url", "code"), [("/api/go-wrong", 500), ("/api/go-wrong/403", 403), ("/api/nothing", 404)])
def test_the_api_answers_errors_with_json(browser: FlaskClient, url: str, code: int) -> None:
    answer = browser.get(url)

    assert answer.status_code == code
    assert set(answer.get_json()) == {"error"}
    assert "secret detail" not in answer.get_data(as_text=True)


def test_the_api_does_not_send_a_program_to_the_sign_in_page(app: Flask) -> None:
    app.add_url_rule("/api/gated", "gated", public(lambda: abort(401)))

    answer = app.test_client().get("/api/gated")

    assert answer.status_code == 401
    assert answer.is_json


def test_a_form_of_somebody_signed_out_does_not_lead_back_to_itself(app: Flask, anonymous: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/send", "send", public(lambda: abort(401)), methods=["POST"])

    assert anonymous.post("/send").location == "/login?next=/"


def test_without_style_sheets_the_emergency_number_is_shown_all_the_same(
    app: Flask, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.testing = False
    monkeypatch.setattr(assets, "STATIC", tmp_path)

    answer = app.test_client().get("/")

    assert answer.status_code == 500
    assert "999" in answer.get_data(as_text=True)
    assert AssetsNotBuiltError.__doc__
