"""Take in what readers say is wrong, give it to those who may change the page, and forget it in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.db import Database
from knowledge_base.feedback.models import LONGEST_SECTION, ReportRow
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.page import Page
from knowledge_base.publishing.permission import can_edit_page

LONGEST_MESSAGE = 2_000
# From one address, which may be that of a whole council; and about one page, from anybody.
PERIOD = timedelta(minutes=10)
MOST_FROM_AN_ADDRESS = 10
MOST_ABOUT_A_PAGE = 30
ADDRESSES_KEPT = timedelta(days=1)
DONE_KEPT = timedelta(days=180)
MOST_SHOWN = 500
AT_ONCE = 100


class TooManyReportsError(Exception):
    """So much was reported within a few minutes that no more is taken in for now."""


class NoSuchReportError(Exception):
    """There is no such report, or it is not for this person."""


@dataclass(frozen=True)
class Report:
    """What a reader said, with the page as it is now: `title` is its path, and `owner` empty, where it is gone."""

    id: int
    page_path: str
    url: str
    title: str
    owner: str
    section: str
    message: str
    at: datetime
    has_changed: bool
    done_at: datetime | None
    done_by: str
    done_note: str


def take_in(  # noqa: PLR0913 - what is said of which part of what, and from where
    database: Database,
    page: Page,
    *,
    section: str,
    requirement: Requirement,
    message: str,
    address_key: str,
    now: datetime,
) -> None:
    """Keep what a reader says is wrong. `requirement` is that of the section. Raises TooManyReportsError."""
    with database.write() as session:
        _forget(session, now=now)
        # Not those of a moment to come, from before somebody set the clock back.
        since = (ReportRow.at > now - PERIOD) & (ReportRow.at < now + PERIOD)
        count = select(func.count()).select_from(ReportRow).where(since)
        from_address = session.scalar(count.where(ReportRow.address_key == address_key)) or 0
        about_page = session.scalar(count.where(ReportRow.page_path == page.path)) or 0
        if from_address >= MOST_FROM_AN_ADDRESS or about_page >= MOST_ABOUT_A_PAGE:
            raise TooManyReportsError
        session.add(
            ReportRow(
                page_path=page.path,
                section=section[:LONGEST_SECTION],
                revision=page.revision,
                requirement=requirement.key,
                message=message.strip()[:LONGEST_MESSAGE],
                address_key=address_key,
                at=now,
            )
        )


def reports_for(database: Database, edition: Edition, viewer: Viewer, *, are_done: bool) -> tuple[Report, ...]:
    """Return the reports about pages that a person may change: by owner, then the newest first."""
    query = select(ReportRow).order_by(ReportRow.at.desc(), ReportRow.id.desc())
    query = query.where(ReportRow.done_at.is_not(None) if are_done else ReportRow.done_at.is_(None))
    may_edit = cache(lambda path: can_edit_page(viewer, edition, path))
    with database.read() as session:
        rows = session.scalars(query.execution_options(yield_per=AT_ONCE))
        own = (row for row in rows if may_edit(_path_now(row, edition)) and _may_read(row, edition, viewer))
        found = [_report_of(row, edition) for row in islice(own, MOST_SHOWN)]
    return tuple(sorted(found, key=lambda one: (not one.owner, one.owner)))


def mark_done(  # noqa: PLR0913 - which one, by whom, with what note
    database: Database, edition: Edition, number: int, *, by: Viewer, note: str, now: datetime
) -> Report:
    """Note that a report has been dealt with, and how. Raises NoSuchReportError."""
    with database.write() as session:
        row = session.get(ReportRow, number) if 0 < number < 2**31 else None
        if row is None or row.done_at is not None or not _is_for(row, edition, by):
            raise NoSuchReportError
        row.done_at, row.done_by_id, row.done_by, row.done_note = now, by.account_id, by.name, note.strip()
        return _report_of(row, edition)


def overdue_pages(pages: tuple[Page, ...], *, today: datetime) -> Iterator[tuple[str, list[Page]]]:
    """Yield each owner with their pages whose review is overdue, those first that have waited longest."""
    overdue = [page for page in pages if page.is_overdue(today.date())]
    owners = {page.meta.owner or "" for page in overdue}
    for owner in sorted(owners, key=lambda name: (not name, name)):
        own = [page for page in overdue if (page.meta.owner or "") == owner]
        yield owner, sorted(own, key=lambda page: (page.meta.review_by, page.url))


def forget_old(database: Database, *, now: datetime) -> None:
    """Forget what is past its time, also while nobody reports anything."""
    with database.write() as session:
        _forget(session, now=now)


def _forget(session: Session, *, now: datetime) -> None:
    session.execute(delete(ReportRow).where(ReportRow.done_at < now - DONE_KEPT))
    old = (ReportRow.at < now - ADDRESSES_KEPT, ReportRow.address_key != "")
    session.execute(update(ReportRow).where(*old).values(address_key=""))


def _is_for(row: ReportRow, edition: Edition, viewer: Viewer) -> bool:
    return can_edit_page(viewer, edition, _path_now(row, edition)) and _may_read(row, edition, viewer)


def _may_read(row: ReportRow, edition: Edition, viewer: Viewer) -> bool:
    return can_read(viewer, Requirement.from_key(row.requirement), audiences=edition.audiences)


def _path_now(row: ReportRow, edition: Edition) -> str:
    """Return where the page is that was reported on: it may have moved since."""
    url = url_of(row.page_path)
    gone = None if edition.page(url) else edition.redirects.get(url)
    page = edition.page(gone.to.partition("#")[0]) if gone and gone.to else None
    return page.path if page else row.page_path


def _report_of(row: ReportRow, edition: Edition) -> Report:
    page = edition.page(url_of(_path_now(row, edition)))
    return Report(
        id=row.id,
        page_path=row.page_path,
        url=page.url if page else "",
        title=page.meta.title if page else row.page_path,
        owner=(page.meta.owner or "") if page else "",
        section=row.section,
        message=row.message,
        at=row.at,
        has_changed=page is None or page.revision != row.revision,
        done_at=row.done_at,
        done_by=row.done_by,
        done_note=row.done_note,
    )
