"""What readers ask: searches find a section by it, and no page shows it."""

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.fences import BlockError
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.page import Document
from knowledge_base.pages.values import LocalData

OPEN = Requirement()
STAFF = Requirement(frozenset({"staff"}))
MARKED = "/// asked\nwho do I zebra\nb&b *zebra* <zebra> {{ zebra }}\n1. zebra\n///\n"


def rendered(body: str) -> Document:
    return render(body, Context(title="A page", requirement=OPEN, data=LocalData()))


def asked(document: Document) -> dict[str, tuple[tuple[str, ...], Requirement]]:
    return {one.anchor: (one.asked, one.requirement) for one in document.sections if one.asked}


def test_a_question_belongs_to_the_section_it_stands_in() -> None:
    document = rendered(
        "Opening.\n\n/// asked\na\n///\n\n## One\n\nWords.\n\n/// asked\nb\nc\n///\n\n### Two\n\nWords.\n"
    )

    assert asked(document) == {"": (("a",), OPEN), "one": (("b", "c"), OPEN)}


def test_questions_are_kept_as_typed() -> None:
    assert asked(rendered(MARKED))[""][0] == ("who do I zebra", "b&b *zebra* <zebra> {{ zebra }}", "1. zebra")


def test_a_section_of_nothing_but_questions_is_found() -> None:
    sections = rendered("## One\n\n/// asked\na\n///\n").sections

    assert [(one.anchor, one.text, one.asked) for one in sections] == [("one", "", ("a",))]


@pytest.mark.parametrize(
    "before",
    [
        "Words.\n\n",
        "Words.\n",
        "> a quotation\n",
        "1. one\n2. two\n",
        "- one\n\n    more\n",
        "Term\n: meaning\n",
        "| a |\n|---|\n| 1 |\n",
        "Words[^1].\n\n[^1]: note\n",
        "```\ncode\n```\n",
        "    code\n",
        "## Heading\n",
        "/// steps\n\n1. one\n\n///\n",
        "/// asked\nzebra crossing\n///\n",
        "/// staff-only\nsecret\n///\n",
    ],
)
@pytest.mark.parametrize("after", ["", "Words.\n", "- one\n", "\n## Heading\n", "    code\n", "> a\n"])
def test_no_page_shows_it_wherever_it_stands(before: str, after: str) -> None:
    document = rendered(f"{before}{MARKED}{after}")

    html = document.html_for(lambda _requirement: True)
    assert "zebra" not in html
    assert "///" not in html
    assert all("zebra" not in one.text + one.hidden_words + one.heading for one in document.sections)
    assert sum("who do I zebra" in one.asked for one in document.sections) == 1


class TestInAStaffOnlyBlock:
    BODY = (
        "Open.\n\n//// staff-only\n\nSecret.\n\n/// asked\nsecret zebra\n///\n\n## Inner\n\nMore.\n\n"
        "/// asked\ninner zebra\n///\n////\n\n/// asked\nopen question\n///\n"
    )

    def test_it_has_the_audience_of_the_block(self) -> None:
        assert asked(rendered(self.BODY)) == {
            "": (("open question",), OPEN),
            "staff-only-1": (("secret zebra",), STAFF),
            "inner": (("inner zebra",), STAFF),
        }

    def test_nobody_is_shown_it(self) -> None:
        html = rendered(self.BODY).html_for(lambda _requirement: True)

        assert "More." in html
        assert "zebra" not in html
        assert "question" not in html


@pytest.mark.parametrize(
    "body", [f"{MARKED}: meaning\n", f"<!--\n{MARKED}-->\n", f"//// staff-only\n<!--\n{MARKED}-->\n////\n"]
)
def test_a_page_in_which_its_place_is_lost_cannot_be_rendered(body: str) -> None:
    with pytest.raises(BlockError, match="an asked block stands inside"):
        rendered(body)
