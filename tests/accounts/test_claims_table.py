"""The table of what the provider's values give here, and where the values are found."""

from pathlib import Path
from typing import Any

import pytest

from knowledge_base.accounts.claims_reading import describe
from knowledge_base.accounts.claims_table import Grant, grant_of, read_table
from knowledge_base.accounts.models import Role
from knowledge_base.environment import SettingsError


def grant(*groups: str, roles: tuple[Role, ...] = ()) -> Grant:
    return Grant(frozenset(groups), frozenset(roles))


def test_a_table_is_written_in_the_setting() -> None:
    table = read_table(" Prevent team = group:staff, role:editor ; CN=All,OU=Staff=group:staff; ")

    assert table == {
        "Prevent team": grant("staff", roles=(Role.EDITOR,)),
        "CN=All,OU=Staff": grant("staff"),
    }


def test_a_table_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "groups.yml"
    file.write_text('"a; b": [group:staff, role:admin]\n7: group:members, role:editor\n')

    assert read_table(str(file)) == {
        "a; b": grant("staff", roles=(Role.ADMIN,)),
        "7": grant("members", roles=(Role.EDITOR,)),
    }


def test_no_table_gives_nothing() -> None:
    assert read_table("") == {}


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("Prevent team", "is not like"),
        ("=group:staff", "is not like"),
        ("a=staff", "neither group:NAME nor role:NAME"),
        ("a=group:two words", "not a group name"),
        ("a=role:king", "not a role"),
        ("a=", "neither group:NAME nor role:NAME"),
        ("/nowhere/groups.yml", "cannot be read"),
    ],
)
def test_a_table_with_a_mistake_stops_the_start(setting: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        read_table(setting)


def test_a_file_that_holds_no_table_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "groups.yaml"
    file.write_text("- group:staff\n")

    with pytest.raises(SettingsError, match="must give for each value"):
        read_table(str(file))


def test_a_value_that_is_there_twice_is_refused_since_one_of_the_two_would_not_count() -> None:
    with pytest.raises(SettingsError, match="'a' is there twice"):
        read_table("a=group:staff; b=group:staff; a=role:editor")


def test_values_add_up_and_unknown_ones_give_nothing() -> None:
    table = read_table("a=group:staff; b=group:members,role:editor; c=role:admin")

    assert grant_of(table, ["a", "b", "A", "group:leads", "admin"]) == grant("members", "staff", roles=(Role.EDITOR,))


@pytest.mark.parametrize(
    ("claim", "claims", "values"),
    [
        ("groups", {"groups": ["a", "b", 7, None, ["c"]]}, {"a", "b"}),
        ("groups", {"groups": "a b"}, {"a b"}),
        ("groups", {"groups": {"a": True}}, set()),
        ("roles", {"groups": ["a"], "roles": ["b"]}, {"b"}),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, {"a"}),
        ("realm_access.roles", {"realm_access": "roles"}, set()),
        ("https://id.example/groups", {"https://id.example/groups": ["a"]}, {"a"}),
    ],
)
def test_values_are_found_in_the_claim(claim: str, claims: dict[str, Any], values: set[str]) -> None:
    assert describe({"sub": "1", **claims}, claim=claim).values == values


@pytest.mark.parametrize(
    ("claims", "name", "email"),
    [
        ({"name": " Ada \n Byron "}, "Ada Byron", ""),
        ({"given_name": "Ada", "family_name": "Byron"}, "Ada Byron", ""),
        ({"preferred_username": "Ada@Example.gov.uk"}, "Ada@Example.gov.uk", "ada@example.gov.uk"),
        ({"upn": "ada@example.gov.uk"}, "ada@example.gov.uk", "ada@example.gov.uk"),
        ({"name": "a" * 200}, "a" * 100, ""),
        ({"name": ["Ada"], "email": ["x"]}, "Someone without a name", ""),
    ],
)
def test_a_name_and_an_address_are_found(claims: dict[str, Any], name: str, email: str) -> None:
    found = describe({"sub": "1", **claims}, claim="groups")

    assert (found.name, found.email) == (name, email)


def test_only_a_claim_that_is_left_out_for_its_length_is_called_unread() -> None:
    overage = {"sub": "1", "_claim_names": {"groups": "src1"}, "roles": ["a"]}

    assert describe(overage, claim="groups").groups_unread
    assert not describe(overage, claim="roles").groups_unread
    assert not describe({"sub": "1"}, claim="groups").groups_unread
