from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from knowledge_base.accounts import changes, links
from knowledge_base.accounts.csv_file import read_file
from knowledge_base.accounts.csv_import import Imported, PlanChangedError, plan_import, run_import
from knowledge_base.accounts.csv_plan import Outcome, Plan, PlannedLine, Upload
from knowledge_base.accounts.errors import NotAdministratorError
from knowledge_base.accounts.links import look_up_link
from knowledge_base.accounts.models import Account, Role
from knowledge_base.accounts.people import Person, check_profile, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE, Actor
from tests.databases import refuse_rows

GROUPS = frozenset({"staff", "members", "leads"})

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]
Plans = Callable[[str], Plan]
Runs = Callable[..., Imported]


@pytest.fixture(autouse=True)
def jane(make_person: MakePerson) -> Actor:
    """An administrator."""
    jane = make_person("jane@example.gov.uk", name="Jane Doe", groups=["staff"], roles=["admin"])
    return Actor.of(jane.viewer)


@pytest.fixture
def plan(accounts: Register, jane: Actor, now: datetime) -> Plans:
    """Return what a file would do."""

    def make(text: str) -> Plan:
        return plan_import(accounts, upload_of(text), actor=jane, now=now)

    return make


@pytest.fixture
def run(accounts: Register, jane: Actor, now: datetime) -> Runs:
    """Do what a dry run has shown."""

    def do(text: str, shown: Plan, *, at: datetime = now) -> Imported:
        return run_import(accounts, upload_of(text), shown.digest, actor=jane, now=at)

    return do


def upload_of(text: str) -> Upload:
    return Upload(read_file("people.csv", text.encode()), GROUPS)


def only(plan: Plan) -> PlannedLine:
    (line,) = plan.lines
    return line


@pytest.mark.parametrize("sign", ["\0", "\u202e"], ids=ascii)
def test_signs_that_cannot_be_seen_are_refused_wherever_they_stand(plan: Plans, sign: str) -> None:
    lines = [
        "email,name,groups",
        f"a{sign}@example.gov.uk,A,",
        f"b@example.gov.uk,B{sign}B,",
        f"c@example.gov.uk,C,st{sign}aff",
    ]

    shown = plan("\n".join(lines))

    assert [line.outcome for line in shown.lines] == [Outcome.REFUSED] * 3


def test_whoever_has_no_account_is_invited(
    accounts: Register, plan: Plans, run: Runs, now: datetime, record: Record
) -> None:
    text = "email,name,groups,roles\nSam@Example.gov.uk,Sam Poe,staff leads,editor\n"
    shown = plan(text)

    done = run(text, shown)

    line = only(shown)
    assert (line.number, line.email, line.outcome) == (2, "sam@example.gov.uk", Outcome.INVITED)
    assert line.notes == ("Name: Sam Poe.", "Groups: leads, staff.", "Roles: editor.")
    (link,) = done.links
    assert look_up_link(accounts, link.token, now=now).email == "sam@example.gov.uk"
    assert record()[-2:] == [
        "Jane Doe made an invitation for Sam Poe (groups: leads, staff; roles: editor).",
        "Jane Doe imported people from the file people.csv: 1 made, 0 changed, 0 refused.",
    ]


def test_whoever_has_an_account_becomes_what_the_line_says(
    accounts: Register, plan: Plans, run: Runs, make_person: MakePerson, record: Record
) -> None:
    make_person("sam@example.gov.uk", name="Sam Poe", groups=["staff"], roles=["editor"])
    text = "email,name,groups,roles\nsam@example.gov.uk,Sam Pole,leads,publisher\n"
    shown = plan(text)

    run(text, shown)

    assert only(shown).outcome == Outcome.CHANGED
    assert only(shown).notes == (
        "Name: Sam Poe becomes Sam Pole.",
        "Gets the group leads.",
        "Loses the group staff.",
        "Gets the role publisher.",
        "Loses the role editor.",
    )
    sam = list_accounts(accounts)[1]
    assert (sam.name, sam.groups, sam.roles) == ("Sam Pole", ("leads",), (Role.PUBLISHER,))
    assert record()[-1] == "Jane Doe imported people from the file people.csv: 0 made, 1 changed, 0 refused."


def test_an_empty_cell_takes_all_away_and_a_missing_column_nothing(plan: Plans, make_person: MakePerson) -> None:
    make_person("sam@example.gov.uk", name="Sam Poe", groups=["staff"], roles=["editor"])

    emptied = plan("email,groups\nsam@example.gov.uk,\n")
    left = plan("email,name\nsam@example.gov.uk,\n")

    assert only(emptied).notes == ("Loses the group staff.",)
    assert only(left).outcome == Outcome.UNCHANGED


def test_a_dry_run_does_nothing(accounts: Register, plan: Plans, record: Record) -> None:
    before = record(), list_accounts(accounts)

    plan("email,name\nsam@example.gov.uk,Sam\n")

    assert (record(), list_accounts(accounts)) == before


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ada@,Ada,,", "Enter an email address"),
        (",Ada,,", "Enter an email address"),
        ("sam@example.gov.uk,,,", "needs a name"),
        ("sam@example.gov.uk,Sam,,boss", "'boss' is not a role"),
        ("sam@example.gov.uk,Sam,st@ff,", "'st@ff' is not a group name"),
        (f"sam@example.gov.uk,{'x' * 200},,", "100 characters or fewer"),
        ("=sam@example.gov.uk,Sam,,", "takes for a formula"),
        ("sam@example.gov.uk,Sam,,,", "It has 5 cells"),
        ("gone@example.gov.uk,Gone,staff,", "disabled"),
        ("zoe@example.gov.uk,Zoe,staff,", "single sign-on"),
        ("jane@example.gov.uk,Jane Doe,staff leads,admin", "your own account"),
        ("jane@example.gov.uk,Jane Doe,staff,", "your own account"),
    ],
)
def test_a_line_that_may_not_be_done_says_why_and_spares_the_others(
    accounts: Register, plan: Plans, run: Runs, make_person: MakePerson, now: datetime, line: str, reason: str
) -> None:
    gone = make_person("gone@example.gov.uk", name="Gone")
    changes.disable_account(accounts, gone.account_id, actor=SITE, now=now)
    with accounts.database.write() as session:
        session.add(
            Account(issuer="https://login.example", subject="1", email="zoe@example.gov.uk", name="Zoe", created_at=now)
        )
    before = list_accounts(accounts)
    text = f"email,name,groups,roles\n{line}\nkim@example.gov.uk,Kim,staff,\n"
    shown = plan(text)

    done = run(text, shown)

    refused, invited = shown.lines
    assert (refused.outcome, invited.outcome) == (Outcome.REFUSED, Outcome.INVITED)
    assert reason in refused.notes[0]
    assert [link.email for link in done.links] == ["kim@example.gov.uk"]
    assert list_accounts(accounts) == before


def test_where_people_come_through_single_sign_on_only_nobody_is_invited(
    accounts: Register, jane: Actor, now: datetime
) -> None:
    without = replace(accounts, local_accounts=False)

    shown = plan_import(without, upload_of("email,name\nsam@example.gov.uk,Sam\n"), actor=jane, now=now)

    assert only(shown).outcome == Outcome.REFUSED
    assert "Nobody can be invited" in only(shown).notes[0]


def test_ones_own_line_that_changes_nothing_is_no_fault(plan: Plans) -> None:
    shown = plan("email,name,groups,roles\njane@example.gov.uk,Jane Doe,staff,admin\n")

    assert only(shown).outcome == Outcome.UNCHANGED
    assert not shown.does_something


def test_the_second_line_for_a_person_is_refused(plan: Plans) -> None:
    shown = plan("email,name\nsam@example.gov.uk,Sam\n SAM@example.gov.uk ,Samuel\n")

    assert [line.outcome for line in shown.lines] == [Outcome.INVITED, Outcome.REFUSED]
    assert shown.lines[1].notes == ("Line 2 is for the same person",)


def test_a_group_that_opens_nothing_is_warned_of(plan: Plans) -> None:
    shown = plan("email,name,groups\nsam@example.gov.uk,Sam,stafff staff\n")

    assert only(shown).outcome == Outcome.INVITED
    assert only(shown).warnings == ("The group stafff opens no page: is it spelt as in audiences.yml?",)


def test_capitals_of_groups_and_roles_do_not_matter(plan: Plans) -> None:
    shown = plan("email,name,groups,roles\nsam@example.gov.uk,Sam,Staff,Editor\n")

    assert only(shown).notes[1:] == ("Groups: staff.", "Roles: editor.")
    assert only(shown).warnings == ()


def test_whoever_is_invited_already_stays_invited(accounts: Register, plan: Plans, now: datetime) -> None:
    sam = check_profile(email="sam@example.gov.uk", name="Sam", groups=["staff"])
    links.invite(accounts, sam, actor=SITE, now=now)

    same = plan("email,name,groups\nsam@example.gov.uk,Sam,staff\n")
    without_columns = plan("email\nsam@example.gov.uk\n")
    other = plan("email,name,groups\nsam@example.gov.uk,Sam,leads\n")

    assert [only(one).outcome for one in (same, without_columns)] == [Outcome.UNCHANGED] * 2
    assert only(other).outcome == Outcome.INVITED
    assert only(other).notes[0] == "An earlier link stops working."


def test_whoever_let_an_invitation_run_out_is_invited_again(
    accounts: Register, plan: Plans, run: Runs, now: datetime
) -> None:
    sam = check_profile(email="sam@example.gov.uk", name="Sam", groups=["staff"])
    links.invite(accounts, sam, actor=SITE, now=now - timedelta(days=2))
    text = "email\nsam@example.gov.uk\n"

    done = run(text, plan(text))

    assert [(link.email, link.name) for link in done.links] == [("sam@example.gov.uk", "Sam")]


def test_nothing_is_done_when_something_has_changed_since_the_dry_run(
    accounts: Register, plan: Plans, run: Runs, make_person: MakePerson, now: datetime, record: Record
) -> None:
    sam = make_person("sam@example.gov.uk", name="Sam", groups=["staff"])
    text = "email,name,groups\nkim@example.gov.uk,Kim,staff\nsam@example.gov.uk,Sam,leads\n"
    shown = plan(text)
    changes.change_groups(accounts, sam.account_id, ["staff", "members"], actor=SITE, now=now)
    before = record(), list_accounts(accounts)

    with pytest.raises(PlanChangedError) as refused:
        run(text, shown)

    assert refused.value.plan.lines[1].notes == (
        "Gets the group leads.",
        "Loses the group members.",
        "Loses the group staff.",
    )
    assert (record(), list_accounts(accounts)) == before
    run(text, refused.value.plan)
    assert list_accounts(accounts)[1].groups == ("leads",)


def test_nothing_is_done_for_a_file_that_was_not_shown(plan: Plans, run: Runs) -> None:
    shown = plan("email,name\nkim@example.gov.uk,Kim\n")

    with pytest.raises(PlanChangedError):
        run("email,name,roles\nkim@example.gov.uk,Kim,admin\n", shown)


def test_a_fault_in_the_middle_undoes_all(
    accounts: Register, plan: Plans, run: Runs, make_person: MakePerson, record: Record
) -> None:
    make_person("sam@example.gov.uk", name="Sam", groups=["staff"])
    text = "email,name,groups\nkim@example.gov.uk,Kim,staff\nsam@example.gov.uk,Sam,leads\n"
    shown = plan(text)
    refuse_rows(accounts.database, "account_groups")
    before = record(), list_accounts(accounts)

    with pytest.raises(Exception, match="full"):
        run(text, shown)

    assert (record(), list_accounts(accounts)) == before


def test_an_import_cannot_leave_the_site_without_administrator(
    accounts: Register, plan: Plans, run: Runs, make_person: MakePerson
) -> None:
    make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    text = "email,roles\njane@example.gov.uk,\nkim@example.gov.uk,\n"

    run(text, plan(text))

    assert [(one.name, one.roles) for one in list_accounts(accounts)] == [("Jane Doe", (Role.ADMIN,)), ("Kim", ())]


def test_only_an_administrator_imports(
    accounts: Register, plan: Plans, jane: Actor, make_person: MakePerson, now: datetime
) -> None:
    text = "email,name\nsam@example.gov.uk,Sam\n"
    shown = plan(text)
    kim = make_person("kim@example.gov.uk", name="Kim", roles=["admin"])
    changes.change_roles(accounts, jane.account_id or 0, [], actor=Actor.of(kim.viewer), now=now)

    with pytest.raises(NotAdministratorError):
        run_import(accounts, upload_of(text), shown.digest, actor=jane, now=now)
