"""The commands that bring in content from elsewhere: a git remote, or a new release."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now
from knowledge_base.pages.commands import content
from knowledge_base.publishing.errors import EditConflictError, PublishingError
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.shipped import Choice, Offer, State, begin_content, offers, settle
from knowledge_base.publishing.sync import sync
from knowledge_base.settings import ROOT

CONFLICT = 3
SHIPPED_CONTENT = ROOT / "content"


@content.command("sync")
@click.option("--remote", help="The git remote. Left out: the one that git pulls from, or origin.")
@click.option("--branch", help="Its branch. Left out: the one that git pulls from, or the one that is checked out.")
def sync_content(remote: str | None, branch: str | None) -> None:
    """Pull what others changed at a git remote and push what was changed here, page by page and never by force.

    Ends with 3 when both changed the same lines; nothing is pulled or pushed then.
    """
    store = content_store()
    known = set(store.library.edition().faults)
    try:
        synced = sync(store, remote=remote, branch=branch, actor=Actor.of_command(), now=utc_now())
    except EditConflictError as error:
        names = "\n".join(f"  {conflict.path}" for conflict in error.conflicts)
        click.echo(
            f"Both sides changed the same lines, so nothing was pulled or pushed:\n{names}\n"
            "Give each page the same lines on both sides, here or at the remote, or merge the remote's branch in "
            f"{store.content} with git; then run this again.",
            err=True,
        )
        raise SystemExit(CONFLICT) from error
    except PublishingError as error:
        raise click.ClickException(str(error)) from error
    for path in synced.pulled:
        click.echo(f"Pulled {path}")
    click.echo(f"{len(synced.pulled)} files pulled; {'pushed' if synced.was_pushed else 'nothing to push'}.")
    for fault in store.library.edition().faults:
        if fault not in known:
            click.echo(f"Left out: {fault}")


@content.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def init_content(folder: Path) -> None:
    """Make a git repository of the shipped pages, to be a council's own: point KB_CONTENT_DIR at it."""
    try:
        count = begin_content(SHIPPED_CONTENT, folder)
    except PublishingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} files are in {folder}. Set KB_CONTENT_DIR={folder.resolve()} and start the site again.")


@content.command("upgrade")
@click.argument("paths", nargs=-1)
@click.option("--apply", "choice", flag_value=Choice.MERGE.value, help="Merge them with what is here.")
@click.option("--take", "choice", flag_value=Choice.TAKE.value, help="Put the shipped ones in the place of those here.")
@click.option("--keep", "choice", flag_value=Choice.KEEP.value, help="Keep those here, and offer these no more.")
@click.option("--diff", "with_diff", is_flag=True, help="Show the lines that differ.")
def upgrade_content(paths: tuple[str, ...], choice: str | None, *, with_diff: bool) -> None:
    """Show what this release changed in the shipped pages, and bring it in with --apply, all or the PATHS named.

    Where both changed the same lines, name the page with --keep or --take.
    """
    store = content_store()
    try:
        found = _chosen(offers(store, SHIPPED_CONTENT), paths)
        if choice is None:
            _show(found, with_diff=with_diff)
            return
        if choice != Choice.MERGE and not paths:
            message = f"Name the files that --{choice} is for."
            raise click.UsageError(message)
        left = [offer for offer in found if choice == Choice.MERGE and offer.state is State.CONFLICT]
        choices = {offer.path: Choice(choice) for offer in found if offer not in left}
        if choices:
            for path in settle(store, SHIPPED_CONTENT, choices, actor=Actor.of_command(), now=utc_now()):
                click.echo(f"Changed {path}")
    except PublishingError as error:
        raise click.ClickException(str(error)) from error
    if left:
        click.echo("Left as they are, for both changed the same lines (--diff shows them, --keep or --take settles):")
        _show(left, with_diff=False)
        raise SystemExit(CONFLICT)


def _chosen(found: Iterable[Offer], paths: tuple[str, ...]) -> list[Offer]:
    by_path = {offer.path: offer for offer in found}
    for path in paths:
        if path not in by_path:
            message = f"The release offers nothing new for {path}."
            raise click.UsageError(message)
    return [by_path[path] for path in paths or by_path]


def _show(found: list[Offer], *, with_diff: bool) -> None:
    for offer in found:
        click.echo(f"{offer.path}: {offer.state}")
        if with_diff:
            click.echo("".join(_diff(offer)))
    if not found:
        click.echo("This release changed nothing that you do not have.")


def _diff(offer: Offer) -> Iterator[str]:
    """Yield the lines that the release would change here; those of its own change where the two do not merge."""
    is_conflict = offer.state is State.CONFLICT
    old, new = (offer.base, offer.shipped) if is_conflict else (offer.here, offer.merged)
    names = ("shipped before", "shipped now") if is_conflict else ("here", "with the release")
    yield from difflib.unified_diff(_lines(old), _lines(new), *names)


def _lines(text: bytes | None) -> list[str]:
    return [f"{line}\n" for line in (text or b"").decode("utf-8", "replace").splitlines()]
