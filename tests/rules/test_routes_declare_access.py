"""Every route declares who may use it, and one that does not is refused."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from knowledge_base.access.guards import rule_of
from knowledge_base.access.policy import ANONYMOUS


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())

    undeclared = [str(rule) for rule in rules if rule_of(app.view_functions[rule.endpoint]) is None]

    assert rules
    assert undeclared == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
def test_an_undeclared_route_is_refused_before_it_runs(app: Flask, anonymous: FlaskClient, method: str) -> None:
    calls = add_undeclared_route(app, method)

    response = anonymous.open("/undeclared", method=method)

    assert response.status_code == 403
    assert calls == []


def test_an_undeclared_route_is_refused_to_people_who_are_signed_in(app: Flask, staff: FlaskClient) -> None:
    calls = add_undeclared_route(app, "GET")

    response = staff.get("/undeclared")

    assert response.status_code == 403
    assert calls == []


def test_every_page_that_needs_an_account_asks_for_sign_in_first(app: Flask, anonymous: FlaskClient) -> None:
    closed = [rule for rule in app.url_map.iter_rules() if "GET" in methods_of(rule) and not is_open(app, rule)]

    answers = {str(rule): anonymous.get(address_of(rule)) for rule in closed}

    assert answers
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 303)
    assert all(answer.location.startswith("/login?next=") for answer in answers.values())


def add_undeclared_route(app: Flask, method: str) -> list[str]:
    """Add a view that notes its calls. The map is changed directly: Flask takes no route after the first request."""
    calls: list[str] = []

    def view() -> str:
        calls.append(method)
        return "words that nobody may read"

    app.view_functions["undeclared"] = view
    app.url_map.add(Rule("/undeclared", endpoint="undeclared", methods=[method]))
    return calls


def methods_of(rule: Rule) -> set[str]:
    return rule.methods or set()


def is_open(app: Flask, rule: Rule) -> bool:
    declared = rule_of(app.view_functions[rule.endpoint])
    return declared is not None and declared(ANONYMOUS)


def address_of(rule: Rule) -> str:
    # Forty digits can be anything else: a number, a name, a commit.
    built = rule.build({**dict.fromkeys(rule.arguments, "1" * 40), "data": "council.yml"})
    assert built
    return built[1]
