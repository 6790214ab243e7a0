"""The letters that carry one-time links, and whether they went out."""

from enum import Enum, auto

from knowledge_base.accounts.links import NewLink
from knowledge_base.mail.sending import Letter, MailError, send
from knowledge_base.settings import Settings

INVITATION = """\
Hello {name},

You have been given an account on {site}.

Choose a password here, within 24 hours. The link works once:

{link}

If you did not expect this, you need do nothing. Nobody from the site will ever ask for your password.
"""
RESET = """\
Hello {name},

Somebody, we think you, asked for a new password for your account on {site}.

Choose it here, within 24 hours. The link works once:

{link}

If it was not you, you need do nothing: your password stays as it is. Tell an administrator of the site if it happens
again. Nobody from the site will ever ask for your password.
"""


class Delivery(Enum):
    """What became of a letter. Unless it was sent, somebody has to hand the link over."""

    SENT = auto()
    NOT_CONFIGURED = auto()
    FAILED = auto()


def address_of(settings: Settings, link: NewLink) -> str:
    """Return the address to follow."""
    return f"{settings.base_url}/account/set-up/{link.token}"


def send_invitation(settings: Settings, link: NewLink) -> Delivery:
    """Send an invitation to the person it is for. Takes up to some ten seconds; never raises."""
    return _send(settings, link, subject="Your account: choose a password", text=INVITATION)


def send_reset(settings: Settings, link: NewLink) -> Delivery:
    """Send a link for a new password to the person it is for. Takes up to some ten seconds; never raises."""
    return _send(settings, link, subject="Choose a new password", text=RESET)


def _send(settings: Settings, link: NewLink, *, subject: str, text: str) -> Delivery:
    if settings.mail is None:
        return Delivery.NOT_CONFIGURED
    words = text.format(name=link.name, site=settings.base_url, link=address_of(settings, link))
    try:
        send(settings.mail, Letter(link.email, subject, words))
    except MailError:
        return Delivery.FAILED
    return Delivery.SENT
