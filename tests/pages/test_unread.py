"""Some of the content folder cannot be read: nobody can say what stands there, or whom it is for by now."""

import pytest

from knowledge_base.access.policy import ANONYMOUS
from knowledge_base.operations.health import OK
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import RECENT, Library
from knowledge_base.repository.working_files import LOST_AND_FOUND
from tests.content_folder import ContentFolder
from tests.pages.files_of_pages import jpeg
from tests.pages.test_library import Clock
from tests.unprivileged import Unprivileged, unprivileged

__all__ = ["unprivileged"]

OLDER = "so an older state of it is shown"
PLACES = ["area", "area/page.md", "area/index.md", "area/_files/page/map.jpeg", "_data", "_data/audiences.yml"]


def open_pages(edition: Edition) -> set[str]:
    return {page.url for page in edition.readable_pages(edition.may_read(ANONYMOUS))}


def state_of(library: Library) -> str:
    return library.trouble.in_general(library.edition()) if library.trouble else OK


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(content: ContentFolder, clock: Clock) -> Library:
    """A library that has read the folder."""
    content.page("index")
    content.page("area/index")
    content.page("area/page", "The map: ![Map](map.jpeg)\n")
    content.file("area/_files/page/map.jpeg", jpeg(3, 2))
    content.page("safe-houses/index", audience="staff")
    found = Library(content.root, clock=clock)
    found.edition()
    return found


@pytest.mark.parametrize("place", PLACES)
def test_what_was_read_whole_last_is_shown_until_the_fault_is_gone(
    content: ContentFolder, library: Library, unprivileged: Unprivileged, place: str
) -> None:
    before, path = library.edition(), content.root / place
    mode = path.stat().st_mode
    path.chmod(0)

    with unprivileged():
        meanwhile, said = library.refresh(), state_of(library)
    path.chmod(mode)
    with unprivileged():
        after = library.refresh()

    assert meanwhile is before
    assert said == f"cannot be read in part ({place.split('/', maxsplit=1)[0]}/), {OLDER}"
    assert after.version == before.version
    assert library.trouble is None


def test_half_of_one_state_is_never_shown_with_half_of_another(
    content: ContentFolder, library: Library, unprivileged: Unprivileged
) -> None:
    content.page("safe-houses/list")
    with unprivileged():
        library.refresh()
    # Both in one moment: the folder is opened, and a page in it stays as it was.
    content.page("safe-houses/index")
    page = content.page("safe-houses/list", audience="staff")
    page.chmod(0)

    with unprivileged():
        edition = library.refresh()

    assert open_pages(edition) == {"/", "/area", "/area/page"}


def test_a_folder_that_is_not_open_is_not_named_to_everybody(
    content: ContentFolder, library: Library, unprivileged: Unprivileged, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in ("area", "safe-houses"):
        (content.root / folder).chmod(0)

    with unprivileged():
        library.refresh()
        said = state_of(library)
    for folder in ("area", "safe-houses"):
        (content.root / folder).chmod(0o755)

    assert said == f"cannot be read in part (area/, more that the log names), {OLDER}"
    assert "safe-houses/: the folder cannot be read: Permission denied" in caplog.text


def test_a_start_shows_nobody_what_cannot_be_read(
    content: ContentFolder, library: Library, unprivileged: Unprivileged
) -> None:
    (content.root / "area").chmod(0)
    started = Library(content.root)

    with unprivileged():
        edition, said = started.edition(), state_of(started)
    (content.root / "area").chmod(0o755)
    with unprivileged():
        after = started.refresh()

    assert open_pages(edition) == {"/"}
    assert said == "cannot be read in part (more that the log names), so what stands there is shown to nobody"
    assert after.version == library.edition().version
    assert started.trouble is None


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_state_of_long_ago_is_shown_only_if_nothing_else_has_changed(
    content: ContentFolder, unprivileged: Unprivileged, clock: Clock, library: Library, *, is_changed: bool
) -> None:
    if is_changed:
        content.page("new")
    (content.root / "area").chmod(0)
    clock.now += RECENT

    with unprivileged():
        edition = library.edition()
    (content.root / "area").chmod(0o755)

    assert open_pages(edition) == ({"/", "/new"} if is_changed else {"/", "/area", "/area/page"})


def test_a_state_that_is_shown_stays_however_long_it_takes(
    content: ContentFolder, unprivileged: Unprivileged, clock: Clock, library: Library
) -> None:
    before = library.edition()
    (content.root / "area").chmod(0)
    with unprivileged():
        library.refresh()
    content.page("new")
    clock.now += RECENT

    with unprivileged():
        edition = library.edition()
    (content.root / "area").chmod(0o755)

    assert edition is before
    assert "/new" in library.refresh().pages


def test_what_a_disk_has_at_its_top_is_passed_over(
    content: ContentFolder, library: Library, unprivileged: Unprivileged
) -> None:
    (content.root / LOST_AND_FOUND).mkdir(mode=0)

    with unprivileged():
        edition = library.refresh()

    assert not edition.faults
    assert library.trouble is None
