"""Complete what someone types into the search box, from what they may read."""

from collections.abc import Sequence
from urllib.parse import urlencode

from knowledge_base.search.index import SearchIndex
from knowledge_base.search.past_queries import GoodQuery, continuing
from knowledge_base.search.snapshot import Asker, Snapshot, View
from knowledge_base.search.suggestions import SHORTEST_PREFIX, Kind, Suggestion
from knowledge_base.search.words import COMMON, words_of

_MOST_PAST_QUERIES = 3
_LONG_ENOUGH_TO_CORRECT = 5


def complete(
    index: SearchIndex,
    text: str,
    *,
    asker: Asker,
    past: Sequence[GoodQuery] = (),
    limit: int,
) -> tuple[Suggestion, ...]:
    """Return what continues the cleaned text: pages, sections and terms, then past searches.

    Where nothing continues the text, its spelling may be wrong.
    """
    if len("".join(words_of(text))) < SHORTEST_PREFIX:
        return ()

    def gather(snapshot: Snapshot) -> tuple[Suggestion, ...]:
        view = snapshot.view_for(asker)
        searches = continuing(
            past, text, audiences=asker.audiences, knows=lambda word: _knows(view, word), limit=_MOST_PAST_QUERIES
        )
        places = view.suggestions.starting_with(text, limit=limit - len(searches))
        if not places and not searches:
            places = _for_correction(view, text, limit)
        return *places, *(Suggestion(words, f"/search?{urlencode({'q': words})}", Kind.SEARCH) for words in searches)

    return index.ask(asker.edition, gather)


def is_known(index: SearchIndex, text: str, *, asker: Asker) -> bool:
    """Say whether the asker may read all the words of the text somewhere."""

    def ask(snapshot: Snapshot) -> bool:
        view = snapshot.view_for(asker)
        return all(_knows(view, word) for word in words_of(text))

    return index.ask(asker.edition, ask)


def _knows(view: View, word: str) -> bool:
    return word in COMMON or view.holds(word)


def _for_correction(view: View, text: str, limit: int) -> tuple[Suggestion, ...]:
    if len(text) < _LONG_ENOUGH_TO_CORRECT:
        return ()
    correction = view.spelling.correct(text, known=lambda word: _knows(view, word))
    return view.suggestions.starting_with(correction, limit=limit) if correction else ()
