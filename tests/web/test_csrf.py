"""No form can be sent in somebody's name from another site."""

import re
from collections.abc import Iterator

from flask import Flask

from tests.conftest import SignedIn
from tests.content_folder import ContentFolder

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
# The sign-in provider sends it, and signs what it sends.
WITHOUT_TOKEN = {"/login/provider/back-channel"}


def forms(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the method and an address for everything that may change something."""
    for rule in app.url_map.iter_rules():
        if rule.rule not in WITHOUT_TOKEN:
            _domain, path = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False) or ("", "")
            for method in CHANGING & (rule.methods or set()):
                yield method, path


def test_nothing_is_changed_without_the_token_of_the_browsers_own_form(
    app: Flask, content: ContentFolder, signed_in: SignedIn
) -> None:
    content.page("index", title="Home")
    person = signed_in("staff", roles=["admin", "editor", "publisher"])
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', app.test_client().get("/login").text)
    assert found

    for method, path in forms(app):
        for token in (None, "", "x", found[1]):
            answer = person.open(path, method=method, data={} if token is None else {"csrf_token": token})
            # A one-time link that does not work is refused with its own page.
            refusal = 404 if path.startswith("/account/set-up/") else 400
            assert answer.status_code == refusal, (method, path, token)
    assert person.get("/account").status_code == 200


def test_the_walk_finds_the_forms(app: Flask) -> None:
    assert {("POST", "/login"), ("POST", "/logout"), ("POST", "/account/password")} <= set(forms(app))
