"""Headers: what is read, and what is refused on which line."""

from datetime import date

import pytest

from knowledge_base.pages import front_matter
from knowledge_base.pages.front_matter import FrontMatterError
from knowledge_base.pages.page import SourceReference, Status

AUDIENCES = {"open", "staff"}
LEAST = "title: Share\nsummary: Who to tell."


def faults_of(header: str) -> list[tuple[int, str]]:
    with pytest.raises(FrontMatterError) as caught:
        front_matter.parse(header, audiences=AUDIENCES)
    return [(fault.line, fault.message) for fault in caught.value.faults]


def test_a_full_header_is_read() -> None:
    header = """
title: Share your concern
summary: Who to tell.
audience: staff
owner: Prevent lead
last_reviewed: 2026-11-01
review_by: 2027-05-01
status: superseded
superseded_by: /referral/new
sources: [safer-essex-2023#early-intervention, lscsb-2024-09]
keywords: [who do I tell]
order: 30
guide: true
"""

    meta = front_matter.parse(header, audiences=AUDIENCES)

    assert meta.title == "Share your concern"
    assert meta.audience == "staff"
    assert meta.review_by == date(2027, 5, 1)
    assert meta.status is Status.SUPERSEDED
    assert meta.sources == (SourceReference("safer-essex-2023", "early-intervention"), SourceReference("lscsb-2024-09"))
    assert meta.keywords == ("who do I tell",)
    assert meta.order == 30
    assert meta.guide


def test_title_and_summary_are_enough() -> None:
    meta = front_matter.parse(LEAST, audiences=AUDIENCES)

    assert meta.audience is None
    assert meta.status is Status.CURRENT


@pytest.mark.parametrize(
    ("header", "line", "words"),
    [
        (f"{LEAST}\ntitel: Share", 4, "'titel' is not a key that a header may have: did you mean 'title'?"),
        (f"{LEAST}\nnonsense: Share", 4, "'nonsense' is not a key that a header may have"),
        ("summary: Who to tell.", 2, "'title' is missing"),
        ("title: ' '\nsummary: Who", 2, "'title' must not be empty"),
        (f"{LEAST}\nreview_by: 2026-13-45", 4, "'review_by' must be a date such as 2026-11-01"),
        (f"{LEAST}\nreview_by: 1 May 2027", 4, "'review_by' must be a date such as 2026-11-01"),
        (f"{LEAST}\nlast_reviewed: 20261101", 4, "'last_reviewed' must be a date such as 2026-11-01"),
        (f"{LEAST}\norder: first", 4, "'order' must be a whole number"),
        (f"{LEAST}\nguide: perhaps", 4, "'guide' must be true or false"),
        (f"{LEAST}\nstatus: old", 4, "'status' must be current or superseded"),
        (f"{LEAST}\nsuperseded_by: /referral/new", 2, "'superseded_by' goes with 'status: superseded'"),
        (f"{LEAST}\nstatus: superseded\nsuperseded_by: //evil.example", 5, "must be an address on this site"),
        (f"{LEAST}\nkeywords: runaway", 4, "'keywords' must be a list"),
        (f"{LEAST}\nkeywords: [[a]]", 4, "'keywords' must be text"),
        (f"{LEAST}\nkeywords: ['']", 4, "'keywords' must not be empty"),
        (f"{LEAST}\naudience: everyone", 4, "'everyone' is not an audience"),
        (f"{LEAST}\naudience: [staff]", 4, "is not an audience"),
        (f"{LEAST}\naudience:", 4, "'None' is not an audience"),
        (f"{LEAST}\ntitle: Again", 4, "'title' stands twice"),
        (f"{LEAST}\n? [a, b]\n: c", 4, "a key must be one word"),
        ("- title", 2, "must be lines of 'key: value'"),
        ("title: Channel: early help\nsummary: X", 2, "a value with a colon in it must stand in double quotes"),
        (f"{LEAST}\nowner: [", 4, "the header: cannot be read"),
        (f"{LEAST}\nowner: !!python/name:os.system x", 4, "types cannot be used"),
    ],
)
def test_a_fault_is_named_with_its_line(header: str, line: int, words: str) -> None:
    faults = faults_of(header)

    assert faults[0][0] == line
    assert words in faults[0][1]


def test_every_fault_is_named_at_once() -> None:
    faults = faults_of("titel: Share\nsummary: Who\norder: x")

    assert [line for line, _ in faults] == [2, 2, 4]


def test_a_file_is_cut_into_header_and_body() -> None:
    header, body, line = front_matter.split("---\ntitle: Share\n---\nWords\n---\nmore")

    assert header == "title: Share\n"
    assert body == "Words\n---\nmore"
    assert line == 4


@pytest.mark.parametrize(("text", "words"), [("Words", "no header"), ("---\ntitle: Share\n", "does not end")])
def test_a_file_without_a_whole_header_is_refused(text: str, words: str) -> None:
    with pytest.raises(FrontMatterError, match=words):
        front_matter.split(text)


def test_an_audience_can_be_read_from_a_header_with_other_faults() -> None:
    assert front_matter.read_audience("audience: staff\norder: x", audiences=AUDIENCES) == "staff"
    assert front_matter.read_audience("order: x", audiences=AUDIENCES) is None


@pytest.mark.parametrize("header", ["audence: staff", "audience: everyone", "audience: [", "- audience"])
def test_an_audience_in_doubt_is_refused(header: str) -> None:
    with pytest.raises(FrontMatterError):
        front_matter.read_audience(header, audiences=AUDIENCES)
