"""Change the addresses that Markdown and data files lead to, and nothing else. What stands in code stays."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

_HEADER = re.compile(r"\A---[ \t]*\n.*?^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_SUPERSEDED_BY = re.compile(
    r"^(?P<before>superseded_by:[ \t]*[\"']?)(?P<url>/[^\s\"'#]*)(?P<anchor>#[^\s\"']*)?", re.MULTILINE
)
_FENCE = re.compile(r"^\s*(?P<fence>`{3,}|~{3,})")
_IN_A_LIST = re.compile(r"^\s{0,3}(?:[-*+]|\d+[.)]|:|\[\^[^\]]+\]:)\s")
_CODE_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?:.(?!\n[ \t]*\n))*?.?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_LINK = re.compile(r"(?P<before>\]\(\s*<?)(?P<url>/[^\s)>#?]*)(?P<query>\?[^\s)>#]*)?(?P<anchor>#[^\s)>]*)?(?=[\s)>])")
_DEFINITION = re.compile(
    r"^(?P<before>[ ]{0,3}\[[^\]^][^\]]*\]:[ \t]*<?)(?P<url>/[^\s>#?]*)(?P<query>\?[^\s>#]*)?(?P<anchor>#[^\s>]*)?",
    re.MULTILINE,
)
# The words of a link hold no brackets here, except in pairs: what is not found stays, and the checks find it.
_WHOLE_LINK = re.compile(
    r"(?P<picture>!?)\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?(?P<url>/[^\s)>#?]*)(?:[?#][^\s)>]*)?>?"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)


@dataclass(frozen=True)
class Addresses:
    """Where links to old addresses lead now, None: nowhere; and the anchors that there are at new ones, where known."""

    new: Mapping[str, str | None]
    anchors: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[str]:
        """The old addresses."""
        return frozenset(self.new)

    def instead_of(self, url: str, rest: str, anchor: str) -> str | None:
        """Return the address to write instead of an old one, or None when it is none or leads nowhere."""
        new = self.new.get(url)
        if new is None:
            return None
        is_there = new not in self.anchors or anchor.removeprefix("#") in self.anchors[new]
        return f"{new}{rest}{anchor if is_there else ''}"

    def leads_nowhere(self, url: str) -> bool:
        """Say whether links to an address are to be taken out."""
        return url in self.new and self.new[url] is None


def rewrite_page(text: str, addresses: Addresses) -> str:
    """Return a page's text with its links and `superseded_by` leading to the new addresses.

    A link that leads nowhere any more becomes its words.
    """
    header = _HEADER.match(text)
    cut = header.end() if header else 0
    new_header = _SUPERSEDED_BY.sub(_replacement(addresses), text[:cut])
    return new_header + "".join(
        piece if is_code else _rewrite(piece, addresses) for is_code, piece in _pieces(text[cut:])
    )


def rewrite_data(text: str, key: str, addresses: Addresses) -> str:
    """Return the text of a list in YAML with the addresses that stand under a key of its entries changed."""
    line = rf"^(?P<before>[ \t-]*{key}:[ \t]*[\"']?)(?P<url>/[^\s\"'#]*)(?P<anchor>#[^\s\"']*)?"
    return re.sub(line, _replacement(addresses), text, flags=re.MULTILINE)


def _rewrite(markdown: str, addresses: Addresses) -> str:
    """Rewrite a piece without blocks of code; its code spans stay as they are."""
    codes: list[str] = []

    def hide(found: re.Match[str]) -> str:
        codes.append(found[0])
        return f"\0{len(codes) - 1}\0"

    text = _CODE_SPAN.sub(hide, markdown)
    text = _WHOLE_LINK.sub(lambda found: _words_of(found, addresses), text)
    for pattern in (_LINK, _DEFINITION):
        text = pattern.sub(_replacement(addresses), text)
    return re.sub(r"\0(\d+)\0", lambda found: codes[int(found[1])], text)


def _words_of(link: re.Match[str], addresses: Addresses) -> str:
    if not addresses.leads_nowhere(link["url"]) or link["picture"]:
        return link[0]
    return link["words"]


def _replacement(addresses: Addresses) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        parts = found.groupdict()
        new = addresses.instead_of(parts["url"], parts.get("query") or "", parts["anchor"] or "")
        return found[0] if new is None else f"{parts['before']}{new}"

    return replace


def _pieces(body: str) -> Iterator[tuple[bool, str]]:
    """Cut a body into blocks of code and the rest."""
    fence, may_be_code, in_list, piece, is_code = "", True, False, "", False
    for line in body.splitlines(keepends=True):
        found = _FENCE.match(line)
        indented = line.startswith(("    ", "\t")) and bool(line.strip())
        if fence:
            code, fence = True, "" if line.strip() == fence else fence
        elif found:
            code, fence = True, found["fence"]
        else:
            code = indented and not in_list and (may_be_code or is_code)
            may_be_code = not line.strip()
            if line.strip() and not indented:
                in_list = bool(_IN_A_LIST.match(line)) or (in_list and line.startswith(" "))
        if code != is_code and piece:
            yield is_code, piece
            piece = ""
        is_code, piece = code, piece + line
    if piece:
        yield is_code, piece
