from dataclasses import replace

import pytest
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database
from knowledge_base.publishing import store as store_module
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    ChangeRefusedError,
    EditConflictError,
    GateError,
    NotAllowedError,
    PublishingBusyError,
)
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.publishing.conftest import NOBODY, NOW, SHARE, change_of, git


def text_of(store: ContentStore, path: str = SHARE) -> str:
    return (store.content / path).read_text()


def test_a_published_change_is_live_in_git_and_in_the_record(
    store: ContentStore, jane: Contributor, database: Database
) -> None:
    change = change_of(store, SHARE, "Second line.", "Another line.", note="Say what is second")

    published = publish(store, change, by=jane, now=NOW)

    assert "Another line." in text_of(store)
    assert published.revision == git(store, "rev-parse", "HEAD")
    assert git(store, "log", "-1", "--format=%an <%ae>|%s") == (
        "jane Doe <jane@example.gov.uk>|Share your concern (/referral/share): Say what is second"
    )
    assert git(store, "log", "-1", "--format=%(trailers:key=Page,valueonly,separator=%x2C)") == "referral/share"
    assert git(store, "status", "--porcelain") == ""
    page = store.library.edition().page("/referral/share")
    assert page is not None
    assert "Another line." in page.body
    with database.read() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert last is not None
    assert (last.kind, last.actor_name, last.subject) == (
        *("page.published", "jane Doe"),
        "Share your concern (/referral/share)",
    )
    assert last.details == {"note": "Say what is second"}


def test_sending_the_same_change_twice_makes_one_commit(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "Second line.", "Another line.")

    first = publish(store, change, by=jane, now=NOW)
    second = publish(store, change, by=jane, now=NOW)

    assert (first.is_new, second.is_new) == (True, False)
    assert second.revision == first.revision


def test_changes_of_different_lines_are_merged(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    mine = change_of(store, SHARE, "First line.", "My line.")
    theirs = change_of(store, SHARE, "Third line.", "Their line.")

    assert not publish(store, theirs, by=pat, now=NOW).was_merged
    assert publish(store, mine, by=jane, now=NOW).was_merged

    assert "My line." in text_of(store)
    assert "Their line." in text_of(store)


def test_changes_of_the_same_line_are_a_conflict_that_changes_nothing(
    store: ContentStore, jane: Contributor, pat: Contributor
) -> None:
    mine = change_of(store, SHARE, "First line.", "My line.")
    theirs = change_of(store, SHARE, "First line.", "Their line.")
    head = publish(store, theirs, by=pat, now=NOW).revision

    with pytest.raises(EditConflictError) as raised:
        publish(store, mine, by=jane, now=NOW)

    (conflict,) = raised.value.conflicts
    assert conflict.mine == mine.files[0].content
    assert conflict.theirs == theirs.files[0].content
    assert git(store, "rev-parse", "HEAD") == head
    assert "Their line." in text_of(store)


def test_a_conflict_shows_nobody_what_they_may_not_read_any_more(
    store: ContentStore, content: ContentFolder, jane: Contributor
) -> None:
    mine = change_of(store, SHARE, "First line.", "My line.")
    content.page("referral/share", "First line, now secret.\n", title="Share your concern", audience="staff")

    with pytest.raises(NotAllowedError):
        publish(store, mine, by=jane, now=NOW)


def test_two_new_pages_of_one_name_are_a_conflict(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    new = change_of(store, SHARE, "First line.", "A line.").files[0].content
    assert new is not None
    one = Change((FileChange("referral/new.md", new, None),), subject="referral/new", note="New")
    other = replace(one, files=(FileChange("referral/new.md", new + b"More.\n", None),))
    publish(store, one, by=jane, now=NOW)

    with pytest.raises(EditConflictError):
        publish(store, other, by=pat, now=NOW)


def test_what_was_changed_by_hand_is_kept_in_the_history_and_merged(store: ContentStore, jane: Contributor) -> None:
    mine = change_of(store, SHARE, "First line.", "My line.")
    (store.content / SHARE).write_text(text_of(store).replace("Third line.", "Hand-made line."))

    published = publish(store, mine, by=jane, now=NOW)

    assert published.was_merged
    assert "My line." in text_of(store)
    assert "Hand-made line." in text_of(store)
    assert git(store, "log", "-2", "--format=%s").splitlines()[1] == "Keep what was changed by hand: referral/share.md"


def test_other_files_that_were_changed_by_hand_are_left_alone(store: ContentStore, jane: Contributor) -> None:
    (store.content / "referral" / "index.md").write_text(text_of(store, "referral/index.md") + "\nBy hand.\n")

    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)

    assert git(store, "status", "--porcelain") == " M referral/index.md"


def test_a_hand_edit_saved_at_the_very_moment_is_merged(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")
    commit = store.repository.commit
    saved: list[bool] = []

    def somebody_saves(*arguments: object, **options: object) -> str:
        if not saved:
            saved.append(True)
            (store.content / SHARE).write_text(text_of(store).replace("Third line.", "Hand-made line."))
        return commit(*arguments, **options)  # type: ignore[arg-type]

    store.repository.commit = somebody_saves  # type: ignore[method-assign]
    published = publish(store, change, by=jane, now=NOW)

    assert "My line." in text_of(store)
    assert "Hand-made line." in text_of(store)
    assert published.revision == git(store, "rev-parse", "HEAD")
    assert git(store, "status", "--porcelain") == ""


def test_an_error_of_the_checks_stops_it(store: ContentStore, jane: Contributor) -> None:
    head = store.repository.head()
    change = change_of(store, SHARE, "First line.", "See [nothing](/referral/none).")

    with pytest.raises(GateError) as raised:
        publish(store, change, by=jane, now=NOW)

    assert "/referral/none" in str(raised.value.findings[0])
    assert store.repository.head() == head
    assert "First line." in text_of(store)


def test_what_breaks_another_page_stops_it(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "{#when}", "{#whenever}")

    with pytest.raises(GateError) as raised:
        publish(store, change, by=jane, now=NOW)

    assert raised.value.findings[0].path == "referral/index.md"


def test_what_breaks_a_page_that_the_author_may_not_read_stops_it_without_naming_it(
    store: ContentStore, content: ContentFolder, jane: Contributor
) -> None:
    content.page("staff/links", "See [how](/referral/share#when).\n")
    content.page("referral/index", "No link any more.\n")
    change = change_of(store, SHARE, "{#when}", "{#whenever}")

    with pytest.raises(GateError) as raised:
        publish(store, change, by=jane, now=NOW)

    assert [finding.path for finding in raised.value.findings] == [""]
    assert "staff" not in "".join(map(str, raised.value.findings))


@pytest.mark.parametrize("text", ["no header", "---\ntitle: X\n---\nWords.\n", "---\ntitle: [\n---\nWords.\n"])
def test_a_page_that_could_not_be_shown_is_stopped(store: ContentStore, jane: Contributor, text: str) -> None:
    base = store.files.read(SHARE)
    change = Change((FileChange(SHARE, text.encode(), base),), subject="referral/share", note="Break it")

    with pytest.raises(GateError):
        publish(store, change, by=jane, now=NOW)


def test_people_without_a_role_change_nothing(store: ContentStore, sam: Contributor) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")

    for person in (sam, NOBODY):
        with pytest.raises(NotAllowedError):
            publish(store, change, by=person, now=NOW)


def test_an_editor_changes_only_what_they_may_read(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    change = change_of(store, "staff/rota.md", "Some words.", "Other words.")

    with pytest.raises(NotAllowedError):
        publish(store, change, by=jane, now=NOW)

    assert publish(store, change, by=pat, now=NOW).is_new


def test_an_editor_cannot_change_an_open_page_with_a_part_they_may_not_read(
    store: ContentStore, content: ContentFolder, jane: Contributor
) -> None:
    content.page("referral/mixed", "Open words.\n\n/// staff-only\n\nSecret words.\n\n///\n")

    with pytest.raises(NotAllowedError):
        publish(store, change_of(store, "referral/mixed.md", "Open words.", "Other words."), by=jane, now=NOW)


def test_a_broken_file_may_be_for_anybody_so_only_who_reads_everything_mends_it(
    store: ContentStore, content: ContentFolder, jane: Contributor
) -> None:
    content.page("referral/broken", "Secret words.", audience="staf")

    with pytest.raises(NotAllowedError):
        publish(store, change_of(store, "referral/broken.md", "audience: staf", "audience: open"), by=jane, now=NOW)


def test_an_editor_cannot_write_into_a_place_that_they_may_not_read(store: ContentStore, jane: Contributor) -> None:
    content = store.files.read(SHARE)
    change = Change((FileChange("staff/new.md", content, None),), subject="staff/new", note="New")

    with pytest.raises(NotAllowedError):
        publish(store, change, by=jane, now=NOW)


def test_a_folder_that_asks_for_two_persons_is_changed_by_two(
    store: ContentStore, jane: Contributor, pat: Contributor
) -> None:
    change = change_of(store, "uasc/arrival.md", "First line.", "My line.")

    with pytest.raises(ApprovalNeededError):
        publish(store, change, by=jane, now=NOW)
    publish(store, change, by=jane, approved_by=pat, now=NOW)

    assert git(store, "log", "-1", "--format=%(trailers:key=Approved-by,valueonly)").strip() == (
        "pat Doe <pat@example.gov.uk>"
    )


def test_nobody_approves_their_own_change(store: ContentStore, pat: Contributor, jane: Contributor) -> None:
    change = change_of(store, "uasc/arrival.md", "First line.", "My line.")

    with pytest.raises(NotAllowedError, match="Somebody else"):
        publish(store, change, by=pat, approved_by=pat, now=NOW)
    with pytest.raises(NotAllowedError, match="Only a publisher"):
        publish(store, change, by=pat, approved_by=jane, now=NOW)


def test_the_folder_itself_cannot_be_freed_of_the_second_person_by_one(store: ContentStore, pat: Contributor) -> None:
    change = change_of(store, "uasc/index.md", "publishing: two-person", "publishing: one-person")

    with pytest.raises(ApprovalNeededError):
        publish(store, change, by=pat, now=NOW)


def test_in_the_middle_of_a_merge_nothing_is_published_and_it_is_said(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")
    (store.content / ".git" / "MERGE_HEAD").touch()

    with pytest.raises(PublishingBusyError, match="in the middle of a merge"):
        publish(store, change, by=jane, now=NOW)

    (store.content / ".git" / "MERGE_HEAD").unlink()
    assert publish(store, change, by=jane, now=NOW).is_new


def test_a_note_cannot_forge_the_lines_at_the_end_of_a_commit(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "First line.", "My line.", note="Better.\n\nApproved-by: Pat <pat@example.org>")

    publish(store, change, by=jane, now=NOW)

    assert git(store, "log", "-1", "--format=%(trailers:key=Approved-by)") == ""


def test_a_name_is_of_one_publication(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")
    publish(store, change, by=jane, now=NOW)
    other = replace(change_of(store, SHARE, "My line.", "My other line."), name=change.name)

    with pytest.raises(ChangeRefusedError, match="published already, and what you send now is something else"):
        publish(store, other, by=jane, now=NOW)


def test_what_is_on_no_branch_is_not_published_to(store: ContentStore, jane: Contributor) -> None:
    before = store.files.read(SHARE)
    git(store, "checkout", "--quiet", "--detach")

    with pytest.raises(PublishingBusyError, match="not on a branch"):
        publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)

    assert store.files.read(SHARE) == before
    git(store, "checkout", "--quiet", "main")
    assert publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW).is_new


def test_on_a_branch_without_a_commit_the_history_begins_with_all_pages(store: ContentStore, jane: Contributor) -> None:
    git(store, "symbolic-ref", "HEAD", "refs/heads/anew")

    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)

    assert git(store, "log", "--format=%s").splitlines()[-1] == "Begin the history of the content"
    assert set(git(store, "ls-tree", "-r", "--name-only", "HEAD").split()) == set(store.files.paths())


def test_while_others_publish_for_too_long_it_is_said(
    store: ContentStore, jane: Contributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")
    monkeypatch.setattr(store_module, "PATIENCE", ((0.02, 0.01), (0.02, 0.005)))

    with store.locked(), pytest.raises(PublishingBusyError, match="Others are publishing"):
        publish(store, change, by=jane, now=NOW)

    assert publish(store, change, by=jane, now=NOW).is_new
