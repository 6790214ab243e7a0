"""Forgotten passwords: a link by mail to whoever has an account, and the same answer to everybody."""

import logging
from datetime import datetime, timedelta
from threading import Timer

from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.accounts.attempts import Guess, Target, reserve_attempt
from knowledge_base.accounts.errors import AccountsError
from knowledge_base.accounts.letters import send_reset
from knowledge_base.accounts.links import make_reset_link
from knowledge_base.accounts.people import normalise_email
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import NOBODY
from knowledge_base.settings import Settings

logger = logging.getLogger(__name__)

THREAD = "forgotten password"
AFTER_THE_ANSWER = timedelta(milliseconds=300)


def ask_for_link(register: Register, settings: Settings, email: str, *, address: str, now: datetime) -> None:
    """Send a link for a new password, if there is a local account of this e-mail address that is not disabled.

    Only what is the same for every address is done before this returns; looking for the account, and the letter, come
    after, so that neither the answer nor its time tells who has an account. Raises TooManyAttemptsError, which depends
    on what was typed alone.
    """
    target = Target(Guess.LINK, normalise_email(email), address)
    with register.database.write() as session:
        reserve_attempt(session, target, keys=register.keys, now=now)
    # What is done for a known address would slow the answer down if it began at once.
    work = Timer(AFTER_THE_ANSWER.total_seconds(), _send_if_known, (register, settings, email, now))
    work.name = THREAD
    work.start()


def _send_if_known(register: Register, settings: Settings, email: str, now: datetime) -> None:
    try:
        send_reset(settings, make_reset_link(register, email, actor=NOBODY, now=now))
    except AccountsError:
        # No such account, or a disabled one. Nobody is told.
        return
    except SQLAlchemyError:
        logger.exception("A link for a new password was not made")
