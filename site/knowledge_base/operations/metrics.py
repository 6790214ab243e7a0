"""Measure, whenever Prometheus asks, what is not counted as it happens: how much waits, and how old things are."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.approval.models import State, SubmissionRow
from knowledge_base.audit.events import Kind
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database, london_today
from knowledge_base.editing.models import DraftRow
from knowledge_base.feedback.models import ReportRow
from knowledge_base.operations.health import OK, Health
from knowledge_base.pages.library import Library
from knowledge_base.probes import NoAnswerError, Probe
from knowledge_base.search.index import SearchIndex

PATIENCE = 2.0


class Waiting(NamedTuple):
    """How much waits for somebody, by what it is."""

    drafts: int
    submissions: int
    approved: int
    failed: int
    reports: int


class SiteCollector:
    """What a scrape finds of the site itself. What cannot be found out is left out, never guessed."""

    def __init__(
        self, *, health: Health, library: Library, database: Database, index: SearchIndex, folders: dict[str, Path]
    ) -> None:
        self._health = health
        self._library = library
        self._index = index
        self._backup_made_at = Probe(lambda: _backup_made_at(database))
        self._waiting = Probe(lambda: _count_waiting(database))
        self._space = Probe(lambda: _space_of(folders))
        self._content = Probe(lambda: list(self._measure_content()))

    def describe(self) -> list[Metric]:
        """Return nothing: else prometheus_client would collect all to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the measurements."""
        yield _by("kb_ready", "Whether each thing that the site needs is well.", "part", self._states())
        with suppress(NoAnswerError):
            space = self._space.answer(patience=PATIENCE)
            yield _by("kb_disk_free_bytes", "Space left where the site writes.", "folder", space)
        with suppress(NoAnswerError, SQLAlchemyError):
            waiting = self._waiting.answer(patience=PATIENCE)
            yield _by("kb_waiting", "How much waits for somebody.", "what", waiting._asdict())
        with suppress(NoAnswerError, SQLAlchemyError):
            made_at = self._backup_made_at.answer(patience=PATIENCE)
            yield GaugeMetricFamily(
                "kb_backup_created_timestamp_seconds", "When the newest backup was made, 0 if there is none.", made_at
            )
        with suppress(NoAnswerError, OSError):
            yield from self._content.answer(patience=PATIENCE)

    def _states(self) -> dict[str, float]:
        return {part: float(state == OK) for part, state in asdict(self._health.check()).items()}

    def _measure_content(self) -> Iterator[Metric]:
        edition, today = self._library.edition(), london_today()
        overdue = sum(page.is_overdue(today) for page in edition.pages.values())
        yield GaugeMetricFamily("kb_content_pages", "Pages that can be served.", len(edition.pages))
        yield GaugeMetricFamily("kb_content_overdue_pages", "Pages whose review is overdue.", overdue)
        yield GaugeMetricFamily(
            "kb_content_changed_timestamp_seconds", "When a file of the content last changed.", self._library.changed_at
        )
        is_behind = not self._index.is_current(edition)
        yield GaugeMetricFamily("kb_index_behind", "Whether the index knows older content than this.", is_behind)
        if (written_at := self._index.written_at) is not None:
            yield GaugeMetricFamily("kb_index_written_timestamp_seconds", "When it was last written.", written_at)


def _by(name: str, documentation: str, label: str, values: "dict[str, float] | dict[str, int]") -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _space_of(folders: Mapping[str, Path]) -> dict[str, float]:
    found = {}
    for name, folder in folders.items():
        with suppress(OSError):
            found[name] = float(shutil.disk_usage(folder).free)
    return found


def _count_waiting(database: Database) -> Waiting:
    def submissions(state: State) -> int:
        return session.scalar(select(func.count()).where(SubmissionRow.state == state)) or 0

    with database.read() as session:
        return Waiting(
            drafts=session.scalar(select(func.count()).select_from(DraftRow)) or 0,
            submissions=submissions(State.WAITING),
            approved=submissions(State.APPROVED),
            failed=submissions(State.FAILED),
            reports=session.scalar(select(func.count()).where(ReportRow.done_at.is_(None))) or 0,
        )


def _backup_made_at(database: Database) -> float:
    """Return when the record says that a backup was made, which the command does once the file is whole."""
    query = select(AuditEvent.at).where(AuditEvent.kind == Kind.BACKUP_MADE).order_by(AuditEvent.number.desc()).limit(1)
    with database.read() as session:
        at = session.scalar(query)
    return at.timestamp() if at else 0
