"""What the site needs goes away while it is served, and comes back: pages are read all the time."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from knowledge_base.settings import Settings
from tests.content_folder import ContentFolder
from tests.databases import SERVER, on_postgresql
from tests.faults.conftest import Answer, Site

UNKNOWN = "cannot tell at the moment who is signed in"


def is_ready(answer: Answer) -> bool:
    return answer.status == 200


def is_not_ready(answer: Answer) -> bool:
    return answer.status == 503


def assert_pages_are_read(site: Site) -> None:
    for browser in (site.anonymous, site.staff):
        assert browser.get("/share").status == 200
        assert "First words." in browser.get("/share").text


@contextmanager
def database_gone(settings: Settings) -> Iterator[None]:
    """Take the database away, and bring it back."""
    if on_postgresql:
        name = make_url(settings.database_url).database
        with psycopg.connect(SERVER or "", autocommit=True) as server:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        return
    away = settings.instance_dir.with_name("away")
    away.mkdir()
    for file in settings.instance_dir.glob("*.sqlite3*"):
        file.rename(away / file.name)
    yield
    for file in away.iterdir():
        file.rename(settings.instance_dir / file.name)


def test_a_database_that_goes_away_leaves_the_pages_for_everybody(site: Site, settings: Settings) -> None:
    with database_gone(settings):
        site.anonymous.until("/readyz", is_not_ready)
        assert_pages_are_read(site)
        assert site.staff.get("/search?q=concern").status == 200
        notice = site.staff.get("/share").text
        refused = [site.staff.get(path) for path in ("/safe", "/account", "/nothing")]
        sign_in = site.anonymous.sign_in()
        sign_out = site.staff.get("/logout", {})

    back = site.staff.until("/safe", lambda answer: answer.status == 200)
    site.anonymous.until("/readyz", is_ready)
    assert UNKNOWN in notice
    assert {answer.status for answer in refused} == {503}
    assert (sign_in.status, "cannot use its database" in sign_in.text) == (503, True)
    assert sign_out.status in {400, 503}
    assert "Safe houses" in back.text
    assert UNKNOWN not in site.staff.get("/share").text
    assert not list(settings.instance_dir.glob("*.sqlite3")) or site.anonymous.sign_in().status == 200


def test_an_index_that_is_lost_is_made_anew(site: Site, settings: Settings) -> None:
    folder = settings.index_dir
    shutil.rmtree(folder)
    once_gone = site.anonymous.until("/search?q=concern", is_ready)
    for file in folder.glob("*/*"):
        file.write_bytes(b"garbage")
    once_damaged = site.anonymous.until("/search?q=concern", is_ready)
    shutil.rmtree(folder)
    folder.touch()
    refused = site.anonymous.until("/search?q=concern", is_not_ready)
    assert_pages_are_read(site)

    folder.unlink()
    at_the_end = site.anonymous.until("/search?q=concern", is_ready)

    site.anonymous.until("/readyz", is_ready)
    assert "Searching does not work at the moment" in refused.text
    assert ["Share your concern" in found.text for found in (once_gone, once_damaged, at_the_end)] == [True] * 3


def test_content_that_goes_away_is_shown_as_it_was(site: Site, content: ContentFolder) -> None:
    away = content.root.with_name("away")
    content.root.rename(away)
    said = site.anonymous.until("/readyz", is_not_ready).text
    assert_pages_are_read(site)
    assert site.anonymous.get("/search?q=concern").status == 200

    away.rename(content.root)
    content.page("new")

    site.anonymous.until("/new", is_ready)
    site.anonymous.until("/readyz", is_ready)
    assert "cannot be read, so an older state of it is shown" in said
