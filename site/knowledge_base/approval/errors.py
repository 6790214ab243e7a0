"""Why something was not done with a submission. Each says what happened and what to do."""

from knowledge_base.publishing.errors import PublishingError


class ApprovalError(PublishingError):
    """Nothing was done with the submission."""


class NoSuchSubmissionError(ApprovalError):
    """There is no such submission, or it is not for this person."""


class AlreadyDecidedError(ApprovalError):
    """Somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__("Somebody has decided about this change meanwhile. Look at what became of it.")


class ChangedMeanwhileError(ApprovalError):
    """What would be published is not what the person has looked at."""

    def __init__(self) -> None:
        super().__init__("The page was changed meanwhile. Look at what this change would do to it now, then decide.")


class CommentMissingError(ApprovalError):
    """Something must be said, and nothing was."""
