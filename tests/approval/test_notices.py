import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import text

from knowledge_base.approval.due import run_due
from knowledge_base.approval.notices import send_notices
from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.schedule import Schedule
from knowledge_base.approval.submissions import approve, send_back, submit
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import Settings
from tests.approval.conftest import NOW, NewPerson, change_of, seen_of
from tests.mail_server import MailServer, running_mail_server
from tests.ports import free_port

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as running:
        yield running


@pytest.fixture
def with_mail(settings: Settings, server: MailServer) -> Settings:
    return replace(settings, mail=server.settings)


def test_publishers_who_may_read_the_page_are_told_without_a_word_of_it(
    store: ContentStore,
    jane: Contributor,
    pat: Contributor,
    with_mail: Settings,
    server: MailServer,
    new_person: NewPerson,
) -> None:
    new_person("olga", "publisher")
    new_person("sam", groups=("staff",))
    eve = new_person("eve", "editor", "publisher", groups=("staff",))
    change = change_of(store, "The rota.", "Our secret rota.", path="staff/rota.md", note="A secret note")
    submit(store, change, by=eve, now=NOW)

    assert send_notices(store, with_mail) == 1
    assert send_notices(store, with_mail) == 0

    letter = server.next_letter()
    text = letter.get_content()
    assert letter["To"] == "pat@example.gov.uk"
    assert "http://guidance.example.gov.uk/approvals/1" in text
    assert "eve Doe" in text
    assert [word for word in ("secret", "rota", "Rota") if word in f"{letter['Subject']}{text}"] == []


def test_the_author_is_told_what_became_of_it(
    store: ContentStore,
    jane: Contributor,
    pat: Contributor,
    with_mail: Settings,
    settings: Settings,
    server: MailServer,
) -> None:
    numbers = [submit(store, change_of(store, "First", word), by=jane, now=NOW) for word in ("One", "Two", "Three")]
    send_notices(store, settings)
    send_back(store, numbers[0], by=pat, comment="No.", now=NOW)
    assert send_notices(store, with_mail) == 1
    approve(store, numbers[1], by=pat, seen=seen_of(store, numbers[1]), publish_at=LATER, now=NOW)
    assert send_notices(store, with_mail) == 1
    run_due(store, now=LATER)
    assert send_notices(store, with_mail) == 1

    letters = [server.next_letter() for _ in range(3)]

    assert {letter["To"] for letter in letters} == {"jane@example.gov.uk"}
    said = [letter.get_content() for letter in letters]
    assert "has been sent back to you" in said[0]
    assert "at the time that was set" in said[1]
    assert "is live" in said[2]


def test_a_failure_is_told_too(store: ContentStore, jane: Contributor, with_mail: Settings, server: MailServer) -> None:
    submit(store, change_of(store, path="referral/share.md"), by=jane, publish_at=LATER, now=NOW)
    page = store.content / "referral" / "share.md"
    page.write_text(page.read_text().replace("First", "Hand-made"))
    run_due(store, now=LATER)

    send_notices(store, with_mail)

    assert "could not be published. Nothing of it is lost." in server.next_letter().get_content()


def test_without_a_mail_server_nothing_waits(
    store: ContentStore, jane: Contributor, pat: Contributor, settings: Settings, with_mail: Settings
) -> None:
    submit(store, change_of(store), by=jane, now=NOW)

    assert send_notices(store, settings) == 0
    assert send_notices(store, with_mail) == 0


def test_a_mail_server_that_does_not_answer_stops_nothing(
    store: ContentStore, jane: Contributor, pat: Contributor, with_mail: Settings
) -> None:
    submit(store, change_of(store), by=jane, now=NOW)
    assert with_mail.mail
    nobody = replace(with_mail, mail=replace(with_mail.mail, port=free_port()))

    assert send_notices(store, nobody) == 0


def nothing() -> None:
    """Clean nothing."""


def test_the_schedule_cleans_when_it_starts_and_not_at_each_look(store: ContentStore, with_mail: Settings) -> None:
    looked = Event()
    cleaned: list[bool] = []

    def clean() -> None:
        cleaned.append(True)
        looked.set()

    schedule = Schedule(store, with_mail, clean=clean, seconds=0.001)

    schedule.start()
    assert looked.wait(30)
    schedule.stop()

    assert len(cleaned) == 1


def test_the_schedule_publishes_what_is_due_and_survives_what_goes_wrong(
    store: ContentStore, jane: Contributor, with_mail: Settings, server: MailServer
) -> None:
    schedule = Schedule(store, with_mail, clean=nothing, seconds=0.01)
    change, now = change_of(store, path="referral/share.md"), utc_now()
    with store.database.write():
        # Nothing can be written for now, so that the first looks fail or wait.
        schedule.start()
    number = submit(store, change, by=jane, publish_at=now + timedelta(milliseconds=1), now=now)

    letter = server.next_letter()
    schedule.stop()

    assert "is live" in letter.get_content()
    assert get_submission(store, number).state == "published"


def test_a_mail_server_that_lets_one_wait_delays_no_publication(
    store: ContentStore, jane: Contributor, pat: Contributor, with_mail: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        assert with_mail.mail
        slow = replace(with_mail, mail=replace(with_mail.mail, port=silent.getsockname()[1]))
        schedule = Schedule(store, slow, clean=nothing, seconds=0.01)
        submit(store, change_of(store), by=jane, now=NOW)
        schedule.start()
        waiting, _ = silent.accept()
        with waiting:
            now = utc_now()
            due = change_of(store, path="referral/share.md")
            number = submit(store, due, by=jane, publish_at=now + timedelta(milliseconds=1), now=now)

            is_live = any(get_submission(store, number).state == "published" for _ in range(100_000))

            waiting.settimeout(0)
            with pytest.raises(BlockingIOError):
                waiting.recv(1)
        schedule.stop()
    assert is_live


def test_the_schedule_says_what_went_wrong_once_and_goes_on(
    store: ContentStore, with_mail: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with store.database.write() as session:
        session.execute(text("ALTER TABLE submissions RENAME TO elsewhere"))
    schedule = Schedule(store, with_mail, clean=nothing, seconds=0.001)

    schedule.start()
    said = [f"{what} that are due could not be dealt with" for what in ("Changes", "Letters")]
    assert any(all(one in caplog.text for one in said) for _ in range(50_000_000))
    schedule.stop()

    assert [caplog.text.count(one) for one in said] == [1, 1]
