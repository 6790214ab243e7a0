from knowledge_base.search.titles import Suggestion, TitleList


def page(title: str, url: str) -> dict[str, str]:
    return {"page": url, "anchor": "", "title": title, "heading": title}


def section(heading: str, url: str, anchor: str) -> dict[str, str]:
    return {"page": url, "anchor": anchor, "title": "A page", "heading": heading}


TITLES = TitleList.of(
    [
        page("Missing children", "/missing"),
        page("Share a concern about a child", "/share"),
        section("If a child goes missing", "/share", "missing"),
        section("Children’s services", "/share", "services"),
    ]
)


def found(typed: str, limit: int = 8) -> list[str]:
    return [one.url for one in TITLES.starting_with(typed, limit=limit)]


def test_any_word_of_a_title_may_be_typed_and_pages_come_first() -> None:
    assert found("miss") == ["/missing", "/share#missing"]
    assert found("MISSING ch") == ["/missing"]


def test_a_title_with_the_word_early_comes_before_one_with_it_late() -> None:
    assert found("child") == ["/missing", "/share", "/share#services", "/share#missing"]


def test_a_suggestion_carries_the_title_as_it_is_written() -> None:
    assert TITLES.starting_with("childrens", limit=8) == ()
    assert TITLES.starting_with("children serv", limit=8) == (Suggestion("Children’s services", "/share#services"),)


def test_no_more_than_the_limit_are_given_and_each_once() -> None:
    twice = TitleList.of([page("Child by child", "/both")])

    assert len(found("child", limit=2)) == 2
    assert [one.url for one in twice.starting_with("child", limit=8)] == ["/both"]


def test_one_letter_or_nothing_suggests_nothing() -> None:
    assert found("") == found("m") == found("?") == found("zz") == []
