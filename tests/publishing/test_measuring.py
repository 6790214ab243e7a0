"""How long publications take, by what came of them."""

import pytest
from prometheus_client import REGISTRY

from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.errors import EditConflictError, NotAllowedError
from knowledge_base.publishing.measuring import measured
from knowledge_base.publishing.publish import Published, publish
from knowledge_base.publishing.sharing import OutcomeUnknownError
from knowledge_base.publishing.store import ContentStore
from tests.publishing.conftest import NOBODY, NOW, SHARE, change_of

OUTCOMES = ("published", "unchanged", "conflict", "busy", "refused", "failed")


def counted() -> dict[str, float]:
    found = {one: REGISTRY.get_sample_value("kb_publish_seconds_count", {"outcome": one}) for one in OUTCOMES}
    return {outcome: count or 0 for outcome, count in found.items()}


def test_each_publication_is_counted_by_what_came_of_it(store: ContentStore, jane: Contributor) -> None:
    before = counted()
    change = change_of(store, SHARE, "Second line.", "Another line.")
    other = change_of(store, SHARE, "Second line.", "A different line.")

    publish(store, change, by=jane, now=NOW)
    publish(store, change, by=jane, now=NOW)
    with pytest.raises(EditConflictError):
        publish(store, other, by=jane, now=NOW)
    with pytest.raises(NotAllowedError):
        publish(store, change_of(store, SHARE, "Another", "One more"), by=NOBODY, now=NOW)
    with pytest.raises(AttributeError):
        publish(store, change_of(store, SHARE, "Another", "One more"), by=jane, now=None)  # type: ignore[arg-type]

    after = counted()
    assert {outcome: after[outcome] - before[outcome] for outcome in OUTCOMES} == {
        "published": 1,
        "unchanged": 1,
        "conflict": 1,
        "busy": 0,
        "refused": 1,
        "failed": 1,
    }


def test_one_of_which_nobody_knows_what_came_is_counted_as_busy() -> None:
    @measured
    def lose_the_connection() -> Published:
        raise OutcomeUnknownError

    before = counted()

    with pytest.raises(OutcomeUnknownError):
        lose_the_connection()

    assert {outcome for outcome, count in counted().items() if count != before[outcome]} == {"busy"}
