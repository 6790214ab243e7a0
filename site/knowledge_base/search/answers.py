"""Answer at once, above the results, what is asked for by name: what a term means, how to reach a contact, a deadline.

Whatever is said here stands in a section that the asker may read, and that section is among the results too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from whoosh.query import And
from whoosh.query import Term as WordTerm

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.blocks import CONTACT_LABELS
from knowledge_base.pages.glossary import Glossary, Term
from knowledge_base.pages.values import Contact
from knowledge_base.search.concepts import Stems
from knowledge_base.search.schema import section_url
from knowledge_base.search.snapshot import Asker, View
from knowledge_base.search.words import ASKING_STEMS, COMMON_STEMS, stems_of

_MOST_CONTACTS = 3
_MOST_DEADLINES = 3
# Of the weight of what was typed, what a step must say; and how much less than the best another step may.
_LEAST_SAID = 0.4
_NEARLY = 0.8
_SMALL_WORDS = COMMON_STEMS | ASKING_STEMS
_FOR_MEANING = frozenset(
    stems_of("mean meaning meanings define definition abbreviation acronym stand explain term word short full name")
)
_ASKS_MEANING = _FOR_MEANING | frozenset(stems_of("does"))
_FOR_CONTACT = frozenset(
    stems_of(
        "phone telephone tel number email mail address contact contacts ring call hours open opening details reach"
    )
)
_FOR_DEADLINE = re.compile(
    r"\b(deadlines?|time ?limits?|timescales?|how (long|soon|quick(ly)?|fast|many (hours|days|weeks|months))|by when"
    r"|when (do|does|must|should|is|are|has|have)|within what|what time)\b",
    re.IGNORECASE,
)
_ASKS_WHAT = ("what is ", "what are ", "what does ", "what do ", "whats ", "what's ", "who are ", "who is ")
_DEADLINE_WORDS = frozenset(
    stems_of("deadline time limit timescale long soon quick quickly fast hours days weeks months when have got within")
)


@dataclass(frozen=True)
class Answer:
    """What is said above the results.

    `number` is the section that says it, and `url` its address; `is_first` says that nothing answers better. `details`
    are labelled facts, in order.
    """

    kind: str
    title: str
    text: str
    number: int
    url: str
    page_title: str
    details: tuple[tuple[str, str], ...] = ()
    is_first: bool = False


def pinned_for(view: View, text: str, asker: Asker) -> list[int]:
    """Return the sections that editors put first for what was typed, in whatever order its telling words stand."""
    typed = _as_pinned(text)
    leads_to = [
        pin.leads_to
        for pin in asker.edition.pinned.entries
        if asker.may_read(Requirement().narrowed_by(pin.audience)) and typed in map(_as_pinned, pin.searches)
    ]
    numbers = (_number_of(view, url) for url in leads_to)
    return [number for number in numbers if number is not None]


@lru_cache(maxsize=2_000)
def _as_pinned(text: str) -> frozenset[str]:
    stems = frozenset(stems_of(text))
    return stems - COMMON_STEMS or stems


def answers_for(view: View, text: str, asker: Asker, best: Sequence[int]) -> tuple[Answer, ...]:
    """Return what answers the text at once: one kind of answer, or none. `best` are the sections that were found."""
    stems = tuple(stems_of(text))
    asks_what = text.lower().startswith(_ASKS_WHAT) or not _FOR_MEANING.isdisjoint(stems)
    for answers in (
        _terms(view, stems, asker, asks_what=asks_what),
        _contacts(view, stems, asker, best),
        _deadlines(view, text, best),
    ):
        if found := tuple(answers):
            return found
    return ()


def _terms(view: View, stems: Stems, asker: Asker, *, asks_what: bool) -> Iterator[Answer]:
    """Yield the term whose name, or any other form, is all that was typed but for words that ask."""
    terms = _terms_by_core(asker.edition.glossary_for(asker.may_read))
    # A term may have words in its name that elsewhere only ask: "child in need".
    cores = [_core(stems, COMMON_STEMS | others) for others in (frozenset[str](), _ASKS_MEANING, ASKING_STEMS)]
    cores.append(_core(stems, _SMALL_WORDS | _FOR_MEANING))
    core = next((one for one in cores if one in terms), ())
    term = terms.get(core)
    number = _number_of(view, term.url) if term and term.definition else None
    if term is None or number is None:
        return
    short = ", ".join(term.short_forms)
    yield Answer(
        kind="term",
        title=f"{term.name} ({short})" if short else term.name,
        text=term.definition,
        number=number,
        url=term.url,
        page_title=view.stored(number)["title"],
        is_first=asks_what or core in [tuple(stems_of(one)) for one in term.short_forms],
    )


@lru_cache(maxsize=32)
def _terms_by_core(glossary: Glossary) -> dict[Stems, Term]:
    by_core: dict[Stems, Term] = {}
    for term in glossary.terms:
        for form in (term.name, *term.short_forms, *term.other_names):
            if core := _core(tuple(stems_of(form)), COMMON_STEMS):
                by_core.setdefault(core, term)
    return by_core


def _contacts(view: View, stems: Stems, asker: Asker, best: Sequence[int]) -> Iterator[Answer]:
    """Yield the contacts whose name, or number, is what was typed but for words like "phone" and "who"."""
    core = _core(stems, _SMALL_WORDS | _FOR_CONTACT)
    wants_contact = not _FOR_CONTACT.isdisjoint(stems)
    if not core:
        return
    readable = [
        one for one in asker.edition.data.contacts.values() if asker.may_read(Requirement().narrowed_by(one.audience))
    ]
    named = [one for one in readable if _is_named(one, core, partly=wants_contact)]
    if len(named) > _MOST_CONTACTS:
        return
    for contact in named:
        number = _section_with(view, contact.name, best)
        if number is not None:
            stored = view.stored(number)
            yield Answer(
                kind="contact",
                title=contact.name,
                text=contact.purpose or "",
                number=number,
                url=section_url(stored),
                page_title=stored["title"],
                details=tuple(_details(contact)),
            )


def _details(contact: Contact) -> Iterator[tuple[str, str]]:
    """Yield what is known, and where it is from when this council has not confirmed it, as a contact card does."""
    if not (contact.phone or contact.email):
        yield "Phone", contact.if_unset
    for field, label in CONTACT_LABELS.items():
        if words := getattr(contact, field):
            yield label, words
    if contact.provenance and (contact.phone or contact.email):
        yield "Note", contact.provenance


def _is_named(contact: Contact, core: Stems, *, partly: bool) -> bool:
    names = _names_of(contact.name)
    # A number may be typed with spaces elsewhere than where it is written with them, or with none.
    if core in names or (contact.phone and "".join(core) == _digits_of(contact.phone)):
        return True
    return partly and any(set(core) <= set(one) and 2 * len(core) >= len(one) for one in names)


@lru_cache(maxsize=2_000)
def _names_of(name: str) -> tuple[Stems, ...]:
    """Return the stems of a contact's name: before a bracket, within it, and all."""
    before, _, within = name.partition("(")
    return tuple(_core(tuple(stems_of(one)), COMMON_STEMS) for one in (before, within, name))


@lru_cache(maxsize=2_000)
def _digits_of(phone: str) -> str:
    return "".join(stems_of(phone))


def _section_with(view: View, words: str, best: Iterable[int]) -> int | None:
    """Return the best section whose text has the words, or else any."""
    stems = set(stems_of(words)) - COMMON_STEMS
    others = sorted(view.matching(And([WordTerm("words", stem) for stem in stems]))) if stems else []
    return next((number for number in (*best, *others) if words in view.stored(number)["body"]), None)


def _deadlines(view: View, text: str, best: Sequence[int]) -> Iterator[Answer]:
    """Yield by when the steps of the best section must be done that say most of what was typed.

    A deadline beside the wrong step would mislead, so a step must itself say a good part of it.
    """
    wanted = set(stems_of(text)) - _SMALL_WORDS - _DEADLINE_WORDS
    weights = {stem: view.rarity(stem) for stem in wanted}
    if not _FOR_DEADLINE.search(text) or not best or not any(weights.values()):
        return
    number = best[0]
    stored = view.stored(number)
    steps = [
        (sum(weights[stem] for stem in wanted.intersection(stems_of(what))), what, by)
        for what, by in stored["deadlines"]
    ]
    most = max((said for said, _, _ in steps), default=0.0)
    if most < _LEAST_SAID * sum(weights.values()):
        return
    told = [(what, by) for said, what, by in steps if said >= _NEARLY * most][:_MOST_DEADLINES]
    yield Answer("deadline", stored["heading"], "", number, section_url(stored), stored["title"], tuple(told))


def _number_of(view: View, url: str) -> int | None:
    """Return the section at an address, if the asker may read it."""
    page, _, anchor = url.partition("#")
    return next(
        (one for one in sorted(view.matching(WordTerm("page", page))) if view.stored(one)["anchor"] == anchor), None
    )


def _core(stems: Stems, without: frozenset[str]) -> Stems:
    return tuple(stem for stem in stems if stem not in without)
