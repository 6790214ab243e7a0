"""Audiences: what the file may say, and what a requirement is."""

import pytest

from knowledge_base.access.audiences import Audiences, AudiencesError, Requirement, audiences_from

STAFF = Requirement(frozenset({"staff"}))


def audience(**changed: object) -> dict[str, object]:
    return {"title": "S", "description": "D", "groups": ["staff"], **changed}


def test_an_audience_is_a_list_of_groups() -> None:
    audiences = audiences_from({"members": audience(title="Elected members", groups=["members", "staff"])})

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
    ("found", "words"),
    [
        (["staff"], "dictionary"),
        ("staff", "dictionary"),
        ({"staff": audience(groups=[])}, "'staff.groups'"),
        ({"staff": audience(groups="staff")}, "'staff.groups'"),
        ({"staff": audience(groups=[None])}, "'staff.groups.0'"),
        ({"staff": audience(grops=["staff"])}, "'staff.grops'"),
        ({"staff": audience(title=None)}, "'staff.title'"),
        ({"open": audience()}, "always means everyone"),
        ({"a+b": audience()}, "'a\\+b' is not a name"),
        ({"": audience()}, "'' is not a name"),
    ],
)
def test_anything_else_is_refused(found: object, words: str) -> None:
    with pytest.raises(AudiencesError, match=words):
        audiences_from(found)


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
