"""Signing in and out through a provider that somebody else wrote, in a browser that holds to the site's policy."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site, serve, wait_for
from tests.ports import free_port

STAFF_PAGE = "/uasc/procedures/interpreters"
ADA = {"sub": "ada", "name": "Ada Byron", "email": "ada@example.gov.uk", "groups": ["all-staff"]}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """An OpenID Connect provider that asks who somebody is, and believes them."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--user-claims", json.dumps(ADA)]
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def site_with_provider(site: Site, provider: str) -> Iterator[Site]:
    """The same site with single sign-on, and no accounts of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **site.environment,
        "KB_BASE_URL": url,
        "KB_OIDC_ISSUER": provider,
        "KB_OIDC_CLIENT_ID": "knowledge-base",
        "KB_OIDC_CLIENT_SECRET": "a secret",
        "KB_OIDC_GROUPS": "all-staff=group:staff",
        "KB_OIDC_NAME": "Council ID",
        "KB_LOCAL_ACCOUNTS": "off",
    }
    with serve(replace(site, url=url, environment=environment), port) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, site_with_provider: Site) -> Iterator[Page]:
    """A browser window. What the site's policy stops fails the test."""
    context = browser.new_context(base_url=site_with_provider.url, java_script_enabled=request.param)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()
    assert errors == []


def test_somebody_follows_a_staff_link_signs_in_at_the_provider_reads_it_and_signs_out_of_both(
    page: Page, provider: str
) -> None:
    page.goto(STAFF_PAGE)
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Sign in with Council ID").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(provider)}/"))
    page.get_by_role("button", name="ada", exact=True).click()

    expect(page).to_have_url(re.compile(f"{STAFF_PAGE}$"))
    expect(page.get_by_role("banner")).to_contain_text("Ada Byron")

    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(provider)}/oauth2/end_session"))
    page.get_by_role("button", name="End session").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You have signed out")
    page.goto(STAFF_PAGE)
    expect(page).to_have_url(re.compile("/login"))


def test_somebody_who_stops_at_the_provider_is_told_so(page: Page) -> None:
    page.goto("/login")
    page.get_by_role("button", name="Sign in with Council ID").click()
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Council ID did not let you in")
    expect(page.get_by_role("main")).to_contain_text("999")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_of_single_sign_on_fit_a_phone(browser: Browser, site_with_provider: Site, width: int) -> None:
    context = browser.new_context(base_url=site_with_provider.url, viewport={"width": width, "height": 800})
    page = context.new_page()

    for address in ("/login", "/login?local=1", "/login/signed-out", "/login/provider/callback?error=access_denied"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    context.close()
