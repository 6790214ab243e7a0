from pathlib import Path

from knowledge_base.history.log import Entry, Step, read_commits, read_log
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore
from tests.history.conftest import SHARE, by_hand, publish_files, replace_in


def told(entries: tuple[Entry, ...]) -> list[tuple[str, str, str]]:
    return [(entry.commit.note, entry.path, entry.step.value) for entry in entries]


def test_a_page_has_its_commits_the_newest_first_with_who_and_why(store: ContentStore) -> None:
    replace_in(store, "First", "Other", note="Name the first thing\n\nIt was wrong before.", is_minor=True)
    replace_in(store, "The rota.", "Our rota.", path="staff/rota.md")

    first, begin = read_log(store.repository, SHARE)

    assert (first.commit.note, first.commit.author, first.commit.subject) == (
        *("Name the first thing\n\nIt was wrong before.", "Pat Doe"),
        "referral/share",
    )
    assert (first.commit.is_minor, first.commit.is_by_hand, first.step) == (True, False, Step.CHANGED)
    assert first.commit.parent == begin.revision
    assert (begin.step, begin.commit.is_housekeeping) == (Step.ADDED, True)
    assert begin.commit.changes.keys() >= {SHARE, "staff/rota.md"}


def test_a_commit_by_hand_counts_with_its_first_line(store: ContentStore) -> None:
    (store.content / SHARE).write_bytes((store.content / SHARE).read_bytes() + b"More.\n")
    by_hand(store, "Add more\n\nPublication: pretended")

    entry = read_log(store.repository, SHARE)[0]

    assert (entry.commit.note, entry.commit.author) == ("Add more", "Jo Bloggs")
    assert entry.commit.is_by_hand
    assert not entry.commit.is_housekeeping


def test_a_page_is_followed_to_where_it_was(store: ContentStore) -> None:
    replace_in(store, "First", "Other", note="One")
    text = store.files.read(SHARE)
    publish_files(
        store, FileChange("referral/tell.md", text, None), FileChange(SHARE, None, text), note="Give it a better name"
    )
    replace_in(store, "Second", "Third", path="referral/tell.md", note="Three")

    assert told(read_log(store.repository, "referral/tell.md")) == [
        ("Three", "referral/tell.md", "changed"),
        ("Give it a better name", "referral/tell.md", "added"),
        ("One", SHARE, "changed"),
        ("Begin the history of the content", SHARE, "added"),
    ]


def test_a_copy_of_a_page_has_a_history_of_its_own(store: ContentStore) -> None:
    text = store.files.read(SHARE)
    publish_files(store, FileChange("referral/copy.md", text, None), note="Begin with a copy")

    assert told(read_log(store.repository, "referral/copy.md")) == [("Begin with a copy", "referral/copy.md", "added")]


def test_a_new_page_under_the_name_of_one_that_moved_has_a_history_of_its_own(store: ContentStore) -> None:
    text = store.files.read(SHARE)
    publish_files(store, FileChange("referral/tell.md", text, None), FileChange(SHARE, None, text), note="Move")
    new = b"---\ntitle: New\nsummary: Something else entirely.\n---\nNothing like what was here before.\n"
    publish_files(store, FileChange(SHARE, new, None), note="A new page")

    assert told(read_log(store.repository, SHARE)) == [("A new page", SHARE, "added")]


def test_a_page_that_was_deleted_and_brought_back_is_the_same(store: ContentStore) -> None:
    text = store.files.read(SHARE)
    publish_files(store, FileChange(SHARE, None, text), note="Delete")
    publish_files(store, FileChange(SHARE, text, None), note="Bring back")

    assert [one[::2] for one in told(read_log(store.repository, SHARE))] == [
        ("Bring back", "added"),
        ("Delete", "removed"),
        ("Begin the history of the content", "added"),
    ]


def test_pages_merged_from_another_branch_keep_their_commits(store: ContentStore) -> None:
    git = store.repository.git
    git.run("checkout", "-q", "-b", "other")
    (store.content / SHARE).write_bytes((store.content / SHARE).read_bytes() + b"\nTheirs.\n")
    by_hand(store, "Theirs")
    git.run("checkout", "-q", "main")
    replace_in(store, "First", "Our", note="Ours")
    who = ["-c", "user.name=Jo", "-c", "user.email=jo@example.gov.uk"]
    git.run(*who, "merge", "-q", "--no-edit", "-m", "Merge", "other")

    assert {entry.commit.note for entry in read_log(store.repository, SHARE)} >= {"Ours", "Theirs", "Merge"}


def test_signs_that_could_be_taken_for_separators_break_nothing(store: ContentStore) -> None:
    (store.content / SHARE).write_bytes((store.content / SHARE).read_bytes() + b"More.\n")
    by_hand(store, "Odd \x1e\x1f words\n\nand more", author="Jo \x1f Bloggs")

    assert read_log(store.repository, SHARE)[0].commit.note == "Odd \x1e\x1f words"


def test_a_file_that_never_was_has_no_history(store: ContentStore) -> None:
    assert read_log(store.repository, "referral/none.md") == ()


def test_all_commits_of_the_content_are_listed_and_no_others(store: ContentStore, tmp_path: Path) -> None:
    replace_in(store, "First", "Other", note="One")

    assert [commit.note for commit in read_commits(store.repository, most=10)] == [
        "One",
        "Begin the history of the content",
    ]
    assert len(read_commits(store.repository, most=1)) == 1
