"""Write a content folder as large as wanted, the same each time, of pages like the shipped ones."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from benchmarks.vocabulary import Vocabulary

Progress = Callable[[int, int], None]

_SEED = "corpus"
_MOST_AREAS = 12
_SECTIONS_OF_AN_AREA = 100
_SECTIONS_OF_A_PAGE = (10, 3)  # mean and spread, as are the others
_WORDS_OF_A_SECTION = (130, 50)
_SENTENCES_OF_A_PARAGRAPH = 4
_LONGEST_TITLE = 9
_GATED = 1 / 3
_WITH_QUESTIONS = 1 / 3
_WITH_LIST = 1 / 5
_QUESTIONS = 3
# Read from the shipped content as they are: what they say widens each search.
_SHIPPED = ("_data", "glossary")


@dataclass(frozen=True)
class Passage:
    """A sentence of a section, and whether anybody may read it."""

    words: tuple[str, ...]
    is_open: bool


@dataclass
class Corpus:
    """What was written: a sentence of each section, the paths of the pages, and how often each word stands there."""

    passages: list[Passage] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)


def write_corpus(folder: Path, shipped: Path, vocabulary: Vocabulary, *, sections: int, progress: Progress) -> Corpus:
    """Write about that many sections: the data and the glossary of the shipped content, then pages that are made up."""
    for name in _SHIPPED:
        shutil.copytree(shipped / name, folder / name)
    sections = max(sections - _sections_in(folder), sections // 2)
    corpus = Corpus()
    chance = Random(_SEED)
    areas = min(_MOST_AREAS, max(1, sections // _SECTIONS_OF_AN_AREA))
    for number in count():
        missing = sections - len(corpus.passages)
        if missing <= 0:
            return corpus
        # The first pages are the areas': a folder is open to nobody without one.
        is_index = number < areas
        path = f"area-{number % areas}/" + ("index" if is_index else f"page-{number}")
        is_open = is_index or chance.random() >= _GATED
        wanted = max(2, min(missing, _around(_SECTIONS_OF_A_PAGE, chance)))
        text = "\n".join(_page(vocabulary, corpus, chance, sections=wanted, is_open=is_open))
        file = folder / f"{path}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        corpus.paths.append(path)
        progress(len(corpus.passages), sections)
    return corpus


def _sections_in(folder: Path) -> int:
    """Return how many sections pages have, about: each heading begins one, and each page has an opening."""
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.md")]
    return sum(1 + text.count("\n## ") + text.count("\n### ") for text in texts)


def _page(vocabulary: Vocabulary, corpus: Corpus, chance: Random, *, sections: int, is_open: bool) -> Iterator[str]:
    """Yield the lines of a page: an opening, then its headings."""
    yield from _header(vocabulary, chance, is_open=is_open)
    for number in range(sections):
        if number:
            yield f"## {_title(vocabulary, chance)}"
            yield ""
        sentences = _sentences(vocabulary, chance)
        corpus.passages.append(Passage(tuple(sentences[0]), is_open))
        for sentence in sentences:
            corpus.words.update(map(str.lower, sentence))
        yield from _section(sentences, chance)
        if chance.random() < _WITH_QUESTIONS:
            yield from ("/// asked", *(_question(vocabulary, chance) for _ in range(_QUESTIONS)), "///", "")


def _header(vocabulary: Vocabulary, chance: Random, *, is_open: bool) -> Iterator[str]:
    yield from (
        "---",
        f"title: {json.dumps(_title(vocabulary, chance), ensure_ascii=False)}",
        f"summary: {json.dumps(_written(vocabulary.sentence(chance)), ensure_ascii=False)}",
        f"audience: {'open' if is_open else 'staff'}",
        "owner: Prevent lead",
        "last_reviewed: 2026-11-01",
        "review_by: 2099-05-01",
        f"keywords: {json.dumps(vocabulary.sentence(chance)[:3], ensure_ascii=False)}",
        "---",
        "",
    )


def _section(sentences: list[list[str]], chance: Random) -> Iterator[str]:
    """Yield the lines of a section: paragraphs, the last of them a list now and then."""
    written = [_written(sentence) for sentence in sentences]
    paragraphs = [
        written[start : start + _SENTENCES_OF_A_PARAGRAPH]
        for start in range(0, len(written), _SENTENCES_OF_A_PARAGRAPH)
    ]
    listed = paragraphs.pop() if chance.random() < _WITH_LIST else []
    for paragraph in paragraphs:
        yield from (*paragraph, "")
    if listed:
        yield from (*(f"- {sentence}" for sentence in listed), "")


def _sentences(vocabulary: Vocabulary, chance: Random) -> list[list[str]]:
    wanted = _around(_WORDS_OF_A_SECTION, chance)
    sentences = [vocabulary.sentence(chance)]
    while sum(map(len, sentences)) < wanted:
        sentences.append(vocabulary.sentence(chance))
    return sentences


def _title(vocabulary: Vocabulary, chance: Random) -> str:
    return " ".join(vocabulary.headings.sentence(chance, longest=_LONGEST_TITLE))


def _question(vocabulary: Vocabulary, chance: Random) -> str:
    return " ".join(vocabulary.asked.sentence(chance))


def _written(words: list[str]) -> str:
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def _around(mean_and_spread: tuple[int, int], chance: Random) -> int:
    return max(2, round(chance.gauss(*mean_and_spread)))
