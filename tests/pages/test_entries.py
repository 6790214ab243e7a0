from pathlib import Path

import pytest

from knowledge_base.access.audiences import Audience, Audiences
from knowledge_base.pages.entries import Entry, load_entries
from knowledge_base.pages.faults import Fault

STAFF = Audiences({"staff": Audience(title="Staff", description="Staff.", groups=("staff",))})


class Colour(Entry):
    """An entry of a list that only these tests have."""

    name: str


def load(tmp_path: Path, text: str) -> tuple[tuple[Colour, ...], tuple[Fault, ...]]:
    path = tmp_path / "colours.yml"
    path.write_text(text)
    return load_entries(path, Colour, audiences=STAFF)


def test_entries_keep_their_order_and_are_for_everyone_unless_they_say_for_whom(tmp_path: Path) -> None:
    entries, faults = load(tmp_path, "- {name: red, audience: staff}\n- name: blue\n- {name: green, audience: open}\n")

    assert [(one.name, one.audience) for one in entries] == [("red", "staff"), ("blue", "open"), ("green", "open")]
    assert faults == ()


def test_each_wrong_entry_is_reported_by_its_number(tmp_path: Path) -> None:
    entries, faults = load(tmp_path, "- nothing: x\n- name: blue\n- {name: red, audience: nobody}\n- words\n")

    assert [one.name for one in entries] == ["blue"]
    assert {fault.path for fault in faults} == {"_data/colours.yml"}
    assert {fault.message.partition(":")[0] for fault in faults} == {"entry 1", "entry 3", "entry 4"}
    assert any("no audience 'nobody'" in fault.message for fault in faults)


@pytest.mark.parametrize("text", ["name: red", "- [", "words", "- {name: a, name: b}", "- &a {name: a}\n- *a"])
def test_a_file_that_is_no_list_is_not_used_at_all(tmp_path: Path, text: str) -> None:
    entries, faults = load(tmp_path, text)

    assert entries == ()
    assert len(faults) == 1
    assert "nothing of the file is used" in faults[0].message


@pytest.mark.parametrize("text", ["", "# Nothing yet.\n", "[]"])
def test_an_empty_file_is_an_empty_list(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == ((), ())


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert load_entries(tmp_path / "colours.yml", Colour, audiences=STAFF) == ((), ())
