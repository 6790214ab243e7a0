from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submissions import submit
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.approval.conftest import NewPerson, change_of

SHARE = "referral/share.md"


@pytest.fixture
def sam(new_person: NewPerson) -> Contributor:
    """A member of staff without a role."""
    return new_person("sam", groups=("staff",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new.md"


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["content", *map(str, arguments)])


def publish(app: Flask, file: Path, *options: str, page: str = "referral/share", email: str = "jane") -> Result:
    who = f"{email}@example.gov.uk"
    return run(app, "publish", page, "--file", file, "--note", "Say it better", "--as", who, *options)


def write(store: ContentStore, file: Path, old: str, new: str, *, path: str = SHARE) -> None:
    file.write_text((store.content / path).read_text().replace(old, new))


def test_it_publishes_and_prints_the_revision(app: Flask, store: ContentStore, file: Path, jane: Contributor) -> None:
    write(store, file, "First line.", "My line.")

    result = publish(app, file)

    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == store.repository.git.text("rev-parse", "HEAD")
    assert run(app, "revision", "referral/share").stdout == result.stdout
    recorded = store.repository.git.text("log", "-1", "--format=%(trailers:key=Recorded-as,valueonly)").strip()
    assert recorded.startswith("operating-system user ")
    assert recorded.endswith(" as jane Doe")


def test_a_change_from_an_older_revision_is_merged_or_ends_with_3(
    app: Flask, store: ContentStore, file: Path, jane: Contributor
) -> None:
    base = run(app, "revision", "referral/share").stdout.strip()
    write(store, file, "First line.", "My line.")
    other = file.with_name("other.md")
    write(store, other, "Second line.", "Their line.")
    third = file.with_name("third.md")
    write(store, third, "First line.", "Somebody's line.")

    assert publish(app, file, "--base", base).exit_code == 0
    assert publish(app, other, "--base", base).exit_code == 0
    conflict = publish(app, third, "--base", base)

    assert conflict.exit_code == 3
    assert "Somebody else changed the same lines" in conflict.stderr
    assert conflict.stdout == ""


def test_a_file_of_another_system_changes_only_the_lines_that_differ(
    app: Flask, store: ContentStore, file: Path, jane: Contributor
) -> None:
    write(store, file, "First line.", "My line.")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    revision = publish(app, file).stdout.strip()

    changed = store.repository.git.text("show", "--shortstat", "--format=", revision)
    assert changed.strip() == "1 file changed, 1 insertion(+), 1 deletion(-)"


def test_an_error_of_the_checks_ends_with_4(app: Flask, store: ContentStore, file: Path, jane: Contributor) -> None:
    write(store, file, "First line.", "[Nothing](/none)")

    result = publish(app, file)

    assert result.exit_code == 4
    assert "referral/share.md:" in result.stderr


def test_a_warning_of_the_checks_is_printed_and_passes(
    app: Flask, store: ContentStore, file: Path, jane: Contributor
) -> None:
    write(store, file, "First line.", "Utilise the form.")

    result = publish(app, file)

    assert result.exit_code == 0, result.output
    assert "warning" in result.stderr
    assert "there is a shorter word" in result.stderr
    assert result.stdout.strip() == store.repository.head()


def test_somebody_who_may_not_ends_with_5(app: Flask, store: ContentStore, file: Path, sam: Contributor) -> None:
    write(store, file, "First line.", "My line.")

    assert publish(app, file, email="sam").exit_code == 5
    assert publish(app, file, email="nobody").exit_code == 5


def test_a_folder_of_two_persons_ends_with_6(app: Flask, store: ContentStore, file: Path, jane: Contributor) -> None:
    write(store, file, "First line.", "My line.", path="uasc/arrival.md")

    result = publish(app, file, page="uasc/arrival")

    assert result.exit_code == 6
    assert "http://guidance.example.gov.uk/approvals/1" in result.stderr
    assert result.stdout == ""
    assert get_submission(store, 1).author_name == "jane Doe"


@pytest.mark.parametrize("page", ["../secret", "/etc/passwd", "referral/Share", "_data/council", "referral//share", ""])
def test_what_is_no_page_is_refused(app: Flask, store: ContentStore, file: Path, jane: Contributor, page: str) -> None:
    write(store, file, "First line.", "My line.")

    result = publish(app, file, page=page)

    assert result.exit_code == 2
    assert "is not the path of a page" in result.stderr


def test_an_unknown_revision_a_missing_file_and_an_empty_note_are_said(
    app: Flask, store: ContentStore, file: Path, jane: Contributor
) -> None:
    missing = publish(app, file)
    write(store, file, "First line.", "My line.")
    unknown = publish(app, file, "--base", "f" * 40)
    wordless = run(app, "publish", "referral/share", "--file", file, "--note", " ", "--as", "jane@example.gov.uk")

    assert (missing.exit_code, unknown.exit_code, wordless.exit_code) == (1, 1, 1)
    assert "cannot be read" in missing.stderr
    assert "There is no revision" in unknown.stderr
    assert "Say what changed" in wordless.stderr


def test_what_is_due_is_published_by_command(app: Flask, store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, path=SHARE)
    now = utc_now()
    number = submit(store, change, by=jane, publish_at=now - timedelta(hours=1), now=now - timedelta(hours=2))

    result = run(app, "publish-due")

    assert result.stdout == "Changes dealt with: 1. Letters sent: 0.\n"
    assert get_submission(store, number).state == "published"
