from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import ResultPage, SectionResults, find_pages
from knowledge_base.search.snapshot import Asker

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
Search = Callable[..., SectionResults]
Found = Callable[..., list[str]]
Pages = Callable[..., ResultPage]


@pytest.fixture
def pages(index: SearchIndex, look: Look, asker: MakeAsker) -> Pages:
    """Return a page of results."""

    def find(typed: str, *, number: int = 1, exact: bool = False) -> ResultPage:
        return find_pages(index, typed, asker=asker(look()), number=number, exact=exact)

    return find


def test_who_do_i_tell_finds_the_page_with_those_keywords(found: Found, write: Write) -> None:
    write("referral/index", "Ask the hub.", title="Share a concern", keywords=["who do I tell", "report"])
    write("about", "We tell you what this site does. Tell us what you think.")
    write("training", "Trainers tell people what to do.")

    assert found("Who do I tell?")[0] == "/referral"
    assert found("who do i tell") == found("WHO do I tell")


def test_common_words_alone_find_keywords(found: Found, write: Write) -> None:
    write("referral/index", keywords=["what should I do"])
    write("about", "This is what you should do.")

    assert found("what should i do") == ["/referral"]


def test_other_forms_of_a_word_are_found(found: Found, write: Write) -> None:
    write("share", "Send the referral form.")

    assert found("referrals") == found("referral forms") == found("form") == ["/share"]


def test_a_hit_leads_to_its_section(search: Search, write: Write) -> None:
    write("referral/index", title="Concerns")
    write("referral/share", "Opening.\n\n## Send the form {#send}\n\nTo the hub.\n", title="Share")

    hit = search("hub").hits[0]

    assert (hit.url, hit.page_url, hit.page_title, hit.heading) == (
        "/referral/share#send",
        "/referral/share",
        "Share",
        "Send the form",
    )
    assert (hit.area, hit.audience, hit.audience_tag) == ("Concerns", "open", None)
    assert hit.snippet == "To the <mark>hub</mark>."


def test_a_title_counts_more_than_a_heading_and_that_more_than_a_body(found: Found, write: Write) -> None:
    write("one", "Some words about consent and other things.", title="First page")
    write("two", "Opening.\n\n## Consent {#it}\n\nSome words about other things.", title="Second page")
    write("three", "Some words about other things and more.", title="Consent")

    assert found("consent") == ["/three", "/two#it", "/one"]


def test_with_few_sections_for_all_words_those_with_any_follow(found: Found, write: Write) -> None:
    write("both", "Mental health.")
    write("one", "Health and safety.")
    write("other", "Mental arithmetic.")

    results = found("mental health")

    assert results[0] == "/both"
    assert sorted(results[1:]) == ["/one", "/other"]


def test_with_enough_sections_for_all_words_no_others_follow(found: Found, write: Write) -> None:
    for number in range(10):
        write(f"both-{number}", "Mental health.")
    write("one", "Health and safety.")

    assert sorted(found("mental health")) == [f"/both-{number}" for number in range(10)]


def test_a_phrase_is_found_as_it_stands(found: Found, write: Write) -> None:
    write("phrase", "They must have due regard to it.")
    write("apart", "With regard to what is due.")

    assert found('"due regard"') == ["/phrase"]


def test_a_myth_is_found_by_its_words_and_not_repeated(search: Search, write: Write) -> None:
    write("myths", "## Prevent protects {#safe}\n\n/// myth\n\nIt spies on folk.\n\n///\n\nIt helps.\n")

    hit = search("spies on folk").hits[0]

    assert hit.url == "/myths#safe"
    assert hit.snippet == "It helps."


def test_results_are_grouped_by_page_with_the_best_sections(pages: Pages, write: Write) -> None:
    sections = "".join(f"## Part {number}\n\n{'consent ' * number} and more.\n\n" for number in range(1, 6))
    write("long", f"Opening.\n\n{sections}", title="Long")
    write("short", "A word on consent.", title="Short")

    results = pages("consent")

    assert (results.total, results.page_total, results.is_cut) == (6, 2, False)
    long = next(group for group in results.groups if group.best.page_url == "/long")
    assert len(long.sections) == 3
    assert long.more == 2


def test_results_come_ten_pages_at_a_time(pages: Pages, write: Write) -> None:
    for number in range(23):
        write(f"page-{number:02}", "A word on consent.")

    first, second, last = (pages("consent", number=number) for number in (1, 2, 3))

    assert [len(one.groups) for one in (first, second, last)] == [10, 10, 3]
    assert (last.first_shown, last.last_shown, last.page_total, last.last_number) == (21, 23, 23, 3)
    shown = [group.best.page_url for one in (first, second, last) for group in one.groups]
    assert len(set(shown)) == 23


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (-5, 1), (2, 2), (3, 2), (10**9, 2)])
def test_a_page_of_results_that_does_not_exist_is_the_nearest(
    pages: Pages, write: Write, asked: int, shown: int
) -> None:
    for number in range(11):
        write(f"page-{number}", "A word on consent.")

    assert pages("consent", number=asked).number == shown


def test_no_more_than_a_hundred_sections_are_counted(pages: Pages, search: Search, write: Write) -> None:
    body = "".join(f"## Part {number}\n\nA word on consent.\n\n" for number in range(60))
    write("one", body)
    assert (pages("consent").total, pages("consent").is_cut) == (60, False)

    write("two", body)

    assert (pages("consent").total, pages("consent").is_cut) == (100, True)
    assert search("consent", limit=5).total == 100
    assert len(search("consent", limit=5).hits) == 5


def test_a_misspelt_word_that_finds_nothing_is_corrected(search: Search, write: Write) -> None:
    write("share", "Make a referral.")

    results = search("refferal")

    assert (results.total, results.suggestion) == (1, "referral")
    assert search("referral").suggestion is None


def test_a_slip_inside_a_question_is_corrected_and_can_be_refused(pages: Pages, search: Search, write: Write) -> None:
    write("share", "Make a referral to the hub.")
    write("hub", "The hub.")

    assert search("hub refferal").suggestion == "hub referral"
    assert search("hub refferal").hits[0].url == "/share"
    assert pages("hub refferal", exact=True).suggestion is None
    assert pages("hub refferal", exact=True).total == 2


HOSTILE = [
    "*",
    "a*",
    "?" * 200,
    "audience:staff OR *:*",
    '"' * 50,
    '"unclosed',
    "a" * 10_000,
    "the " * 60,
    '"the the the" ' * 10,
    "\x00\x01\x1f",
    "\ud800",
    "\U0001f600 \u200d \u202e",
    "NOT (a AND (b OR c",
    "[a TO z] {a TO b}",
    "x~99 y^99",
    "co-operate e-mail A&E's",
    "%s %00 {{7*7}} <script>",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_that_is_typed_breaks_a_search(pages: Pages, search: Search, write: Write, typed: str) -> None:
    write("share", "The referral, the form & the <script>.")

    assert pages(typed).total <= 1
    assert search(typed).total <= 1


def test_random_text_does_not_break_a_search(pages: Pages, write: Write) -> None:
    write("share", "Make a referral. Tell the hub.")
    random = Random(20261122)  # noqa: S311 - only to vary what is typed
    pieces = [*'"*?:~^()[]+-\\/\x00\n', "referral", "tell", "hub", "the", " ", "é", "’s", "1.5", "\udfff"]

    for _ in range(300):
        typed = "".join(random.choice(pieces) for _ in range(random.randrange(30)))

        assert pages(typed).total <= 1


def test_an_empty_query_finds_nothing(pages: Pages, write: Write) -> None:
    write("share")

    results = pages("  ")

    assert (results.query, results.total, results.groups, results.suggestion) == ("", 0, (), None)
