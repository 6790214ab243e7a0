"""Sanitised HTML as a row of blocks and words, which can be compared."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from lxml import html
from lxml.html import HtmlElement

BLOCKS = frozenset(
    {
        *("blockquote", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre"),
        *("summary", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    }
)
EMPTY = frozenset({"br", "hr", "img"})
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Word:
    """A word, or an element without words such as a picture, as HTML; and the tags that it stands in."""

    markup: str
    within: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """Consecutive words of a block."""

    row: tuple[Word, ...]


@dataclass(frozen=True)
class Block:
    """A block: its tag as it is written, its name, and what stands in it."""

    name: str
    opening: str
    children: tuple["Node", ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """All words of the block and of those in it."""
        return tuple(word for child in self.children for word in words_of(child))


Node = Block | Words


def words_of(node: Node) -> tuple[Word, ...]:
    """Return all words of a node."""
    return node.row if isinstance(node, Words) else node.words


def read_blocks(markup: str) -> tuple[Node, ...]:
    """Read sanitised HTML. Raises nothing: what it is given was written by a program."""
    if not markup.strip():
        return ()
    return _children(html.fragment_fromstring(markup, create_parent="div"))


def write(nodes: Iterable[Node]) -> str:
    """Write nodes as HTML."""
    return "".join(write_words(one.row) if isinstance(one, Words) else _write_block(one) for one in nodes)


def write_words(row: Iterable[Word]) -> str:
    """Write words as HTML, with the tags that they stand in."""
    written: list[str] = []
    open_tags: tuple[str, ...] = ()
    for word in row:
        same = _shared(open_tags, word.within)
        written += [_closing(tag) for tag in reversed(open_tags[same:])]
        written += word.within[same:]
        written.append(word.markup)
        open_tags = word.within
    written += [_closing(tag) for tag in reversed(open_tags)]
    return "".join(written)


def _write_block(block: Block) -> str:
    return block.opening if block.name in EMPTY else f"{block.opening}{write(block.children)}</{block.name}>"


def _children(element: HtmlElement) -> tuple[Node, ...]:
    """Return what stands in a block: words between blocks become a node of their own."""
    nodes: list[Node] = []
    row = list(_cut(element.text, ()))
    for child in element:
        if child.tag in BLOCKS:
            nodes += _as_node(row)
            nodes.append(Block(child.tag, _opening(child), _children(child)))
            row = []
        else:
            row += _inline(child, ())
        row += _cut(child.tail, ())
    return (*nodes, *_as_node(row))


def _as_node(row: list[Word]) -> Iterator[Words]:
    if any(word.markup.strip() for word in row):
        yield Words(tuple(row))


def _inline(element: HtmlElement, within: tuple[str, ...]) -> Iterator[Word]:
    opening = _opening(element)
    if element.tag in EMPTY:
        yield Word(opening, within)
        return
    inside = (*within, opening)
    yield from _cut(element.text, inside)
    for child in element:
        yield from _inline(child, inside)
        yield from _cut(child.tail, inside)


def _cut(text: str | None, within: tuple[str, ...]) -> Iterator[Word]:
    yield from (Word(escape(word), within) for word in _WORDS.findall(text or ""))


def _opening(element: HtmlElement) -> str:
    """Return the tag, without what would stand twice on the page or lead to a place that is not on it."""
    kept = [
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if name != "id" and not (name == "href" and value.startswith("#"))
    ]
    # What is folded away would hide what changed in it.
    is_open = " open" if element.tag == "details" else ""
    return f"<{element.tag}{''.join(kept)}{is_open}>"


def _closing(opening: str) -> str:
    return f"</{re.match(r'<([a-z0-9]+)', opening)[1]}>"  # type: ignore[index]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count
