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
# What Markdown would take for HTML: a tag, a comment or the name of a sign.
_LIKE_HTML = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_IN_ADDRESSES = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E"})
WIDEST_CELL = 50
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
    above: list[int] = []
    body = "\n\n".join(text for block in blocks if (text := _block(block, above)))
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


def _block(block: HtmlElement, above: list[int]) -> str:
    """Return a block. `above` are the levels of the headings that it stands under; a heading brings them up to date."""
    tag = str(block.tag)
    if tag in HEADINGS:
        # Bold words in a heading are how it was made to look like one.
        words = _escaped(_words(block))
        return f"{'#' * _level(HEADINGS[tag], above)} {words}" if words else ""
    if tag in {"ul", "ol"}:
        return _notes(block) or "\n".join(_items(block, depth=0))
    if tag == "table":
        return _table(block)
    return _safe_start(_inline(block))


def _level(given: int, above: list[int]) -> int:
    """Return the level of a heading such that none is left out."""
    while above and above[-1] >= given:
        above.pop()
    above.append(given)
    return min(HIGHEST + len(above) - 1, LOWEST)


def _notes(items: HtmlElement) -> str:
    """Return the list of footnotes at the end of a document; nothing for any other list."""
    notes = [(label, item) for item in items if (label := _note_label(str(item.get("id") or ""), "note-"))]
    for _, item in notes:
        for back in item.xpath(".//a[contains(@href, 'note-ref-')]"):
            back.drop_tree()
    return "\n".join(f"[^{label}]: {_inline(item)}" for label, item in notes)


def _note_label(name: str, kind: str) -> str:
    found = re.fullmatch(rf"(foot|end){kind}(\d+)", name)
    return f"{'end-' if found[1] == 'end' else ''}{found[2]}" if found else ""


def _items(items: HtmlElement, *, depth: int) -> Iterator[str]:
    for number, item in enumerate((one for one in items if one.tag == "li"), start=1):
        inner = [one for one in item if one.tag in {"ul", "ol"}]
        mark = f"{number}." if items.tag == "ol" else "-"
        yield f"{INDENT * depth}{mark} {_inline(item, without=inner)}".rstrip()
        for one in inner:
            yield from _items(one, depth=depth + 1)


def _table(table: HtmlElement) -> str:
    lines: list[list[str]] = []
    # The columns that cells of rows above reach down into, with the number of rows that they still do.
    reaching: dict[int, int] = {}
    for row in table.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr"):
        line: list[str] = []
        for cell in row.xpath("./td|./th"):
            _leave_out(line, reaching)
            width, height = _span_of(cell, "colspan"), _span_of(cell, "rowspan")
            reaching |= dict.fromkeys(range(len(line), len(line) + width), height - 1)
            line += [" ".join(_inline(cell).split()).replace("|", "\\|"), *[""] * (width - 1)]
        _leave_out(line, reaching)
        lines.append(line)
    columns = max(map(len, lines), default=0)
    if not columns:
        return ""
    head, *rest = [f"| {' | '.join([*line, *[''] * (columns - len(line))])} |" for line in lines]
    return "\n".join([head, f"|{' --- |' * columns}", *rest])


def _leave_out(line: list[str], reaching: dict[int, int]) -> None:
    """Leave those columns of a line empty that a cell above reaches into."""
    while reaching.get(len(line), 0) > 0:
        reaching[len(line)] -= 1
        line.append("")


def _span_of(cell: HtmlElement, name: str) -> int:
    given = str(cell.get(name) or "1")
    return min(int(given), WIDEST_CELL) if given.isdecimal() and len(given) < len("1000") and int(given) else 1


def _inline(element: HtmlElement, without: list[HtmlElement] | None = None) -> str:
    """Return what stands in an element on one line. Paragraphs in it, as cells and items have, follow each other."""
    return " ".join(_raw(element, without).split())


def _raw(element: HtmlElement, without: list[HtmlElement] | None = None) -> str:
    parts = [_escaped(element.text or "")]
    for child in element:
        if without is None or child not in without:
            parts.append(_span(child))
        parts.append(_escaped(child.tail or ""))
    return "".join(parts)


def _span(child: HtmlElement) -> str:
    if not isinstance(child.tag, str):
        return ""
    if label := _note_label(str(child.get("id") or ""), "note-ref-"):
        return f"[^{label}]"
    if child.tag == "img":
        alt = str(child.get("alt") or "").replace("[", "(").replace("]", ")")
        return f"![{alt}]({child.get('src')})" if child.get("src") else ""
    raw = _raw(child)
    inner = " ".join(raw.split())
    before, after = _marks(child)
    if not inner or not before:
        return f" {inner} " if child.tag in {"p", "br", "li", "ul", "ol", "td", "tr", "table"} else raw
    # A space that is bold in Word stands beside the marks.
    return f"{' ' * raw[0].isspace()}{before}{inner}{after}{' ' * raw[-1].isspace()}"


def _marks(element: HtmlElement) -> tuple[str, str]:
    """Return what Markdown writes around the words of an element: nothing for what it has no marks for."""
    if mark := {"strong": "**", "b": "**", "em": "*", "i": "*"}.get(str(element.tag)):
        return mark, mark
    address = str(element.get("href") or "").strip().translate(_IN_ADDRESSES)
    return ("[", f"]({address})") if element.tag == "a" and _OUTSIDE.fullmatch(address) else ("", "")


def _escaped(text: str) -> str:
    return _LIKE_HTML.sub(lambda found: "&amp;" if found[0] == "&" else "&lt;", _SPECIAL.sub(r"\\\1", text))


def _safe_start(text: str) -> str:
    """Return a paragraph that Markdown does not take for a heading, a list or a block of this site."""
    if re.match(r"/{3,}", text):
        return text.replace("/", "/ ", 2)
    if text.startswith(("|", "---")):
        return f"\\{text}"
    if text.startswith("~~~"):
        return f"&#126;{text[1:]}"
    if text.startswith(": "):
        # A colon cannot be escaped otherwise.
        return f"&#58;{text[1:]}"
    return _STARTS_SOMETHING.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", text)
