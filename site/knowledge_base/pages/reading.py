"""Read the files of the content folder, as they are on disk or as a change would make them."""

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge_base.access.audiences import Audiences, AudiencesError, audiences_from
from knowledge_base.pages import fences, front_matter, strict_yaml
from knowledge_base.pages.attachments import AttachmentFile
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import (
    DATA_FOLDER,
    LARGEST_PAGE,
    FileNotReadError,
    UnreadableFileError,
    is_there,
    read_content,
    text_of,
)
from knowledge_base.pages.pinned import Pinned, load_pinned
from knowledge_base.pages.redirects import Redirects, load_redirects
from knowledge_base.pages.scanning import Scan
from knowledge_base.pages.sources import Sources, load_sources
from knowledge_base.pages.strict_yaml import ChangedFile, YamlError, YamlFile
from knowledge_base.pages.synonyms import Synonyms, load_synonyms
from knowledge_base.pages.values import LocalData, load_local_data


@dataclass(frozen=True)
class PageFile:
    """A page's file as read: its header and body, or why it cannot be used.

    `text` is the whole of a file that cannot be cut into the two; empty where nobody knows what it holds.
    """

    header: str
    body: str
    body_line: int
    faults: tuple[Fault, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class DataFiles:
    """What the data folder holds. `digest` changes with any of its files."""

    audiences: Audiences
    local: LocalData
    sources: Sources
    synonyms: Synonyms
    pinned: Pinned
    redirects: Redirects
    faults: tuple[Fault, ...]
    digest: str


@dataclass(frozen=True)
class Files:
    """All that was read of the content folder at one time."""

    found: Scan
    data: DataFiles
    pages: Mapping[str, PageFile]
    attachments: Mapping[str, AttachmentFile] = field(default_factory=dict)


def read_page_file(content: Path, path: str) -> PageFile:
    """Read one page's file. Never raises: a fault is part of the result."""
    name = f"{path}.md"
    try:
        return page_file_of(path, read_content(content / name, largest=LARGEST_PAGE))
    except FileNotReadError as error:
        return PageFile("", "", 0, (Fault(name, str(error), may_pass=True, is_unread=error.is_there),))


def page_file_of(path: str, content: bytes) -> PageFile:
    """Cut a page's file of this content into header and body."""
    name = f"{path}.md"
    try:
        header, body, body_line = front_matter.split(text_of(content))
    except UnreadableFileError as error:
        return PageFile("", "", 0, (Fault(name, str(error)),), _whole(content))
    except front_matter.FrontMatterError as error:
        faults = tuple(Fault(name, fault.message, fault.line) for fault in error.faults)
        return PageFile("", "", 0, faults, _whole(content))
    try:
        fences.split_by_audience(body)
    except fences.BlockError as error:
        fault = Fault(name, error.message, body_line + error.line - 1)
        return PageFile(header, body, body_line, (fault,))
    return PageFile(header, body, body_line)


def read_data_files(content: Path, changed: Mapping[str, bytes | None] | None = None) -> DataFiles:
    """Read the data folder, with some of its files as `changed` has them.

    Without a readable audiences file nobody is in any audience.
    """
    folder, changed = content / DATA_FOLDER, changed or {}
    would_be_there = any(one is not None for one in changed.values())
    try:
        odd = [] if would_be_there and not folder.exists() else _odd_files(folder, changed)
    except OSError as error:
        reason = f"the folder cannot be read ({error.strerror})"
        return _no_data(reason, may_pass=True, is_unread=is_there(error))
    if odd:
        return _no_data(f"{odd[0]} is a link or no ordinary file", may_pass=False)

    def file(name: str) -> YamlFile:
        relative = f"{DATA_FOLDER}/{name}"
        return ChangedFile(name, changed[relative]) if relative in changed else folder / name

    audiences, faults = _read_audiences(file("audiences.yml"))
    local = load_local_data(file("council.yml"), file("contacts.yml"))
    sources = load_sources(file("sources.yml"))
    synonyms = load_synonyms(file("synonyms.yml"), audiences=audiences)
    pinned = load_pinned(file("pinned.yml"), audiences=audiences)
    redirects = load_redirects(file("redirects.yml"), audiences=audiences)
    faults += [*local.faults, *sources.faults, *synonyms.faults, *pinned.faults, *redirects.faults]
    digest = digest_of(repr((audiences, local, sources, synonyms, pinned, redirects)))
    return DataFiles(audiences, local, sources, synonyms, pinned, redirects, tuple(faults), digest)


def _whole(content: bytes) -> str:
    """Return a broken file's text as far as it is one; nothing of one that is larger than what was read of it."""
    text = content.decode("utf-8-sig", "replace") if len(content) <= LARGEST_PAGE else ""
    return text.replace("\r\n", "\n")


def digest_of(text: str) -> str:
    """Return one word for a text, the same in every process."""
    return hashlib.sha256(text.encode()).hexdigest()


def _odd_files(folder: Path, changed: Mapping[str, bytes | None]) -> list[str]:
    """Name what in the data folder is a link or no ordinary file."""
    paths = [folder, *(path for path in folder.glob("*") if f"{DATA_FOLDER}/{path.name}" not in changed)]
    return [path.name for path in paths if not _is_plain(path)]


def _no_data(reason: str, *, may_pass: bool, is_unread: bool = False) -> DataFiles:
    message = f"{reason}, so no data file is read and nobody is in any audience"
    fault = Fault(f"{DATA_FOLDER}/", message, may_pass=may_pass, is_unread=is_unread)
    nothing = (LocalData(), Sources(), Synonyms(), Pinned(), Redirects())
    return DataFiles(Audiences(), *nothing, (fault,), digest_of(message))


def _read_audiences(file: YamlFile) -> tuple[Audiences, list[Fault]]:
    name, outcome = f"{DATA_FOLDER}/{file.name}", "nobody is in any audience until this is mended"
    try:
        return audiences_from(strict_yaml.read(file) or {}), []
    except YamlError as error:
        return Audiences(), [error.fault_of(name, outcome)]
    except AudiencesError as error:
        reason = str(error)
    except FileNotFoundError:
        reason = "there is no such file"
    return Audiences(), [Fault(name, f"{outcome}: {reason}")]


def _is_plain(path: Path) -> bool:
    mode = path.lstat().st_mode
    return stat.S_ISDIR(mode) or stat.S_ISREG(mode)
