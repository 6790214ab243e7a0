"""Why a page cannot be moved as asked. Each is said beside the field that it is about."""


class MovingError(Exception):
    """The page stays as it is. The message says why, and what to do."""


class PlaceError(MovingError):
    """There can be no page at the new address."""


class FixedPageError(MovingError):
    """The page has to stay where it is."""
