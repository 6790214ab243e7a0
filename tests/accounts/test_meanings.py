import pytest

from knowledge_base.access.audiences import Audiences, audiences_from
from knowledge_base.accounts.meanings import OPENS_NOTHING, explain_groups, groups_of, title_of_role
from knowledge_base.accounts.models import Role


@pytest.fixture
def audiences() -> Audiences:
    return audiences_from(
        {
            "members": {
                "title": "Elected members",
                "description": "Members and staff.",
                "groups": ["members", "staff"],
            },
            "staff": {
                "title": "Staff",
                "description": "Those who work with children.",
                "groups": ["staff", "no group"],
            },
        }
    )


def test_a_group_is_explained_by_the_audiences_it_opens(audiences: Audiences) -> None:
    members, staff = explain_groups(audiences, frozenset({"staff", "members"}))

    assert members.explanation == "Opens pages for: Elected members (Members and staff)."
    assert (
        staff.explanation
        == "Opens pages for: Elected members (Members and staff). Staff (Those who work with children)."
    )


def test_a_group_that_opens_nothing_says_so(audiences: Audiences) -> None:
    (leads,) = explain_groups(audiences, frozenset({"leads"}))

    assert leads.explanation == OPENS_NOTHING


def test_only_groups_that_an_account_may_have_can_be_given(audiences: Audiences) -> None:
    assert groups_of(audiences) == {"members", "staff"}


def test_every_role_has_a_title() -> None:
    assert [title_of_role(role) for role in Role] == ["Editor", "Publisher", "Administrator"]
