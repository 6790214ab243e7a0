"""Bring two changes of one file together: what only one of them changed is taken from that one."""

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.entry_merge import EntriesConflictError, merge_entries
from knowledge_base.publishing.errors import DataFileError, EditConflictError, FileConflict
from knowledge_base.repository.git import Git, GitError

_PAGE = re.compile(rb"---\n(?P<header>.*?^)---\n(?P<body>.*)", re.DOTALL | re.MULTILINE)
# A key of the header with its lines, and the comments above it.
_ENTRY = re.compile(rb"((?:^#.*\n|^[ \t]*\n)*^([a-z_]+):.*\n(?:^[ \t-].*\n)*)", re.MULTILINE)

WINDOWS_END = b"\r\n"


class _UnmergeableError(Exception):
    """Both changed the same lines."""


class _NoHeaderError(Exception):
    """The text has no header whose keys could be told apart."""


def merge(files: Iterable[FileChange], theirs: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """Return what each file becomes, with what others made of it meanwhile kept.

    Raises EditConflictError, naming every file in which both changed the same lines, or one removed what the other
    changed.
    """
    return merge_all({file.path: (file.base, file.content, theirs[file.path]) for file in files})


def merge_all(versions: Mapping[str, tuple[bytes | None, bytes | None, bytes | None]]) -> dict[str, bytes | None]:
    """Do the same for files of which there are the common base, mine and theirs, whatever their names are."""
    merged: dict[str, bytes | None] = {}
    conflicts = []
    for path, (base, mine, theirs) in versions.items():
        try:
            merge_one = _merge_data_file if path.startswith(f"{DATA_FOLDER}/") else merge_file
            merged[path] = merge_one(base, mine, theirs)
        except _UnmergeableError:
            conflicts.append(FileConflict(path, base, mine, theirs))
    if conflicts:
        raise EditConflictError(tuple(conflicts))
    return merged


def merge_file(base: bytes | None, mine: bytes | None, theirs: bytes | None) -> bytes | None:
    """Return one text that holds both changes. None stands for no text at all."""
    if theirs in (base, mine):
        return mine
    if mine == base:
        return theirs
    if base is None or mine is None or theirs is None:
        raise _UnmergeableError
    texts = base, mine, theirs
    if any(WINDOWS_END in text for text in texts) and not any(b"\0" in text for text in texts):
        # An editor on another system ends all lines in its own way: that alone is no change of them.
        end = WINDOWS_END if WINDOWS_END in theirs else b"\n"
        merged = merge_file(*(text.replace(WINDOWS_END, b"\n") for text in texts))
        return None if merged is None else merged.replace(b"\n", end)
    try:
        cut = [_cut(text) for text in texts]
    except _NoHeaderError:
        return _merge_lines(base, mine, theirs)
    (base_keys, base_body), (my_keys, my_body), (their_keys, their_body) = cut
    header = _merge_headers(base_keys, my_keys, their_keys)
    return b"---\n" + header + b"---\n" + (merge_file(base_body, my_body, their_body) or b"")


def merge_lines(base: str, mine: str, theirs: str) -> str | None:
    """Return lines that hold both changes, or None where both changed the same."""
    try:
        return _merge_lines(base.encode(), mine.encode(), theirs.encode()).decode()
    except _UnmergeableError:
        return None


def _merge_data_file(base: bytes | None, mine: bytes | None, theirs: bytes | None) -> bytes | None:
    """Merge entry by entry. A file of which that cannot be told is merged as any other."""
    if theirs in (base, mine) or mine == base or base is None or mine is None or theirs is None:
        return merge_file(base, mine, theirs)
    try:
        texts = [one.decode("utf-8-sig").replace("\r\n", "\n") for one in (base, mine, theirs)]
        return merge_entries(*texts, merge_lines=merge_lines).encode()
    except EntriesConflictError as error:
        raise _UnmergeableError from error
    except (DataFileError, UnicodeDecodeError):
        return merge_file(base, mine, theirs)


def _cut(text: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """Return a page's header as the lines of each key, and its body."""
    page = _PAGE.fullmatch(text)
    if not page:
        raise _NoHeaderError
    entries = _ENTRY.findall(page["header"])
    lines = {key: entry for entry, key in entries}
    if b"".join(lines.values()) != page["header"]:
        raise _NoHeaderError
    return lines, page["body"]


def _merge_headers(base: dict[bytes, bytes], mine: dict[bytes, bytes], theirs: dict[bytes, bytes]) -> bytes:
    """Merge key by key. Keys stand on lines next to each other, and one has nothing to do with the other."""
    merged = []
    for key in dict.fromkeys([*theirs, *mine]):
        one = base.get(key), mine.get(key), theirs.get(key)
        if one[2] in one[:2]:
            merged.append(one[1])
        elif one[0] == one[1]:
            merged.append(one[2])
        else:
            raise _UnmergeableError
    return b"".join(filter(None, merged))


def _merge_lines(base: bytes, mine: bytes, theirs: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, text in (("mine", mine), ("base", base), ("theirs", theirs)):
            (folder / title).write_bytes(text)
        try:
            return Git(folder).run("merge-file", "--stdout", "--quiet", "mine", "base", "theirs")
        except GitError as error:
            raise _UnmergeableError from error
