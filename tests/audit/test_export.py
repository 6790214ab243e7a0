"""The record as a file that a spreadsheet opens and does not obey."""

import csv
from datetime import UTC, datetime

import pytest

from knowledge_base.audit.events import Actor
from knowledge_base.audit.export import HEADINGS, csv_lines, defused
from knowledge_base.audit.reading import Entry


def entry(name: str = "Jane Doe") -> Entry:
    return Entry(
        number=5,
        at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC),
        kind="sign-in.signed-out",
        actor=Actor(7, name),
        subject="",
        subject_id=None,
        sentence=f"{name} signed out.",
        hash="ab",
    )


def test_lines_are_those_of_rfc_4180() -> None:
    lines = list(csv_lines([entry('Jane "J", Doe')]))

    assert lines[0] == ",".join(f'"{heading}"' for heading in HEADINGS) + "\r\n"
    assert lines[1].endswith("\r\n")
    assert '"Jane ""J"", Doe"' in lines[1]
    (row,) = csv.DictReader(lines)
    assert (row["who"], row["account of who"], row["about"]) == ('Jane "J", Doe', "7", "")
    assert row["time (Europe/London)"] == "2026-07-02T00:30:00+01:00"
    assert row["kind"] == "Signed out"


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "\n=1", "\uff1d1", "\u3000@A1"]
)
def test_cell_that_a_spreadsheet_would_compute_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Jane", "a=1", "2026-07-02", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell


def test_formula_in_a_name_is_defused_where_it_starts_a_cell() -> None:
    (row,) = csv.DictReader(csv_lines([entry('=HYPERLINK("http://evil.example")')]))

    assert row["who"] == '\'=HYPERLINK("http://evil.example")'
    assert row["what happened"].startswith("'=HYPERLINK")
