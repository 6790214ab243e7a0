"""A draft as the rest of the site sees it: no tie to the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.editing.models import DraftRow
from knowledge_base.pages.files import DATA_FOLDER


@dataclass(frozen=True)
class Draft:
    """What one person makes of one page, or of a data file: `page_path` is that file's path then.

    `text` is the whole file, header and body; `base` the file they began with.
    """

    id: int
    account_id: int
    page_path: str
    base_revision: str | None
    base: bytes | None
    text: str
    version: int
    publication: str | None
    publish_note: Mapping[str, str]
    shared_at: datetime | None
    updated_at: datetime

    @property
    def path(self) -> str:
        """The file under `content/` that the draft is to become."""
        return path_of(self.page_path)

    @property
    def is_data(self) -> bool:
        """Whether it is of a data file."""
        return self.path == self.page_path

    @property
    def name(self) -> str:
        """What its author knows the page or the file by."""
        return self.page_path.removeprefix(f"{DATA_FOLDER}/")

    @property
    def address(self) -> str:
        """Where its author goes on with it."""
        return f"/data/{self.name}" if self.is_data else f"/edit/{self.page_path}"

    @property
    def base_text(self) -> str:
        """What the draft began with, as an editor shows it."""
        return text_of(self.base or b"")

    @property
    def is_changed(self) -> bool:
        """Whether anything was typed."""
        return self.base is None or self.text != self.base_text

    @property
    def content(self) -> bytes:
        """The file as it is to become: the very same bytes where nothing was changed."""
        return self.text.encode() if self.is_changed else self.base or b""


def path_of(page_path: str) -> str:
    """Return the file under `content/` that a draft's subject names: a page's path without `.md`, or a data file's."""
    return page_path if page_path.startswith(f"{DATA_FOLDER}/") else f"{page_path}.md"


def text_of(content: bytes) -> str:
    """Return a file's content as an editor shows it, whatever its line ends. What is no text shows as such."""
    return plain_text(content.decode("utf-8-sig", errors="replace"))


def plain_text(text: str) -> str:
    """Return text with line ends of one kind, and without what a database may not keep."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def draft_of(row: DraftRow) -> Draft:
    """Return what a row of the table holds."""
    return Draft(
        id=row.id,
        account_id=row.account_id,
        page_path=row.page_path,
        base_revision=row.base_revision,
        base=row.base,
        text=row.text,
        version=row.version,
        publication=row.publication,
        publish_note=row.publish_note,
        shared_at=row.shared_at,
        updated_at=row.updated_at,
    )
