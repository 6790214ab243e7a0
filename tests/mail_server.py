"""A mail server that keeps what it is sent, for tests: real SMTP on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from knowledge_base.settings import MailSettings
from tests.ports import free_port

SECONDS_FOR_A_LETTER = 30


class _Handler:
    """Put each letter into a queue, but refuse those to people whom the server does not know."""

    def __init__(self, letters: "Queue[EmailMessage]") -> None:
        self._letters = letters

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: ANN401, N802
        if address.startswith("refused"):
            return "550 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: ANN401, N802
        content = envelope.content
        assert isinstance(content, bytes)
        self._letters.put(message_from_bytes(content, policy=policy.default))
        return "250 OK"


@dataclass(frozen=True)
class MailServer:
    """A server that runs, and what it was sent."""

    settings: MailSettings
    letters: "Queue[EmailMessage]"

    def next_letter(self) -> EmailMessage:
        """Return the next letter, once it has come."""
        return self.letters.get(timeout=SECONDS_FOR_A_LETTER)


@contextmanager
def running_mail_server(**options: Any) -> Iterator[MailServer]:  # noqa: ANN401
    """Run a mail server. The options are aiosmtpd's."""
    letters: Queue[EmailMessage] = Queue()
    port = free_port()
    controller = Controller(_Handler(letters), hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield MailServer(MailSettings("127.0.0.1", port, "none", "guidance@example.gov.uk"), letters)
    finally:
        controller.stop()
