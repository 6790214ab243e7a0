"""Default deny, as a request meets it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import UserMixin

from knowledge_base.access.guards import public, requires, rule_of, signed_in
from knowledge_base.access.policy import Viewer


def test_a_public_view_is_for_everyone(app: Flask, anonymous: FlaskClient) -> None:
    app.add_url_rule("/for-everyone", "for_everyone", public(lambda: "words"))

    assert anonymous.get("/for-everyone").get_data(as_text=True) == "words"


def test_a_view_for_signed_in_people_asks_others_to_sign_in(
    app: Flask, anonymous: FlaskClient, member: FlaskClient
) -> None:
    assert anonymous.get("/account").location == "/login?next=/account"
    assert member.get("/account").status_code == 200
    assert signed_in is not public


class Somebody(UserMixin):  # type: ignore[misc]
    """A person who is signed in."""

    def __init__(self, *roles: str) -> None:
        self.viewer = Viewer(account_id=1, name="Somebody", roles=frozenset(roles))


@pytest.fixture
def status_for(app: Flask) -> Callable[..., int]:
    """Ask, with these roles, for a page that is for publishers and administrators, and say how that ends."""
    app.add_url_rule("/for-some", "for_some", requires("publisher", "admin")(lambda: "words"))

    def ask(*roles: str) -> int:
        app.login_manager.user_loader(lambda _token: Somebody(*roles))  # type: ignore[attr-defined]
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = "a token"
        return browser.get("/for-some").status_code

    return ask


@pytest.mark.parametrize("roles", [("publisher",), ("admin",), ("editor", "admin")])
def test_a_view_that_requires_a_role_is_for_people_who_have_one_of_them(
    status_for: Callable[..., int], roles: tuple[str, ...]
) -> None:
    assert status_for(*roles) == 200


@pytest.mark.parametrize("roles", [(), ("editor",), ("Admin",), ("administrator",)])
def test_a_view_that_requires_a_role_does_not_exist_for_others(
    status_for: Callable[..., int], roles: tuple[str, ...]
) -> None:
    assert status_for(*roles) == 404


def test_a_view_that_requires_a_role_asks_the_anonymous_to_sign_in(
    status_for: Callable[..., int], anonymous: FlaskClient
) -> None:
    assert anonymous.get("/for-some").location == "/login?next=/for-some"


def test_a_role_without_an_account_opens_nothing() -> None:
    rule = rule_of(requires("admin")(lambda: "words"))

    assert rule
    assert not rule(Viewer(roles=frozenset({"admin"})))
