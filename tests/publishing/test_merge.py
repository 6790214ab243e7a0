import pytest

from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.errors import EditConflictError
from knowledge_base.publishing.merge import merge

HEADER = b"---\ntitle: Share\nsummary: How to share.\nlast_reviewed: 2026-01-01\nreview_by: 2026-07-01\n---\n"
BODY = b"\nOne.\n\nTwo.\n\nThree.\n"
PAGE = HEADER + BODY


def merged(base: bytes | None, mine: bytes | None, theirs: bytes | None) -> bytes | None:
    return merge([FileChange("share.md", mine, base)], {"share.md": theirs})["share.md"]


@pytest.mark.parametrize("changed", [PAGE.replace(b"One", b"1"), None])
def test_what_only_one_changed_is_taken_from_that_one(changed: bytes | None) -> None:
    assert merged(PAGE, changed, PAGE) == changed
    assert merged(PAGE, PAGE, changed) == changed
    assert merged(PAGE, changed, changed) == changed


def test_different_lines_of_the_body_are_merged() -> None:
    mine, theirs = PAGE.replace(b"One", b"1"), PAGE.replace(b"Three", b"3")

    assert merged(PAGE, mine, theirs) == HEADER + b"\n1.\n\nTwo.\n\n3.\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_that_another_system_ends_otherwise_are_no_conflict(end: bytes) -> None:
    theirs = PAGE.replace(b"Three", b"3").replace(b"\n", end)
    mine = PAGE.replace(b"One", b"1").replace(b"\n", b"\r\n" if end == b"\n" else b"\n")

    assert merged(PAGE, mine, theirs) == (HEADER + b"\n1.\n\nTwo.\n\n3.\n").replace(b"\n", end)


def test_keys_of_the_header_are_merged_though_they_stand_next_to_each_other() -> None:
    mine = PAGE.replace(b"last_reviewed: 2026-01-01", b"last_reviewed: 2026-11-01").replace(b"One", b"1")
    theirs = PAGE.replace(b"review_by: 2026-07-01\n", b"review_by: 2027-07-01\nowner: Prevent lead\n")

    both = merged(PAGE, mine, theirs)

    assert both is not None
    assert both.startswith(
        b"---\ntitle: Share\nsummary: How to share.\nlast_reviewed: 2026-11-01\nreview_by: 2027-07-01\n"
        b"owner: Prevent lead\n---\n"
    )
    assert b"1." in both


def test_a_key_that_one_removed_and_the_other_left_is_gone() -> None:
    mine, theirs = PAGE.replace(b"review_by: 2026-07-01\n", b""), PAGE.replace(b"One", b"1")

    assert b"review_by" not in (merged(PAGE, mine, theirs) or b"")


def test_lists_and_comments_of_a_header_stay_with_their_key() -> None:
    base = b"---\n# Ask legal first.\ntitle: Share\nsources:\n  - one\n- two\norder: 1\n---\nText.\n"
    mine = base.replace(b"  - one\n", b"  - one\n  - more\n")
    theirs = base.replace(b"order: 1", b"order: 2")

    assert merged(base, mine, theirs) == mine.replace(b"order: 1", b"order: 2")


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        (PAGE, PAGE.replace(b"One", b"1"), PAGE.replace(b"One", b"Uno")),
        (PAGE, PAGE.replace(b"title: Share", b"title: Tell"), PAGE.replace(b"title: Share", b"title: Say")),
        (PAGE, None, PAGE.replace(b"One", b"1")),
        (PAGE, PAGE.replace(b"One", b"1"), None),
        (None, PAGE, PAGE.replace(b"One", b"1")),
        (b"\x00\x01", b"\x00\x02", b"\x00\x03"),
    ],
)
def test_what_both_changed_is_a_conflict_that_holds_all_three(
    base: bytes | None, mine: bytes | None, theirs: bytes | None
) -> None:
    with pytest.raises(EditConflictError) as raised:
        merged(base, mine, theirs)

    (conflict,) = raised.value.conflicts
    assert (conflict.path, conflict.base, conflict.mine, conflict.theirs) == ("share.md", base, mine, theirs)


def test_a_header_that_cannot_be_cut_is_merged_by_lines() -> None:
    base = b"---\nTitle = Share\n---\n\n" + BODY

    assert merged(base, base.replace(b"One", b"1"), base.replace(b"Three", b"3")) == base.replace(b"One", b"1").replace(
        b"Three", b"3"
    )


def test_all_files_in_conflict_are_named() -> None:
    files = [FileChange(name, b"mine\n", b"base\n") for name in ("a.md", "b.md", "c.md")]

    with pytest.raises(EditConflictError) as raised:
        merge(files, {"a.md": b"theirs\n", "b.md": b"base\n", "c.md": b"theirs\n"})

    assert [conflict.path for conflict in raised.value.conflicts] == ["a.md", "c.md"]
