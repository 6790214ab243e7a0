"""Hand a letter to the council's mail server, which sends it on."""

import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from knowledge_base.db import utc_now
from knowledge_base.settings import MailSettings
from knowledge_base.telemetry.faults import describe

logger = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 10


@dataclass(frozen=True)
class Letter:
    """A letter in plain text to one person."""

    to: str
    subject: str
    text: str


class MailError(Exception):
    """The mail server did not take a letter."""


def send(mail: MailSettings, letter: Letter) -> None:
    """Hand the letter over. Raises MailError, and logs why, when the server cannot be reached or refuses it."""
    try:
        message = _message(mail, letter)
        with _connect(mail) as server:
            if mail.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if mail.username:
                server.login(mail.username, mail.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException, MessageError, ValueError) as error:
        # The letter may hold a link that lets somebody in, so nothing of it goes into the log.
        logger.warning("A letter was not sent by %s: %s", mail.host, describe(error))
        raise MailError from error


def _connect(mail: MailSettings) -> smtplib.SMTP:
    if mail.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS_TO_ANSWER, context=context)
    return smtplib.SMTP(mail.host, mail.port, timeout=SECONDS_TO_ANSWER)


def _message(mail: MailSettings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2].strip(" >"))
    # So that no holiday notice comes back.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
