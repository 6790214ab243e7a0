"""Time each publication, and count what came of it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from knowledge_base.publishing.errors import EditConflictError, PublishingBusyError, PublishingError
from knowledge_base.telemetry import measures

P = ParamSpec("P")
OUTCOMES = {EditConflictError: "conflict", PublishingBusyError: "busy"}


class _Result(Protocol):
    @property
    def is_new(self) -> bool: ...


Result = TypeVar("Result", bound=_Result)


def measured(publish: Callable[P, Result]) -> Callable[P, Result]:
    """Time what publishes: `published`, `unchanged`, `conflict`, `busy`, `refused`, or `failed` for a fault."""

    @wraps(publish)
    def timed_publish(*args: P.args, **named: P.kwargs) -> Result:
        with measures.timed_publication() as timed:
            try:
                result = publish(*args, **named)
            except PublishingError as error:
                timed.outcome = next((one for kind, one in OUTCOMES.items() if isinstance(error, kind)), "refused")
                raise
            timed.outcome = "published" if result.is_new else "unchanged"
            return result

    return timed_publish
