from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from knowledge_base.accounts import administration, changes, invitations
from knowledge_base.accounts.claims_reading import Description
from knowledge_base.accounts.claims_table import Grant
from knowledge_base.accounts.errors import (
    AccountDisabledError,
    AccountGoneError,
    AccountsError,
    LastAdministratorError,
    LinkRefusedError,
    NoSuchSessionError,
    NotAdministratorError,
    OwnAccountError,
    ProfileRefusedError,
    ProvidedElsewhereError,
)
from knowledge_base.accounts.links import look_up_link
from knowledge_base.accounts.models import Account, Role
from knowledge_base.accounts.people import Person, check_profile, list_accounts
from knowledge_base.accounts.provider_people import Newcomer, bring_up_to_date
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_factor import has_second_factor
from knowledge_base.accounts.sessions import list_sessions
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.audit.events import SITE, Actor
from tests.accounts.conftest import ARRIVAL, PASSWORD, pass_second_factor

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]


@pytest.fixture
def jane(make_person: MakePerson) -> Person:
    """An administrator."""
    return make_person("jane@example.gov.uk", name="Jane Doe", groups=["staff"], roles=["admin"])


@pytest.fixture
def sam(make_person: MakePerson) -> Person:
    return make_person("sam@example.gov.uk", name="Sam Poe", groups=["staff"])


def as_actor(person: Person) -> Actor:
    return Actor.of(person.viewer)


def make_provided(accounts: Register, person: Person) -> None:
    """Let a person come through single sign-on from now on."""
    with accounts.database.write() as session:
        provided = {"issuer": "https://login.example", "subject": "42", "password_hash": None}
        session.execute(update(Account).where(Account.id == person.account_id).values(**provided))


def invitation_id(accounts: Register) -> int:
    """Return the number of the one invitation that is open."""
    with accounts.database.read() as session:
        (invitation,) = invitations.list_invitations(session)
        return invitation.invitation_id


def test_an_administrator_changes_name_groups_and_roles_and_each_is_recorded(
    accounts: Register, jane: Person, sam: Person, now: datetime, record: Record
) -> None:
    administration.change_groups(accounts, sam.account_id, ["leads"], actor=as_actor(jane), now=now)
    administration.change_roles(accounts, sam.account_id, ["editor"], actor=as_actor(jane), now=now)
    changed = administration.change_name(accounts, sam.account_id, "Sam Pole", actor=as_actor(jane), now=now)

    assert (changed.name, changed.groups, changed.roles) == ("Sam Pole", ("leads",), (Role.EDITOR,))
    assert record()[-4:] == [
        "Jane Doe added the group leads to the account of Sam Poe.",
        "Jane Doe removed the group staff from the account of Sam Poe.",
        "Jane Doe added the role editor to the account of Sam Poe.",
        "Jane Doe changed the name of the account of Sam Poe.",
    ]


def test_nobody_puts_themselves_into_a_group(accounts: Register, jane: Person, now: datetime, record: Record) -> None:
    before = record()

    with pytest.raises(OwnAccountError, match="another administrator"):
        administration.change_groups(accounts, jane.account_id, ["staff", "leads"], actor=as_actor(jane), now=now)

    assert list_accounts(accounts) == [jane]
    assert record() == before


def test_an_administrator_may_leave_a_group(accounts: Register, jane: Person, now: datetime) -> None:
    changed = administration.change_groups(accounts, jane.account_id, [], actor=as_actor(jane), now=now)

    assert changed.groups == ()


def test_another_administrator_puts_an_administrator_into_a_group(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])

    changed = administration.change_groups(accounts, kim.account_id, ["leads"], actor=as_actor(jane), now=now)

    assert changed.groups == ("leads",)


def test_the_last_administrator_keeps_the_role(accounts: Register, jane: Person, now: datetime) -> None:
    with pytest.raises(LastAdministratorError):
        administration.change_roles(accounts, jane.account_id, [], actor=as_actor(jane), now=now)


def test_an_administrator_beside_whom_another_is_may_give_up_the_role(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    make_person("kim@example.gov.uk", name="Kim", roles=["admin"])

    changed = administration.change_roles(accounts, jane.account_id, ["editor"], actor=as_actor(jane), now=now)

    assert changed.roles == (Role.EDITOR,)


def test_a_disabled_administrator_does_not_count_as_another(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    administration.disable(accounts, kim.account_id, actor=as_actor(jane), now=now)

    with pytest.raises(LastAdministratorError):
        administration.change_roles(accounts, jane.account_id, [], actor=as_actor(jane), now=now)


def test_an_administrator_who_has_yet_to_choose_a_password_does_not_count_as_another(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    administration.disable(accounts, kim.account_id, actor=as_actor(jane), now=now)
    administration.enable(accounts, kim.account_id, actor=as_actor(jane), now=now)

    with pytest.raises(LastAdministratorError):
        administration.change_roles(accounts, jane.account_id, [], actor=as_actor(jane), now=now)


def test_an_administrator_who_comes_through_single_sign_on_counts_as_another(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    make_provided(accounts, make_person("kim@example.gov.uk", name="Kim", roles=["admin"]))

    changed = administration.change_roles(accounts, jane.account_id, [], actor=as_actor(jane), now=now)

    assert changed.roles == ()


def test_nobody_disables_themselves_even_beside_another_administrator(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    make_person("kim@example.gov.uk", name="Kim", roles=["admin"])

    with pytest.raises(OwnAccountError):
        administration.disable(accounts, jane.account_id, actor=as_actor(jane), now=now)


@pytest.mark.parametrize(
    "attack",
    [
        administration.disable,
        lambda accounts, whom, **by: administration.change_roles(accounts, whom, [], **by),
    ],
    ids=["disable", "take the role"],
)
def test_of_two_who_shut_each_other_out_at_once_one_stays(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime, attack: Callable[..., Person]
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    barrier, refused = Barrier(2), list[AccountsError]()

    def act(who: Person, whom: Person) -> None:
        barrier.wait()
        try:
            attack(accounts, whom.account_id, actor=as_actor(who), now=now)
        except AccountsError as error:
            refused.append(error)

    threads = [Thread(target=act, args=pair) for pair in ((jane, kim), (kim, jane))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    left = [one for one in list_accounts(accounts) if Role.ADMIN in one.roles and not one.disabled_at]
    assert len(left) == 1
    assert [type(error) for error in refused] == [NotAdministratorError]


def test_who_is_not_an_administrator_any_more_changes_nothing(
    accounts: Register, jane: Person, sam: Person, make_person: MakePerson, now: datetime
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    changes.disable_account(accounts, jane.account_id, actor=as_actor(kim), now=now)

    for act in (administration.disable, administration.enable, administration.make_reset_link):
        with pytest.raises(NotAdministratorError):
            act(accounts, sam.account_id, actor=as_actor(jane), now=now)


def test_disabling_and_enabling(accounts: Register, jane: Person, sam: Person, now: datetime, record: Record) -> None:
    disabled = administration.disable(accounts, sam.account_id, actor=as_actor(jane), now=now)
    enabled = administration.enable(accounts, sam.account_id, actor=as_actor(jane), now=now)

    assert (disabled.disabled_at, enabled.disabled_at) == (now, None)
    assert record()[-2:] == ["Jane Doe disabled the account of Sam Poe.", "Jane Doe enabled the account of Sam Poe."]


def test_people_of_single_sign_on_are_only_disabled_and_enabled(
    accounts: Register, jane: Person, sam: Person, now: datetime
) -> None:
    make_provided(accounts, sam)
    by = {"actor": as_actor(jane), "now": now}

    with pytest.raises(ProvidedElsewhereError):
        administration.change_name(accounts, sam.account_id, "Sam", **by)  # type: ignore[arg-type]
    with pytest.raises(ProvidedElsewhereError):
        administration.change_groups(accounts, sam.account_id, [], **by)  # type: ignore[arg-type]
    with pytest.raises(ProvidedElsewhereError):
        administration.change_roles(accounts, sam.account_id, [], **by)  # type: ignore[arg-type]
    with pytest.raises(ProvidedElsewhereError):
        administration.make_reset_link(accounts, sam.account_id, **by)  # type: ignore[arg-type]
    with pytest.raises(ProvidedElsewhereError):
        administration.remove_second_factor(accounts, sam.account_id, **by)  # type: ignore[arg-type]
    assert administration.disable(accounts, sam.account_id, actor=as_actor(jane), now=now).disabled_at == now
    assert administration.enable(accounts, sam.account_id, actor=as_actor(jane), now=now).disabled_at is None


def test_an_impossible_name_changes_nothing(accounts: Register, jane: Person, sam: Person, now: datetime) -> None:
    with pytest.raises(ProfileRefusedError):
        administration.change_name(accounts, sam.account_id, " ", actor=as_actor(jane), now=now)


def test_nobody_is_changed_who_is_not_there(accounts: Register, jane: Person, now: datetime) -> None:
    for act in (administration.disable, administration.make_reset_link, administration.end_all_sessions):
        with pytest.raises(AccountGoneError):
            act(accounts, 4711, actor=as_actor(jane), now=now)


def test_a_reset_link_is_for_somebody_else_who_is_let_in(
    accounts: Register, jane: Person, sam: Person, now: datetime, record: Record
) -> None:
    link = administration.make_reset_link(accounts, sam.account_id, actor=as_actor(jane), now=now)

    assert (link.email, link.name) == (sam.email, sam.name)
    assert record()[-1] == "Jane Doe made a link with which Sam Poe can choose a new password."
    with pytest.raises(OwnAccountError):
        administration.make_reset_link(accounts, jane.account_id, actor=as_actor(jane), now=now)
    administration.disable(accounts, sam.account_id, actor=as_actor(jane), now=now)
    with pytest.raises(AccountDisabledError):
        administration.make_reset_link(accounts, sam.account_id, actor=as_actor(jane), now=now)


@pytest.mark.parametrize("end", [administration.disable, partial(administration.change_roles, roles=[])])
def test_links_of_who_is_no_administrator_any_more_do_not_work(
    accounts: Register, jane: Person, sam: Person, make_person: MakePerson, now: datetime, *, end: Callable[..., Person]
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    grace = check_profile(email="grace@example.gov.uk", name="Grace Hopper", roles=["admin"])
    reset = administration.make_reset_link(accounts, sam.account_id, actor=as_actor(kim), now=now)
    invitation = invitations.invite(accounts, grace, actor=as_actor(kim), now=now)
    for link in (reset, invitation):
        look_up_link(accounts, link.token, now=now)

    end(accounts, kim.account_id, actor=as_actor(jane), now=now)

    for link in (reset, invitation):
        with pytest.raises(LinkRefusedError):
            look_up_link(accounts, link.token, now=now)
    assert invitations.find_invitation(accounts, invitation_id(accounts)).expires_at == now
    again = invitations.send_again(accounts, invitation_id(accounts), actor=as_actor(jane), now=now)
    assert look_up_link(accounts, again.token, now=now).name == "Grace Hopper"


def test_links_of_whom_the_sign_in_provider_takes_the_role_from_do_not_work(
    accounts: Register, jane: Person, sam: Person, now: datetime
) -> None:
    make_provided(accounts, jane)
    reset = administration.make_reset_link(accounts, sam.account_id, actor=as_actor(jane), now=now)

    newcomer = Newcomer("https://login.example", Description("42", jane.name, jane.email, frozenset()), Grant())
    with accounts.database.write() as session:
        bring_up_to_date(session, accounts, newcomer, now=now)

    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, reset.token, now=now)


def test_the_second_factor_of_somebody_else_is_removed(
    accounts: Register, jane: Person, make_person: MakePerson, now: datetime
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["editor"])
    pass_second_factor(accounts, sign_in(accounts, Credentials(kim.email, PASSWORD), ARRIVAL, now=now), now=now)

    administration.remove_second_factor(accounts, kim.account_id, actor=as_actor(jane), now=now)

    with accounts.database.read() as session:
        assert not has_second_factor(session, kim.account_id)
    with pytest.raises(OwnAccountError):
        administration.remove_second_factor(accounts, jane.account_id, actor=as_actor(jane), now=now)


def test_sessions_are_ended_one_by_one_and_all_at_once(
    accounts: Register, jane: Person, sam: Person, now: datetime, record: Record
) -> None:
    for _ in range(3):
        sign_in(accounts, Credentials(sam.email, PASSWORD), ARRIVAL, now=now)
    first = list_sessions(accounts, sam.account_id, now=now)[0]

    administration.end_session(accounts, sam.account_id, first.session_id, actor=as_actor(jane), now=now)
    left = list_sessions(accounts, sam.account_id, now=now)
    administration.end_all_sessions(accounts, sam.account_id, actor=as_actor(jane), now=now)

    assert len(left) == 2
    assert list_sessions(accounts, sam.account_id, now=now) == []
    assert record()[-1] == "Jane Doe ended every session of Sam Poe: signed out everywhere."
    with pytest.raises(NoSuchSessionError):
        administration.end_session(accounts, sam.account_id, first.session_id, actor=as_actor(jane), now=now)


def test_somebody_without_an_account_is_no_administrator(accounts: Register, sam: Person, now: datetime) -> None:
    with pytest.raises(NotAdministratorError):
        administration.disable(accounts, sam.account_id, actor=SITE, now=now)
