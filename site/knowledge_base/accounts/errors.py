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


class AccountGoneError(AccountsError):
    """There is no account with this number."""

    def __init__(self) -> None:
        super().__init__("There is no such account any more")


class AccountDisabledError(AccountsError):
    """The account has been shut out, so a new password would let nobody in."""

    def __init__(self, email: str) -> None:
        super().__init__(f"The account {email} is disabled. Run users enable first")


class LastAdministratorError(AccountsError):
    """Nobody would be left who can give the role of an administrator to anybody."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator. Make somebody else an administrator first")


class NoSuchSessionError(AccountsError):
    """There is no such session that is still going."""

    def __init__(self) -> None:
        super().__init__("That browser has been signed out already")


class KeyLostError(AccountsError):
    """A second factor was sealed with a secret key that the site no longer knows."""

    def __init__(self) -> None:
        super().__init__(
            "This site cannot check your codes any more. Ask an administrator to remove your second factor"
        )


class LinkRefusedError(AccountsError):
    """A one-time link is unknown, used, replaced or out of date. Which of these is not said."""

    def __init__(self) -> None:
        super().__init__("This link does not work")


class SignInRefusedError(AccountsError):
    """The e-mail address and the password do not belong together. Nothing more is said, whatever the reason."""

    def __init__(self) -> None:
        super().__init__("Check your email address and password")


class SignInOverError(AccountsError):
    """There is no sign-in that waits for a second factor: it took too long, or was never begun."""

    def __init__(self) -> None:
        super().__init__("Signing in took too long. Enter your email address and password again")


class WrongPasswordError(AccountsError):
    """A signed-in person's password is not what was typed."""

    def __init__(self) -> None:
        super().__init__("Password is not correct")


class CodeRefusedError(AccountsError):
    """A code is not the one of this moment, or was used already. Which of these is not said."""

    def __init__(self) -> None:
        super().__init__("Code is not correct, or has been used. Wait for the next code, then enter it")


class CodeUsedError(CodeRefusedError):
    """A code was right, but it or a later one has been used. Whoever typed it is told no more than of a wrong one."""


class RecoveryCodeRefusedError(AccountsError):
    """A recovery code is unknown or used. Which of these is not said."""

    def __init__(self) -> None:
        super().__init__("Recovery code is not correct, or has been used")


class SecondFactorRequiredError(AccountsError):
    """A person whose role asks for a second factor wants to be without one."""

    def __init__(self) -> None:
        super().__init__("Your role needs a second factor. You can set up another one in its place")


class TooManyAttemptsError(AccountsError):
    """Trying is closed for a while, to this account or from this network address."""

    def __init__(self, *, wait: timedelta) -> None:
        minutes = math.ceil(wait / timedelta(minutes=1))
        in_words = "1 minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"There were too many attempts with the wrong details. You can try again in {in_words}")
        self.seconds = math.ceil(wait.total_seconds())


class NotAdministratorError(AccountsError):
    """Whoever asks was an administrator when they began, and is not any more."""

    def __init__(self) -> None:
        super().__init__("You are not an administrator any more")


class OwnAccountError(AccountsError):
    """An administrator wants to do to their own account what somebody else has to do."""


class ProvidedElsewhereError(AccountsError):
    """A sign-in provider says what is to be changed here, so the change would not last."""

    def __init__(self) -> None:
        super().__init__("This person comes through single sign-on. Change it where their council account is kept")


class InvitationGoneError(AccountsError):
    """There is no such invitation that is still open."""

    def __init__(self) -> None:
        super().__init__("This invitation has been used or withdrawn, or replaced by a newer one")


class ViewAsRefusedError(AccountsError):
    """Somebody asked to view the site as a reader who may read what they may not."""

    def __init__(self) -> None:
        super().__init__("Choose one of the readers in the list")
