from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base.publishing.entry_text import (
    add_entry,
    change_entry,
    cut_entries,
    read_entries,
    remove_entry,
    text_for,
)
from knowledge_base.publishing.errors import DataFileError
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
    for text in some_at_a_time(path.read_text()):
        for key, entry in read_entries(text).items():
            assert isinstance(entry, dict)
            field = next(iter(entry))
            changed = change_entry(text, key, {field: "X: y"})
            assert change_entry(changed, key, {field: entry[field]}).splitlines()[-1] == text.splitlines()[-1]
            assert (
                len([1 for one, two in zip(text.splitlines(), changed.splitlines(), strict=False) if one != two]) >= 1
            )


def some_at_a_time(text: str) -> Iterator[str]:
    """Yield the file in parts of a few entries: to read all of it anew for each of its entries takes long."""
    pieces = [piece.lead + piece.text for piece in cut_entries(text)[0].values()]
    assert text.startswith("".join(pieces))
    for start in range(0, len(pieces), 10):
        yield "".join(pieces[start : start + 10])


def test_the_text_of_a_field_keeps_the_comment_beside_it() -> None:
    changed = change_entry(MAPPING, "name", {"label": "What it is called # here"})

    assert '  label: "What it is called # here"   # shown everywhere\n' in changed


def test_comments_among_the_lines_of_a_field_stay_above_it() -> None:
    text = "- searches:\n    - one\n    # Not sure of this.\n    - two\n  # A comment.\n  leads_to: /open\n"

    changed = change_entry(text, "1", {"searches": ["one"]})

    expected = "    # Not sure of this.\n- searches: [one]\n"
    assert "# Not sure of this." in changed, expected
    assert "  # A comment.\n  leads_to: /open\n" in changed
    assert read_entries(changed) == {"1": {"searches": ["one"], "leads_to": "/open"}}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a:\n    # Why.\n    title: A\n    more: B\n", "a:\n    # Why.\n    title: New\n    more: B\n"),
        ("-   title: A # x\n    more: B\n", "-   title: New # x\n    more: B\n"),
        ("---\n# Top.\na:\n  title: A\n", "---\n# Top.\na:\n  title: New\n"),
        ("a:\n  title: |\n    A\n    # B\n  more: C\n", "a:\n  title: New\n  more: C\n"),
        ('a:\n  title: "A # b" # c\n', "a:\n  title: New # c\n"),
        ("ä-ß:\n  title: Müller\n  more: Ärger\n", "ä-ß:\n  title: New\n  more: Ärger\n"),
    ],
)
def test_other_ways_to_write_an_entry(text: str, changed: str) -> None:
    assert change_entry(text, next(iter(read_entries(text))), {"title": "New"}) == changed


@pytest.mark.parametrize(
    "text",
    [
        "  a:\n    title: A\n  b:\n    title: B\n",
        "  - title: A\n  - title: B\n",
        "a: {title: A} # why\nb:\n  title: B\n",
        '"a": {title: A} # why\n1:\n  title: B\n',
    ],
)
def test_what_cannot_be_changed_without_losing_something_is_refused(text: str) -> None:
    with pytest.raises(DataFileError, match="in a text editor"):
        change_entry(text, next(iter(read_entries(text))), {"title": "New"})


@pytest.mark.parametrize(
    "value", ["a\x07b", "x\n  audience: open", "a: 1\nevil:\n  title: B", '"', "'", "\\", "%", "\ufeff"]
)
def test_a_value_never_becomes_more_than_a_value(value: str) -> None:
    text = "a:\n  title: A\n  audience: staff\n"

    try:
        found = read_entries(change_entry(text, "a", {"title": value}))
    except DataFileError:
        return
    assert found == {"a": {"title": value, "audience": "staff"}}


def test_parts_are_written_on_a_line_each_where_one_is_too_short() -> None:
    parts = {f"part-{number}": f"Paragraph {number}: more, of it" for number in range(5)}

    changed = change_entry(MAPPING, "limit", {"parts": dict(parts)})

    assert '    part-0: "Paragraph 0: more, of it"\n' in changed
    assert read_entries(changed)["limit"] == {"label": "Limit: days", "value": "44", "parts": parts}


def test_what_is_not_for_somebody_is_left_out_with_the_comment_above_it() -> None:
    seen = text_for(MAPPING, lambda fields: fields["label"] != "Limit: days")

    assert seen == MAPPING[: MAPPING.index("\n# Numbers.")]
    assert (
        text_for(MAPPING, lambda fields: fields["label"] == "Limit: days") == MAPPING[MAPPING.index("\n# Numbers.") :]
    )
