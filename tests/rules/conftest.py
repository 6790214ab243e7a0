"""What the rules about access are tried with."""

from collections.abc import Callable

import pytest
from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from knowledge_base.accounts.register import Register
from tests.rules.everybody import Everybody

Refresh = Callable[[], None]


@pytest.fixture
def everybody(app: Flask, accounts: Register) -> Everybody:
    """Make everybody available, with a token for forms that is good in each of their browsers."""
    # What fails is to answer as it does to people.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.test_request_context():
        token = str(generate_csrf())
        csrf = str(session["csrf_token"])
    return Everybody(app, accounts, token, csrf, {})


@pytest.fixture
def refresh(app: Flask) -> Refresh:
    """Have the site look at its content now, whenever it did last."""

    def look() -> None:
        app.extensions["library"].refresh()

    return look
