"""Cut from a section's text what shows why it was found, with the words that were looked for marked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from knowledge_base.search.concepts import Concept, padded, places_in
from knowledge_base.search.query import is_common
from knowledge_base.search.words import spans_of

_LONGEST_PIECE = 200
_LONGEST = 320
_BEFORE = 60
_PIECES = 2
_GAP = " … "
_SENTENCE_END = re.compile(r"[.!?]\s+(?=\S)")


@dataclass(frozen=True)
class _Match:
    """Characters of a text that say a concept, by its place among those asked for."""

    start: int
    end: int
    concept: int


def excerpt(text: str, stems: str, concepts: Sequence[Concept]) -> Markup:
    """Return the excerpt as safe HTML whose only element is `mark`. `stems` are those of the text, padded.

    A text that says nothing of what was asked shows how it starts.
    """
    matches = _matches(text, stems, concepts)
    pieces = _best_pieces(text, matches)
    html, position = Markup(), 0
    for start, end in pieces:
        if start > position:
            html += _GAP if position else _GAP.lstrip()
        html += marked(text, start, end, matches)
        position = end
    return html + (_GAP.rstrip() if position < len(text) else "")


def marked(text: str, start: int, end: int, matches: Iterable[_Match]) -> Markup:
    """Return a stretch of the text as HTML with the matches in it marked."""
    html, position = Markup(), start
    for match in matches:
        if position <= match.start and match.end <= end:
            html += Markup("{}<mark>{}</mark>").format(text[position : match.start], text[match.start : match.end])
            position = match.end
    return html + text[position:end]


def _matches(text: str, stems: str, concepts: Sequence[Concept]) -> list[_Match]:
    """Find where the text says a concept, in any of its forms. Common words count only where nothing else was typed."""
    telling = [number for number, concept in enumerate(concepts) if not is_common(concept)] or range(len(concepts))
    places = [
        (place, place + len(form.stems) - 1, number)
        for number in telling
        for form in concepts[number].forms
        for place in places_in(stems, padded(form.stems))
    ]
    spans = spans_of(text) if places else []
    found = {(spans[first][0], spans[last][1]): number for first, last, number in places}
    return [_Match(start, end, number) for (start, end), number in sorted(found.items())]


def _best_pieces(text: str, matches: Sequence[_Match]) -> list[tuple[int, int]]:
    """Choose the stretch with most of the concepts, then another if it adds some. A short text is one stretch."""
    if not matches or len(text) <= _LONGEST:
        return [(0, _end_of_word(text, _LONGEST))]
    pieces: list[tuple[int, int]] = []
    missing = {match.concept for match in matches}
    while missing and len(pieces) < _PIECES:
        inside, stretch = max(_stretches(matches, missing), key=lambda one: (len(one[0]), -one[1][0]))
        start, end = _start_of_piece(text, stretch[0]), _end_of_word(text, max(stretch[1], stretch[0] + _LONGEST_PIECE))
        if any(start <= other_end and other_start <= end for other_start, other_end in pieces):
            # The one there is so far: two that touch are shown as one.
            return [(min(start, pieces[0][0]), max(end, pieces[0][1]))]
        pieces.append((start, end))
        missing -= inside
    return sorted(pieces)


def _stretches(matches: Sequence[_Match], missing: set[int]) -> Iterator[tuple[set[int], tuple[int, int]]]:
    """Yield for each match what stands close behind it: which of the missing concepts, and from where to where."""
    for place, first in enumerate(matches):
        near = [match for match in matches[place:] if match.end <= first.start + _LONGEST_PIECE] or [first]
        yield {match.concept for match in near} & missing, (first.start, near[-1].end)


def _start_of_piece(text: str, start: int) -> int:
    """Go back to the start of the sentence where that is near, else by some words."""
    earliest = max(0, start - _BEFORE)
    sentences = [found.end() for found in _SENTENCE_END.finditer(text, earliest, start + 1)]
    if not earliest or sentences:
        return sentences[-1] if sentences else 0
    return text.find(" ", earliest, start) + 1 or start


def _end_of_word(text: str, end: int) -> int:
    """Go on to the end of the word where that is near."""
    space = text.find(" ", end, end + _BEFORE)
    if space >= 0:
        return space
    return len(text) if len(text) <= end + _BEFORE else end
