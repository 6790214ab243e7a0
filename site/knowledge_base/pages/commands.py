"""The `content` commands: what editors and the start of the site ask of the content folder."""

import json
from collections import Counter
from statistics import median

import click
from flask import current_app
from flask.cli import AppGroup

from knowledge_base.db import london_today
from knowledge_base.pages.checks import check_content
from knowledge_base.pages.findings import Severity
from knowledge_base.pages.reading_checks import reading_grades

HARDEST_SHOWN = 5
FOUND = ("path", "line", "severity", "message", "remedy")

content = AppGroup("content", help="Look after the pages.")


@content.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--notes", is_flag=True, help="Also name the values that are not set or not confirmed here.")
def check(*, as_json: bool, notes: bool) -> None:
    """Name everything that is wrong with the content, and end with 1 when anything is an error."""
    edition = current_app.extensions["library"].edition()
    findings = check_content(edition, today=london_today())
    grades = reading_grades(edition)
    count = Counter(finding.severity for finding in findings)
    if as_json:
        named = [{key: getattr(finding, key) for key in FOUND} for finding in findings]
        report = {"findings": named, "reading_grades": grades}
        click.echo(json.dumps(report, indent=2))
    else:
        for finding in findings:
            if notes or finding.severity is not Severity.NOTE:
                click.echo(str(finding))
        _say_grades(grades)
        click.echo(
            f"{len(edition.pages)} pages can be shown. "
            f"{count[Severity.ERROR]} errors, {count[Severity.WARNING]} warnings, "
            f"{count[Severity.NOTE]} notes (--notes names them)."
        )
    if count[Severity.ERROR]:
        raise SystemExit(1)


def _say_grades(grades: dict[str, float]) -> None:
    """Print how hard the pages are to read: a figure to compare them by, which decides nothing."""
    if grades:
        hardest = sorted(grades, key=lambda path: grades[path], reverse=True)[:HARDEST_SHOWN]
        named = ", ".join(f"{path} {grades[path]}" for path in hardest)
        click.echo(f"Reading grade: {median(grades.values())} in the middle. Hardest: {named}.")


def say_what_is_wrong() -> None:
    """Print what is left out of the site, for whoever starts it."""
    for fault in current_app.extensions["library"].edition().faults:
        click.echo(f"Left out: {fault}")
