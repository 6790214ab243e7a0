"""Whose name a request may ask for."""

import dataclasses
import json
from collections.abc import Mapping

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from knowledge_base.settings import Settings, SettingsError, read_settings
from tests.conftest import MakeApp

EVIL = "evil.example"


def ask(app: Flask, headers: Mapping[str, str], path: str = "/healthz") -> TestResponse:
    return app.test_client().get(path, headers=headers)


@pytest.mark.parametrize(
    "host",
    ["guidance.example.gov.uk", "Guidance.Example.GOV.UK:8000", "localhost", "127.0.0.1:8000", "[::1]", "[::1]:8000"],
)
def test_the_sites_own_names_and_those_of_its_machine_are_answered(app: Flask, host: str) -> None:
    assert ask(app, {"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *(EVIL, f"{EVIL}:80", f"guidance.example.gov.uk.{EVIL}", f"{EVIL}.guidance.example.gov.uk", "", ":80", "[::2]"),
        *("guidance.example.gov.uk.", "localhost.evil.example", "127.0.0.2", "10.0.0.1", "169.254.169.254"),
        *(f"localhost@{EVIL}", f"{EVIL}@localhost", f"localhost, {EVIL}", f"localhost/{EVIL}", f"localhost#{EVIL}"),
        *(f"localhost:80@{EVIL}", "localhost:x", "localhost:800000", "localhost\x00", "localhost ", "loc\u0430lhost"),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/", "/login", "/api/search?q=x"])
def test_no_other_name_is_answered_or_repeated(app: Flask, host: str, path: str) -> None:
    environ = EnvironBuilder(path=path).get_environ()
    environ["HTTP_HOST"] = host

    body, status, headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)

    text = b"".join(body).decode()
    assert status == "400 BAD REQUEST"
    assert "evil" not in text + str(headers)
    assert "999" in text
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(("protocol", "status"), [("HTTP/1.0", "200 OK"), ("HTTP/1.1", "400 BAD REQUEST")])
def test_a_request_without_a_name_is_answered_where_the_protocol_has_none(
    app: Flask, protocol: str, status: str
) -> None:
    environ = EnvironBuilder(path="/healthz").get_environ() | {"SERVER_PROTOCOL": protocol}
    del environ["HTTP_HOST"]

    assert run_wsgi_app(app.wsgi_app, environ)[1] == status


def test_more_names_can_be_set(make_app: MakeApp, settings: Settings) -> None:
    app = make_app(dataclasses.replace(settings, trusted_hosts=("other.example.gov.uk",)))

    assert ask(app, {"Host": "other.example.gov.uk"}).status_code == 200
    assert ask(app, {"Host": "more.other.example.gov.uk"}).status_code == 400


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://[2001:db8::1]:8443", "[2001:db8::1]"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("http://a..b", "a..b"),
    ],
)
def test_the_sites_own_name_is_the_one_that_browsers_send(settings: Settings, url: str, host: str) -> None:
    assert dataclasses.replace(settings, base_url=url).hosts[0] == host


@pytest.mark.parametrize(
    "names", ["*", "*.example.gov.uk", "a.example b.example:80", "https://a.example", ".a.example"]
)
def test_a_name_that_cannot_be_one_is_refused(settings: Settings, names: str) -> None:
    with pytest.raises(SettingsError, match="KB_TRUSTED_HOSTS"):
        read_settings({"KB_INSTANCE_DIR": str(settings.instance_dir), "KB_TRUSTED_HOSTS": names})


def test_names_are_read_with_spaces_between(settings: Settings) -> None:
    given = {"KB_INSTANCE_DIR": str(settings.instance_dir), "KB_TRUSTED_HOSTS": " a.example  [::2] intranet_1"}

    assert read_settings(given).trusted_hosts == ("a.example", "[::2]", "intranet_1")


FORWARDED = {
    "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
    "X-Forwarded-Proto": "https, https",
    "X-Forwarded-Host": f"{EVIL}, guidance.example.gov.uk",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/elsewhere",
    "Forwarded": f"for=198.51.100.1;host={EVIL};proto=https",
    "X-Real-IP": "198.51.100.1",
    "X-Original-URL": "/account",
    "X-Rewrite-URL": "/account",
    "X-HTTP-Method-Override": "DELETE",
}


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        (0, ["127.0.0.1", "http", "localhost", "", "/healthz", "GET"]),
        (1, ["203.0.113.7", "https", "guidance.example.gov.uk", "", "/healthz", "GET"]),
    ],
)
def test_a_proxy_is_believed_only_as_far_as_is_set(
    make_app: MakeApp, settings: Settings, proxies: int, seen: list[str]
) -> None:
    app = make_app(dataclasses.replace(settings, trusted_proxies=proxies))
    app.before_request(
        lambda: json.dumps(
            [request.remote_addr, request.scheme, request.host, request.root_path, request.path, request.method]
        )
    )

    assert json.loads(ask(app, FORWARDED).text) == seen


def test_a_trusted_proxys_name_is_checked_too(make_app: MakeApp, settings: Settings) -> None:
    app = make_app(dataclasses.replace(settings, trusted_proxies=1))

    answer = ask(app, {"X-Forwarded-Host": EVIL})

    assert answer.status_code == 400
    assert EVIL not in answer.text


def test_a_name_that_is_refused_gets_no_cookie(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/login", headers={"Host": EVIL})

    assert "Set-Cookie" not in answer.headers
