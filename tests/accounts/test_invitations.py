from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from knowledge_base.accounts import invitations
from knowledge_base.accounts.errors import (
    AccountExistsError,
    InvitationGoneError,
    LinkRefusedError,
    NotAdministratorError,
    ProvidedElsewhereError,
)
from knowledge_base.accounts.invitations import Invitation, list_invitations, send_all
from knowledge_base.accounts.letters import Delivery
from knowledge_base.accounts.links import Acceptance, NewLink, accept_link, look_up_link
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import Person, check_profile
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor
from knowledge_base.settings import MailSettings, Settings
from tests.accounts.conftest import ARRIVAL, PASSWORD
from tests.mail_server import running_mail_server
from tests.ports import free_port

SAM = check_profile(email="sam@example.gov.uk", name="Sam Poe", groups=["staff"], roles=["editor"])

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]


@pytest.fixture
def jane(make_person: MakePerson) -> Actor:
    """An administrator."""
    return Actor.of(make_person("jane@example.gov.uk", name="Jane Doe", roles=["admin"]).viewer)


def open_ones(accounts: Register) -> list[Invitation]:
    with accounts.database.read() as session:
        return list_invitations(session)


def test_an_invitation_is_listed_until_it_is_used(accounts: Register, jane: Actor, now: datetime) -> None:
    link = invitations.invite(accounts, SAM, actor=jane, now=now)

    (invitation,) = open_ones(accounts)
    assert (invitation.email, invitation.name) == (SAM.email, SAM.name)
    assert (invitation.groups, invitation.roles) == (("staff",), ("editor",))
    accept_link(accounts, link.token, Acceptance(SAM, PASSWORD), ARRIVAL, now=now)
    assert open_ones(accounts) == []


def test_the_record_tells_what_an_invitation_gives(
    accounts: Register, jane: Actor, now: datetime, record: Record
) -> None:
    invitations.invite(accounts, SAM, actor=jane, now=now)

    assert record()[-1] == "Jane Doe made an invitation for Sam Poe (groups: staff; roles: editor)."


def test_an_invitation_out_of_date_stays_for_thirty_days_and_can_be_sent_again(
    accounts: Register, jane: Actor, now: datetime
) -> None:
    old = invitations.invite(accounts, SAM, actor=jane, now=now)
    later = now + timedelta(days=20)
    other = replace(SAM, email="kim@example.gov.uk")
    invitations.invite(accounts, other, actor=jane, now=later)
    (invitation,) = [one for one in open_ones(accounts) if one.email == SAM.email]

    new = invitations.send_again(accounts, invitation.invitation_id, actor=jane, now=later)

    assert look_up_link(accounts, new.token, now=later).email == SAM.email
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, old.token, now=later)
    invitations.invite(accounts, other, actor=jane, now=later + timedelta(days=40))
    assert [one.email for one in open_ones(accounts)] == [other.email]


def test_a_withdrawn_invitation_lets_nobody_in(accounts: Register, jane: Actor, now: datetime, record: Record) -> None:
    link = invitations.invite(accounts, SAM, actor=jane, now=now)
    number = open_ones(accounts)[0].invitation_id

    invitations.withdraw(accounts, number, actor=jane, now=now)

    assert open_ones(accounts) == []
    assert record()[-1] == "Jane Doe withdrew the invitation for Sam Poe."
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, link.token, now=now)
    for act in (invitations.withdraw, invitations.send_again):
        with pytest.raises(InvitationGoneError):
            act(accounts, number, actor=jane, now=now)
    with pytest.raises(InvitationGoneError):
        invitations.find_invitation(accounts, number)


def test_only_an_administrator_invites(accounts: Register, make_person: MakePerson, now: datetime, jane: Actor) -> None:
    ada = Actor.of(make_person(roles=["publisher"]).viewer)

    with pytest.raises(NotAdministratorError):
        invitations.invite(accounts, SAM, actor=ada, now=now)


def test_who_has_an_account_is_not_invited(
    accounts: Register, jane: Actor, make_person: MakePerson, now: datetime
) -> None:
    make_person("sam@example.gov.uk")

    with pytest.raises(AccountExistsError):
        invitations.invite(accounts, SAM, actor=jane, now=now)


def test_who_comes_through_single_sign_on_is_not_invited(accounts: Register, jane: Actor, now: datetime) -> None:
    with accounts.database.write() as session:
        session.add(Account(issuer="https://login.example", subject="1", email=SAM.email, name="Sam", created_at=now))

    with pytest.raises(ProvidedElsewhereError):
        invitations.invite(accounts, SAM, actor=jane, now=now)


def links(*people: str, now: datetime) -> list[NewLink]:
    return [NewLink("token", now, f"{name}@example.gov.uk", name) for name in people]


def test_without_mail_every_link_is_to_be_handed_over(settings: Settings, now: datetime) -> None:
    outcomes = send_all(settings, links("sam", "kim", now=now))

    assert [delivery for _, delivery in outcomes] == [Delivery.NOT_CONFIGURED] * 2


def test_letters_go_out_one_by_one(settings: Settings, now: datetime) -> None:
    with running_mail_server() as server:
        outcomes = send_all(replace(settings, mail=server.settings), links("sam", "kim", now=now))

        assert [delivery for _, delivery in outcomes] == [Delivery.SENT] * 2
        assert [server.next_letter()["To"] for _ in range(2)] == ["sam@example.gov.uk", "kim@example.gov.uk"]


def test_after_one_that_is_not_taken_the_others_are_to_be_handed_over(settings: Settings, now: datetime) -> None:
    with running_mail_server() as server:
        wanted = links("sam", "refused", "kim", now=now)
        outcomes = send_all(replace(settings, mail=server.settings), wanted)

        assert [delivery for _, delivery in outcomes] == [Delivery.SENT, Delivery.FAILED, Delivery.FAILED]


def test_no_letter_is_tried_once_the_patience_is_over(settings: Settings, now: datetime) -> None:
    nowhere = MailSettings("127.0.0.1", free_port(), "none", "guidance@example.gov.uk")

    outcomes = send_all(replace(settings, mail=nowhere), links("sam", now=now), patience=timedelta(0))

    assert [delivery for _, delivery in outcomes] == [Delivery.FAILED]
