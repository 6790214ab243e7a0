"""Pages as they were in a commit, with who could read them then: by the same rules as pages of today."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TypeVar

from markupsafe import Markup

from knowledge_base.access.audiences import OPEN, Audiences, Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.pages.assembly import NOBODY, Assembly
from knowledge_base.pages.attachments import ADDRESS, folder_for
from knowledge_base.pages.changes import changed_files
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.files import folder_of, folders_above, url_of
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.reading import DataFiles, Files, read_data_files
from knowledge_base.pages.rendering import Renderer
from knowledge_base.pages.scanning import Scan
from knowledge_base.pages.values import Contact, LocalData, Value
from knowledge_base.repository.blobs import Blobs, Place
from knowledge_base.repository.repository import Repository

MOST_KEPT = 1_000
MOST_PLACES = 10_000
DATA = tuple(f"_data/{name}.yml" for name in ("audiences", "council", "contacts", "sources"))
# There is nothing at this place, so that only what the commit had is read.
NOWHERE = Path("/dev/null/content")
NOTHING = Files(Scan({}, {}, {}, frozenset(), ()), read_data_files(NOWHERE), {})

_TITLE = Markup("<h2>{}</h2><p>{}</p>")
_Entry = TypeVar("_Entry", Value, Contact)
_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


@dataclass(frozen=True)
class PastPage:
    """A page as a commit had it. Without `page` it was shown to nobody then, for a fault in its file or its folder.

    `parts` are the stretches of its text in order, each with its requirement.
    """

    path: str
    text: str
    edition: Edition
    page: Page | None
    parts: tuple[tuple[Requirement, str], ...]

    @property
    def title(self) -> str:
        """The title it had, or its path."""
        return self.page.meta.title if self.page else self.path

    def html_for(self, may_read: MayRead) -> Markup:
        """Return the parts that a reader may read."""
        if self.page is None:
            return Markup()
        html = self.edition.document(self.page).html_for(may_read)
        return Markup(html)  # noqa: S704 - sanitised by pages/markdown.py

    @property
    def heading(self) -> Markup:
        """Its title and summary."""
        return _TITLE.format(self.page.meta.title, self.page.meta.summary) if self.page else Markup()

    def may_read(self, viewer: Viewer, requirement: Requirement, *, now: Audiences) -> bool:
        """Say whether a viewer meets a requirement as the audiences are now, and as they were then."""
        return all(can_read(viewer, requirement, audiences=one) for one in (now, self.edition.audiences))

    def may_read_all(self, viewer: Viewer, *, now: Audiences) -> bool:
        """Say whether a viewer may read every part of it."""
        return all(self.may_read(viewer, requirement, now=now) for requirement, _ in self.parts)


class Past:
    """Pages of the history. Keeps those that were asked for last. Safe between threads."""

    def __init__(self, repository: Repository) -> None:
        self.blobs = Blobs(repository)
        self._pages: OrderedDict[tuple[str, str, str], PastPage | None] = OrderedDict()
        # Most commits leave a page as it was.
        self._read_before: OrderedDict[tuple[str, str, bytes], PastPage] = OrderedDict()
        self._lock = Lock()
        self._renderer = Renderer()

    def page(self, revision: str, path: str, *, now: Edition) -> PastPage | None:
        """Return a page as a commit had it (`path` with `.md`), or None where the commit has no such file."""
        return self.pages([(revision, path)], now=now)[revision, path]

    def pages(self, places: Iterable[Place], *, now: Edition) -> dict[Place, PastPage | None]:
        """Return several at once, which is much quicker. Raises GitError.

        Values and contacts are those of then, but for whom they are is the narrower of then and now.
        """
        wanted, digest = list(dict.fromkeys(places)), now.files.data.digest
        with self._lock:
            found = {one: self._pages[*one, digest] for one in wanted if (*one, digest) in self._pages}
        missing = [one for one in wanted if one not in found]
        contents = self.blobs.read((revision, path) for revision, page in missing for path in _needed(page))
        for revision, path in missing:
            found[revision, path] = self._read(revision, path, contents, now)
        with self._lock:
            _keep(self._pages, {(*one, digest): found[one] for one in missing}, most=MOST_PLACES)
        return found

    def _read(self, revision: str, path: str, contents: Mapping[Place, bytes | None], now: Edition) -> PastPage | None:
        content = contents[revision, path]
        if content is None:
            return None
        of_commit = {one: contents[revision, one] for one in _needed(path) if one not in DATA}
        if f"{ADDRESS}/".encode() in content:
            of_commit |= self.attachments(revision, path)
        data_files = tuple(contents[revision, one] for one in DATA)
        written = repr((sorted(of_commit.items()), data_files))
        key = (path, now.files.data.digest, sha256(written.encode()).digest())
        with self._lock:
            found = self._read_before.get(key)
        if found is None:
            found = self._assemble(path, of_commit, data_files, now)
            with self._lock:
                _keep(self._read_before, {key: found}, most=MOST_KEPT)
        return found

    def _assemble(
        self,
        path: str,
        of_commit: Mapping[str, bytes | None],
        data_files: tuple[bytes | None, ...],
        now: Edition,
    ) -> PastPage:
        data = _read_data(data_files)
        data = replace(data, local=_narrowed(data.local, now.data))
        files = changed_files(NOWHERE, replace(NOTHING, data=data), of_commit)
        edition = Assembly(files, renderer=self._renderer).edition()
        page = edition.page(url_of(path.removesuffix(".md")))
        text = (of_commit[path] or b"").decode("utf-8-sig", "replace")
        return PastPage(path, text, edition, page, _parts(page))

    def attachments(self, revision: str, path: str) -> dict[str, bytes | None]:
        """Return the files of a page as a commit had them, by path. Raises GitError."""
        listed = self.blobs.list_folder(revision, folder_for(path.removesuffix(".md")))
        found = self.blobs.read((revision, one) for one in listed)
        return {one: content for (_, one), content in found.items()}


@lru_cache(maxsize=20)
def _read_data(contents: tuple[bytes | None, ...]) -> DataFiles:
    """Read the data files of a commit. Most commits have the same."""
    return read_data_files(NOWHERE, dict(zip(DATA, contents, strict=True)))


def _keep(kept: OrderedDict[_Key, _Kept], found: Mapping[_Key, _Kept], *, most: int) -> None:
    kept.update(found)
    while len(kept) > most:
        kept.popitem(last=False)


def _needed(path: str) -> list[str]:
    """Return the files on which it depends who may read a page, and what it says."""
    indexes = [f"{folder}/index.md" for folder in folders_above(folder_of(path))]
    return list(dict.fromkeys([path, *indexes, *DATA]))


def _parts(page: Page | None) -> tuple[tuple[Requirement, str], ...]:
    if page is None:
        return ((NOBODY, ""),)
    return tuple(
        (page.requirement.narrowed_by(stretch.audience), stretch.markdown) for stretch in split_by_audience(page.body)
    )


def _narrowed(then: LocalData, now: LocalData) -> LocalData:
    return LocalData(_narrowed_entries(then.values, now.values), _narrowed_entries(then.contacts, now.contacts))


def _narrowed_entries(then: Mapping[str, _Entry], now: Mapping[str, _Entry]) -> dict[str, _Entry]:
    """Return the entries of then, each for whom it is now too. One for two different audiences is for nobody."""
    found = {}
    for key, entry in then.items():
        audience = now[key].audience if key in now else OPEN
        if audience in {OPEN, entry.audience}:
            found[key] = entry
        elif entry.audience == OPEN:
            found[key] = entry.model_copy(update={"audience": audience})
    return found
