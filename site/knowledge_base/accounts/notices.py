"""Letters that tell people what was done to their account, in case it was somebody else who did it."""

from enum import Enum
from threading import Thread

from knowledge_base.accounts.people import Person
from knowledge_base.mail.sending import Letter, MailError, send
from knowledge_base.settings import MailSettings, Settings

THREAD = "notice"
TEXT = """\
Hello {name},

{what}, just before this letter was sent. It is about your account on {site}.

If it was you, you need do nothing. If it was not, tell an administrator of the site at once. They can sign you out
everywhere and give you a link for a new password. Nobody from the site will ever ask for your password or a code.
"""


class Notice(Enum):
    """What was done: what the letter is called, and how it tells it."""

    PASSWORD_CHANGED = ("Your password was changed", "Your password was changed, and every other browser signed out")
    SECOND_FACTOR_SET_UP = ("Your second factor was set up", "An authenticator app was set up as your second factor")
    SECOND_FACTOR_REMOVED = ("Your second factor was removed", "Your second factor was removed")
    RECOVERY_CODES_MADE = (
        "You have new recovery codes",
        "New recovery codes were made, and the old ones stopped working",
    )
    RECOVERY_CODE_USED = ("A recovery code was used", "One of your recovery codes was used to sign in")
    CODE_USED_AGAIN = (
        "A code was refused",
        "Somebody who knew your password typed a code of your app that had been used, or is older than one that had",
    )


def tell(settings: Settings, person: Person, notice: Notice) -> None:
    """Send the person a letter, where the site has mail, without keeping anybody waiting.

    Who comes through single sign-on is told by their provider.
    """
    if settings.mail is None or not person.is_local:
        return
    subject, what = notice.value
    letter = Letter(person.email, subject, TEXT.format(name=person.name, what=what, site=settings.base_url))
    Thread(target=_send, args=(settings.mail, letter), name=THREAD).start()


def _send(mail: MailSettings, letter: Letter) -> None:
    try:
        send(mail, letter)
    except MailError:
        # It is in the log. What was done stands, and is in the record.
        return
