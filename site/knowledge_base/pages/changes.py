"""What the content folder would hold if some of its files had another content."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from knowledge_base.pages.attachments import AttachmentFile, attachment_of, page_of
from knowledge_base.pages.files import DATA_FOLDER, FILES_FOLDER, folder_of, folders_above
from knowledge_base.pages.reading import DataFiles, Files, PageFile, page_file_of, read_data_files
from knowledge_base.pages.scanning import Scan, changed_scan

Changes = Mapping[str, bytes | None]


def changed_files(content: Path, files: Files, changes: Changes) -> Files:
    """Return what would be read, had the files under `content/` that `changes` names that content. None: no such file.

    Raises ValueError for a name that is no path under the folder.
    """
    for relative in changes:
        if not _is_within(relative):
            message = f"{relative!r} is no path of a file in the content folder"
            raise ValueError(message)
    found = changed_scan(files.found, changes)
    return Files(
        found=found,
        data=_data(content, files, changes),
        pages=_pages(files, found, changes),
        attachments=_attachments(files, found, changes),
    )


def files_around(files: Files, changes: Changes) -> Files:
    """Return what decides who may read the changed pages: they, those with the same address, and the folders' indexes.

    Among many pages these are few, and an edition of them is made quickly.
    """
    wanted = {name for relative in changes for name in _names_around(relative)}
    found = replace(
        files.found, pages={name: sign for name, sign in files.found.pages.items() if name in wanted}, attachments={}
    )
    return replace(files, found=found, pages={name: files.pages[name] for name in found.pages}, attachments={})


def _names_around(relative: str) -> Iterator[str]:
    page = page_of(relative) if FILES_FOLDER in relative.split("/") else relative.removesuffix(".md")
    yield from ("index", page, f"{page}/index", page.removesuffix("/index"))
    yield from (f"{folder}/index" for folder in folders_above(folder_of(page)))


def _is_within(relative: str) -> bool:
    parts = relative.split("/")
    return str(PurePosixPath(relative)) == relative and not {"", ".", ".."}.intersection(parts) and "\0" not in relative


def _data(content: Path, files: Files, changes: Changes) -> DataFiles:
    changed = {relative: to for relative, to in changes.items() if relative.startswith(f"{DATA_FOLDER}/")}
    return read_data_files(content, changed) if changed else files.data


def _pages(files: Files, found: Scan, changes: Changes) -> Mapping[str, PageFile]:
    return {
        path: page_file_of(path, new) if (new := changes.get(f"{path}.md")) is not None else files.pages[path]
        for path in found.pages
    }


def _attachments(files: Files, found: Scan, changes: Changes) -> Mapping[str, AttachmentFile]:
    return {
        path: attachment_of(path, new) if (new := changes.get(path)) is not None else files.attachments[path]
        for path in found.attachments
    }
