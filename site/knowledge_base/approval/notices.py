"""Letters about submissions: to those who may approve one, and to its author. They hold no word of any page."""

import logging
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from knowledge_base.accounts.models import Account, AccountRole, Role
from knowledge_base.accounts.people import Person, person_of
from knowledge_base.approval.models import Notice, State, SubmissionRow
from knowledge_base.approval.outlook import may_see
from knowledge_base.approval.submission import Submission, submission_of
from knowledge_base.mail.sending import Letter, MailError, send
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import Settings

logger = logging.getLogger(__name__)

TO_APPROVERS = """\
Hello {name},

A change by {author} on {site} waits for somebody to approve it. You can see it, and approve it or send it back, here:

{link}

You get this letter because you are a publisher and may read all of what the change is about.
"""
TO_AUTHOR = """\
Hello {name},

{said} You can see it, with everything that was said about it, here:

{link}
"""
NEW_TIME = "Another time has been set at which your change on {site} goes live."
SAID = {
    State.APPROVED: "Your change on {site} has been approved. It goes live at the time that was set for it.",
    State.SENT_BACK: "Your change on {site} has been sent back to you.",
    State.PUBLISHED: "Your change on {site} is live.",
    State.FAILED: "Your change on {site} could not be published. Nothing of it is lost.",
}


def send_notices(store: ContentStore, settings: Settings) -> int:
    """Send the letters that are due. Returns how many. Each is tried once, by one process; without mail none is sent.

    Takes as long as the mail server does, so it is for a thread or a command. Never raises for a letter.
    """
    sent = 0
    with store.database.read() as session:
        due = list(session.execute(select(SubmissionRow.id, SubmissionRow.notice).where(SubmissionRow.notice != "")))
    for number, notice in due:
        if _claim(store, number, notice):
            sent += sum(_send(settings, letter) for letter in _letters(store, settings, number, Notice(notice)))
    return sent


def _claim(store: ContentStore, number: int, notice: str) -> bool:
    with store.database.write() as session:
        claimed = session.execute(
            update(SubmissionRow).where(SubmissionRow.id == number, SubmissionRow.notice == notice).values(notice="")
        )
        return cast("CursorResult[Any]", claimed).rowcount == 1


def _letters(store: ContentStore, settings: Settings, number: int, notice: Notice) -> list[Letter]:
    if settings.mail is None:
        return []
    with store.database.read() as session:
        submission = submission_of(session.get_one(SubmissionRow, number))
        publishers = select(AccountRole.account_id).where(AccountRole.role == Role.PUBLISHER)
        query = select(Account).where(Account.disabled_at.is_(None))
        wanted = Account.id.in_(publishers) if notice is Notice.APPROVERS else Account.id == submission.author_id
        people = [person_of(account) for account in session.scalars(query.where(wanted))]
    words = {"site": settings.base_url, "link": f"{settings.base_url}/approvals/{number}"}
    if notice is not Notice.APPROVERS:
        is_only_postponed = notice is Notice.NEW_TIME and submission.state is State.APPROVED
        said = (NEW_TIME if is_only_postponed else SAID.get(submission.state, "")).format(**words)
        text = TO_AUTHOR
        return [
            Letter(one.email, "Your change", text.format(name=one.name, said=said, **words)) for one in people if said
        ]
    return [
        Letter(
            one.email,
            "A change waits for approval",
            TO_APPROVERS.format(name=one.name, author=submission.author_name, **words),
        )
        for one in _approvers(store, submission, people)
    ]


def _approvers(store: ContentStore, submission: Submission, people: list[Person]) -> list[Person]:
    edition, others = store.library.refresh(), [one for one in people if one.account_id != submission.author_id]
    return [one for one in others if may_see(store, submission.change, one.viewer, before=edition)]


def _send(settings: Settings, letter: Letter) -> bool:
    if settings.mail is None:
        return False
    try:
        send(settings.mail, letter)
    except MailError:
        logger.warning("A notice about a submission was not sent.")
        return False
    return True
