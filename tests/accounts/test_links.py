from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from knowledge_base.accounts.errors import (
    AccountExistsError,
    AccountsError,
    LinkRefusedError,
    PasswordRefusedError,
)
from knowledge_base.accounts.links import (
    NewLink,
    accept_link,
    invite,
    look_up_link,
    make_first_administrator_link,
)
from knowledge_base.accounts.models import OneTimeLink, Purpose, Role
from knowledge_base.accounts.people import Person, check_profile, disable_account, list_accounts
from knowledge_base.accounts.sessions import find_person
from knowledge_base.db import Database

PASSWORD = "three random words"
ADA = check_profile(email="ada@example.gov.uk", name="Ada Byron")
GRACE = check_profile(email="grace@example.gov.uk", name="Grace Hopper", groups=["members"], roles=["editor"])

MakePerson = Callable[..., Person]


@pytest.fixture
def first_link(database: Database, now: datetime) -> NewLink:
    link = make_first_administrator_link(database, now=now)
    assert link
    return link


@pytest.fixture
def invitation(database: Database, now: datetime) -> NewLink:
    return invite(database, GRACE, now=now)


def test_first_link_makes_an_administrator_who_is_let_in(
    database: Database, first_link: NewLink, now: datetime
) -> None:
    let_in = accept_link(database, first_link.token, ADA, password=PASSWORD, now=now)

    assert let_in.person.roles == (Role.ADMIN,)
    assert let_in.person.groups == ("staff",)
    assert find_person(database, let_in.token, now=now) == let_in.person


def test_first_link_asks_for_an_e_mail_address(database: Database, first_link: NewLink, now: datetime) -> None:
    offer = look_up_link(database, first_link.token, now=now)

    assert (offer.purpose, offer.email, offer.name) == (Purpose.FIRST_ADMINISTRATOR, None, "")


def test_first_link_works_for_an_hour(database: Database, first_link: NewLink, now: datetime) -> None:
    assert first_link.expires_at == now + timedelta(hours=1)
    look_up_link(database, first_link.token, now=now + timedelta(minutes=59))

    with pytest.raises(LinkRefusedError):
        look_up_link(database, first_link.token, now=now + timedelta(hours=1))
    with pytest.raises(LinkRefusedError):
        accept_link(database, first_link.token, ADA, password=PASSWORD, now=now + timedelta(hours=1))


def test_fresh_first_link_replaces_the_earlier_one(database: Database, first_link: NewLink, now: datetime) -> None:
    fresh = make_first_administrator_link(database, now=now)

    assert fresh
    look_up_link(database, fresh.token, now=now)
    with pytest.raises(LinkRefusedError):
        look_up_link(database, first_link.token, now=now)


def test_no_first_link_once_there_is_an_administrator(
    database: Database, make_person: MakePerson, now: datetime
) -> None:
    make_person(roles=["admin"])

    assert make_first_administrator_link(database, now=now) is None


def test_first_link_stops_working_once_there_is_an_administrator(
    database: Database, first_link: NewLink, make_person: MakePerson, now: datetime
) -> None:
    make_person("grace@example.gov.uk", roles=["admin"])

    with pytest.raises(LinkRefusedError):
        accept_link(database, first_link.token, ADA, password=PASSWORD, now=now)


def test_first_link_again_when_only_others_and_disabled_administrators_are_left(
    database: Database, make_person: MakePerson, now: datetime
) -> None:
    make_person("ada@example.gov.uk", roles=["admin"])
    make_person("grace@example.gov.uk", roles=["editor", "publisher"])
    disable_account(database, "ada@example.gov.uk", now=now)

    assert make_first_administrator_link(database, now=now)


def test_first_link_is_not_used_up_by_an_e_mail_address_that_has_an_account(
    database: Database, first_link: NewLink, make_person: MakePerson, now: datetime
) -> None:
    make_person("ada@example.gov.uk")

    with pytest.raises(AccountExistsError):
        accept_link(database, first_link.token, ADA, password=PASSWORD, now=now)

    look_up_link(database, first_link.token, now=now)


def test_invitation_gives_what_the_inviter_said(database: Database, invitation: NewLink, now: datetime) -> None:
    chosen = check_profile(email="grace@example.gov.uk", name="Rear Admiral Hopper")

    person = accept_link(database, invitation.token, chosen, password=PASSWORD, now=now).person

    assert (person.email, person.name) == ("grace@example.gov.uk", "Rear Admiral Hopper")
    assert (person.groups, person.roles) == (("members",), (Role.EDITOR,))


def test_invitation_cannot_be_turned_to_another_address_or_to_more_rights(
    database: Database, invitation: NewLink, now: datetime
) -> None:
    chosen = check_profile(email="mallory@example.com", name="Mallory", groups=["staff"], roles=["admin"])

    person = accept_link(database, invitation.token, chosen, password=PASSWORD, now=now).person

    assert person.email == "grace@example.gov.uk"
    assert (person.groups, person.roles) == (("members",), (Role.EDITOR,))


def test_invitation_works_for_a_week(database: Database, invitation: NewLink, now: datetime) -> None:
    look_up_link(database, invitation.token, now=now + timedelta(days=6))

    with pytest.raises(LinkRefusedError):
        look_up_link(database, invitation.token, now=now + timedelta(days=7))


def test_fresh_invitation_replaces_the_earlier_one_of_that_person_only(
    database: Database, invitation: NewLink, now: datetime
) -> None:
    of_another = invite(database, ADA, now=now)

    fresh = invite(database, GRACE, now=now)

    look_up_link(database, of_another.token, now=now)
    look_up_link(database, fresh.token, now=now)
    with pytest.raises(LinkRefusedError):
        look_up_link(database, invitation.token, now=now)


def test_nobody_with_an_account_is_invited(database: Database, make_person: MakePerson, now: datetime) -> None:
    make_person("grace@example.gov.uk")

    with pytest.raises(AccountExistsError):
        invite(database, GRACE, now=now)


def test_invitation_stops_working_once_the_person_has_an_account(
    database: Database, invitation: NewLink, make_person: MakePerson, now: datetime
) -> None:
    make_person("grace@example.gov.uk")

    with pytest.raises(LinkRefusedError):
        look_up_link(database, invitation.token, now=now)


def test_link_works_once(database: Database, invitation: NewLink, now: datetime) -> None:
    accept_link(database, invitation.token, GRACE, password=PASSWORD, now=now)

    with pytest.raises(LinkRefusedError):
        accept_link(database, invitation.token, GRACE, password=PASSWORD, now=now)


def test_link_works_once_for_several_at_the_same_moment(database: Database, first_link: NewLink, now: datetime) -> None:
    together = Barrier(4)

    def accept(number: int) -> type[AccountsError] | None:
        chosen = check_profile(email=f"person{number}@example.gov.uk", name="Somebody")
        together.wait()
        try:
            accept_link(database, first_link.token, chosen, password=PASSWORD, now=now)
        except AccountsError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(accept, range(4)))

    assert answers.count(None) == 1
    assert answers.count(LinkRefusedError) == 3
    assert len(list_accounts(database)) == 1


def test_link_is_not_used_up_by_a_password_against_the_rules(
    database: Database, invitation: NewLink, now: datetime
) -> None:
    with pytest.raises(PasswordRefusedError):
        accept_link(database, invitation.token, GRACE, password="short", now=now)

    look_up_link(database, invitation.token, now=now)


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_refuses_a_token_it_did_not_give(database: Database, invitation: NewLink, now: datetime, token: str) -> None:
    with pytest.raises(LinkRefusedError):
        look_up_link(database, token, now=now)


def test_keeps_only_the_hash_of_a_token_and_forgets_links_that_are_over(
    database: Database, invitation: NewLink, now: datetime
) -> None:
    fresh = invite(database, ADA, now=now + timedelta(days=8))

    with database.read() as session:
        kept = session.scalars(select(OneTimeLink)).one()
    assert kept.email == "ada@example.gov.uk"
    assert fresh.token not in kept.token_hash
