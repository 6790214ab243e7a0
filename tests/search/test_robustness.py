"""Whatever is typed gets an answer, and the right one where there is one."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from flask.testing import FlaskClient

from knowledge_base.search.results import ResultPage, SectionResults

Write = Callable[..., Path]
WriteFile = Callable[[str, str], None]
Search = Callable[..., SectionResults]
ResultPages = Callable[..., ResultPage]

FINDS_NOTHING = {
    "a star": "*",
    "question marks": "?" * 200,
    "quotation marks": '"' * 50,
    "one quotation mark": '"',
    "an empty phrase": '""',
    "typographic quotation marks": "“”„«»",
    "only stop words": "the " * 60,
    "stop words in quotation marks": '"the the the" ' * 10,
    "control characters": "\x01\x1f",
    "half a character": "\ud800",
    "emoji": "\U0001f600 \u200d \u202e",
    "right to left": "مرحبا بالعالم",
    "Hebrew with points": "שָׁלוֹם",
    "marks without letters": "\u0301\u0302",
    "a letter that folds to nothing": "\uff9e",
    "a letter that folds to a space": "\u037a",
    "a letter that folds to a sentence": "\ufdfa",
    "Chinese": "人口贩运",
    "one long word": "a" * 10_000,
    "many words": "zzz " * 2_500,
    "a number without end": "9" * 10_000,
    "a range": "[a TO z] {a TO b}",
    "all fields": "*:*",
    "brackets": "(((((",
    "a backslash": "\\" * 100,
    "percent signs": "%s %00 %",
}
FINDS_THE_PAGE = {
    "a wildcard at the end": "referral*",
    "a wildcard before": "*referral",
    "a field": "title:referral",
    "a field of the index": "words:referral",
    "an operator": "referral AND",
    "a negation": "-referral",
    "a boost": "referral^99",
    "slack": "referral~2",
    "brackets that do not close": "(referral [form {",
    "a quotation mark that does not close": '"referral form',
    "a quotation mark between words": 'referral"form',
    "control characters": "referral\x01form",
    "markup": "<b>referral</b>",
    "a template": "{{referral}}",
    "capitals": "REFERRAL FORM",
    "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in "referral"),
    "emoji": "referral \U0001f600",
    "right to left": "\u202ereferral\u202c",
    "no-break spaces": "referral\u00a0form",
    "ten thousand characters": "referral " * 1_112,
    "very many words": "referral " + " ".join(f"word{number}" for number in range(2_000)),
    "a letter that folds to nothing": "referral \uff9e",
}


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("share", "The referral form & the <script> \uff9e of 25+ at £67.20, 0.1% and 16-17.", title="Share")


@pytest.mark.parametrize("typed", FINDS_NOTHING.values(), ids=FINDS_NOTHING)
def test_what_says_nothing_finds_nothing(results: ResultPages, search: Search, typed: str) -> None:
    page = results(typed)

    assert (page.total, page.groups, page.answers, page.areas, page.audiences) == (0, (), (), (), ())
    assert (search(typed).hits, search(typed).total) == ((), 0)
    assert page.suggestion is None


@pytest.mark.parametrize("typed", FINDS_THE_PAGE.values(), ids=FINDS_THE_PAGE)
def test_what_says_something_finds_it_whatever_stands_around_it(
    results: ResultPages, search: Search, typed: str
) -> None:
    assert [group.best.page_url for group in results(typed).groups] == ["/share"]
    assert [hit.url for hit in search(typed).hits] == ["/share"]


@pytest.mark.parametrize(
    "typed", ["£67.20", "67.20", "25+", "25", "0.1%", "16-17", "16 - 17", "16–17", '"0.1%"', '"16-17"']
)
def test_numbers_are_found_as_they_are_typed(search: Search, typed: str) -> None:
    assert [hit.url for hit in search(typed).hits] == ["/share"]


@pytest.mark.parametrize("typed", ["67.21", "167.20", "0.2%", '"17-16"'])
def test_other_numbers_are_not(search: Search, typed: str) -> None:
    assert search(typed).hits == ()


@pytest.mark.parametrize(
    "typed", ["asylum-seeking", "asylum seeking", "womens", "women's", "Women’s", "merton-compliant"]
)
def test_hyphens_and_apostrophes_do_not_matter(search: Search, write: Write, typed: str) -> None:
    write("words", "Asylum-seeking; a women's service. Merton compliant.")

    assert [hit.url for hit in search(typed).hits] == ["/words"]


@pytest.mark.parametrize(
    "typed", [*FINDS_NOTHING.values(), *FINDS_THE_PAGE.values()], ids=[*FINDS_NOTHING, *FINDS_THE_PAGE]
)
def test_the_site_answers_whatever_it_is_asked(anonymous: FlaskClient, typed: str) -> None:
    sendable = typed.encode("utf-8", "replace")[:4_000]

    for url in ("/search", "/api/search", "/api/suggest"):
        assert anonymous.get(url, query_string={"q": sendable}).status_code == 200


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=a%01b", "q", "q=&q=referral", "q=referral&page=1&page=x&exact", "%01=1"]
)
def test_a_strange_address_is_answered(anonymous: FlaskClient, query: str) -> None:
    assert anonymous.get(f"/search?{query}").status_code == 200


def test_random_text_does_not_break_a_search(results: ResultPages, write: Write, content_file: WriteFile) -> None:
    content_file("_data/pinned.yml", "- {searches: [tell the hub], leads_to: /share}\n")
    content_file("_data/synonyms.yml", "- {words: [grass], mean: [tell the hub]}\n")
    content_file("_data/contacts.yml", "hub: {name: The hub, audience: open, origin: national, phone: '101'}\n")
    write("glossary/index", "## The hub\n\n/// term\n    short: [H]\n///\n\nWhom to tell.\n")
    write("who", "Make a referral. Tell the hub.\n\n/// contact | hub\n///\n")
    random = Random(20261122)  # noqa: S311 - only to vary what is typed
    pieces = [
        *'"*?:~^()[]+-\\/\x00\n',
        "referral",
        "tell",
        "hub",
        "the",
        "grass",
        "101",
        "s20",
        "when",
        " ",
        "é",
        "’s",
        "\udfff",
    ]

    for _ in range(150):
        typed = "".join(random.choice(pieces) for _ in range(random.randrange(30)))
        page = results(typed, number=random.randrange(-2, 4), exact=random.random() < 0.2)

        assert page.total >= len(page.groups)
        assert page.total <= 4


def test_content_of_any_kind_can_be_searched(search: Search, write: Write) -> None:
    write("empty", "")
    write("marks", "\u0301 \uff9e \u037a \ufdfa \U0001f600")
    write("long", "x" * 3_000 + " hub\n" + "word\n" * 900)
    write("arabic", "مرحبا hub")

    assert {hit.url for hit in search("hub").hits} == {"/long", "/arabic"}
    assert [hit.url for hit in search("مرحبا").hits] == ["/arabic"]
    assert [hit.url for hit in search("empty").hits] == ["/empty"]
