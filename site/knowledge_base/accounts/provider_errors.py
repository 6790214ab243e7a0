"""What can go wrong between this site and the sign-in provider.

`reason` is for the record: fixed words of ours, nothing of what the provider or the browser sent.
"""

from knowledge_base.accounts.errors import AccountsError


class SingleSignOnError(AccountsError):
    """Somebody who comes from the sign-in provider, or goes there, cannot be let in."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Single sign-on was refused: {reason}")
        self.reason = reason


class ProviderUnavailableError(SingleSignOnError):
    """The provider does not answer, or answers in a way that nobody can use."""


class ProviderRefusedError(SingleSignOnError):
    """The provider says no to this person, or the person did."""


class AnswerRefusedError(SingleSignOnError):
    """What came from the provider, or says that it does, does not check out."""


class KeyUnknownError(AnswerRefusedError):
    """None of the keys that are known fits a signature. The provider may have changed its keys meanwhile."""

    def __init__(self) -> None:
        super().__init__("the signature is not by a key of the provider")


class NotShownAgainError(AnswerRefusedError):
    """The provider does not say that the person has just shown once more who they are."""

    def __init__(self) -> None:
        super().__init__("it does not say that the person has just shown who they are")


class StaleAnswerError(SingleSignOnError):
    """Nobody in this browser waits for this answer: it came too late, twice, or from elsewhere."""

    def __init__(self) -> None:
        super().__init__("the answer belongs to no sign-in that was begun in this browser")


class PersonDisabledError(SingleSignOnError):
    """The person is who they say, and their account here is disabled."""

    def __init__(self) -> None:
        super().__init__("the account is disabled")


class LogoutRefusedError(AccountsError):
    """A logout token does not check out. The message is for the provider's own log."""
