"""Say as one change what becomes of a page: the files, and the addresses that it gives up."""

from dataclasses import dataclass

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Kind
from knowledge_base.moving.carrying import carried_files
from knowledge_base.moving.errors import MovingError, PlaceError
from knowledge_base.moving.places import check_not_fixed, check_place, files_of, pages_below
from knowledge_base.moving.taken_away import TakenAway, files_of_taken_away
from knowledge_base.pages.attachments import folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import folder_of, url_of
from knowledge_base.pages.page import Page
from knowledge_base.publishing.changes import Change, FileChange
from knowledge_base.publishing.moves import HERE_AGAIN, NOWHERE, REASON, TAKEN_AWAY_BY, Move, trailers_for
from knowledge_base.publishing.permission import can_edit_page
from knowledge_base.publishing.store import ContentStore

MOVED_TO = "Moved-to"


@dataclass(frozen=True)
class Plans:
    """Makes changes for one person, of the content as it stands."""

    store: ContentStore
    edition: Edition
    viewer: Viewer

    def move(self, page: Page, to: str, *, note: str, name: str) -> Change:
        """Return the change that moves a page, or a folder with all that is in it. Raises MovingError."""
        old, new = (folder_of(page.path), to) if page.is_index else (page.path, to)
        paths = self._paths(page)
        if page.is_index and f"{new}/".startswith(f"{old}/"):
            message = "A folder cannot be moved into itself"
            raise PlaceError(message)
        check_place(self.edition, new, viewer=self.viewer)
        there = {path: f"{new}{path[len(old) :]}" for path in paths}
        files = []
        for path, target in self._all_files(paths, there).items():
            content = self.store.files.read(path)
            files += [FileChange(path, None, content), FileChange(target, content, None)]
        moves = [Move(url_of(path), url_of(target)) for path, target in there.items()]
        return Change(
            tuple(files),
            subject=page.path,
            note=note,
            kind=Kind.PAGE_MOVED,
            details={"to": url_of(there[page.path])},
            trailers={**trailers_for(moves), MOVED_TO: there[page.path]},
            name=name,
        )

    def merge(self, page: Page, into: Page, *, file: FileChange, note: str, name: str) -> Change:
        """Return the change that takes a page away and puts its words, and its files, into another.

        That one's file then is this.
        """
        self._check_single(page)
        carried = carried_files(self.store, self.edition, page, into, text=(file.content or b"").decode())
        files = (*self._removals(page), file, *carried)
        return Change(
            files,
            subject=page.path,
            note=note,
            kind=Kind.PAGE_MOVED,
            details={"to": into.url},
            trailers={**trailers_for([Move(page.url, into.url)]), MOVED_TO: into.path},
            name=name,
        )

    def withdraw(self, page: Page, *, reason: str, note: str, name: str) -> Change:
        """Return the change that takes a page off the site and tells whoever asks for it why."""
        self._check_single(page)
        return Change(
            tuple(self._removals(page)),
            subject=page.path,
            note=note,
            kind=Kind.PAGE_WITHDRAWN,
            details={REASON: reason},
            trailers=trailers_for([Move(page.url, NOWHERE)]),
            name=name,
        )

    def delete(self, page: Page, *, note: str, name: str) -> Change:
        """Return the change that takes a page away as if it had never been there. Its history stays."""
        self._check_single(page)
        return Change(
            tuple(self._removals(page)),
            subject=page.path,
            note=note,
            kind=Kind.PAGE_DELETED,
            trailers=trailers_for([Move(page.url, NOWHERE)]),
            name=name,
        )

    def bring_back(self, page: TakenAway, *, note: str, name: str) -> Change:
        """Return the change that puts a page that was taken away, and its files, where they were."""
        check_place(self.edition, page.path.removesuffix("/index"), viewer=self.viewer)
        if not page.requirement.audiences <= page.own_audiences | self.edition.folder_requirement(page.url).audiences:
            message = "More people could read it than when it was taken away, for its folder has another audience now"
            raise MovingError(message)
        return Change(
            tuple(FileChange(file, content, None) for file, content in files_of_taken_away(self.store, page).items()),
            subject=page.path,
            note=note,
            kind=Kind.PAGE_BROUGHT_BACK,
            trailers={**trailers_for([Move(page.url, HERE_AGAIN)]), TAKEN_AWAY_BY: page.revision},
            name=name,
        )

    def _paths(self, page: Page) -> tuple[str, ...]:
        paths = pages_below(self.edition, page)
        check_not_fixed(map(url_of, paths))
        if not all(can_edit_page(self.viewer, self.edition, path) for path in paths):
            message = "There are pages in this folder that you may not change"
            raise MovingError(message)
        return paths

    def _check_single(self, page: Page) -> None:
        if len(self._paths(page)) > 1:
            message = "The folder is not empty: move or delete its other pages first"
            raise MovingError(message)

    def _removals(self, page: Page) -> list[FileChange]:
        names = [f"{page.path}.md", *files_of(self.edition, [page.path])]
        return [FileChange(name, None, self.store.files.read(name)) for name in names]

    def _all_files(self, paths: tuple[str, ...], there: dict[str, str]) -> dict[str, str]:
        """Return each file that moves, with where it goes."""
        attached = files_of(self.edition, paths)
        return {f"{path}.md": f"{there[path]}.md" for path in paths} | {
            file: f"{folder_for(there[page])}/{file.rpartition('/')[2]}" for file, page in attached.items()
        }
