"""The `search` commands: building the index anew, and searching as a reader would."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from knowledge_base.access.policy import Viewer
from knowledge_base.pages.edition import Edition
from knowledge_base.search import evaluation
from knowledge_base.search.generations import SearchError
from knowledge_base.search.index import Progress, SearchIndex
from knowledge_base.search.results import find_sections
from knowledge_base.search.snapshot import Asker

RESULTS_SHOWN = 10


@click.group("search", cls=AppGroup)
def search() -> None:
    """Build the search index, and try searches."""


@search.command("rebuild")
def rebuild() -> None:
    """Build the index anew. Searches use the old one until the new one is complete."""
    edition = _edition()
    try:
        _index().rebuild(edition, progress=_progress_of("Indexing page"))
    except SearchError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as error:
        message = "Stopped. Searches go on with the index there was."
        raise click.ClickException(message) from error
    click.echo(f"Built the search index: {len(edition.pages)} pages.")


@search.command("query")
@click.argument("words", nargs=-1, required=True)
@click.option("--as-group", "groups", multiple=True, help="Search as someone in this group. May be repeated.")
def query(words: tuple[str, ...], groups: tuple[str, ...]) -> None:
    """Print what a search for WORDS finds: place, address and heading."""
    edition = _edition()
    asker = Asker(edition, edition.may_read(Viewer(groups=frozenset(groups))))
    try:
        found = find_sections(_index(), " ".join(words), asker=asker, limit=RESULTS_SHOWN)
    except SearchError as error:
        raise click.ClickException(str(error)) from error
    if found.suggestion:
        click.echo(f"Showing results for: {found.suggestion}")
    for place, hit in enumerate(found.hits, start=1):
        click.echo(f"{place}\t{hit.url}\t{hit.heading}")
    if not found.hits:
        click.echo("Nothing found.")


@search.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--half",
    type=click.Choice([half.value for half in evaluation.Half]),
    help="Ask only the half to tune on, or to report.",
)
@click.option("--misses", is_flag=True, help="Also print each question whose answer did not come first.")
def evaluate_questions(file: Path, *, half: str | None, misses: bool) -> None:
    """Measure the search by the questions in FILE, as in tests/search_questions.yml."""
    try:
        questions = [one for one in evaluation.load_questions(file) if half in {None, one.half}]
        outcomes = evaluation.evaluate(_index(), _edition(), questions, progress=_progress_of("Asking question"))
    except SearchError as error:
        raise click.ClickException(str(error)) from error
    if not outcomes:
        message = f"{file} holds no questions."
        raise click.ClickException(message)
    for outcome in outcomes:
        if misses and outcome.place != 1:
            click.echo(f"{outcome.place or '-'}\t{outcome.question.q}\t{outcome.question.url}")
    click.echo(f"{'':14}{'asked':>7}{'first':>8}{'in 3':>8}{'in 10':>8}{'MRR':>8}{'page first':>12}")
    for kind in sorted({outcome.question.kind for outcome in outcomes}):
        click.echo(_row(kind, evaluation.scores_of([one for one in outcomes if one.question.kind == kind])))
    click.echo(_row("all", evaluation.scores_of(outcomes)))


def _row(kind: str, scores: evaluation.Scores) -> str:
    shares = f"{scores.first:8.1%}{scores.in_three:8.1%}{scores.in_ten:8.1%}"
    return f"{kind:14}{scores.questions:7}{shares}{scores.reciprocal_rank:8.3f}{scores.page_first:12.1%}"


def bring_up_to_date() -> None:
    """Make the index what the content is, and say so when that cannot be done now."""
    if not _index().sync(_edition()):
        click.echo("The search index could not be brought up to date. The site tries again at each search.", err=True)


def _is_watched() -> bool:
    return sys.stdout.isatty()


def _progress_of(what: str) -> Progress | None:
    """Return what shows how far a command is, where somebody watches."""
    if not _is_watched():
        return None
    return lambda done, total: click.echo(f"\r{what} {done} of {total}", nl=done == total)


def _edition() -> Edition:
    edition: Edition = current_app.extensions["library"].edition()
    return edition


def _index() -> SearchIndex:
    index: SearchIndex = current_app.extensions["search_index"]
    return index
