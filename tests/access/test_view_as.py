"""Whom a person may view the site as: never anybody who may read what they may not."""

from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, product

import pytest

from knowledge_base.access.audiences import Audience, Audiences, Requirement
from knowledge_base.access.policy import ANONYMOUS, Viewer, audiences_of, can_read
from knowledge_base.access.view_as import (
    ANONYMOUS_READER,
    LASTS,
    Choice,
    End,
    Viewing,
    Whom,
    choices_for,
    may_view_as,
    viewer_for,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def audience(*groups: str) -> Audience:
    return Audience(title=f"Those in {' or '.join(groups)}", description="Some people.", groups=groups)


AUDIENCES = Audiences({"members": audience("members", "staff"), "staff": audience("staff"), "leads": audience("leads")})
# Two audiences overlap, and nobody in the first is thereby in the second.
MIXED = Audiences({"a-or-b": audience("a", "b"), "a-or-c": audience("a", "c"), "b-or-c": audience("b", "c")})
NAMES = [frozenset(names) for size in range(4) for names in combinations(["members", "staff", "leads"], size)]


def person(*groups: str, roles: tuple[str, ...] = ("publisher",)) -> Viewer:
    return Viewer(account_id=1, name="Pat", groups=frozenset(groups), roles=frozenset(roles))


def keys(who: Viewer, audiences: Audiences = AUDIENCES) -> set[str]:
    return {choice.key for choice in choices_for(who, audiences=audiences)}


def viewing(key: str, who: Viewer, **changed: object) -> Viewing:
    choice = Choice.from_key(key)
    assert choice
    values = {"holder": "7", "groups": who.groups, "started_at": NOW, "number": 3, **changed}
    return Viewing(choice=choice, title=choice.title(AUDIENCES), **values)  # type: ignore[arg-type]


def as_reader(key: str, who: Viewer) -> Viewer:
    return viewer_for(viewing(key, who), who)


def test_only_readers_who_may_read_no_more_are_offered() -> None:
    assert keys(person()) == {"anonymous"}
    assert keys(person("members")) == {"anonymous", "audience:members", "group:members"}
    assert keys(person("leads", roles=("admin",))) == {"anonymous", "audience:leads", "group:leads"}
    assert keys(person("staff")) == {
        *("anonymous", "audience:members", "audience:staff"),
        *("group:members", "group:staff"),
    }


@pytest.mark.parametrize("who", [ANONYMOUS, person("staff", roles=()), person("staff", roles=("editor",))])
def test_nobody_but_publishers_and_administrators_is_offered_anything(who: Viewer) -> None:
    assert keys(who) == set()


@pytest.mark.parametrize(
    ("groups", "audiences"),
    [
        *product([("members",), ("staff",), ("leads",), ("members", "leads"), ("staff", "leads"), ()], [AUDIENCES]),
        *product([("a",), ("b",), ("a", "b"), ("a", "b", "c"), ("d",)], [MIXED]),
    ],
)
def test_no_offered_reader_meets_a_requirement_that_the_person_does_not(
    groups: tuple[str, ...], audiences: Audiences
) -> None:
    who = person(*groups)
    every = [
        Requirement(frozenset(names))
        for names in chain.from_iterable(combinations(audiences.by_name, size) for size in range(4))
    ]

    for choice in choices_for(who, audiences=audiences):
        alone = Viewer(
            groups=frozenset({choice.name} if choice.whom is Whom.GROUP else ()),
            in_audience=choice.name if choice.whom is Whom.AUDIENCE else "",
        )
        gained = [
            one for one in every if can_read(alone, one, audiences=audiences) > can_read(who, one, audiences=audiences)
        ]

        assert gained == [], choice


@pytest.mark.parametrize("key", ["group:nothing", "audience:nothing", "group:leads", "audience:leads"])
def test_what_is_not_offered_is_refused(key: str) -> None:
    choice = Choice.from_key(key)

    assert choice
    assert not may_view_as(choice, person("staff"), audiences=AUDIENCES)


@pytest.mark.parametrize("key", ["", "anonymous:staff", "group", "group:", "audience:", "admin:staff", "person:1"])
def test_a_forged_key_is_no_choice(key: str) -> None:
    assert Choice.from_key(key) is None


@pytest.mark.parametrize("key", ["anonymous", "group:staff", "audience:members", "group:with:colon"])
def test_a_key_names_one_choice(key: str) -> None:
    choice = Choice.from_key(key)

    assert choice
    assert choice.key == key


def test_choices_have_titles_that_fit_into_a_sentence() -> None:
    titles = [Choice.from_key(key).title(AUDIENCES) for key in ("anonymous", "audience:staff", "group:staff")]  # type: ignore[union-attr]

    assert titles == ["an anonymous reader", "the audience Those in staff", "the group staff"]


def test_an_audience_stands_for_what_everybody_in_it_may_read() -> None:
    staff = person("staff")

    assert audiences_of(as_reader("audience:members", staff), AUDIENCES) == {"members"}
    assert audiences_of(as_reader("audience:staff", staff), AUDIENCES) == {"members", "staff"}
    assert audiences_of(Viewer(in_audience="a-or-b"), MIXED) == {"a-or-b"}
    assert audiences_of(Viewer(in_audience="gone"), AUDIENCES) == frozenset()


def test_the_reader_has_no_roles_and_an_anonymous_one_is_nobody() -> None:
    staff = person("staff", roles=("admin", "publisher"))

    group, nobody = as_reader("group:members", staff), as_reader("anonymous", staff)

    assert group.roles == nobody.roles == frozenset()
    assert (group.is_signed_in, sorted(group.groups), group.viewing_as) == (True, ["members"], "the group members")
    assert (nobody.is_signed_in, nobody.name, nobody.viewing_as) == (False, "", "an anonymous reader")
    assert group.real is nobody.real is staff


@pytest.mark.parametrize("names", NAMES)
def test_a_reader_meets_nothing_that_the_person_behind_does_not_however_they_came_to_be(names: frozenset[str]) -> None:
    requirement = Requirement(names)
    member = person("members")

    for key in ("group:staff", "audience:staff", "group:leads", "audience:leads"):
        may = can_read(as_reader(key, member), requirement, audiences=AUDIENCES)

        assert may <= can_read(member, requirement, audiences=AUDIENCES)


def test_it_goes_on_for_an_hour() -> None:
    staff = person("staff")
    started = viewing("group:members", staff)

    def end_at(moment: datetime) -> End | None:
        return started.end(staff, holder="7", audiences=AUDIENCES, now=moment)

    assert end_at(NOW) is end_at(NOW + LASTS - timedelta(seconds=1)) is None
    assert end_at(NOW + LASTS) is End.TIME_OVER
    assert end_at(NOW - timedelta(seconds=1)) is End.TIME_OVER


@pytest.mark.parametrize(
    ("who", "holder", "audiences", "end"),
    [
        (person("staff"), "8", AUDIENCES, End.SIGN_IN_OVER),
        (ANONYMOUS, "7", AUDIENCES, End.SIGN_IN_OVER),
        (person("staff", "leads"), "7", AUDIENCES, End.GROUPS_CHANGED),
        (person("members"), "7", AUDIENCES, End.GROUPS_CHANGED),
        (person("staff", roles=("editor",)), "7", AUDIENCES, End.NOT_ALLOWED),
        (person("staff"), "7", Audiences(), End.NOT_ALLOWED),
        (person("staff"), "7", Audiences({"members": audience("members")}), End.NOT_ALLOWED),
    ],
)
def test_it_ends_with_the_sign_in_the_groups_the_role_and_what_the_audiences_say(
    who: Viewer, holder: str, audiences: Audiences, end: End
) -> None:
    started = viewing("group:members", person("staff"))

    assert started.end(who, holder=holder, audiences=audiences, now=NOW) is end


def test_it_is_kept_as_plain_values() -> None:
    started = viewing("audience:members", person("staff"))

    assert Viewing.of_mapping(started.as_mapping()) == started


@pytest.mark.parametrize(
    "found",
    [
        None,
        "group:staff",
        {},
        {"choice": "nonsense"},
        *(
            {**viewing("anonymous", ANONYMOUS).as_mapping(), **changed}
            for changed in (
                {"choice": "person:1"},
                {"groups": "staff"},
                {"started_at": "noon"},
                {"started_at": 1e30},
                {"number": "x"},
            )
        ),
    ],
)
def test_anything_else_that_was_kept_is_nothing(found: object) -> None:
    assert Viewing.of_mapping(found) is None


def test_anonymous_can_always_be_chosen_by_those_who_may_choose() -> None:
    assert may_view_as(ANONYMOUS_READER, person(), audiences=Audiences())
