"""Decide who may change what: whoever may read all of it, before and after, and has the role."""

from collections.abc import Callable, Iterator, Mapping

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.pages import strict_yaml
from knowledge_base.pages.assembly import NOBODY
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import BlockError, split_by_audience
from knowledge_base.pages.files import folder_of, folders_above, url_of
from knowledge_base.pages.front_matter import FrontMatterError, read_audience, split
from knowledge_base.pages.strict_yaml import Value, YamlError
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.entry_text import text_for
from knowledge_base.publishing.errors import ApprovalNeededError, DataFileError, NotAllowedError

EDITOR, PUBLISHER, ADMINISTRATOR = "editor", "publisher", "admin"
AUDIENCES_FILE = "_data/audiences.yml"
# The data files that people change: what became of old addresses is kept by the site.
DATA_FILES = frozenset(
    f"_data/{name}.yml" for name in ("audiences", "contacts", "council", "pinned", "sources", "synonyms")
)
AUDIENCE = "audience"


def can_write(viewer: Viewer) -> bool:
    """Say whether the viewer may change pages at all."""
    return not viewer.roles.isdisjoint({EDITOR, PUBLISHER})


def can_approve(viewer: Viewer) -> bool:
    """Say whether the viewer may approve what somebody else wrote."""
    return PUBLISHER in viewer.roles


def can_change_data(viewer: Viewer, path: str) -> bool:
    """Say whether the viewer may change a data file at all. Which of its entries, their audiences say."""
    is_theirs = path != AUDIENCES_FILE or ADMINISTRATOR in viewer.roles
    return path in DATA_FILES and can_write(viewer) and is_theirs


def sees_entry(viewer: Viewer, edition: Edition) -> Callable[[Mapping[str, Value]], bool]:
    """Return the question "may the viewer know of this entry of a data file?".

    Nobody may of any while it is not known who is in which audience.
    """

    def answer(fields: Mapping[str, Value]) -> bool:
        audience = fields.get(AUDIENCE) or OPEN
        needed = Requirement().narrowed_by(audience) if isinstance(audience, str) else NOBODY
        return bool(edition.audiences.by_name) and can_read(viewer, needed, audiences=edition.audiences)

    return answer


def text_seen(text: str, *, viewer: Viewer, edition: Edition) -> str:
    """Return a data file's text without the entries that the viewer may not know of. Nothing of one without entries."""
    try:
        return text_for(text, sees_entry(viewer, edition))
    except DataFileError:
        # Nobody can say what of it is for whom.
        return ""


def can_edit_page(viewer: Viewer, edition: Edition, path: str) -> bool:
    """Say whether the viewer may change a page: they write, and may read every part of it."""
    page = edition.page(url_of(path))
    if page is None:
        needed = _of_no_page(edition, path)
    else:
        needed = [page.requirement.narrowed_by(part.audience) for part in split_by_audience(page.body)]
    return can_write(viewer) and all(can_read(viewer, one, audiences=edition.audiences) for one in needed)


def _of_no_page(edition: Edition, path: str) -> list[Requirement]:
    """Return what a place without a page asks for.

    A broken file there that does not say for whom it is may be for anybody: it asks for everything.
    """
    above = edition.folder_requirement(url_of(path))
    file = edition.files.pages.get(path)
    if file is None:
        return [above]
    everything = Requirement(above.audiences | (frozenset(edition.audiences.by_name) or NOBODY.audiences))
    if not file.header:
        return [everything]
    try:
        own = above.narrowed_by(read_audience(file.header, audiences=edition.audiences))
        return [own.narrowed_by(part.audience) for part in split_by_audience(file.body)]
    except (FrontMatterError, BlockError):
        return [everything]


def needs_second_person(edition: Edition, path: str) -> bool:
    """Say whether the folder of a page, or one above it, asks for approval by a second person."""
    return any(folder in edition.two_person for folder in ("", *folders_above(folder_of(path))))


def check_permission(
    change: Change, *, before: Edition, after: Edition, by: Contributor, approved_by: Contributor | None
) -> None:
    """Raise NotAllowedError, or ApprovalNeededError, unless the change may be made: in the old place and in the new."""
    for file in change.files:
        _check_person(file, before, after, by)
        if approved_by is not None:
            _check_person(file, before, after, approved_by)
    if approved_by is not None:
        if not can_approve(approved_by.viewer):
            message = "Only a publisher can approve a change."
            raise NotAllowedError(message)
        if approved_by.viewer.account_id == by.viewer.account_id:
            message = "Somebody else than its author must approve this change."
            raise NotAllowedError(message)
    elif any(_asks_for_approval(file, before, after) for file in change.files):
        message = "The folder asks for a second person: submit the change for approval."
        raise ApprovalNeededError(message)


def _check_person(file: FileChange, before: Edition, after: Edition, by: Contributor) -> None:
    viewer = by.viewer
    if not can_write(viewer):
        message = "Only editors and publishers can change pages."
        raise NotAllowedError(message)
    if file.path == AUDIENCES_FILE and ADMINISTRATOR not in viewer.roles:
        message = "Only an administrator can change who the audiences are."
        raise NotAllowedError(message)
    for edition, content in ((before, file.base), (after, file.content)):
        needed = _requirements_of(file, edition, content, is_before=edition is before)
        if not all(can_read(viewer, one, audiences=before.audiences) for one in needed):
            message = f"{file.path} has something that {by.author.name} may not read, so they may not change it."
            raise NotAllowedError(message)


def _requirements_of(
    file: FileChange, edition: Edition, content: bytes | None, *, is_before: bool
) -> Iterator[Requirement]:
    """Return what one must be allowed to read in order to change a file, as it is in this edition."""
    if file.page is None:
        if is_before and content and _is_unreadable(content):
            # Nobody can say for whom what would be written over is.
            yield Requirement(frozenset(edition.audiences.by_name))
        other = file.base if content is file.content else file.content
        names = _audiences_named(content, other)
        yield from (Requirement(frozenset({name})) for name in names if name != "open")
        return
    page = edition.page(url_of(file.page))
    if page:
        yield page.requirement
    elif is_before:
        yield from _of_no_page(edition, file.page)
    else:
        yield edition.folder_requirement(url_of(file.page))
    if page and file.path.endswith(".md"):
        yield from (page.requirement.narrowed_by(part.audience) for part in split_by_audience(page.body))
    if file.path.endswith(".md"):
        yield from _requirements_in(content)


def _requirements_in(content: bytes | None) -> Iterator[Requirement]:
    """Return the audiences of the stretches of a page's text, which may not be that of any edition."""
    try:
        _, body, _ = split((content or b"").decode())
        yield from (Requirement().narrowed_by(part.audience) for part in split_by_audience(body))
    except (FrontMatterError, BlockError, UnicodeDecodeError):
        # Such a page is shown to nobody, and the gate does not let it through.
        return


def _audiences_named(content: bytes | None, other: bytes | None) -> frozenset[str]:
    """Return the audiences of those entries of a data file that another content of it does not have as well."""
    entries, others = _entries(content), _entries(other)
    return frozenset(name for one in entries if one not in others for name in _values_of(one))


def _is_unreadable(content: bytes) -> bool:
    try:
        strict_yaml.parse(content.decode("utf-8-sig"))
    except (YamlError, UnicodeDecodeError):
        return True
    return False


def _entries(content: bytes | None) -> list[object]:
    """Return the entries of a data file, each with its key; all of a file that has none as one."""
    try:
        found = strict_yaml.parse((content or b"").decode("utf-8-sig")).value
    except (YamlError, UnicodeDecodeError):
        return []
    if isinstance(found, dict):
        return [{key: entry} for key, entry in found.items()]
    return list(found) if isinstance(found, list) else []


def _values_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(name := value.get(AUDIENCE), str):
            yield name
        for one in value.values():
            yield from _values_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from _values_of(one)


def _asks_for_approval(file: FileChange, before: Edition, after: Edition) -> bool:
    if file.path == AUDIENCES_FILE:
        return True
    # A data file is in no folder of pages: only what the home page's header asks for holds for it.
    return any(needs_second_person(edition, file.page or file.path) for edition in (before, after))
