"""Turn the plain HTML that a document converter writes into this site's Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html
from lxml.html import HtmlElement

HEADINGS = {f"h{level}": level for level in range(1, 7)}
HIGHEST, LOWEST = 2, 4
INDENT = "    "
_SPECIAL = re.compile(r"([\\`*_\[\]])")
_STARTS_SOMETHING = re.compile(r"^(#|[-+>](?=\s|$)|\d+(?=[.)]\s))")
_OUTSIDE = re.compile(r"(https?://|mailto:|tel:)[^\s<>()]+")


@dataclass(frozen=True)
class MarkdownPage:
    """A document's title, where it has one, and the rest as Markdown."""

    title: str
    body: str


def to_markdown(source: str) -> MarkdownPage:
    """Return what a page needs. Its highest headings become those of sections, and no level is left out."""
    root = html.fragment_fromstring(source, create_parent="div")
    blocks = [block for block in root if isinstance(block.tag, str)]
    title = _title_of(blocks)
    if title is not None:
        blocks.remove(title)
    levels = sorted({HEADINGS[str(block.tag)] for block in blocks if block.tag in HEADINGS})
    body = "\n\n".join(text for block in blocks if (text := _block(block, levels)))
    return MarkdownPage(_words(title) if title is not None else "", body)


def _title_of(blocks: list[HtmlElement]) -> HtmlElement | None:
    """Return what is marked as the title, or the one main heading that the document begins with."""
    marked = [block for block in blocks if block.tag == "h1" and block.get("class") == "title"]
    if marked:
        return marked[0]
    first = [block for block in blocks if block.tag == "h1"]
    return first[0] if len(first) == 1 and first[0] is blocks[0] else None


def _words(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _block(block: HtmlElement, levels: list[int]) -> str:
    tag = str(block.tag)
    if tag in HEADINGS:
        level = min(HIGHEST + levels.index(HEADINGS[tag]), LOWEST)
        # Bold words in a heading are how it was made to look like one.
        words = _escaped(_words(block))
        return f"{'#' * level} {words}" if words else ""
    if tag in {"ul", "ol"}:
        return "\n".join(_items(block, depth=0))
    if tag == "table":
        return _table(block)
    return _safe_start(_inline(block))


def _items(items: HtmlElement, *, depth: int) -> Iterator[str]:
    for number, item in enumerate((one for one in items if one.tag == "li"), start=1):
        inner = [one for one in item if one.tag in {"ul", "ol"}]
        mark = f"{number}." if items.tag == "ol" else "-"
        yield f"{INDENT * depth}{mark} {_inline(item, without=inner)}".rstrip()
        for one in inner:
            yield from _items(one, depth=depth + 1)


def _table(table: HtmlElement) -> str:
    rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
    lines = [[text for cell in row for text in _cells(cell)] for row in rows]
    width = max(map(len, lines), default=0)
    if not width:
        return ""
    filled = [[*line, *[""] * (width - len(line))] for line in lines]
    head, *rest = [f"| {' | '.join(line)} |" for line in filled]
    return "\n".join([head, f"|{' --- |' * width}", *rest])


def _cells(cell: HtmlElement) -> list[str]:
    text = " ".join(_inline(cell).split()).replace("|", "\\|")
    spans = str(cell.get("colspan") or "1")
    return [text, *[""] * (min(int(spans) if spans.isdecimal() else 1, 50) - 1)]


def _inline(element: HtmlElement, without: list[HtmlElement] | None = None) -> str:
    """Return what stands in an element on one line. Paragraphs in it, as cells and items have, follow each other."""
    parts = [_escaped(element.text or "")]
    for child in element:
        if without is None or child not in without:
            parts.append(_span(child))
        parts.append(_escaped(child.tail or ""))
    return " ".join("".join(parts).split())


def _span(child: HtmlElement) -> str:
    if not isinstance(child.tag, str):
        return ""
    inner = _inline(child)
    if child.tag == "img":
        alt = str(child.get("alt") or "").replace("[", "(").replace("]", ")")
        return f"![{alt}]({child.get('src')})" if child.get("src") else ""
    if child.tag in {"strong", "b"} and inner:
        return f"**{inner}**"
    if child.tag in {"em", "i"} and inner:
        return f"*{inner}*"
    if child.tag == "a" and inner and _OUTSIDE.fullmatch(str(child.get("href") or "")):
        return f"[{inner}]({child.get('href')})"
    return f" {inner} " if child.tag in {"p", "br", "li", "ul", "ol", "td", "tr", "table"} else inner


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _safe_start(text: str) -> str:
    """Return a paragraph that Markdown does not take for a heading, a list or a block of this site."""
    if re.match(r"/{3,}", text):
        return text.replace("/", "/ ", 2)
    if text.startswith("|"):
        return f"\\{text}"
    if text.startswith(": "):
        # A colon cannot be escaped otherwise.
        return f"&#58;{text[1:]}"
    return _STARTS_SOMETHING.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", text)
