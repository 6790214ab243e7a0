"""People who change content, without the waiting of signing in."""

from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE, Actor
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.repository.repository import Author


def contributor(accounts: Register, name: str, *, groups: tuple[str, ...] = (), roles: tuple[str, ...]) -> Contributor:
    """Make somebody of this first name, and return them as publishing knows them."""
    profile = check_profile(email=f"{name}@example.gov.uk", name=f"{name} Doe", groups=groups, roles=roles)
    person = create_account(accounts, profile, password="three random words", actor=SITE, now=utc_now())
    return Contributor(person.viewer, Author(person.name, person.email), Actor.of(person.viewer))
