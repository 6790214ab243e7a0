from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from knowledge_base.accounts import changes, links
from knowledge_base.accounts.errors import AccountGoneError
from knowledge_base.accounts.models import Account, AccountGroup
from knowledge_base.accounts.people import Person, check_profile
from knowledge_base.accounts.people_search import (
    PAGE_SIZE,
    State,
    Wanted,
    find_people,
    find_person,
    groups_in_use,
)
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.audit.events import SITE
from tests.accounts.conftest import ARRIVAL, PASSWORD

MakePerson = Callable[..., Person]


@pytest.fixture
def everyone(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    """One person of each state."""
    make_person("ada@example.gov.uk", name="Ada Byron", groups=["staff"], roles=["editor"])
    make_person("orjan@example.gov.uk", name="Örjan Strand", groups=["members"])
    gone = make_person("gone@example.gov.uk", name="Kim Gone", groups=["staff"])
    changes.disable_account(accounts, gone.account_id, actor=SITE, now=now)
    invited = check_profile(email="sam@example.gov.uk", name="Sam Poe", groups=["staff", "leads"], roles=["admin"])
    links.invite(accounts, invited, actor=SITE, now=now)
    with accounts.database.write() as session:
        provided = Account(issuer="https://login.example", subject="1", email="zoe@example.gov.uk", name="Zoe Provided")
        provided.created_at = now
        provided.groups = [AccountGroup(name="staff")]
        session.add(provided)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["Ada Byron", "Kim Gone", "Sam Poe", "Zoe Provided", "Örjan Strand"]),
        (Wanted("byron ADA"), ["Ada Byron"]),
        (Wanted("örj"), ["Örjan Strand"]),
        (Wanted("ÖRJAN"), ["Örjan Strand"]),
        (Wanted("sam@example"), ["Sam Poe"]),
        (Wanted("nobody"), []),
        (Wanted(group="staff"), ["Ada Byron", "Kim Gone", "Sam Poe", "Zoe Provided"]),
        (Wanted(group="leads"), ["Sam Poe"]),
        (Wanted(role="editor"), ["Ada Byron"]),
        (Wanted(role="admin"), ["Sam Poe"]),
        (Wanted(state=State.ACTIVE), ["Ada Byron", "Zoe Provided", "Örjan Strand"]),
        (Wanted(state=State.INVITED), ["Sam Poe"]),
        (Wanted(state=State.DISABLED), ["Kim Gone"]),
        (Wanted(state=State.SINGLE_SIGN_ON), ["Zoe Provided"]),
        (Wanted("a", group="staff", state=State.ACTIVE), ["Ada Byron", "Zoe Provided"]),
    ],
)
def test_finds_people_by_what_is_asked(
    accounts: Register, everyone: None, now: datetime, wanted: Wanted, found: list[str]
) -> None:
    page = find_people(accounts, wanted, page=1, now=now)

    assert [one.name for one in page.people] == found
    assert page.total == len(found)


def test_says_of_each_how_far_they_may_come_in(accounts: Register, everyone: None, now: datetime) -> None:
    page = find_people(accounts, Wanted(), page=1, now=now + timedelta(days=2))

    states = {one.name: (one.state, one.is_local, one.is_out_of_date) for one in page.people}
    assert states == {
        "Ada Byron": (State.ACTIVE, True, False),
        "Kim Gone": (State.DISABLED, True, False),
        "Sam Poe": (State.INVITED, True, True),
        "Zoe Provided": (State.ACTIVE, False, False),
        "Örjan Strand": (State.ACTIVE, True, False),
    }


def test_shows_page_by_page_and_stays_within_the_pages(accounts: Register, now: datetime) -> None:
    with accounts.database.write() as session:
        for number in range(PAGE_SIZE + 3):
            session.add(Account(email=f"p{number}@example.gov.uk", name=f"Person {number:03}", created_at=now))

    first = find_people(accounts, Wanted(), page=-4, now=now)
    last = find_people(accounts, Wanted(), page=99, now=now)

    assert (first.number, len(first.people), first.total) == (1, PAGE_SIZE, PAGE_SIZE + 3)
    assert (last.number, last.last_number) == (2, 2)
    assert [one.name for one in last.people] == ["Person 025", "Person 026", "Person 027"]


def test_shows_all_about_a_person(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    ada = make_person(groups=["staff"])
    sign_in(accounts, Credentials(ada.email, PASSWORD), ARRIVAL, now=now)
    sign_in(accounts, Credentials(ada.email, PASSWORD), ARRIVAL, now=now + timedelta(minutes=5))

    found = find_person(accounts, ada.account_id, now=now + timedelta(minutes=6))

    assert found.person == ada
    assert (found.has_password, found.has_second_factor) == (True, False)
    assert found.last_signed_in == now + timedelta(minutes=5)
    assert [one.browser for one in found.sessions] == ["Firefox on Windows"] * 2


def test_of_somebody_who_never_signed_in_no_time_is_known(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    ada = make_person()
    other = make_person("other@example.gov.uk")
    sign_in(accounts, Credentials(other.email, PASSWORD), ARRIVAL, now=now)

    assert find_person(accounts, ada.account_id, now=now).last_signed_in is None


def test_nobody_is_found_who_is_not_there(accounts: Register, now: datetime) -> None:
    with pytest.raises(AccountGoneError):
        find_person(accounts, 4711, now=now)


def test_knows_the_groups_that_somebody_is_in(accounts: Register, everyone: None) -> None:
    assert groups_in_use(accounts) == {"staff", "members"}
