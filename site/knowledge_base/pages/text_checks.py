"""Slips in a stretch of Markdown that readers would see: braces that mean nothing, rows that do not fit their table.

These look at the text before Markdown does, because what Markdown makes of a slip no longer shows where it was.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from knowledge_base.pages.inline import FACT, FACT_LABELS, PLACEHOLDER

_FENCED_CODE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?^[ \t]*(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)")
_ANCHOR = re.compile(r"\{#[\w-]+\}[ \t]*$", re.MULTILINE)
_BRACES = re.compile(r"\{\{?[ \t]*(?P<word>\w*)(?P<colon>[ \t]*[:;=])?|\}")
_RULE = re.compile(r"^[ \t]{0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")

_ITEM = re.compile(r"(?:[-*+]|1\.)[ \t]+\S")
# Neither an item of a list, or what belongs to one, nor what ends by itself: a heading, a block's marks, a rule, a row.
_WORDS = re.compile(r"(?![ \t]|[-*+][ \t]|\d+[.)][ \t]|#|///|[-*_]{3}|\||>)\S")

# The line, from 0, what is wrong, and what to do.
Slip = tuple[int, str, str]


def prose(markdown: str) -> str:
    """Return the text with code and comments blanked out, each line in its place."""
    markdown = _FENCED_CODE.sub(_blank, markdown)
    # Up to the last end only: past it each start would be searched for an end in vain, and all the text each time.
    end = markdown.rfind("-->") + len("-->")
    return _CODE.sub(_blank, _COMMENT.sub(_blank, markdown[:end]) + markdown[end:])


def stray_braces(text: str) -> Iterator[Slip]:
    """Yield a slip for braces that readers get to see."""
    for pattern in (FACT, PLACEHOLDER, _ANCHOR):
        text = re.sub(pattern, _blank, text)
    seen = set()
    for found in _BRACES.finditer(text):
        line = text.count("\n", 0, found.start())
        if line not in seen:
            seen.add(line)
            yield line, *_about_braces(found)


def uneven_rows(text: str) -> Iterator[Slip]:
    """Yield a slip for each row with more or fewer cells than its table's head."""
    lines = text.split("\n")
    columns = 0
    for number, line in enumerate(lines):
        if not line.strip():
            columns = 0
        elif columns and (cells := _cells(line)) != columns:
            lost = "the last are not shown" if cells > columns else "the rest stay empty"
            message = f"this row has {cells} cells and the table's head {columns}, so {lost}"
            yield number, message, "give it as many cells as the head has"
        elif not columns and number and "|" in line and _RULE.match(line) and "|" in lines[number - 1]:
            columns = _cells(line)
            if columns != (head := _cells(lines[number - 1])):
                message = f"this line has {columns} cells and the table's head {head}, so no table is shown"
                yield number, message, "give it as many cells as the head has"
                columns = 0


def lists_without_a_line_before(text: str) -> Iterator[Slip]:
    """Yield a slip for each list that Markdown takes for words of the paragraph before it."""
    before = ""
    for number, line in enumerate(text.split("\n")):
        if _ITEM.match(line) and _WORDS.match(before):
            yield number, "this is shown as words of the paragraph before it", "put an empty line before the list"
        before = line


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "x", found[0])


def _about_braces(found: re.Match[str]) -> tuple[str, str]:
    known = ", ".join(f"{{{name}: …}}" for name in FACT_LABELS)
    word = found["word"]
    if not word or not found["colon"]:
        return "braces are shown to readers as they stand", f"a step's facts are written {known}"
    meant = get_close_matches(word.lower(), FACT_LABELS, n=1)
    advice = f"did you mean {{{meant[0]}: …}}?" if meant else f"the facts of a step are {known}"
    return f"{{{word}: …}} is shown to readers as it stands", advice


def _cells(row: str) -> int:
    row = row.strip().replace(r"\|", "x")
    return row.removeprefix("|").removesuffix("|").count("|") + 1
