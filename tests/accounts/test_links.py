from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from knowledge_base.accounts.changes import disable_account, enable_account
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
    list_accounts,
)
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import SignedIn
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.audit.events import SITE
from tests.accounts.conftest import ARRIVAL, find_person, pass_second_factor

PASSWORD = "three random words"
NEW_PASSWORD = "four other random words"
ADA = check_profile(email="ada@example.gov.uk", name="Ada Byron")
GRACE = check_profile(email="grace@example.gov.uk", name="Grace Hopper", groups=["members"], roles=["editor"])

MakePerson = Callable[..., Person]
Accept = Callable[..., SignedIn]


@pytest.fixture
def accept(accounts: Register, now: datetime) -> Accept:
    def send(link: NewLink, profile: Profile, *, password: str = PASSWORD, at: datetime = now) -> SignedIn:
        step = accept_link(accounts, link.token, Acceptance(profile=profile, password=password), ARRIVAL, now=at)
        return pass_second_factor(accounts, step, now=at)

    return send


@pytest.fixture
def try_to_sign_in(accounts: Register, now: datetime) -> Callable[[str], SignedIn]:
    def send(password: str) -> SignedIn:
        step = sign_in(accounts, Credentials("ada@example.gov.uk", password), ARRIVAL, now=now)
        return pass_second_factor(accounts, step, now=now)

    return send


@pytest.fixture
def first_link(accounts: Register, now: datetime) -> NewLink:
    link = make_first_administrator_link(accounts, actor=SITE, now=now)
    assert link
    return link


@pytest.fixture
def invitation(accounts: Register, now: datetime) -> NewLink:
    return invite(accounts, GRACE, actor=SITE, now=now)


def test_first_link_makes_an_administrator_who_is_let_in(
    accounts: Register, first_link: NewLink, now: datetime, accept: Accept
) -> None:
    let_in = accept(first_link, ADA)

    assert let_in.person.roles == (Role.ADMIN,)
    assert let_in.person.groups == ("staff",)
    assert find_person(accounts, let_in.token, now=now) == let_in.person


def test_first_link_asks_for_an_e_mail_address(accounts: Register, first_link: NewLink, now: datetime) -> None:
    offer = look_up_link(accounts, first_link.token, now=now)

    assert (offer.purpose, offer.email, offer.name) == (Purpose.FIRST_ADMINISTRATOR, None, "")


def test_first_link_works_for_an_hour(accounts: Register, first_link: NewLink, now: datetime, accept: Accept) -> None:
    assert first_link.expires_at == now + timedelta(hours=1)
    look_up_link(accounts, first_link.token, now=now + timedelta(minutes=59))

    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, first_link.token, now=now + timedelta(hours=1))
    with pytest.raises(LinkRefusedError):
        accept(first_link, ADA, at=now + timedelta(hours=1))


def test_fresh_first_link_replaces_the_earlier_one(accounts: Register, first_link: NewLink, now: datetime) -> None:
    fresh = make_first_administrator_link(accounts, actor=SITE, now=now)

    assert fresh
    look_up_link(accounts, fresh.token, now=now)
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, first_link.token, now=now)


def test_no_first_link_once_there_is_an_administrator(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    make_person(roles=["admin"])

    assert make_first_administrator_link(accounts, actor=SITE, now=now) is None


def test_first_link_stops_working_once_there_is_an_administrator(
    accounts: Register, first_link: NewLink, make_person: MakePerson, now: datetime, accept: Accept
) -> None:
    make_person("grace@example.gov.uk", roles=["admin"])

    with pytest.raises(LinkRefusedError):
        accept(first_link, ADA)


def test_first_link_again_when_only_others_and_disabled_administrators_are_left(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    make_person("ada@example.gov.uk", roles=["admin"])
    make_person("grace@example.gov.uk", roles=["editor", "publisher"])
    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    assert make_first_administrator_link(accounts, actor=SITE, now=now)


def test_first_link_is_not_used_up_by_an_e_mail_address_that_has_an_account(
    accounts: Register, first_link: NewLink, make_person: MakePerson, now: datetime, accept: Accept
) -> None:
    make_person("ada@example.gov.uk")

    with pytest.raises(AccountExistsError):
        accept(first_link, ADA)

    look_up_link(accounts, first_link.token, now=now)


def test_invitation_gives_what_the_inviter_said(
    accounts: Register, invitation: NewLink, now: datetime, accept: Accept
) -> None:
    chosen = check_profile(email="grace@example.gov.uk", name="Rear Admiral Hopper")

    person = accept(invitation, chosen).person

    assert (person.email, person.name) == ("grace@example.gov.uk", "Rear Admiral Hopper")
    assert (person.groups, person.roles) == (("members",), (Role.EDITOR,))


def test_invitation_cannot_be_turned_to_another_address_or_to_more_rights(
    accounts: Register, invitation: NewLink, now: datetime, accept: Accept
) -> None:
    chosen = check_profile(email="mallory@example.com", name="Mallory", groups=["staff"], roles=["admin"])

    person = accept(invitation, chosen).person

    assert person.email == "grace@example.gov.uk"
    assert (person.groups, person.roles) == (("members",), (Role.EDITOR,))


def test_invitation_works_for_a_day(accounts: Register, invitation: NewLink, now: datetime) -> None:
    look_up_link(accounts, invitation.token, now=now + timedelta(hours=23))

    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, invitation.token, now=now + timedelta(hours=24))


def test_no_link_lasts_longer_because_the_clock_was_set_back(
    accounts: Register, invitation: NewLink, now: datetime
) -> None:
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, invitation.token, now=now - timedelta(hours=1))


def test_fresh_invitation_replaces_the_earlier_one_of_that_person_only(
    accounts: Register, invitation: NewLink, now: datetime
) -> None:
    of_another = invite(accounts, ADA, actor=SITE, now=now)

    fresh = invite(accounts, GRACE, actor=SITE, now=now)

    look_up_link(accounts, of_another.token, now=now)
    look_up_link(accounts, fresh.token, now=now)
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, invitation.token, now=now)


def test_nobody_with_an_account_is_invited(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    make_person("grace@example.gov.uk")

    with pytest.raises(AccountExistsError):
        invite(accounts, GRACE, actor=SITE, now=now)


def test_invitation_stops_working_once_the_person_has_an_account(
    accounts: Register, invitation: NewLink, make_person: MakePerson, now: datetime
) -> None:
    make_person("grace@example.gov.uk")

    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, invitation.token, now=now)


def test_reset_link_says_for_whom_it_is(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    make_person()

    link = make_reset_link(accounts, " Ada@Example.gov.uk ", actor=SITE, now=now)

    offer = look_up_link(accounts, link.token, now=now)
    assert (offer.purpose, offer.email, offer.name) == (Purpose.RESET, "ada@example.gov.uk", "Ada Byron")


def test_reset_link_gives_a_new_password_and_changes_nothing_else(
    accounts: Register,
    make_person: MakePerson,
    now: datetime,
    accept: Accept,
    try_to_sign_in: Callable[[str], SignedIn],
) -> None:
    ada = make_person(groups=["members"])
    link = make_reset_link(accounts, ada.email, actor=SITE, now=now)
    mallory = check_profile(email="mallory@example.com", name="Mallory", groups=["staff"], roles=["admin"])

    let_in = accept(link, mallory, password=NEW_PASSWORD)

    assert let_in.person == ada
    assert list_accounts(accounts) == [ada]
    assert try_to_sign_in(NEW_PASSWORD).person == ada
    with pytest.raises(SignInRefusedError):
        try_to_sign_in(PASSWORD)


def test_old_password_works_until_the_reset_link_is_used(
    accounts: Register, make_person: MakePerson, now: datetime, try_to_sign_in: Callable[[str], SignedIn]
) -> None:
    ada = make_person()

    make_reset_link(accounts, ada.email, actor=SITE, now=now)

    assert try_to_sign_in(PASSWORD).person == ada


def test_new_password_ends_the_sessions_of_that_account_only(
    accounts: Register,
    make_person: MakePerson,
    now: datetime,
    accept: Accept,
    try_to_sign_in: Callable[[str], SignedIn],
) -> None:
    make_person("ada@example.gov.uk")
    before = [try_to_sign_in(PASSWORD), try_to_sign_in(PASSWORD)]
    of_another = accept(invite(accounts, GRACE, actor=SITE, now=now), GRACE)

    let_in = accept(make_reset_link(accounts, "ada@example.gov.uk", actor=SITE, now=now), ADA, password=NEW_PASSWORD)

    assert [find_person(accounts, session.token, now=now) for session in before] == [None, None]
    assert find_person(accounts, let_in.token, now=now) == let_in.person
    assert find_person(accounts, of_another.token, now=now) == of_another.person


def test_new_password_can_be_used_at_once_after_too_many_failures(
    accounts: Register,
    make_person: MakePerson,
    now: datetime,
    accept: Accept,
    try_to_sign_in: Callable[[str], SignedIn],
) -> None:
    ada = make_person()
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            try_to_sign_in("three wrong words")

    accept(make_reset_link(accounts, ada.email, actor=SITE, now=now), ADA, password=NEW_PASSWORD)

    assert try_to_sign_in(NEW_PASSWORD).person == ada


def test_reset_link_works_once_and_for_a_day(
    accounts: Register, make_person: MakePerson, now: datetime, accept: Accept
) -> None:
    make_person()
    link = make_reset_link(accounts, "ada@example.gov.uk", actor=SITE, now=now)
    assert link.expires_at == now + timedelta(hours=24)
    with pytest.raises(LinkRefusedError):
        accept(link, ADA, at=now + timedelta(hours=24))

    accept(link, ADA, at=now + timedelta(hours=23))

    with pytest.raises(LinkRefusedError):
        accept(link, ADA, at=now + timedelta(hours=23))


def test_fresh_reset_link_replaces_the_earlier_one_of_that_person_only(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    make_person("ada@example.gov.uk")
    make_person("grace@example.gov.uk")
    earlier = make_reset_link(accounts, "ada@example.gov.uk", actor=SITE, now=now)
    of_another = make_reset_link(accounts, "grace@example.gov.uk", actor=SITE, now=now)

    fresh = make_reset_link(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    look_up_link(accounts, of_another.token, now=now)
    look_up_link(accounts, fresh.token, now=now)
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, earlier.token, now=now)


def test_disabling_an_account_ends_its_reset_link_for_good(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    make_person()
    link = make_reset_link(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)
    enable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, link.token, now=now)


def test_no_reset_link_for_nobody_or_a_disabled_account(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    make_person()
    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    with pytest.raises(NoSuchAccountError):
        make_reset_link(accounts, "nobody@example.gov.uk", actor=SITE, now=now)
    with pytest.raises(AccountDisabledError):
        make_reset_link(accounts, "ada@example.gov.uk", actor=SITE, now=now)


def test_link_works_once(accounts: Register, invitation: NewLink, now: datetime, accept: Accept) -> None:
    accept(invitation, GRACE)

    with pytest.raises(LinkRefusedError):
        accept(invitation, GRACE)


def test_link_works_once_for_several_at_the_same_moment(
    accounts: Register, first_link: NewLink, now: datetime, accept: Accept
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
    assert len(list_accounts(accounts)) == 1


def test_link_is_not_used_up_by_a_password_against_the_rules(
    accounts: Register, invitation: NewLink, now: datetime, accept: Accept
) -> None:
    with pytest.raises(PasswordRefusedError):
        accept(invitation, GRACE, password="short")

    look_up_link(accounts, invitation.token, now=now)


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_refuses_a_token_it_did_not_give(accounts: Register, invitation: NewLink, now: datetime, token: str) -> None:
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, token, now=now)


def test_keeps_only_the_hash_of_a_token_and_forgets_links_that_are_over(
    accounts: Register, invitation: NewLink, now: datetime
) -> None:
    fresh = invite(accounts, ADA, actor=SITE, now=now + timedelta(days=32))

    with accounts.database.read() as session:
        kept = session.scalars(select(OneTimeLink)).one()
    assert kept.email == "ada@example.gov.uk"
    assert fresh.token not in kept.token_hash
