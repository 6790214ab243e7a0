"""Everybody whom the rules about access are tried on, each with a new browser as often as one is wanted."""

from dataclasses import dataclass
from enum import StrEnum

from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts import administration
from knowledge_base.accounts.guards import WAITING
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import Person, check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import Arrival, Waiting, go_on
from knowledge_base.accounts.sessions import Start, start_session
from knowledge_base.audit.events import SITE, Actor
from knowledge_base.db import utc_now
from tests.conftest import PASSWORD


class Who(StrEnum):
    """A kind of person."""

    ANONYMOUS = "anonymous"
    NO_GROUP = "signed in, with no group"
    MEMBER = "a member"
    STAFF = "staff"
    LEAD = "a lead"
    STAFF_AND_LEAD = "staff who is a lead"
    EDITOR = "an editor"
    PUBLISHER = "a publisher"
    ADMIN = "an administrator with no group"
    STAFF_ADMIN = "an administrator who is staff"
    DISABLED = "disabled a moment ago"
    WAITING = "waiting for the second factor"
    AS_ANONYMOUS = "an administrator viewing as an anonymous reader"
    AS_MEMBER = "a publisher viewing as members"


GROUPS: dict[Who, tuple[str, ...]] = {
    Who.MEMBER: ("members",),
    Who.STAFF: ("staff",),
    Who.LEAD: ("leads",),
    Who.STAFF_AND_LEAD: ("staff", "leads"),
    Who.EDITOR: ("staff",),
    Who.PUBLISHER: ("staff",),
    Who.STAFF_ADMIN: ("staff",),
    Who.DISABLED: ("staff", "leads"),
    Who.WAITING: ("staff", "leads"),
    Who.AS_ANONYMOUS: ("staff", "leads"),
    Who.AS_MEMBER: ("staff", "leads"),
}
ROLES: dict[Who, tuple[str, ...]] = {
    Who.EDITOR: ("editor",),
    Who.PUBLISHER: ("publisher",),
    Who.ADMIN: ("admin",),
    Who.STAFF_ADMIN: ("admin",),
    Who.DISABLED: ("admin", "publisher"),
    Who.WAITING: ("admin", "publisher"),
    Who.AS_ANONYMOUS: ("admin",),
    Who.AS_MEMBER: ("publisher",),
}
VIEWS_AS = {Who.AS_ANONYMOUS: "anonymous", Who.AS_MEMBER: "audience:members"}
# Of whom the site knows no more than of anybody.
UNKNOWN = frozenset({Who.ANONYMOUS, Who.DISABLED, Who.WAITING})
NOT_SIGNED_IN = UNKNOWN | {Who.AS_ANONYMOUS}


@dataclass(frozen=True)
class Everybody:
    """Lets anybody in as often as a test wants. Sessions are started as signing in does, but without the waiting."""

    app: Flask
    register: Register
    token: str
    csrf: str
    accounts: dict[Who, Person]

    def browser(self, who: Who) -> FlaskClient:
        """Return a browser that this person has just signed in with, whatever became of their other ones."""
        browser = self.app.test_client()
        kept = {"csrf_token": self.csrf}
        if who is Who.WAITING:
            kept[WAITING] = self._waiting_token(who)
        elif who is not Who.ANONYMOUS:
            kept["_user_id"] = self._session_token(who)
        with browser.session_transaction() as cookie:
            cookie.update(kept)
        if who is Who.DISABLED:
            self._disable(who)
        if who in VIEWS_AS:
            answer = browser.post("/view-as", data={"csrf_token": self.token, "reader": VIEWS_AS[who], "next": "/"})
            assert answer.status_code == 303, answer.text
        return browser

    def person(self, who: Who) -> Person:
        """Return the account of this person, made when it is first asked for."""
        if who not in self.accounts:
            name = who.name.lower().replace("_", "-")
            profile = check_profile(
                email=f"{name}@example.gov.uk",
                name=f"Person {name}",
                groups=GROUPS.get(who, ()),
                roles=ROLES.get(who, ()),
            )
            made = create_account(self.register, profile, password=PASSWORD, actor=SITE, now=utc_now())
            self.accounts[who] = made
        return self.accounts[who]

    def _session_token(self, who: Who) -> str:
        account_id = self.person(who).account_id
        with self.register.database.write() as session:
            account = session.get_one(Account, account_id)
            account.disabled_at = None
            return start_session(session, self.register, account, start=Start(with_second_factor=True), now=utc_now())

    def _waiting_token(self, who: Who) -> str:
        account_id = self.person(who).account_id
        with self.register.database.write() as session:
            account = session.get_one(Account, account_id)
            step = go_on(session, self.register, account, Arrival("192.0.2.1"), method="a password", now=utc_now())
        assert isinstance(step, Waiting)
        return step.token

    def _disable(self, who: Who) -> None:
        administrator = self.person(Who.ADMIN)
        actor = Actor.of(administrator.viewer)
        administration.disable(self.register, self.person(who).account_id, actor=actor, now=utc_now())
