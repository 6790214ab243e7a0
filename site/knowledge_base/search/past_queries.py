"""Remember searches that led to a page, so that they can be suggested to the next person who starts to type one.

Nothing is kept about who searched. Words are kept only where the person could read them all on this site, so that the
name of a child or a neighbour, typed into the box, is not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from knowledge_base.search.models import LONGEST_AUDIENCES, LONGEST_WORDS, PastQuery
from knowledge_base.search.words import words_of

KEPT_FOR = timedelta(days=90)
# Once may be a slip, and twice the same person.
TIMES_TO_SUGGEST = 3
_MOST_SUGGESTED_FROM = 2_000

Knows = Callable[[str], bool]


@dataclass(frozen=True)
class GoodQuery:
    """Words that led somewhere, the audiences that everybody was in who typed them, and how often."""

    words: str
    audiences: frozenset[str]
    times: int


def remember(session: Session, text: str, *, audiences: frozenset[str], today: date) -> None:
    """Count a search that led to a page. The person must be able to read all its words somewhere on this site."""
    words = " ".join(words_of(text))
    joined = ",".join(sorted(audiences))
    if not words or len(words) > LONGEST_WORDS or len(joined) > LONGEST_AUDIENCES:
        return
    session.execute(delete(PastQuery).where(PastQuery.day < today - KEPT_FOR))
    same = (PastQuery.words == words, PastQuery.audiences == joined, PastQuery.day == today)
    counted = session.execute(update(PastQuery).where(*same).values(times=PastQuery.times + 1))
    if not counted.rowcount:  # type: ignore[attr-defined]
        session.add(PastQuery(words=words, audiences=joined, day=today, times=1))


def good_queries(session: Session, *, today: date) -> tuple[GoodQuery, ...]:
    """Return the searches that led somewhere often enough, the most frequent first."""
    times = func.sum(PastQuery.times)
    found = session.execute(
        select(PastQuery.words, PastQuery.audiences, times)
        .where(PastQuery.day >= today - KEPT_FOR)
        .group_by(PastQuery.words, PastQuery.audiences)
        .having(times >= TIMES_TO_SUGGEST)
        .order_by(times.desc(), PastQuery.words)
        .limit(_MOST_SUGGESTED_FROM)
    )
    return tuple(
        GoodQuery(words, frozenset(filter(None, audiences.split(","))), count) for words, audiences, count in found
    )


def continuing(
    queries: Sequence[GoodQuery], typed: str, *, audiences: frozenset[str], knows: Knows, limit: int
) -> tuple[str, ...]:
    """Return the searches that start with what was typed, of people who could read no more than the asker can."""
    start = " ".join(words_of(typed))
    fitting = (
        query.words
        for query in queries
        if query.words.startswith(start) and query.words != start and query.audiences <= audiences
    )
    kept = dict.fromkeys(words for words in fitting if all(map(knows, words.split())))
    return tuple(kept)[:limit]
