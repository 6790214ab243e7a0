from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.glossary import Glossary, Term
from knowledge_base.search.suggestions import Kind, Suggestion, SuggestionList


def page(title: str, url: str) -> dict[str, str]:
    return {"page": url, "anchor": "", "title": title, "heading": title}


def section(heading: str, url: str, anchor: str) -> dict[str, str]:
    return {"page": url, "anchor": anchor, "title": "A page", "heading": heading}


TERM = Term("Initial health assessment", "/glossary#iha", Requirement(), ("IHA",), ("first medical",))
SUGGESTIONS = SuggestionList.of(
    [
        page("Missing children", "/missing"),
        page("Share a concern about a child", "/share"),
        page("Glossary", "/glossary"),
        section("If a child goes missing", "/share", "missing"),
        section("Children’s services", "/share", "services"),
        section("Initial health assessment", "/glossary", "iha"),
    ],
    Glossary([TERM]),
)


def found(typed: str, limit: int = 8) -> list[str]:
    return [one.url for one in SUGGESTIONS.starting_with(typed, limit=limit)]


def test_any_word_may_be_typed_and_pages_come_before_sections() -> None:
    assert found("miss") == ["/missing", "/share#missing"]


def test_several_words_may_be_typed_in_any_order_and_as_typed_comes_first() -> None:
    assert found("MISSING ch") == ["/missing", "/share#missing"]
    assert found("child missing") == ["/missing", "/share#missing"]
    assert found("goes miss") == ["/share#missing"]


def test_a_title_with_the_word_early_comes_before_one_with_it_late() -> None:
    assert found("child") == ["/missing", "/share", "/share#services", "/share#missing"]


def test_a_section_says_which_page_it_stands_on() -> None:
    assert SUGGESTIONS.starting_with("children serv", limit=8) == (
        Suggestion("Children’s services", "/share#services", Kind.SECTION, "A page"),
    )


def test_a_term_is_found_by_its_abbreviation_and_its_other_names_and_suggested_once() -> None:
    term = Suggestion("Initial health assessment (IHA)", "/glossary#iha", Kind.TERM, "Glossary")

    assert SUGGESTIONS.starting_with("ih", limit=8) == (term,)
    assert SUGGESTIONS.starting_with("first med", limit=8) == (term,)
    assert SUGGESTIONS.starting_with("initial", limit=8) == (term,)


def test_no_more_than_the_limit_are_given_and_each_once() -> None:
    assert found("child", limit=2) == ["/missing", "/share"]
    assert len(found("c")) == 0
    assert len(set(found("ch"))) == len(found("ch"))


def test_what_says_nothing_suggests_nothing() -> None:
    assert found("") == []
    assert found("!!") == []
    assert found("m") == []
    assert found("xylophone") == []
