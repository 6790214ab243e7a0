"""Put an edition together from the files that were read: who may read each folder and page, and what is left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.pages import front_matter
from knowledge_base.pages.attachments import Attachment, AttachmentFile, page_of
from knowledge_base.pages.edition import Edition, reading_order
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import folder_of, folders_above, url_of
from knowledge_base.pages.inline import entries_used
from knowledge_base.pages.page import Page, PageMeta, Publishing
from knowledge_base.pages.reading import Files, PageFile, digest_of
from knowledge_base.pages.rendering import Renderer
from knowledge_base.pages.stand_ins import OUTCOME, FindStandIn

# Nobody is in this audience: audiences.yml cannot define one without a name.
NOBODY = Requirement(frozenset({""}))


class Assembly:
    """One edition in the making."""

    def __init__(self, files: Files, *, renderer: Renderer, find_stand_in: FindStandIn | None = None) -> None:
        self._read = files
        self._files = files.pages
        self._find_stand_in = find_stand_in
        self._stand_ins: dict[str, PageFile | None] = {}
        # By the file itself, all of which live as long as this does.
        self._metas: dict[int, tuple[PageMeta | None, list[Fault]]] = {}
        self._data = files.data
        self._renderer = renderer
        self._faults = [*files.found.faults, *files.data.faults]
        self._closed = files.found.closed
        self._requirements: dict[str, Requirement] = {}
        self._attachments = self._by_page(files.attachments)

    def edition(self) -> Edition:
        """Return the edition. A page with any fault is not in it."""
        self._find_folder_requirements()
        taken = Counter(url_of(path) for path in self._files)
        found = [page for path in self._files if (page := self._page(path, taken)) is not None]
        pages = {page.url: page for page in sorted(found, key=reading_order)}
        signs = [f"{page.url} {page.fingerprint}" for page in pages.values()]
        signs += [f"{folder} {requirement.key}" for folder, requirement in sorted(self._requirements.items())]
        redirects, circles = self._data.redirects.resolved(live=taken)
        self._faults += circles
        recorded = frozenset(folder for folder in self._requirements if self._asks_to_record(folder))
        two_person = frozenset(folder for folder in ("", *self._requirements) if self._asks_for_second_person(folder))
        signs += [*sorted(recorded), *sorted(two_person)]
        return Edition(
            version=digest_of("\n".join([*signs, self._data.digest])),
            pages=pages,
            folders=dict(self._requirements),
            recorded=recorded,
            two_person=two_person,
            audiences=self._data.audiences,
            data=self._data.local,
            sources=self._data.sources,
            synonyms=self._data.synonyms,
            pinned=self._data.pinned,
            redirects=redirects,
            attachments={one.url: one for page in pages.values() for one in page.files},
            faults=tuple(sorted(self._faults)),
            files=self._read,
            _renderer=self._renderer,
        )

    def _by_page(self, read: Mapping[str, AttachmentFile]) -> dict[str, tuple[Attachment, ...]]:
        """Return the files of each page that there is a file for."""
        found: dict[str, tuple[Attachment, ...]] = {}
        for path, file in sorted(read.items()):
            page = page_of(path)
            self._faults += file.faults
            if page not in self._files:
                message = f"there is no page {page}.md for this file: rename the folder, or delete the file"
                self._faults.append(Fault(path, message))
            elif file.attachment:
                found[page] = (*found.get(page, ()), file.attachment)
        return found

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
            header = _known_header(self._stand_in(f"{folder}/index") or index)
            return above.narrowed_by(front_matter.read_audience(header, audiences=self._data.audiences))
        except front_matter.FrontMatterError:
            message = f"nobody may read the folder {folder} until this page's header says who may"
            self._faults.append(Fault(f"{folder}/index.md", message))
            return NOBODY

    def _asks_to_record(self, folder: str) -> bool:
        index = self._files.get(f"{folder}/index")
        try:
            header = (self._stand_in(f"{folder}/index") or index).header if index else ""
            return front_matter.asks_to_record_reading(header)
        except front_matter.FrontMatterError:
            return False

    def _asks_for_second_person(self, folder: str) -> bool:
        path = f"{folder}/index" if folder else "index"
        index, stand_in = self._files.get(path), self._stand_in(path)
        # What a broken header asks for counts too, and one that cannot be read asks for it.
        return any(front_matter.asks_for_second_person(one.header) for one in (index, stand_in) if one)

    def _stand_in(self, path: str) -> PageFile | None:
        """Return what is shown instead of a broken page, or None for a good one and where nothing may be shown."""
        if path not in self._stand_ins:
            file = self._files.get(path)
            is_broken = file is not None and self._read_meta(file, path)[0] is None
            self._stand_ins[path] = self._find_stand_in(path) if is_broken and self._find_stand_in else None
        return self._stand_ins[path]

    def _read_meta(self, file: PageFile, path: str) -> tuple[PageMeta | None, list[Fault]]:
        """Return what a file's header says, None if it has any fault; and what is wrong with the file."""
        if id(file) not in self._metas:
            self._metas[id(file)] = self._parse_meta(file, path)
        meta, faults = self._metas[id(file)]
        return meta, list(faults)

    def _parse_meta(self, file: PageFile, path: str) -> tuple[PageMeta | None, list[Fault]]:
        meta, faults = None, list(file.faults)
        try:
            meta = front_matter.parse(file.header, audiences=self._data.audiences) if file.header else None
        except front_matter.FrontMatterError as error:
            faults += [Fault(f"{path}.md", fault.message, fault.line) for fault in error.faults]
        return (None if faults else meta), faults

    def _page(self, path: str, taken: Counter[str]) -> Page | None:
        file, url, name = self._files[path], url_of(path), f"{path}.md"
        meta, faults = self._read_meta(file, path)
        if stand_in := self._stand_in(path):
            self._faults += [replace(fault, message=f"{fault.message}; {OUTCOME}") for fault in faults]
            file = stand_in
            meta, faults = self._read_meta(file, path)
        if taken[url] > 1:
            faults.append(Fault(name, f"another file has the address {url} too; neither is shown: rename one"))
        above = self._requirements.get(folder_of(path), Requirement())
        requirement = above.narrowed_by(meta.audience if meta else None)
        if meta and (problem := _misplaced(meta, path, requirement)):
            faults.append(Fault(name, problem))
        self._faults += faults
        if faults or meta is None:
            return None
        return self._shown(path, file, meta, requirement, is_stand_in=stand_in is not None)

    def _shown(self, path: str, file: PageFile, meta: PageMeta, requirement: Requirement, *, is_stand_in: bool) -> Page:
        files = self._attachments.get(path, ())
        used = (
            entries_used(file.body, self._data.local),
            [self._data.sources.by_id.get(one.source) for one in meta.sources],
            [(one.url, one.digest) for one in files],
        )
        revision = digest_of("\0".join([file.header, file.body, repr(used)]))
        fingerprint = digest_of(f"{revision} {requirement.key} {_CODE}")
        return Page(
            path=path,
            url=url_of(path),
            meta=meta,
            requirement=requirement,
            body=file.body,
            body_line=file.body_line,
            revision=revision,
            fingerprint=fingerprint,
            files=files,
            is_stand_in=is_stand_in,
        )


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


# An upgrade may render the same file differently, so the program's own text is part of a page's fingerprint.
_CODE = digest_of("".join(file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.py"))))
