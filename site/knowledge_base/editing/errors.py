"""What goes wrong with drafts. Each says what happened and what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge_base.editing.draft import Draft


class EditingError(Exception):
    """Something could not be done with a draft. What was kept before is still there."""


class NoSuchDraftError(EditingError):
    """There is no such draft, or it is somebody else's."""


class NoSuchPageError(EditingError):
    """There is no page to begin a draft of."""


class DraftExistsError(EditingError):
    """The person has changed a draft of the page already, and it must not be written over."""

    def __init__(self, draft: "Draft") -> None:
        super().__init__("You have a draft of this page already. Publish or discard it first.")
        self.draft = draft


class StaleDraftError(EditingError):
    """The draft was saved from elsewhere meanwhile. Holds it as it now is."""

    def __init__(self, draft: "Draft") -> None:
        super().__init__("You saved this draft in another window meanwhile. Nothing of either text is lost.")
        self.draft = draft


class TooLongError(EditingError):
    """The text is longer than a draft may be."""


class UploadRefusedError(EditingError):
    """A file cannot go with a page. The message says why, and what to do."""


class LinkRefusedError(EditingError):
    """A link to a draft does not work: unknown, revoked, out of date, or its draft is gone."""
