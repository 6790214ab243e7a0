from pathlib import Path

import pytest

from knowledge_base.data_files.entry_text import add_entry, change_entry, read_entries, remove_entry
from knowledge_base.data_files.errors import DataFileError
from knowledge_base.settings import ROOT

MAPPING = """# What changes.
name:
  label: Name of the council   # shown everywhere
  # not yet known
  value:
  groups: [a, b]
  confirmed:

# Numbers.
limit:
  label: "Limit: days"
  value: "44"
  parts:
    one: First
# The end.
"""
LIST = """# First.
- searches: [999, in danger]
  leads_to: /referral

# Then.
- searches:
    - one
    - two
  # A comment.
  leads_to: /open#x
"""


def test_one_field_changes_and_no_other_letter() -> None:
    changed = change_entry(MAPPING, "name", {"value": "Essex County Council"})

    assert changed == MAPPING.replace("  value:\n", "  value: Essex County Council\n")


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "012",
        "44",
        "a: b",
        "# no",
        'say "x"',
        "back\\slash",
        "- dash",
        "{{ x }}",
        "£5 a day",
        "null",
        "a, b",
        "*x",
        "é",
    ],
)
def test_whatever_is_written_is_what_is_read(value: str) -> None:
    changed = change_entry(MAPPING, "limit", {"value": value, "note": value})

    entry = read_entries(changed)["limit"]
    assert isinstance(entry, dict)
    assert (entry["value"], entry["note"]) == (value, value)
    assert "# Numbers." in changed


def test_a_confirmation_is_one_line() -> None:
    changed = change_entry(MAPPING, "name", {"confirmed": {"on": "2026-11-22", "by": "Head of service"}})

    assert changed == MAPPING.replace("  confirmed:\n", "  confirmed: {on: 2026-11-22, by: Head of service}\n")


def test_an_emptied_field_keeps_its_line_and_one_that_was_not_there_gets_none() -> None:
    assert "  value:\n  parts:" in change_entry(MAPPING, "limit", {"value": None, "hours": None})


def test_an_entry_on_one_line_is_written_anew() -> None:
    changed = change_entry("a: {title: A, groups: [x]}\nb: {title: B, groups: [y]}\n", "a", {"title": "New"})

    assert changed == "a:\n  title: New\n  groups: [x]\nb: {title: B, groups: [y]}\n"


def test_entries_of_a_list_go_by_their_number() -> None:
    changed = change_entry(LIST, "2", {"searches": ["one", "3"]})

    assert changed == LIST.replace("- searches:\n    - one\n    - two\n", '- searches: [one, "3"]\n')
    assert change_entry(LIST, "1", {"leads_to": "/open"}) == LIST.replace("/referral", '"/open"')


def test_an_entry_is_added_at_the_end() -> None:
    added = add_entry(MAPPING, "new-one", {"label": "New", "value": None, "groups": []})

    assert added == f"{MAPPING}new-one:\n  label: New\n"
    assert add_entry(LIST, None, {"searches": ["x"]}) == f"{LIST}- searches: [x]\n"
    assert add_entry("", "one", {"label": "x"}) == "one:\n  label: x\n"


@pytest.mark.parametrize("key", ["name", "No", "a b", ""])
def test_a_name_that_is_taken_or_none_is_refused(key: str) -> None:
    with pytest.raises(DataFileError):
        add_entry(MAPPING, key, {"label": "x"})


def test_an_entry_is_removed_and_the_comment_above_it_stays() -> None:
    assert list(read_entries(remove_entry(MAPPING, "limit"))) == ["name"]
    assert "# Numbers.\n# The end." in remove_entry(MAPPING, "limit")
    assert remove_entry(LIST, "1").startswith("# First.\n\n# Then.\n- searches:")


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n"])
def test_a_file_that_cannot_be_read_is_left_alone(text: str) -> None:
    with pytest.raises(DataFileError):
        change_entry(text, "a", {"x": "y"})


@pytest.mark.parametrize("path", sorted((ROOT / "content" / "_data").glob("*.yml")), ids=lambda path: path.name)
def test_every_entry_that_is_shipped_can_be_changed_and_nothing_else_does(path: Path) -> None:
    text = path.read_text()

    for key, entry in read_entries(text).items():
        assert isinstance(entry, dict)
        field = next(iter(entry))
        changed = change_entry(text, key, {field: "X: y"})
        assert change_entry(changed, key, {field: entry[field]}).splitlines()[-1] == text.splitlines()[-1]
        assert len([1 for one, two in zip(text.splitlines(), changed.splitlines(), strict=False) if one != two]) >= 1
