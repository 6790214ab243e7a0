"""What can go wrong with accounts. Each message is written for the person who meets it."""

import math
from datetime import timedelta


class AccountsError(Exception):
    """Something about an account, a sign-in or a link cannot be done."""


class ProfileRefusedError(AccountsError):
    """An e-mail address, a name, a group or a role is not one that an account may have."""


class PasswordRefusedError(AccountsError):
    """A new password does not keep the rules."""


class AccountExistsError(AccountsError):
    """There is already an account with this e-mail address."""

    def __init__(self) -> None:
        super().__init__("There is already an account with this email address")


class NoSuchAccountError(AccountsError):
    """There is no account with this e-mail address."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is no account with the email address {email}")


class AccountDisabledError(AccountsError):
    """The account has been shut out, so a new password would let nobody in."""

    def __init__(self, email: str) -> None:
        super().__init__(f"The account {email} is disabled. Run users enable first")


class LinkRefusedError(AccountsError):
    """A one-time link is unknown, used, replaced or out of date. Which of these is not said."""

    def __init__(self) -> None:
        super().__init__("This link does not work")


class SignInRefusedError(AccountsError):
    """The e-mail address and the password do not belong together. Nothing more is said, whatever the reason."""

    def __init__(self) -> None:
        super().__init__("Check your email address and password")


class TooManyAttemptsError(AccountsError):
    """Signing in is closed for a while, to this account or from this network address."""

    def __init__(self, *, wait: timedelta) -> None:
        minutes = math.ceil(wait / timedelta(minutes=1))
        in_words = "1 minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"There were too many attempts with the wrong details. You can try again in {in_words}")
        self.seconds = math.ceil(wait.total_seconds())
