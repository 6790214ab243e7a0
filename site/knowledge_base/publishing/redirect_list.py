"""The text of `redirects.yml`, changed entry by entry: comments, and the entries that nobody speaks of, stay."""

import re
from collections.abc import Container, Iterable

from knowledge_base.access.audiences import OPEN


def audience_of(text: str, old: str) -> str:
    """Return the audience that the entry of an old address asks for by now."""
    entry = next((one for one in entries_of(text) if address_in(one, "from") == old), "")
    found = re.search(r"(?m)^  audience: (\S+)$", entry)
    return found[1] if found else OPEN


def entries_of(text: str) -> list[str]:
    """Return the entries, each with the comments below it; what stands above the first comes first."""
    return re.split(r"(?m)^(?=- )", text)


def without(text: str, addresses: frozenset[str] | set[str], *, lost: Iterable[str]) -> str:
    """Return the list without the entries of these old addresses, and those that lead to a lost one. Comments stay."""
    entries = entries_of(text)
    unwanted = addresses | _leading_to(lost, entries)
    return "".join(entry for entry in entries if address_in(entry, "from") not in unwanted)


def _leading_to(addresses: Iterable[str], entries: Iterable[str]) -> set[str]:
    """Return these addresses, and those whose entries lead there, also by way of others."""
    found, leads = set(addresses), [(address_in(entry, "from"), address_in(entry, "to")) for entry in entries]
    while more := {old for old, to in leads if to in found and old not in found}:
        found |= more
    return found


def address_in(entry: str, key: str) -> str:
    """Return the address that an entry has under a key; nothing for what is no entry."""
    found = re.search(rf"(?m)^(?:- |  ){key}:[ \t]*[\"']?(/[a-z0-9/-]*)", entry)
    return found[1] if found and entry.startswith("- ") else ""


def quoted(words: str) -> str:
    """Return words as a YAML value on one line."""
    escaped = " ".join(words.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def with_earlier(content: bytes, earlier: bytes, *, leading_to: Iterable[str], live: Container[str]) -> bytes:
    """Return the list with those entries of an earlier one that led to these addresses, also by way of others.

    An address at which there is a page, or that has an entry by now, stays as it is.
    """
    text, entries = (one.decode(errors="surrogateescape") for one in (content, earlier))
    known = {address_in(entry, "from") for entry in entries_of(text)}
    found = {address_in(one, "from"): one for one in entries_of(entries)}
    free = {old: one for old, one in found.items() if old and old not in known and old not in live}
    back = _leading_to(leading_to, free.values())
    lines = "".join(f"{one.rstrip()}\n" for old, one in free.items() if old in back)
    return content + lines.encode(errors="surrogateescape")
