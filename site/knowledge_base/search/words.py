"""How text becomes the words that the index holds and a search looks for: folded, stemmed, common words apart."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from whoosh.lang.snowball.english import EnglishStemmer

# Words that say little about what a text is for. Running text is not found by them; titles and keywords are, since
# "who do I tell" is a good keyword.
_COMMON_WORDS = """
a about am an and any are as at be been but by can cannot cant could did didnt do does doesnt dont for from get got
had has have he her him his how i if im in into is it its ive me my no not of on or our s she should so t than that
the their them then there these they this those to up us was we were what when where which who whom whose why will
with would you your
"""
COMMON = frozenset(_COMMON_WORDS.split())

# Words that shape a question and also stand in texts: they are looked for, and count for less.
_ASKING_WORDS = "anybody anyone count does happens kind list many mean much need somebody someone tell there"

# A number keeps its point and its comma (67.20), a word its apostrophe; everything else stands between words.
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_POSSESSIVE = re.compile(r"['’]s$")
_IZE = re.compile(r"^(\w{3,})iz(e|ed|er|ers|es|ing|ation|ations|ational)$")
_AMERICAN = {
    "behavior": "behaviour",
    "center": "centre",
    "color": "colour",
    "counselor": "counsellor",
    "defense": "defence",
    "enrollment": "enrolment",
    "favor": "favour",
    "fulfill": "fulfil",
    "harbor": "harbour",
    "honor": "honour",
    "judgment": "judgement",
    "labor": "labour",
    "license": "licence",
    "neighbor": "neighbour",
    "offense": "offence",
    "organiz": "organis",
    "practise": "practice",
    "theater": "theatre",
    "traveler": "traveller",
    "traveling": "travelling",
}
# Not the Porter stemmer beside it, which keeps the second p of "stopped" and so parts it from "stop".
_STEMMER = EnglishStemmer()
_STEMS_KEPT = 20_000


def fold(word: str) -> str:
    """Return the word without capitals, accents, apostrophes, a possessive s and the commas of a large number."""
    if word.isascii() and word.isalnum():
        return word.lower()
    plain = _POSSESSIVE.sub("", _THOUSANDS.sub("", word.lower())).replace("'", "").replace("’", "")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words_of(text: str) -> Iterator[str]:
    """Yield the words of the text, folded but not stemmed."""
    return (fold(match[0]) for match in _WORD.finditer(text))


def spans_of(text: str) -> list[tuple[int, int]]:
    """Return where each of the text's words starts and ends, in the order of their stems."""
    return [match.span() for match in _WORD.finditer(text)]


@lru_cache(maxsize=_STEMS_KEPT)
def stem_of(word: str) -> str:
    """Return the English stem of a folded word."""
    return str(_STEMMER.stem(_british(word)))


def _british(word: str) -> str:
    """Spell an American word as the pages do, so that both have one stem."""
    for american, british in _AMERICAN.items():
        if word.startswith(american):
            return british + word[len(american) :]
    return _IZE.sub(r"\1is\2", word)


def stems_of(text: str) -> Iterator[str]:
    """Yield the stems of the text's words, common words included."""
    return (stem_of(word) for word in words_of(text))


COMMON_STEMS = frozenset(map(stem_of, COMMON))
ASKING_STEMS = frozenset(map(stem_of, _ASKING_WORDS.split()))
