"""Audiences: what the file may say, and what a requirement is."""

from pathlib import Path

import pytest

from knowledge_base.access.audiences import Audiences, AudiencesError, Requirement, load_audiences

STAFF = Requirement(frozenset({"staff"}))


def load(tmp_path: Path, text: str | bytes) -> Audiences:
    path = tmp_path / "audiences.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_audiences(path)


def test_an_audience_is_a_list_of_groups(tmp_path: Path) -> None:
    audiences = load(tmp_path, "members: {title: Elected members, description: D, groups: [members, staff]}")

    assert "members" in audiences
    assert "open" in audiences
    assert "nobody" not in audiences
    assert audiences.groups_of("members") == {"members", "staff"}
    assert audiences.title_of("members") == "Elected members"


def test_an_audience_that_does_not_exist_has_nobody_in_it() -> None:
    audiences = Audiences()

    assert audiences.groups_of("staff") == frozenset()
    assert audiences.title_of("staff") == "staff"


@pytest.mark.parametrize(
    "text",
    [
        "staff: [",
        "- staff",
        "staff: {title: S, description: D, groups: []}",
        "staff: {title: S, description: D, grops: [staff]}",
        "staff: {title: S, description: D, groups: staff}",
        "open: {title: O, description: D, groups: [staff]}",
        "a+b: {title: S, description: D, groups: [staff]}",
        "'': {title: S, description: D, groups: [staff]}",
        b"\xff",
    ],
)
def test_a_file_that_says_anything_else_is_refused(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(AudiencesError, match=r"audiences\.yml"):
        load(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudiencesError):
        load_audiences(tmp_path / "audiences.yml")


def test_a_requirement_only_ever_narrows() -> None:
    assert Requirement().narrowed_by(None) == Requirement()
    assert Requirement().narrowed_by("open") == Requirement()
    assert Requirement().narrowed_by("staff") == STAFF
    assert STAFF.narrowed_by("open") == STAFF
    assert STAFF.narrowed_by("staff") == STAFF
    assert STAFF.narrowed_by("leads").audiences == {"staff", "leads"}


@pytest.mark.parametrize(
    "requirement", [Requirement(), STAFF, STAFF.narrowed_by("leads"), Requirement(frozenset({""}))]
)
def test_a_key_names_one_requirement(requirement: Requirement) -> None:
    assert Requirement.from_key(requirement.key) == requirement


def test_keys_are_words() -> None:
    assert Requirement().key == "open"
    assert Requirement(frozenset({""})).key != "open"
    assert STAFF.narrowed_by("leads").key == "leads+staff"
