"""Signing in at the provider: who is let in, what they may do, and what is recorded."""

from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select, text

from knowledge_base.accounts.changes import disable_account
from knowledge_base.accounts.errors import LinkRefusedError
from knowledge_base.accounts.links import invite, look_up_link
from knowledge_base.accounts.models import SignInSession
from knowledge_base.accounts.people import Person, check_profile, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE, Actor
from knowledge_base.db import utc_now
from knowledge_base.settings import Settings
from tests.accounts.conftest import ComeIn, MakePerson, Record, SettingsWith
from tests.content_folder import ContentFolder
from tests.sign_in_provider import SignInProvider

OVERAGE = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example/"}}}


@pytest.fixture
def settings(settings_with: SettingsWith) -> Settings:
    return settings_with()


def the_person(accounts: Register) -> Person:
    (person,) = list_accounts(accounts)
    return person


def test_the_sign_in_page_leads_to_the_provider_by_a_link(browser: FlaskClient) -> None:
    page = browser.get("/login?next=/referral").text

    assert 'href="/login/provider?next=/referral"' in page
    assert "Sign in with Council ID" in page
    assert 'name="password"' in page


def test_whoever_comes_for_the_first_time_gets_an_account_with_what_the_table_gives(
    provider: SignInProvider, come_in: ComeIn, accounts: Register, record: Record
) -> None:
    provider.person["groups"] = ["g-editors", "CN=Members,OU=Council", "g-unknown", 7]

    answer = come_in("/login/provider?next=/referral")

    person = the_person(accounts)
    assert (answer.status_code, answer.location) == (302, "/referral")
    assert (person.name, person.email, person.groups, person.roles) == (
        "Ada Byron",
        "ada@example.gov.uk",
        ("members", "staff"),
        ("editor",),
    )
    assert record() == [
        "The site made an account for Ada Byron, who came through single sign-on.",
        (
            "The site changed the account of Ada Byron to what the sign-in provider says: the group members added, "
            "the group staff added, the role editor added."
        ),
        "Ada Byron signed in with single sign-on.",
    ]


def test_the_provider_asks_for_the_second_factor_and_the_site_does_not(
    provider: SignInProvider, come_in: ComeIn, browser: FlaskClient
) -> None:
    provider.person["groups"] = "g-editors"

    come_in()

    page = browser.get("/account")
    assert page.status_code == 200
    assert "council’s account" in page.text


def test_what_the_provider_says_later_replaces_what_it_said_before(
    provider: SignInProvider, come_in: ComeIn, app: Flask, accounts: Register, record: Record
) -> None:
    provider.person["groups"] = ["g-editors"]
    come_in()
    provider.person |= {"groups": ["CN=Members,OU=Council"], "name": "Ada Lovelace", "email": "al@example.gov.uk"}

    come_in(using=app.test_client())

    person = the_person(accounts)
    assert (person.name, person.email, person.groups, person.roles) == (
        "Ada Lovelace",
        "al@example.gov.uk",
        ("members",),
        (),
    )
    assert record()[-2] == (
        "The site changed the account of Ada Lovelace to what the sign-in provider says: another name, "
        "another email address, the group members added, the group staff removed, the role editor removed."
    )


def test_groups_that_are_taken_away_count_at_once_in_browsers_that_are_signed_in(
    provider: SignInProvider, come_in: ComeIn, browser: FlaskClient, app: Flask, content: ContentFolder
) -> None:
    content.page("secret", audience="staff")
    provider.person["groups"] = ["g-staff"]
    come_in()
    before = browser.get("/secret").status_code
    provider.person["groups"] = []

    come_in(using=app.test_client())

    assert (before, browser.get("/secret").status_code) == (200, 404)


def test_links_that_somebody_made_end_when_the_provider_makes_them_an_administrator_no_longer(
    provider: SignInProvider, come_in: ComeIn, app: Flask, accounts: Register
) -> None:
    provider.person["groups"] = ["g-admins"]
    come_in()
    profile = check_profile(email="sam@example.gov.uk", name="Sam", roles=["admin"])
    actor = Actor.of(the_person(accounts).viewer)
    link = invite(accounts, profile, actor=actor, now=utc_now())
    provider.person["groups"] = []

    come_in(using=app.test_client())

    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, link.token, now=utc_now())


def test_a_local_account_of_the_same_address_stays_apart(
    provider: SignInProvider, come_in: ComeIn, make_person: MakePerson, accounts: Register, browser: FlaskClient
) -> None:
    local = make_person("ada@example.gov.uk", groups=["staff"], roles=["admin"])

    come_in()

    provided = next(one for one in list_accounts(accounts) if not one.is_local)
    assert provided.account_id != local.account_id
    assert (provided.groups, provided.roles) == ((), ())
    assert browser.get("/audit").status_code == 404


def test_people_are_known_by_issuer_and_subject_alone(
    provider: SignInProvider, come_in: ComeIn, app: Flask, accounts: Register
) -> None:
    come_in()
    provider.person |= {"sub": "somebody-else", "oid": "ada-1"}

    come_in(using=app.test_client())

    assert [one.email for one in list_accounts(accounts)] == ["ada@example.gov.uk"] * 2


def test_a_disabled_account_is_refused_with_a_page_that_says_so(
    come_in: ComeIn, app: Flask, accounts: Register, record: Record
) -> None:
    come_in()
    disable_account(accounts, the_person(accounts).account_id, actor=SITE, now=utc_now())
    browser = app.test_client()

    answer = come_in(using=browser)

    assert answer.status_code == 403
    assert "Your account on this site is disabled" in answer.text
    assert browser.get("/account").status_code == 303
    assert record()[-1].endswith("tried to sign in as Ada Byron and was refused: the account is disabled.")


@pytest.mark.parametrize("sign", [OVERAGE, {"hasgroups": True}, {"hasgroups": "true"}], ids=str)
def test_groups_that_the_provider_does_not_list_are_told_of_and_nobody_keeps_old_ones(
    sign: dict[str, Any], provider: SignInProvider, come_in: ComeIn, app: Flask, accounts: Register, record: Record
) -> None:
    provider.person |= {"tid": "t", "oid": "o", "groups": ["g-staff"]}
    come_in()
    del provider.person["groups"]
    provider.person |= sign
    browser = app.test_client()

    answer = come_in("/login/provider?next=/referral", using=browser)

    page = browser.get(answer.location).text
    assert "Your groups could not be read" in page
    assert "app roles" in page
    assert 'href="/referral"' in page
    assert the_person(accounts).groups == ()
    assert record()[-2] == (
        "The site could not read the groups of Ada Byron: the sign-in provider did not list so many."
    )


def test_the_shape_of_a_token_of_entra_id_is_understood(
    provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.person = {
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "tid": "9122040d-6c67-4c5b-b112-36a304b66dad",
        "ver": "2.0",
        "name": "Ada Byron",
        "preferred_username": "Ada.Byron@example.gov.uk",
        "groups": ["g-staff"],
        "nbf": 0,
    }

    come_in()

    person = the_person(accounts)
    assert (person.email, person.groups) == ("ada.byron@example.gov.uk", ("staff",))
    # It tells no more elsewhere, and asking would mean reaching another of its servers.
    assert provider.times_asked("/userinfo") == 0


def test_a_provider_that_puts_only_the_subject_into_the_token_is_asked_for_the_rest(
    provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.person = {"sub": "ada-1"}
    provider.user_info = {"name": "Ada Byron", "email": "ada@example.gov.uk", "groups": ["g-staff"]}

    come_in()

    person = the_person(accounts)
    assert (person.name, person.email, person.groups) == ("Ada Byron", "ada@example.gov.uk", ("staff",))


def test_only_the_signed_token_says_of_the_session_what_it_is_called_and_when_the_person_showed_who_they_are(
    provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.user_info = {"sid": 7, "auth_time": int(utc_now().timestamp())}

    come_in()

    with accounts.database.read() as session:
        kept = session.scalars(select(SignInSession)).one()
    assert (kept.sid, kept.reauthenticated_at) == ("", None)


def test_what_is_told_of_somebody_else_is_refused(provider: SignInProvider, come_in: ComeIn, record: Record) -> None:
    provider.user_info = {"sub": "grace-1", "groups": ["g-staff"]}

    answer = come_in()

    assert answer.status_code == 400
    assert record()[-1].endswith("what the provider tells of the person is about somebody else.")


def test_a_person_without_name_or_address_can_sign_in(
    provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.person = {"sub": "ada-1", "name": "\u202e ", "email": "no address"}

    come_in()

    person = the_person(accounts)
    assert (person.name, person.email) == ("Someone without a name", "")


def test_a_cookie_from_before_signing_in_is_worth_nothing_afterwards(
    come_in: ComeIn, browser: FlaskClient, app: Flask
) -> None:
    browser.get("/login")
    planted = app.test_client()
    browser.get("/login/provider")
    cookie = browser.get_cookie("session")
    assert cookie
    planted.set_cookie("session", cookie.value)

    come_in()

    now = browser.get_cookie("session")
    assert now
    assert now.value != cookie.value
    assert planted.get("/account").status_code == 303
    with browser.session_transaction() as session:
        assert "provider_states" not in session


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site_afterwards(wanted: str, come_in: ComeIn, browser: FlaskClient) -> None:
    with browser.application.test_request_context():
        start = url_for("accounts.single_sign_on.start", next=wanted)

    assert come_in(start).location == "/"


def test_whoever_is_signed_in_is_not_sent_to_the_provider(come_in: ComeIn, browser: FlaskClient) -> None:
    come_in()

    assert browser.get("/login/provider?next=/referral").location == "/referral"


def test_what_the_provider_calls_the_session_is_kept_and_the_token_only_sealed(
    provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.person["sid"] = "session-1"

    come_in()

    with accounts.database.read() as session:
        kept = session.scalars(select(SignInSession)).one()
        (sealed,) = session.execute(text("SELECT sealed_id_token FROM provider_sessions")).scalars()
    assert kept.sid == "session-1"
    assert accounts.keys.unseal(sealed).count(".") == 2
    assert "eyJ" not in sealed
