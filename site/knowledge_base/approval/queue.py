"""Find submissions, for whoever may see them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session, lazyload

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.errors import NoSuchSubmissionError
from knowledge_base.approval.models import State, SubmissionFileRow, SubmissionRow
from knowledge_base.approval.outlook import may_see
from knowledge_base.approval.submission import Submission, submission_of
from knowledge_base.pages.edition import Edition
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore

AT_ONCE = 20


def get_submission(store: ContentStore, number: int) -> Submission:
    """Return a submission, whoever may see it. Raises NoSuchSubmissionError."""
    with store.database.read() as session:
        row = session.get(SubmissionRow, number) if 0 < number < 2**31 else None
        if row is None:
            raise NoSuchSubmissionError
        return submission_of(row)


def get_submission_for(store: ContentStore, number: int, viewer: Viewer) -> Submission:
    """Return a submission for somebody who may see it. Raises NoSuchSubmissionError for everybody else."""
    found = get_submission(store, number)
    if not may_see(store, found.change, viewer, before=store.library.refresh()):
        raise NoSuchSubmissionError
    return found


def find_submissions(
    store: ContentStore, viewer: Viewer, *, states: frozenset[State], most: int, only_own: bool = False
) -> tuple[Submission, ...]:
    """Return the submissions in these states that a person may see, those that changed last first.

    They come without what pictures and documents in them hold, which may be much.
    """
    edition, found = store.library.refresh(), list[Submission]()
    query = select(SubmissionRow).where(SubmissionRow.state.in_(states), ~_is_in_closed_folder(edition, viewer))
    if only_own:
        query = query.where(SubmissionRow.author_id == viewer.account_id)
    query = query.order_by(SubmissionRow.changed_at.desc(), SubmissionRow.id.desc())
    with store.database.read() as session:
        query = query.options(lazyload(SubmissionRow.files)).execution_options(yield_per=AT_ONCE)
        for rows in session.scalars(query).partitions():
            files = _texts(session, rows)
            some = (submission_of(row, files=files[row.id]) for row in rows)
            found += [one for one in some if may_see(store, one.change, viewer, before=edition)]
            if len(found) >= most:
                break
    return tuple(found[:most])


def _texts(session: Session, rows: Sequence[SubmissionRow]) -> dict[int, list[FileChange]]:
    """Return the files of several submissions, of pages and data with what they hold."""
    path = SubmissionFileRow.path
    is_text = path.endswith(".md") | path.endswith(".yml")
    held = (case((is_text, column)) for column in (SubmissionFileRow.content, SubmissionFileRow.base))
    query = select(SubmissionFileRow.submission_id, path, *held).order_by(path)
    found = defaultdict(list)
    for number, *file in session.execute(query.where(SubmissionFileRow.submission_id.in_(row.id for row in rows))):
        found[number].append(FileChange(*file))
    return found


def _is_in_closed_folder(edition: Edition, viewer: Viewer) -> ColumnElement[bool]:
    """Say in SQL what `may_see` says first, so that what is not for a person at all is not even read."""
    may_read = edition.may_read(viewer)
    closed = [folder for folder, requirement in edition.folders.items() if not may_read(requirement)]
    starts = (SubmissionFileRow.path.startswith(f"{folder}/", autoescape=True) for folder in closed)
    return SubmissionRow.files.any(or_(False, *starts))  # noqa: FBT003 - so that there is something where none is
