"""Default deny, as a request meets it."""

from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.access.guards import public, signed_in


def test_a_public_view_is_for_everyone(app: Flask, anonymous: FlaskClient) -> None:
    app.add_url_rule("/for-everyone", "for_everyone", public(lambda: "words"))

    assert anonymous.get("/for-everyone").get_data(as_text=True) == "words"


def test_a_view_for_signed_in_people_asks_others_to_sign_in(
    app: Flask, anonymous: FlaskClient, member: FlaskClient
) -> None:
    assert anonymous.get("/account").location == "/login?next=/account"
    assert member.get("/account").status_code == 200
    assert signed_in is not public
