"""Bringing people in from a file: first what would happen, line by line, then exactly that and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from knowledge_base.accounts import changes
from knowledge_base.accounts.administration import administering
from knowledge_base.accounts.changes import Transaction
from knowledge_base.accounts.csv_plan import Outcome, Plan, PlannedLine, Upload, make_plan
from knowledge_base.accounts.errors import AccountsError
from knowledge_base.accounts.links import NewLink, add_invitation
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor, Event, Kind


@dataclass(frozen=True)
class Imported:
    """What was done, and the links of those who were invited: the only time their tokens are known."""

    plan: Plan
    links: tuple[NewLink, ...]


class PlanChangedError(AccountsError):
    """Something has changed since the dry run, so that the file would do something else now. Nothing was done."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("Something has changed since you looked, so nothing was imported. Look again, then confirm")
        self.plan = plan


def plan_import(register: Register, upload: Upload, *, actor: Actor, now: datetime) -> Plan:
    """Return what would happen to each line, and do none of it."""
    with administering(register, actor=actor, now=now) as transaction:
        return make_plan(transaction, upload)


def run_import(register: Register, upload: Upload, digest: str, *, actor: Actor, now: datetime) -> Imported:
    """Do what the dry run with this digest showed, all of it or nothing.

    Raises PlanChangedError when that is not what the file would do now.
    """
    with administering(register, actor=actor, now=now) as transaction:
        plan = make_plan(transaction, upload)
        if plan.digest != digest:
            raise PlanChangedError(plan)
        new_links = tuple(link for line in plan.lines if (link := _carry_out(transaction, line)))
        details = {
            "made": str(plan.count(Outcome.INVITED)),
            "changed": str(plan.count(Outcome.CHANGED)),
            "refused": str(plan.count(Outcome.REFUSED)),
        }
        event = Event(Kind.PEOPLE_IMPORTED, actor, subject=upload.file.name, details=details)
        register.record(transaction.session, event, now=now)
        return Imported(plan, new_links)


def _carry_out(transaction: Transaction, line: PlannedLine) -> NewLink | None:
    profile = line.profile
    if profile is None:
        return None
    if line.outcome == Outcome.INVITED:
        return add_invitation(transaction, profile)
    if line.outcome == Outcome.CHANGED:
        account = transaction.session.get_one(Account, line.account_id)
        changes.set_name(transaction, account, profile.name)
        changes.set_groups(transaction, account, profile.groups)
        changes.set_roles(transaction, account, profile.roles)
    return None
