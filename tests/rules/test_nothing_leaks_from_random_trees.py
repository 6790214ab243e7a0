"""Whatever audiences a tree has, nobody is told a word of what they may not read, and everybody finds what they may."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base.access.policy import Viewer, audiences_of, can_read
from knowledge_base.access.view_as import Viewing, choices_for, viewer_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.frame import frame_for
from knowledge_base.pages.library import Library
from knowledge_base.pages.page import MayRead
from knowledge_base.pages.page_view import PageViews
from knowledge_base.pages.set_up import local_groups
from knowledge_base.search.completion import complete
from knowledge_base.search.filters import Filters
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import find_pages, find_sections
from knowledge_base.search.snapshot import Asker
from tests.content_folder import ContentFolder
from tests.rules.marked_content import COMMON_WORD
from tests.rules.random_trees import NAMES, Tree, people, trees, word

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROLES = st.frozensets(st.sampled_from(["editor", "publisher", "admin"]))
Groups = tuple[frozenset[str], ...]


class Earlier(StrEnum):
    """What the index knows that is behind: a tree before anything in it was gated, or before that was written."""

    ALL_OPEN = "all open"
    NOTHING_GATED = "nothing gated"


bounded = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@contextmanager
def new_site() -> Iterator[tuple[ContentFolder, Library, SearchIndex]]:
    with TemporaryDirectory() as name:
        folder = ContentFolder(Path(name) / "content")
        folder.root.mkdir()
        index = SearchIndex(Path(name) / "search_index", patience=0.0)
        yield folder, Library(folder.root), index
        index.close()


def reader(groups: frozenset[str], roles: frozenset[str] = frozenset()) -> Viewer:
    return Viewer(account_id=1 if groups or roles else None, name="Somebody", groups=groups, roles=roles)


def told_by_pages(edition: Edition, may_read: MayRead) -> str:
    """Return all that pages and what stands around them tell a reader."""
    views = PageViews(edition, may_read, today=TODAY, base_url="http://localhost")
    pages = edition.readable_pages(may_read)
    told = [
        [(views.view(page), edition.document(page).headings_for(may_read), page.url) for page in pages],
        [frame_for(edition, may_read, url=url) for url in edition.pages],
        list(edition.glossary_for(may_read).terms),
        [views.sources(), local_groups(edition, may_read)],
    ]
    return repr(told).lower()


def told_by_searches(index: SearchIndex, asker: Asker, typed: str) -> str:
    """Return all that a search tells, whatever it is narrowed to."""
    filters = [Filters(), Filters(exact=True), Filters(area="a"), *(Filters(audience=name) for name in NAMES[:2])]
    told = [
        [find_pages(index, typed, asker=asker, number=1, filters=one) for one in filters],
        find_sections(index, typed, asker=asker, limit=50),
        complete(index, typed, asker=asker, limit=8),
        complete(index, typed[:5], asker=asker, limit=8),
    ]
    return repr(told).lower().replace(typed, "")


def asker_for(edition: Edition, groups: frozenset[str]) -> Asker:
    viewer = reader(groups)
    return Asker(edition, edition.may_read(viewer), audiences_of(viewer, edition.audiences), today=TODAY)


@bounded
@given(trees(), people(), ROLES)
def test_pages_tell_what_may_be_read_and_no_more(tree: Tree, everybody: Groups, roles: frozenset[str]) -> None:
    with new_site() as (folder, library, _):
        tree.write(folder)
        edition = library.edition()

        for groups in everybody:
            viewer = reader(groups, roles)
            expected = tree.readable(groups)
            may_read = edition.may_read(viewer)
            readable = {
                url
                for url, page in edition.pages.items()
                if can_read(viewer, page.requirement, audiences=edition.audiences)
            }
            told = told_by_pages(edition, may_read)

            assert readable == {*expected}
            words = set().union(*expected.values())
            assert [one for one in sorted(tree.words() - words) if one in told] == []
            hidden = {word("keyword", leaf.path) for leaf in tree.leaves}
            assert [one for one in sorted(words - hidden) if one not in told] == []


@bounded
@given(trees(), people())
def test_searches_find_what_may_be_read_and_no_more(tree: Tree, everybody: Groups) -> None:
    with new_site() as (folder, library, index):
        tree.write(folder)
        edition = library.edition()

        for groups in everybody:
            asker = asker_for(edition, groups)
            expected = tree.readable(groups)
            words = set().union(*expected.values())
            unreadable = sorted(tree.words() - words)

            found = {hit.page_url for hit in find_sections(index, COMMON_WORD, asker=asker, limit=50).hits}
            assert found == {f"/{leaf.path}" for leaf in tree.leaves} & {*expected}
            for leaf in tree.leaves:
                for kind in ("body", "keyword", "gated"):
                    hits = find_sections(index, word(kind, leaf.path), asker=asker, limit=50).hits
                    has_it = word(kind, leaf.path) in expected.get(f"/{leaf.path}", ())
                    assert [hit.page_url for hit in hits] == ([f"/{leaf.path}"] * len(hits) if has_it else [])
                    assert bool(hits) == has_it
            for typed in (COMMON_WORD, "page", *unreadable[:2]):
                told = told_by_searches(index, asker, typed)
                assert [one for one in unreadable if one != typed and one in told] == []


@bounded
@given(trees(), st.sampled_from(Earlier), people())
def test_an_index_that_is_behind_tells_nobody_more(tree: Tree, earlier: Earlier, everybody: Groups) -> None:
    with new_site() as (folder, library, index):
        before = tree.opened() if earlier is Earlier.ALL_OPEN else tree.without_gated()
        before.write(folder)
        find_sections(index, COMMON_WORD, asker=asker_for(library.refresh(), frozenset()), limit=50)
        tree.write(folder)
        edition = library.refresh()

        with FileLock(folder.root.parent / "search_index" / "lock"):
            # Those who may read most ask first, so that what is kept for them is there when others ask.
            for groups in sorted(everybody, key=len, reverse=True):
                asker = asker_for(edition, groups)
                unreadable = sorted(tree.words() - set().union(*tree.readable(groups).values()))
                for typed in (COMMON_WORD, "the", *unreadable[:1]):
                    told = told_by_searches(index, asker, typed)
                    assert [one for one in unreadable if one != typed and one in told] == []


@bounded
@given(trees(), people(), ROLES)
def test_viewing_as_somebody_else_never_shows_more(tree: Tree, everybody: Groups, roles: frozenset[str]) -> None:
    with new_site() as (folder, library, _):
        tree.write(folder)
        edition = library.edition()

        for groups in everybody:
            person = Viewer(account_id=1, name="Somebody", groups=groups, roles=roles)
            own = tree.readable(groups)
            choices = choices_for(person, audiences=edition.audiences)
            assert bool(choices) == bool(roles & {"admin", "publisher"})
            for choice in choices:
                viewing = Viewing(choice, choice.key, "1", groups, NOW, 1)
                viewer = viewer_for(viewing, person)
                may_read = edition.may_read(viewer)
                as_other = {page.url for page in edition.readable_pages(may_read)}
                theirs = {choice.name} if choice.whom == "group" else frozenset[str]()

                assert not viewer.roles
                assert as_other <= {*own}
                assert as_other >= {*tree.readable(frozenset(theirs))}
                told = told_by_pages(edition, may_read)
                assert [one for one in sorted(tree.words() - set().union(*own.values())) if one in told] == []
