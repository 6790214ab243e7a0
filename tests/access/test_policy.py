"""Who may read what."""

import pytest

from knowledge_base.access.audiences import Audience, Audiences, Requirement
from knowledge_base.access.policy import ANONYMOUS, Viewer, can_read, readable

AUDIENCES = Audiences(
    {
        "members": Audience(title="M", description="M", groups=("members", "staff")),
        "staff": Audience(title="S", description="S", groups=("staff",)),
    }
)
OPEN = Requirement()
MEMBERS = Requirement(frozenset({"members"}))
STAFF = Requirement(frozenset({"staff"}))
BOTH = Requirement(frozenset({"members", "staff"}))
UNKNOWN = Requirement(frozenset({"nobody"}))


def viewer(*groups: str, roles: frozenset[str] = frozenset()) -> Viewer:
    return Viewer(account_id=1, groups=frozenset(groups), roles=roles)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (ANONYMOUS, {OPEN}),
        (viewer(), {OPEN}),
        (viewer("members"), {OPEN, MEMBERS}),
        (viewer("staff"), {OPEN, MEMBERS, STAFF, BOTH}),
        (viewer("nobody"), {OPEN}),
        (viewer(roles=frozenset({"admin"})), {OPEN}),
    ],
)
def test_groups_alone_decide(who: Viewer, may: set[Requirement]) -> None:
    every = [OPEN, MEMBERS, STAFF, BOTH, UNKNOWN]

    assert readable(who, every, audiences=AUDIENCES) == may


def test_without_audiences_only_what_is_open_is_read() -> None:
    assert not can_read(viewer("staff"), STAFF, audiences=Audiences())
    assert can_read(viewer("staff"), OPEN, audiences=Audiences())


def test_only_a_known_person_is_signed_in() -> None:
    assert not ANONYMOUS.is_signed_in
    assert viewer().is_signed_in
