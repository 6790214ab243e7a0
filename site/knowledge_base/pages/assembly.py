"""Put an edition together from the files that were read: who may read each folder and page, and what is left out."""

import hashlib
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.access.audiences import OPEN, Audiences, AudiencesError, Requirement, audiences_from
from knowledge_base.pages import fences, front_matter, strict_yaml
from knowledge_base.pages.edition import Edition, reading_order
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import (
    DATA_FOLDER,
    FileNotReadError,
    Scan,
    UnreadableFileError,
    folder_of,
    folders_above,
    read_text,
    url_of,
)
from knowledge_base.pages.inline import entries_used
from knowledge_base.pages.page import Page, PageMeta, Publishing
from knowledge_base.pages.pinned import Pinned, load_pinned
from knowledge_base.pages.rendering import Renderer
from knowledge_base.pages.sources import Sources, load_sources
from knowledge_base.pages.strict_yaml import YamlError
from knowledge_base.pages.synonyms import Synonyms, load_synonyms
from knowledge_base.pages.values import LocalData, load_local_data

# Nobody is in this audience: audiences.yml cannot define one without a name.
NOBODY = Requirement(frozenset({""}))


@dataclass(frozen=True)
class PageFile:
    """A page's file as read: its header and body, or why it cannot be used."""

    header: str
    body: str
    body_line: int
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class DataFiles:
    """What the data folder holds. `digest` changes with any of its files."""

    audiences: Audiences
    local: LocalData
    sources: Sources
    synonyms: Synonyms
    pinned: Pinned
    faults: tuple[Fault, ...]
    digest: str


def read_page_file(content: Path, path: str) -> PageFile:
    """Read one page's file and cut it into header and body. Never raises: a fault is part of the result."""
    name = f"{path}.md"
    try:
        header, body, body_line = front_matter.split(read_text(content / name))
    except UnreadableFileError as error:
        fault = Fault(name, str(error), may_pass=isinstance(error, FileNotReadError))
        return PageFile("", "", 0, (fault,))
    except front_matter.FrontMatterError as error:
        return PageFile("", "", 0, tuple(Fault(name, fault.message, fault.line) for fault in error.faults))
    try:
        fences.split_by_audience(body)
    except fences.BlockError as error:
        fault = Fault(name, error.message, body_line + error.line - 1)
        return PageFile(header, body, body_line, (fault,))
    return PageFile(header, body, body_line)


def read_data_files(content: Path) -> DataFiles:
    """Read the data folder. Without a readable audiences file nobody is in any audience."""
    folder = content / DATA_FOLDER
    try:
        odd = [path.name for path in (folder, *folder.glob("*")) if not _is_plain(path)]
    except OSError as error:
        return _no_data(f"the folder cannot be read ({error.strerror})", may_pass=True)
    if odd:
        return _no_data(f"{odd[0]} is a link or no ordinary file", may_pass=False)
    audiences, faults = _read_audiences(folder / "audiences.yml")
    local = load_local_data(folder)
    sources = load_sources(folder / "sources.yml")
    synonyms = load_synonyms(folder / "synonyms.yml", audiences=audiences)
    pinned = load_pinned(folder / "pinned.yml", audiences=audiences)
    faults += [*local.faults, *sources.faults, *synonyms.faults, *pinned.faults]
    digest = _digest(repr((audiences, local, sources, synonyms, pinned)))
    return DataFiles(audiences, local, sources, synonyms, pinned, tuple(faults), digest)


def _no_data(reason: str, *, may_pass: bool) -> DataFiles:
    message = f"{reason}, so no data file is read and nobody is in any audience"
    fault = Fault(f"{DATA_FOLDER}/", message, may_pass=may_pass)
    return DataFiles(Audiences(), LocalData(), Sources(), Synonyms(), Pinned(), (fault,), _digest(message))


def _read_audiences(path: Path) -> tuple[Audiences, list[Fault]]:
    name, outcome = f"{DATA_FOLDER}/{path.name}", "nobody is in any audience until this is mended"
    try:
        return audiences_from(strict_yaml.read(path) or {}), []
    except YamlError as error:
        return Audiences(), [error.fault_of(name, outcome)]
    except AudiencesError as error:
        reason = str(error)
    except FileNotFoundError:
        reason = "there is no such file"
    return Audiences(), [Fault(name, f"{outcome}: {reason}")]


class Assembly:
    """One edition in the making."""

    def __init__(self, files: Mapping[str, PageFile], data: DataFiles, found: Scan, *, renderer: Renderer) -> None:
        self._files = files
        self._data = data
        self._renderer = renderer
        self._faults = [*found.faults, *data.faults]
        self._closed = found.closed
        self._requirements: dict[str, Requirement] = {}

    def edition(self) -> Edition:
        """Return the edition. A page with any fault is not in it."""
        self._find_folder_requirements()
        taken = Counter(url_of(path) for path in self._files)
        found = [page for path in self._files if (page := self._page(path, taken)) is not None]
        pages = {page.url: page for page in sorted(found, key=reading_order)}
        signs = [f"{page.url} {page.fingerprint}" for page in pages.values()]
        signs += [f"{folder} {requirement.key}" for folder, requirement in sorted(self._requirements.items())]
        recorded = frozenset(folder for folder in self._requirements if self._asks_to_record(folder))
        two_person = frozenset(folder for folder in ("", *self._requirements) if self._asks_for_second_person(folder))
        signs += [*sorted(recorded), *sorted(two_person)]
        return Edition(
            version=_digest("\n".join([*signs, self._data.digest])),
            pages=pages,
            folders=dict(self._requirements),
            recorded=recorded,
            two_person=two_person,
            audiences=self._data.audiences,
            data=self._data.local,
            sources=self._data.sources,
            synonyms=self._data.synonyms,
            pinned=self._data.pinned,
            faults=tuple(sorted(self._faults)),
            _renderer=self._renderer,
        )

    def _find_folder_requirements(self) -> None:
        folders = {above for path in self._files for above in folders_above(folder_of(path))}
        for folder in sorted(folders | self._closed):
            above = self._requirements.get(folder_of(folder), Requirement())
            narrowed = NOBODY if folder in self._closed else self._narrowed(above, folder)
            self._requirements[folder] = NOBODY if above == NOBODY else narrowed

    def _narrowed(self, above: Requirement, folder: str) -> Requirement:
        """Return what is above the folder and its index's audience. Where none is known, nobody may read the folder.

        So a file that is missing for a moment, as editors and git replace it, opens nothing in any process.
        """
        index = self._files.get(f"{folder}/index")
        if index is None:
            message = "the folder has no index.md to say who may read it, so nobody may read what is in it: add one"
            self._faults.append(Fault(f"{folder}/", message))
            return NOBODY
        try:
            return above.narrowed_by(front_matter.read_audience(_known_header(index), audiences=self._data.audiences))
        except front_matter.FrontMatterError:
            message = f"nobody may read the folder {folder} until this page's header says who may"
            self._faults.append(Fault(f"{folder}/index.md", message))
            return NOBODY

    def _asks_to_record(self, folder: str) -> bool:
        index = self._files.get(f"{folder}/index")
        try:
            return index is not None and front_matter.asks_to_record_reading(index.header)
        except front_matter.FrontMatterError:
            return False

    def _asks_for_second_person(self, folder: str) -> bool:
        index = self._files.get(f"{folder}/index" if folder else "index")
        return index is not None and front_matter.asks_for_second_person(index.header)

    def _page(self, path: str, taken: Counter[str]) -> Page | None:
        file, url, name = self._files[path], url_of(path), f"{path}.md"
        faults = list(file.faults)
        if taken[url] > 1:
            faults.append(Fault(name, f"another file has the address {url} too; neither is shown: rename one"))
        meta = None
        try:
            meta = front_matter.parse(file.header, audiences=self._data.audiences) if file.header else None
        except front_matter.FrontMatterError as error:
            faults += [Fault(name, fault.message, fault.line) for fault in error.faults]
        above = self._requirements.get(folder_of(path), Requirement())
        requirement = above.narrowed_by(meta.audience if meta else None)
        if meta and (problem := _misplaced(meta, path, requirement)):
            faults.append(Fault(name, problem))
        self._faults += faults
        if faults or meta is None:
            return None
        used = (
            entries_used(file.body, self._data.local),
            [self._data.sources.by_id.get(one.source) for one in meta.sources],
        )
        revision = _digest("\0".join([file.header, file.body, repr(used)]))
        fingerprint = _digest(f"{revision} {requirement.key} {_CODE}")
        return Page(path, url, meta, requirement, file.body, file.body_line, revision, fingerprint)


def _misplaced(meta: PageMeta, path: str, requirement: Requirement) -> str | None:
    """Say what of a header may not stand in this page, or None."""
    if path == "index" and meta.audience not in {None, OPEN}:
        return "the home page is open to everyone: narrow the folders instead"
    if meta.publishing is Publishing.TWO_PERSON and path.rpartition("/")[2] != "index":
        return "'publishing' may only stand in the index.md of a folder"
    if meta.record_reading and not path.endswith("/index"):
        return "'record_reading' may only stand in the index.md of a folder"
    if meta.record_reading and requirement.is_open:
        return "'record_reading' may only stand in a folder that is not open: who reads open pages is never recorded"
    return None


def _known_header(file: PageFile) -> str:
    if not file.header:
        raise front_matter.FrontMatterError(*[front_matter.HeaderFault(one.line, one.message) for one in file.faults])
    return file.header


def _is_plain(path: Path) -> bool:
    mode = path.lstat().st_mode
    return stat.S_ISDIR(mode) or stat.S_ISREG(mode)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# An upgrade may render the same file differently, so the program's own text is part of a page's fingerprint.
_CODE = _digest("".join(file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.py"))))
