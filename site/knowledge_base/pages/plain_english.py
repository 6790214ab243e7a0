"""How plain a page's words are: its reading grade, wordings to avoid, abbreviations that nobody explains."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from statistics import fmean

import pyphen

_SENTENCE_END = re.compile(r"[.!?:;](?=\s|$)|\n")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_ABBREVIATION = re.compile(r"(?<![\w/.@-])[A-Z][A-Za-z]?[A-Z][A-Z0-9]*(?![\w/@-]|\.\w)")

FEWEST_WORDS = 30
# Everybody knows these, or they are names that mean nothing more when spelt out.
KNOWN_ABBREVIATIONS = frozenset({"BBC", "GOV", "ID", "IT", "NHS", "OK", "PDF", "PIN", "TV", "UK", "USA", "GP"})
SHORTER_WORDS = {"utilise": "use", "commence": "start", "in order to": "to", "prior to": "before", "whilst": "while"}
WORDS_TO_AVOID = (
    (re.compile(r"\bclick here\b", re.IGNORECASE), "'click here' says nothing", "say where the link leads"),
    (re.compile(r"\bFAQs?\b"), "questions and answers are hard to search", "put each answer under a heading instead"),
    (
        re.compile(r"\bvulnerable to (?:being )?(?:radicalis|extremis|terroris|drawn)", re.IGNORECASE),
        "'vulnerable' is no longer used of this",
        "say 'susceptible', except where an older document is described in quotation marks",
    ),
    *(
        (re.compile(rf"\b{long}\b", re.IGNORECASE), f"there is a shorter word for '{long}'", f"say '{short}'")
        for long, short in SHORTER_WORDS.items()
    ),
)
LINK_TEXTS_TO_AVOID = frozenset({"here", "link", "this link", "this page", "more", "read more", "find out more"})
# What a reader of 14 can follow. The names of laws and bodies keep most pages from being easier still.
HARDEST_GRADE = 9.0
_BARE_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def reading_grade(text: str) -> float | None:
    """Return the Flesch-Kincaid grade: a reader needs to be about five years older than it says.

    None for a text of a few words. Source of the formula: Kincaid and others, 1975. Syllables are counted by
    hyphenation, which finds a few too few, so the figure is good for comparing pages and not for more.
    """
    sentences = [found for one in _SENTENCE_END.split(text) if (found := _WORD.findall(one))]
    words = [word for sentence in sentences for word in sentence]
    if len(words) < FEWEST_WORDS:
        return None
    per_sentence = len(words) / len(sentences)
    return round(0.39 * per_sentence + 11.8 * fmean(map(_syllables, words)) - 15.59, 1)


def wordings_to_mend(line: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, and what to do, for the wordings that a reader of a line of Markdown would stumble over."""
    unquoted = re.sub(r"\"[^\"]*\"|“[^”]*”", "", line)
    for pattern, message, remedy in WORDS_TO_AVOID:
        if pattern.search(unquoted):
            yield message, remedy


def doubt_about_link(words: str) -> str | None:
    """Say what is wrong with the words of a link, for somebody who hears or sees nothing but them. None: nothing."""
    if words.strip(" .:>»→").lower() in LINK_TEXTS_TO_AVOID:
        return f"the link '{words}' does not say where it leads"
    if _BARE_ADDRESS.fullmatch(words):
        return f"the words of the link {words} are an address"
    return None


def unexplained_abbreviations(text: str, known: Iterable[str]) -> list[str]:
    """Return the abbreviations of a text that stand in no glossary and are not explained in brackets."""
    explained = {*known, *KNOWN_ABBREVIATIONS, *re.findall(r"\(([A-Z][A-Za-z0-9]+?)s?\)", text)}
    found = dict.fromkeys(match[0] for match in _ABBREVIATION.finditer(text))
    return [one for one in found if one not in explained and one.rstrip("s") not in explained]


@cache
def _hyphenation() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB")


def _syllables(word: str) -> int:
    return len(_hyphenation().positions(word.lower())) + 1
