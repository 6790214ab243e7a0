"""The record as CSV (RFC 4180), for spreadsheets and for keeping elsewhere."""

import csv
import io
from collections.abc import Iterable, Iterator

from knowledge_base.audit.reading import Entry

HEADINGS = (
    "number",
    "time (Europe/London)",
    "kind",
    "who",
    "account of who",
    "about",
    "account of about",
    "what happened",
    "seal",
)
# What makes a spreadsheet take a cell for a formula, in the widths that some of them accept.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the heading and a line for each entry. Every field is quoted, and none is taken for a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for cells in _rows(entries):
        writer.writerow(map(defused, cells))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def defused(cell: str) -> str:
    """Return the cell so that a spreadsheet shows it and does not compute it."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) or cell.lstrip().startswith(FORMULA_SIGNS) else cell


def _rows(entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    yield HEADINGS
    for entry in entries:
        yield (
            str(entry.number),
            entry.in_london.isoformat(timespec="seconds"),
            entry.label,
            entry.actor.name,
            _number(entry.actor.account_id),
            entry.subject,
            _number(entry.subject_id),
            entry.sentence,
            entry.hash,
        )


def _number(account_id: int | None) -> str:
    return "" if account_id is None else str(account_id)
