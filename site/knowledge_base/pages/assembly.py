"""Put an edition together from the files that were read: who may read each folder and page, and what is left out."""

import hashlib
import re
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.access.audiences import OPEN, Audiences, AudiencesError, Requirement, load_audiences
from knowledge_base.pages import fences, front_matter
from knowledge_base.pages.edition import Edition, reading_order
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import DATA_FOLDER, UnreadableFileError, folder_of, folders_above, read_text, url_of
from knowledge_base.pages.inline import entries_used
from knowledge_base.pages.page import Page
from knowledge_base.pages.rendering import Renderer
from knowledge_base.pages.sources import Sources, load_sources
from knowledge_base.pages.synonyms import Synonyms, load_synonyms
from knowledge_base.pages.values import LocalData, load_local_data

# Nobody is in this audience: audiences.yml cannot define one without a name.
NOBODY = Requirement(frozenset({""}))
_INDEX = re.compile(r"/index\.\w+$", re.IGNORECASE)


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
    faults: tuple[Fault, ...]
    digest: str


def read_page_file(content: Path, path: str) -> PageFile:
    """Read one page's file and cut it into header and body. Never raises: a fault is part of the result."""
    name = f"{path}.md"
    try:
        header, body, body_line = front_matter.split(read_text(content / name))
    except UnreadableFileError as error:
        return PageFile("", "", 0, (Fault(name, str(error)),))
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
    if odd := [path.name for path in (folder, *folder.glob("*")) if not _is_plain(path)]:
        message = f"{odd[0]} is a link or no ordinary file, so no data file is read and nobody is in any audience"
        fault = Fault(DATA_FOLDER, message)
        return DataFiles(Audiences(), LocalData(), Sources(), Synonyms(), (fault,), _digest(message))
    faults: list[Fault] = []
    try:
        audiences = load_audiences(folder / "audiences.yml")
    except AudiencesError as error:
        audiences = Audiences()
        faults.append(Fault(f"{DATA_FOLDER}/audiences.yml", f"nobody is in any audience until this is mended: {error}"))
    local = load_local_data(folder)
    sources = load_sources(folder / "sources.yml")
    synonyms = load_synonyms(folder / "synonyms.yml", audiences=audiences)
    faults += [*local.faults, *sources.faults, *synonyms.faults]
    digest = _digest(repr((audiences, local, sources, synonyms)))
    return DataFiles(audiences, local, sources, synonyms, tuple(faults), digest)


class Assembly:
    """One edition in the making."""

    def __init__(
        self,
        files: Mapping[str, PageFile],
        data: DataFiles,
        faults: Sequence[Fault],
        *,
        renderer: Renderer,
        before: Edition | None,
    ) -> None:
        self._files = files
        self._data = data
        self._renderer = renderer
        self._before = before
        self._faults = [*faults, *data.faults]
        # An index that was meant to say who may read the folder, but is a link, say, or is called Index.md.
        self._refused_indexes = {folder_of(fault.path) for fault in faults if _INDEX.search(fault.path)}
        self._requirements: dict[str, Requirement] = {}

    def edition(self) -> Edition:
        """Return the edition. A page with any fault is not in it."""
        self._find_folder_requirements()
        taken = Counter(url_of(path) for path in self._files)
        found = [page for path in self._files if (page := self._page(path, taken)) is not None]
        pages = {page.url: page for page in sorted(found, key=reading_order)}
        signs = [f"{page.url} {page.fingerprint}" for page in pages.values()]
        signs += [f"{folder} {requirement.key}" for folder, requirement in sorted(self._requirements.items())]
        return Edition(
            version=_digest("\n".join([*signs, self._data.digest])),
            pages=pages,
            folders=dict(self._requirements),
            indexed=frozenset(folder for folder in self._requirements if self._has_had_index(folder)),
            audiences=self._data.audiences,
            data=self._data.local,
            sources=self._data.sources,
            synonyms=self._data.synonyms,
            faults=tuple(sorted(self._faults)),
            _renderer=self._renderer,
        )

    def _find_folder_requirements(self) -> None:
        folders = {above for path in self._files for above in folders_above(folder_of(path))}
        for folder in sorted(folders):
            above = self._requirements.get(folder_of(folder), Requirement())
            self._requirements[folder] = NOBODY if above == NOBODY else self._narrowed(above, folder)

    def _narrowed(self, above: Requirement, folder: str) -> Requirement:
        """Return what is above the folder and its own index's audience. In doubt, nobody may read the folder."""
        index = self._files.get(f"{folder}/index")
        if index is None and self._before is not None and folder in self._before.indexed:
            return self._kept(above, self._before.folders[folder], folder)
        if index is None:
            return NOBODY if folder in self._refused_indexes else above
        try:
            return above.narrowed_by(front_matter.read_audience(_known_header(index), audiences=self._data.audiences))
        except Exception:  # noqa: BLE001 - a header is not trusted: whatever it makes YAML do, the folder stays closed
            message = f"nobody may read the folder {folder} until this page's header says who may"
            self._faults.append(Fault(f"{folder}/index.md", message))
            return NOBODY

    def _kept(self, above: Requirement, before: Requirement, folder: str) -> Requirement:
        """Return what a folder required with its index: editors and git take a file away before they put it back."""
        message = f"the file has gone; until the site is started anew, {folder} keeps the audience that it gave"
        self._faults.append(Fault(f"{folder}/index.md", message))
        return Requirement(above.audiences | before.audiences)

    def _has_had_index(self, folder: str) -> bool:
        return f"{folder}/index" in self._files or (self._before is not None and folder in self._before.indexed)

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
        except Exception as error:  # noqa: BLE001 - as above: only this page is left out
            faults.append(Fault(name, f"the header cannot be read ({type(error).__name__})"))
        if meta and path == "index" and meta.audience not in {None, OPEN}:
            faults.append(Fault(name, "the home page is open to everyone: narrow the folders instead"))
        self._faults += faults
        if faults or meta is None:
            return None
        requirement = self._requirements.get(folder_of(path), Requirement()).narrowed_by(meta.audience)
        used = (
            entries_used(file.body, self._data.local),
            [self._data.sources.by_id.get(one.source) for one in meta.sources],
        )
        revision = _digest("\0".join([file.header, file.body, repr(used)]))
        fingerprint = _digest(f"{revision} {requirement.key} {_CODE}")
        return Page(path, url, meta, requirement, file.body, file.body_line, revision, fingerprint)


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
