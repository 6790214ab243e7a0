"""What someone typed becomes questions to the index: first for all of the words, then for any of them.

There is no query language. A wildcard would cost seconds of computing, and a field's name would reach into what is not
meant for readers; only a phrase in quotation marks is more than its words.
"""

import re
from dataclasses import dataclass

from whoosh.qparser import AndGroup, MultifieldParser, OrGroup, PhrasePlugin, QueryParser, WhitespacePlugin
from whoosh.qparser.syntax import GroupNode
from whoosh.query import And, AndMaybe, NullQuery, Or, Query, Term

from knowledge_base.search.expansions import NO_EXPANSIONS, Expansions
from knowledge_base.search.ranking import Concept, Form
from knowledge_base.search.schema import BOOSTS, SCHEMA, SHORT_FIELDS
from knowledge_base.search.words import ASKING_STEMS, COMMON, COMMON_STEMS, stems_of, words_of

LONGEST_QUERY = 200
_COMMON_WEIGHT = 0.2
_ASKING_WEIGHT = 0.4

_PIECE = re.compile(r'"[^"]*"|[^\s"]+')


@dataclass(frozen=True)
class Questions:
    """The same words asked for in two ways, and what each of them asks for, to order what is found."""

    all_words: Query
    any_word: Query
    concepts: tuple[Concept, ...] = ()


def clean(typed: str) -> str:
    """Return what was typed as one line of printable characters, cut to a sensible length."""
    printable = "".join(character if character.isprintable() else " " for character in typed[: 4 * LONGEST_QUERY])
    return " ".join(printable.split())[:LONGEST_QUERY].strip()


def questions_for(text: str, expansions: Expansions = NO_EXPANSIONS) -> Questions:
    """Turn cleaned text into questions. Those of a text without words are answered by nothing.

    Common words ("who do I tell") are looked for in titles and keywords only, and where there are other words they
    decide the order and not what is found. Other ways to say a word find as the word does, and count for less.
    """
    pieces = [piece for piece in _PIECE.findall(text) if any(words_of(piece))]
    common = " ".join(piece for piece in pieces if _is_common(piece))
    other_forms = expansions.of(list(stems_of(text)))
    concepts = tuple(
        Concept((Form((stem,)), *other_forms.get(stem, ())), _weight_of(stem)) for stem in dict.fromkeys(stems_of(text))
    )
    telling = [_PHRASE.parse(piece) for piece in pieces if piece.startswith('"') and not _is_common(piece)]
    unquoted = " ".join(piece for piece in pieces if not piece.startswith('"'))
    telling += [
        Or([_said(form) for form in (Form((stem,)), *other_forms.get(stem, ()))])
        for stem in dict.fromkeys(stems_of(unquoted))
        if stem not in COMMON_STEMS
    ]
    if not telling:
        return Questions(_ALL_COMMON.parse(common), _ANY_COMMON.parse(common), concepts)
    helpful = _ANY_COMMON.parse(common)
    return Questions(
        all_words=_ordered_by(And(telling).normalize(), helpful),
        any_word=_ordered_by(Or(telling).normalize(), helpful),
        concepts=concepts,
    )


def _said(form: Form) -> Query:
    """Ask for all stems of a form in any field; its common words only where there are no others."""
    stems = [stem for stem in form.stems if stem not in COMMON_STEMS] or form.stems
    return And([Or([Term(field, stem, boost=boost * form.worth) for field, boost in BOOSTS.items()]) for stem in stems])


def _weight_of(stem: str) -> float:
    if stem in COMMON_STEMS:
        return _COMMON_WEIGHT
    return _ASKING_WEIGHT if stem in ASKING_STEMS else 1.0


def _is_common(piece: str) -> bool:
    return not piece.startswith('"') and COMMON.issuperset(words_of(piece))


def _ordered_by(needed: Query, helpful: Query) -> Query:
    return needed if helpful == NullQuery else AndMaybe(needed, helpful)


def _parser(fields: tuple[str, ...], group: type[GroupNode]) -> QueryParser:
    plugins = [WhitespacePlugin(), PhrasePlugin()]
    return MultifieldParser(fields, SCHEMA, fieldboosts=BOOSTS, plugins=plugins, group=group)


_PHRASE = _parser(tuple(BOOSTS), AndGroup)
_ALL_COMMON = _parser(SHORT_FIELDS, AndGroup)
_ANY_COMMON = _parser(SHORT_FIELDS, OrGroup)
