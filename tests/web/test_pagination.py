import pytest

from knowledge_base.web.pagination import pagination


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 2, [1, 2]),
        (1, 9, [1, 2, "…", 9]),
        (5, 9, [1, "…", 4, 5, 6, "…", 9]),
        (3, 5, [1, 2, 3, 4, 5]),
        (9, 9, [1, "…", 8, 9]),
    ],
)
def test_it_shows_the_ends_and_what_is_near(number: int, last: int, shown: list[object]) -> None:
    found = pagination(str, number=number, last=last, label="Pages")

    items = found["items"]
    assert isinstance(items, list)
    assert [item.get("number", "…") for item in items] == shown
    assert [item["number"] for item in items if item.get("current")] == [number]


def test_it_leads_to_the_neighbours_that_there_are() -> None:
    first = pagination("?page={}".format, number=1, last=2, label="Pages", words=("Newer", "Older"))
    last = pagination("?page={}".format, number=2, last=2, label="Pages")

    assert (first["previous"], first["next"]) == (None, {"text": "Older", "href": "?page=2"})
    assert (last["previous"], last["next"]) == ({"href": "?page=1"}, None)
