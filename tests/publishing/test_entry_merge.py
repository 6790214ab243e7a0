import pytest

from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.entry_merge import EntriesConflictError, changed_entries, merge_entries
from knowledge_base.publishing.errors import DataFileError, EditConflictError
from knowledge_base.publishing.merge import merge, merge_lines

PEOPLE = """# The teams.
desk:
  name: Duty desk
  phone: "1"
  confirmed:
night:
  name: Night team
  phone: "2"
# The end.
"""
WORDS = "# Forms.\n- same: [a, b]\n- same: [c, d]\n- same: [e, f]\n"
CONFIRMED = "  confirmed: {on: 2026-11-22, by: Head of service}\n"


def both(base: str, mine: str, theirs: str) -> str:
    return merge_entries(base, mine, theirs, merge_lines=merge_lines)


def test_changes_of_entries_next_to_each_other_go_together() -> None:
    mine, theirs = PEOPLE.replace('"1"\n  confirmed:', '"11"'), PEOPLE.replace("Night team", "Night desk")

    assert both(PEOPLE, mine, theirs) == mine.replace("Night team", "Night desk")
    assert both(WORDS, WORDS.replace("c, d", "c, D"), WORDS.replace("e, f", "e, F")) == WORDS.replace(
        "c, d", "c, D"
    ).replace("e, f", "e, F")


def test_two_people_add_an_entry_at_the_end() -> None:
    mine, theirs = WORDS + "- same: [m]\n", WORDS + "- same: [t]\n"

    assert both(WORDS, mine, theirs) == WORDS + "- same: [m]\n- same: [t]\n"
    assert both(WORDS, mine, mine) == mine


def test_one_removes_what_the_other_leaves() -> None:
    mine = PEOPLE.replace('desk:\n  name: Duty desk\n  phone: "1"\n  confirmed:\n', "")
    theirs = PEOPLE.replace("Night team", "Night desk")

    assert both(PEOPLE, mine, theirs) == mine.replace("Night team", "Night desk")


def test_two_fields_of_one_entry_go_together() -> None:
    text = "desk:\n  name: Duty desk\n  purpose: Advice\n  group: all\n  hours: day\n"

    merged = both(text, text.replace("Duty desk", "Desk"), text.replace("day", "night"))

    assert merged == text.replace("Duty desk", "Desk").replace("day", "night")


def test_what_somebody_confirmed_does_not_confirm_another_value() -> None:
    text = "desk:\n  name: Desk\n  phone: '1'\n  group: all\n  origin: Here\n  confirmed:\n"
    mine, theirs = text.replace("'1'", "'2'"), text.replace("  confirmed:\n", CONFIRMED)

    with pytest.raises(EntriesConflictError) as caught:
        both(text, mine, theirs)

    (conflict,) = caught.value.conflicts
    assert conflict.mine is not None
    assert (conflict.name, conflict.mine["phone"]) == ("desk", "2")
    keep = {"desk": True}
    assert merge_entries(text, mine, theirs, merge_lines=merge_lines, keep_mine=keep) == mine
    assert both(text, text.replace("Desk", "The desk"), theirs) == theirs.replace("Desk", "The desk")


def test_the_same_entry_changed_twice_is_a_conflict() -> None:
    with pytest.raises(EntriesConflictError):
        both(WORDS, WORDS.replace("c, d", "x"), WORDS.replace("c, d", "y"))
    with pytest.raises(EntriesConflictError):
        both(PEOPLE, PEOPLE.replace("Duty", "D"), PEOPLE[PEOPLE.index("night:") :])


def test_a_file_that_cannot_be_cut_is_refused() -> None:
    with pytest.raises(DataFileError):
        both(PEOPLE, PEOPLE, "a: [")
    with pytest.raises(DataFileError):
        both(PEOPLE, WORDS, PEOPLE + "more:\n  name: More\n")


def test_publishing_merges_data_files_by_entries_whatever_their_line_ends() -> None:
    mine = WORDS.replace("c, d", "c, D").encode()
    theirs = WORDS.replace("e, f", "e, F").replace("\n", "\r\n").encode()
    change = FileChange("_data/synonyms.yml", mine, WORDS.encode())

    merged = merge([change], {change.path: theirs})[change.path]

    assert merged == WORDS.replace("c, d", "c, D").replace("e, f", "e, F").encode()
    with pytest.raises(EditConflictError):
        merge([change], {change.path: WORDS.replace("c, d", "c, X").encode()})
    with pytest.raises(EditConflictError):
        merge([change], {change.path: b"a: ["})


def test_the_changes_between_two_texts() -> None:
    changed = WORDS.replace("e, f", "e, F").replace("- same: [a, b]\n", "") + "- same: [new]\n"

    found = [(one.key, one.before, one.after) for one in changed_entries(WORDS, changed)]

    assert found == [
        ("2", {"same": ["e", "f"]}, {"same": ["e", "F"]}),
        ("3", None, {"same": ["new"]}),
        ("1", {"same": ["a", "b"]}, None),
    ]
