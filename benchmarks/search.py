"""The search benchmark: the site's search beside SQLite's, over the same sections, asked the same questions in turn."""

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.build import build
from benchmarks.corpus import write_corpus
from benchmarks.fresh import Plan, measure
from benchmarks.measuring import machine
from benchmarks.processes import ProcessFailedError, in_fresh_process
from benchmarks.questions import Kind, hard_questions, questions_about
from benchmarks.running import Numbers, progress
from benchmarks.tables import tables
from benchmarks.vocabulary import Vocabulary, learn
from knowledge_base.settings import ROOT

_SHIPPED = ROOT / "content"
_WARM_UP = 40
_CHANGED = 3


@click.command("search")
@click.option("--sections", "sizes", type=Numbers(), default="1000,10000,100000", show_default=True)
@click.option("--queries", default=200, show_default=True, type=click.IntRange(min=1), help="Questions in a round.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Each has new questions.")
def search(sizes: tuple[int, ...], queries: int, rounds: int) -> None:
    """Compare the site's search with SQLite FTS5 at each number of SECTIONS.

    The tables of each size are printed as soon as they are known. Everything is made in a temporary folder, which is
    gone afterwards, also when Ctrl-C ends this before it has finished.
    """
    vocabulary = learn(_SHIPPED)
    click.echo(f"{machine()}\n")
    for size in sizes:
        click.echo(f"Measuring {size:,} sections", err=True)
        with TemporaryDirectory(prefix="benchmark-") as folder:
            click.echo(_measured(Path(folder), vocabulary, sections=size, queries=queries, rounds=rounds))


def _measured(folder: Path, vocabulary: Vocabulary, *, sections: int, queries: int, rounds: int) -> str:
    content, index, database = folder / "content", folder / "index", folder / "sections.sqlite3"
    corpus = write_corpus(content, _SHIPPED, vocabulary, sections=sections, progress=progress("Writing section"))
    built = build(content, index, database, progress=progress("Rendering and indexing page"))
    questions = questions_about(corpus, vocabulary)
    plan = Plan(
        content=content,
        index=index,
        database=database,
        first=next(questions),
        misspelt=next(question for question in questions if question.kind == Kind.TYPO),
        warm_up=tuple(islice(questions, _WARM_UP)),
        rounds=tuple(tuple(islice(questions, queries)) for _ in range(rounds)),
        hard=hard_questions(corpus),
        changed=[path for path in corpus.paths if not path.endswith("/index")][:_CHANGED],
    )
    try:
        return tables(built, in_fresh_process(measure, plan)) + "\n"
    except ProcessFailedError as error:
        raise click.ClickException(str(error)) from error
