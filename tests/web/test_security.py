"""Headers of every answer."""

import dataclasses

import pytest
from flask.testing import FlaskClient

from knowledge_base.app import create_app
from knowledge_base.settings import Settings


@pytest.mark.parametrize("url", ["/", "/nothing", "/login", "/healthz", "/search?q=x", "/api/search?q=x"])
def test_every_answer_says_what_a_browser_may_do_with_it(anonymous: FlaskClient, url: str) -> None:
    headers = anonymous.get(url).headers

    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Cache-Control" in headers


def test_behind_tls_browsers_are_told_to_stay_there(settings: Settings) -> None:
    app = create_app(dataclasses.replace(settings, base_url="https://guidance.example.gov.uk"))

    headers = app.test_client().get("/healthz").headers

    assert "max-age=31536000" in headers["Strict-Transport-Security"]


def test_without_tls_they_are_not(anonymous: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in anonymous.get("/healthz").headers


def test_a_proxy_is_believed_only_when_it_is_set(settings: Settings) -> None:
    for count, address in ((0, "127.0.0.1"), (1, "203.0.113.7")):
        app = create_app(dataclasses.replace(settings, trusted_proxies=count))
        seen: list[str | None] = []
        app.before_request(lambda seen=seen: seen.append(_remote_address()))

        app.test_client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})

        assert seen == [address]


def _remote_address() -> str | None:
    from flask import request  # noqa: PLC0415 - the request of the moment

    return request.remote_addr
