from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from knowledge_base.accounts.errors import (
    AccountDisabledError,
    AccountExistsError,
    AccountsError,
    LinkRefusedError,
    NoSuchAccountError,
    PasswordRefusedError,
    SignInRefusedError,
)
from knowledge_base.accounts.links import (
    Acceptance,
    NewLink,
    accept_link,
    invite,
    look_up_link,
    make_first_administrator_link,
    make_reset_link,
)
from knowledge_base.accounts.models import OneTimeLink, Purpose, Role
from knowledge_base.accounts.people import (
    Person,
    Profile,
    check_profile,
    disable_account,
    enable_account,
    list_accounts,
)
from knowledge_base.accounts.sessions import find_person
from knowledge_base.accounts.sign_in import Credentials, SignedIn, sign_in
from knowledge_base.db import Database

PASSWORD = "three random words"
NEW_PASSWORD = "four other random words"
ADA = check_profile(email="ada@example.gov.uk", name="Ada Byron")
GRACE = check_profile(email="grace@example.gov.uk", name="Grace Hopper", groups=["members"], roles=["editor"])

MakePerson = Callable[..., Person]
Accept = Callable[..., SignedIn]


@pytest.fixture
def accept(database: Database, now: datetime) -> Accept:
    def send(link: NewLink, profile: Profile, *, password: str = PASSWORD, at: datetime = now) -> SignedIn:
        said = Acceptance(profile=profile, password=password, address="192.0.2.1")
        return accept_link(database, link.token, said, secret_key="key", now=at)

    return send


@pytest.fixture
def try_to_sign_in(database: Database, now: datetime) -> Callable[[str], SignedIn]:
    def send(password: str) -> SignedIn:
        return sign_in(database, Credentials("ada@example.gov.uk", password, "192.0.2.1"), secret_key="key", now=now)

    return send


@pytest.fixture
def first_link(database: Database, now: datetime) -> NewLink:
    link = make_first_administrator_link(database, now=now)
    assert link
    return link


@pytest.fixture
def invitation(database: Database, now: datetime) -> NewLink:
    return invite(database, GRACE, now=now)


def test_first_link_makes_an_administrator_who_is_let_in(
    database: Database, first_link: NewLink, now: datetime, accept: Accept
) -> None:
    let_in = accept(first_link, ADA)

    assert let_in.person.roles == (Role.ADMIN,)
    assert let_in.person.groups == ("staff",)
    assert find_person(database, let_in.token, now=now) == let_in.person


def test_first_link_asks_for_an_e_mail_address(database: Database, first_link: NewLink, now: datetime) -> None:
    offer = look_up_link(database, first_link.token, now=now)

    assert (offer.purpose, offer.email, offer.name) == (Purpose.FIRST_ADMINISTRATOR, None, "")


def test_first_link_works_for_an_hour(database: Database, first_link: NewLink, now: datetime, accept: Accept) -> None:
    assert first_link.expires_at == now + timedelta(hours=1)
    look_up_link(database, first_link.token, now=now + timedelta(minutes=59))

    with pytest.raises(LinkRefusedError):
        look_up_link(database, first_link.token, now=now + timedelta(hours=1))
    with pytest.raises(LinkRefusedError):
        accept(first_link, ADA, at=now + timedelta(hours=1))


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
    database: Database, first_link: NewLink, make_person: MakePerson, now: datetime, accept: Accept
) -> None:
    make_person("grace@example.gov.uk", roles=["admin"])

    with pytest.raises(LinkRefusedError):
        accept(first_link, ADA)


def test_first_link_again_when_only_others_and_disabled_administrators_are_left(
    database: Database, make_person: MakePerson, now: datetime
) -> None:
    make_person("ada@example.gov.uk", roles=["admin"])
    make_person("grace@example.gov.uk", roles=["editor", "publisher"])
    disable_account(database, "ada@example.gov.uk", now=now)

    assert make_first_administrator_link(database, now=now)


def test_first_link_is_not_used_up_by_an_e_mail_address_that_has_an_account(
    database: Database, first_link: NewLink, make_person: MakePerson, now: datetime, accept: Accept
) -> None:
    make_person("ada@example.gov.uk")

    with pytest.raises(AccountExistsError):
        accept(first_link, ADA)

    look_up_link(database, first_link.token, now=now)


def test_invitation_gives_what_the_inviter_said(
    database: Database, invitation: NewLink, now: datetime, accept: Accept
) -> None:
    chosen = check_profile(email="grace@example.gov.uk", name="Rear Admiral Hopper")

    person = accept(invitation, chosen).person

    assert (person.email, person.name) == ("grace@example.gov.uk", "Rear Admiral Hopper")
    assert (person.groups, person.roles) == (("members",), (Role.EDITOR,))


def test_invitation_cannot_be_turned_to_another_address_or_to_more_rights(
    database: Database, invitation: NewLink, now: datetime, accept: Accept
) -> None:
    chosen = check_profile(email="mallory@example.com", name="Mallory", groups=["staff"], roles=["admin"])

    person = accept(invitation, chosen).person

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


def test_reset_link_says_for_whom_it_is(database: Database, make_person: MakePerson, now: datetime) -> None:
    make_person()

    link = make_reset_link(database, " Ada@Example.gov.uk ", now=now)

    offer = look_up_link(database, link.token, now=now)
    assert (offer.purpose, offer.email, offer.name) == (Purpose.RESET, "ada@example.gov.uk", "Ada Byron")


def test_reset_link_gives_a_new_password_and_changes_nothing_else(
    database: Database,
    make_person: MakePerson,
    now: datetime,
    accept: Accept,
    try_to_sign_in: Callable[[str], SignedIn],
) -> None:
    ada = make_person(groups=["members"], roles=["editor"])
    link = make_reset_link(database, ada.email, now=now)
    mallory = check_profile(email="mallory@example.com", name="Mallory", groups=["staff"], roles=["admin"])

    let_in = accept(link, mallory, password=NEW_PASSWORD)

    assert let_in.person == ada
    assert list_accounts(database) == [ada]
    assert try_to_sign_in(NEW_PASSWORD).person == ada
    with pytest.raises(SignInRefusedError):
        try_to_sign_in(PASSWORD)


def test_old_password_works_until_the_reset_link_is_used(
    database: Database, make_person: MakePerson, now: datetime, try_to_sign_in: Callable[[str], SignedIn]
) -> None:
    ada = make_person()

    make_reset_link(database, ada.email, now=now)

    assert try_to_sign_in(PASSWORD).person == ada


def test_new_password_ends_the_sessions_of_that_account_only(
    database: Database,
    make_person: MakePerson,
    now: datetime,
    accept: Accept,
    try_to_sign_in: Callable[[str], SignedIn],
) -> None:
    make_person("ada@example.gov.uk")
    before = [try_to_sign_in(PASSWORD), try_to_sign_in(PASSWORD)]
    of_another = accept(invite(database, GRACE, now=now), GRACE)

    let_in = accept(make_reset_link(database, "ada@example.gov.uk", now=now), ADA, password=NEW_PASSWORD)

    assert [find_person(database, session.token, now=now) for session in before] == [None, None]
    assert find_person(database, let_in.token, now=now) == let_in.person
    assert find_person(database, of_another.token, now=now) == of_another.person


def test_new_password_can_be_used_at_once_after_too_many_failures(
    database: Database,
    make_person: MakePerson,
    now: datetime,
    accept: Accept,
    try_to_sign_in: Callable[[str], SignedIn],
) -> None:
    ada = make_person()
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            try_to_sign_in("three wrong words")

    accept(make_reset_link(database, ada.email, now=now), ADA, password=NEW_PASSWORD)

    assert try_to_sign_in(NEW_PASSWORD).person == ada


def test_reset_link_works_once_and_for_a_day(
    database: Database, make_person: MakePerson, now: datetime, accept: Accept
) -> None:
    make_person()
    link = make_reset_link(database, "ada@example.gov.uk", now=now)
    assert link.expires_at == now + timedelta(hours=24)
    with pytest.raises(LinkRefusedError):
        accept(link, ADA, at=now + timedelta(hours=24))

    accept(link, ADA, at=now + timedelta(hours=23))

    with pytest.raises(LinkRefusedError):
        accept(link, ADA, at=now + timedelta(hours=23))


def test_fresh_reset_link_replaces_the_earlier_one_of_that_person_only(
    database: Database, make_person: MakePerson, now: datetime
) -> None:
    make_person("ada@example.gov.uk")
    make_person("grace@example.gov.uk")
    earlier = make_reset_link(database, "ada@example.gov.uk", now=now)
    of_another = make_reset_link(database, "grace@example.gov.uk", now=now)

    fresh = make_reset_link(database, "ada@example.gov.uk", now=now)

    look_up_link(database, of_another.token, now=now)
    look_up_link(database, fresh.token, now=now)
    with pytest.raises(LinkRefusedError):
        look_up_link(database, earlier.token, now=now)


def test_disabling_an_account_ends_its_reset_link_for_good(
    database: Database, make_person: MakePerson, now: datetime
) -> None:
    make_person()
    link = make_reset_link(database, "ada@example.gov.uk", now=now)

    disable_account(database, "ada@example.gov.uk", now=now)
    enable_account(database, "ada@example.gov.uk")

    with pytest.raises(LinkRefusedError):
        look_up_link(database, link.token, now=now)


def test_no_reset_link_for_nobody_or_a_disabled_account(
    database: Database, make_person: MakePerson, now: datetime
) -> None:
    make_person()
    disable_account(database, "ada@example.gov.uk", now=now)

    with pytest.raises(NoSuchAccountError):
        make_reset_link(database, "nobody@example.gov.uk", now=now)
    with pytest.raises(AccountDisabledError):
        make_reset_link(database, "ada@example.gov.uk", now=now)


def test_link_works_once(database: Database, invitation: NewLink, now: datetime, accept: Accept) -> None:
    accept(invitation, GRACE)

    with pytest.raises(LinkRefusedError):
        accept(invitation, GRACE)


def test_link_works_once_for_several_at_the_same_moment(
    database: Database, first_link: NewLink, now: datetime, accept: Accept
) -> None:
    together = Barrier(4)

    def try_to_accept(number: int) -> type[AccountsError] | None:
        chosen = check_profile(email=f"person{number}@example.gov.uk", name="Somebody")
        together.wait()
        try:
            accept(first_link, chosen)
        except AccountsError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(try_to_accept, range(4)))

    assert answers.count(None) == 1
    assert answers.count(LinkRefusedError) == 3
    assert len(list_accounts(database)) == 1


def test_link_is_not_used_up_by_a_password_against_the_rules(
    database: Database, invitation: NewLink, now: datetime, accept: Accept
) -> None:
    with pytest.raises(PasswordRefusedError):
        accept(invitation, GRACE, password="short")

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
