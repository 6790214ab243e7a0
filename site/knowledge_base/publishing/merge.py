"""Bring two changes of one file together: lines that only one of them changed are taken from that one."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.errors import EditConflictError, FileConflict
from knowledge_base.repository.git import Git, GitError


def merge(files: Iterable[FileChange], theirs: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """Return what each file becomes, with what others made of it meanwhile kept.

    Raises EditConflictError, naming every file in which both changed the same lines, or one removed what the other
    changed.
    """
    merged: dict[str, bytes | None] = {}
    conflicts = []
    for file in files:
        try:
            merged[file.path] = merge_file(file.base, file.content, theirs[file.path])
        except _UnmergeableError:
            conflicts.append(FileConflict(file.path, file.base, file.content, theirs[file.path]))
    if conflicts:
        raise EditConflictError(tuple(conflicts))
    return merged


class _UnmergeableError(Exception):
    """Both changed the same lines."""


def merge_file(base: bytes | None, mine: bytes | None, theirs: bytes | None) -> bytes | None:
    """Return one file that holds both changes."""
    if theirs in (base, mine):
        return mine
    if mine == base:
        return theirs
    if base is None or mine is None or theirs is None:
        raise _UnmergeableError
    return _merge_lines(base, mine, theirs)


def _merge_lines(base: bytes, mine: bytes, theirs: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, text in (("mine", mine), ("base", base), ("theirs", theirs)):
            (folder / title).write_bytes(text)
        try:
            return Git(folder).run("merge-file", "--stdout", "--quiet", "mine", "base", "theirs")
        except GitError as error:
            raise _UnmergeableError from error
