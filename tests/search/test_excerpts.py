import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from random import Random

import pytest

from knowledge_base.search.concepts import Concept, Form, padded
from knowledge_base.search.excerpts import excerpt
from knowledge_base.search.results import SectionResults
from knowledge_base.search.words import stems_of

Write = Callable[..., Path]
Search = Callable[..., SectionResults]
Snippet = Callable[[str], str]

FILLER = "filler " * 60
# Far less than would be a burden on the page, with all that may be added at both ends and in between.
BOUND = 800


@pytest.fixture
def snippet(search: Search) -> Snippet:
    return lambda typed: str(search(typed).hits[0].snippet)


def concepts(*typed: str) -> tuple[Concept, ...]:
    return tuple(Concept((Form((stem,)),)) for stem in typed)


def cut(text: str, *typed: str) -> str:
    return str(excerpt(text, padded(stems_of(text)), concepts(*typed)))


def plain(html: str) -> str:
    return unescape(re.sub(r"</?mark>", "", html))


class TestMarking:
    def test_a_short_text_is_shown_whole_with_all_its_matches_marked(self, write: Write, snippet: Snippet) -> None:
        write("share", "Send the form at once. A form!")

        assert snippet("form") == "Send the <mark>form</mark> at once. A <mark>form</mark>!"
        assert snippet("send once") == "<mark>Send</mark> the form at <mark>once</mark>. A form!"

    def test_text_is_escaped_and_only_the_marks_are_html(self, write: Write, snippet: Snippet) -> None:
        write("share", 'Send `<script>alert(1)</script>` & the form to `<b>` "now".')

        text = snippet("form script")

        assert "&lt;<mark>script</mark>&gt;" in text
        assert "&amp; the <mark>form</mark>" in text
        assert set(re.findall(r"<[^>]*>", text)) == {"<mark>", "</mark>"}

    def test_what_was_typed_is_never_part_of_the_html(self, write: Write, search: Search) -> None:
        write("share", "Send the form.")

        assert "<b>" not in search("<b>form</b>").hits[0].snippet

    @pytest.mark.parametrize(
        ("typed", "text", "marked"),
        [
            ("referral", "They referred it.", "They <mark>referred</mark> it."),
            ("child", "Each child’s plan.", "Each <mark>child’s</mark> plan."),
            ("behavior", "Such behaviours.", "Such <mark>behaviours</mark>."),
            ("cafe", "The Café.", "The <mark>Café</mark>."),
            ("67.20", "Pay £67.20 a week.", "Pay £<mark>67.20</mark> a week."),
            ("s20", "Under section 20 of it.", "Under <mark>section 20</mark> of it."),
            ("refferal", "A referral.", "A <mark>referral</mark>."),
        ],
    )
    def test_a_word_is_marked_in_whatever_form_it_stands(
        self, write: Write, snippet: Snippet, typed: str, text: str, marked: str
    ) -> None:
        write("page", text)

        assert snippet(typed) == marked

    def test_another_word_for_it_is_marked_as_a_whole(
        self, write: Write, snippet: Snippet, content_file: Callable[[str, str], None]
    ) -> None:
        content_file("_data/synonyms.yml", "- {words: [kiddo], mean: [young person]}\n")
        write("page", "A young person, not a person who is young.")

        assert snippet("kiddo") == "A <mark>young person</mark>, not a person who is young."

    def test_common_words_are_marked_only_where_nothing_else_was_typed(self, write: Write, snippet: Snippet) -> None:
        write("page", "Who to tell: tell the hub.", keywords=["who do I tell"])

        assert snippet("who to tell") == "Who to <mark>tell</mark>: <mark>tell</mark> the hub."
        assert snippet("who to") == "<mark>Who</mark> <mark>to</mark> tell: tell the hub."

    def test_matches_that_overlap_are_marked_once(self) -> None:
        both = Concept((Form(("mental", "health")), Form(("health",), 0.5)))

        assert (
            excerpt("Mental health.", " mental  health ", [both, *concepts("health")]) == "<mark>Mental health</mark>."
        )

    def test_a_section_found_by_hidden_words_does_not_show_them(self, write: Write, snippet: Snippet) -> None:
        write("myths", "## Prevent protects {#safe}\n\n/// myth\n\nIt spies on folk.\n\n///\n\nIt helps.\n")

        assert snippet("spies on folk") == "It helps."

    def test_a_section_found_by_a_question_of_its_author_does_not_show_it(self, write: Write, snippet: Snippet) -> None:
        write("plan", "Ask a colleague.\n\n/// asked\nwhat if the lorry is full\n///\n")

        assert snippet("lorry full") == "Ask a colleague."


class TestChoosingWhatToShow:
    def test_of_a_long_text_the_part_with_the_words_is_shown(self) -> None:
        text = cut(f"{FILLER}send the form at once {FILLER}", "form")

        assert text.startswith("… filler")
        assert text.endswith("filler …")
        assert "send the <mark>form</mark> at once" in text
        assert len(text) < 320

    def test_it_starts_with_the_sentence_where_that_is_near(self) -> None:
        assert cut(f"{FILLER}end. Please send the form now. {FILLER}", "form").startswith("… Please send the <mark>")

    def test_it_starts_with_the_match_where_that_starts_a_sentence(self) -> None:
        assert cut(f"{FILLER}end. Forms are sent. {FILLER}", "form").startswith("… <mark>Forms</mark> are sent.")

    def test_it_starts_with_a_word_where_no_sentence_is_near(self) -> None:
        start = cut(f"{'longer words ' * 40}form {FILLER}", "form").removeprefix("… ").split()[0]

        assert start in {"longer", "words"}

    def test_it_starts_with_the_text_where_that_is_near(self) -> None:
        text = cut(f"Start of it: send the form. {FILLER}", "form")

        assert text.startswith("Start of it: send the <mark>form</mark>.")

    def test_the_place_with_most_of_the_words_is_chosen(self) -> None:
        text = cut(f"A form here. {FILLER}Send a form with a receipt. {FILLER}", "form", "receipt")

        assert "<mark>form</mark> with a <mark>receipt</mark>" in text
        assert "A form here" not in plain(text)

    def test_words_far_apart_are_shown_in_two_parts(self) -> None:
        text = cut(f"Send the form. {FILLER}end. Keep the receipt. {FILLER}", "form", "receipt")

        assert text.startswith("Send the <mark>form</mark>. filler")
        assert "filler … Keep the <mark>receipt</mark>. " in text
        assert text.count("…") == 2

    def test_no_more_than_two_parts_are_shown(self) -> None:
        text = cut(f"A form. {FILLER}A receipt. {FILLER}A letter. {FILLER}", "form", "receipt", "letter")

        assert text.count("<mark>") == 2

    @pytest.mark.parametrize("between", [150, 190, 210, 230, 250])
    def test_words_a_little_apart_are_both_shown(self, between: int) -> None:
        text = cut(f"{FILLER}form {'b ' * (between // 2)}receipt {FILLER}", "form", "receipt")

        assert "<mark>form</mark>" in text
        assert "<mark>receipt</mark>" in text
        assert text.count("b ") == between // 2

    def test_a_section_found_by_its_heading_shows_its_start(self, write: Write, snippet: Snippet) -> None:
        write("share", f"Opening.\n\n## The receipt\n\nKeep <it> safe. {FILLER}")

        text = snippet("receipt")

        assert text.startswith("Keep &lt;it&gt; safe. filler")
        assert text.endswith("filler …")

    def test_an_opening_without_text_shows_the_summary(self, write: Write, snippet: Snippet) -> None:
        write("share", "## Send it\n\nTo the hub.", title="Receipts", summary="What to keep & why: receipts.")

        assert snippet("receipts") == "What to keep &amp; why: <mark>receipts</mark>."

    def test_nothing_at_all_is_an_empty_excerpt(self) -> None:
        assert not cut("", "form")


class TestTheTextItself:
    def test_what_is_shown_stands_in_the_text_letter_by_letter_and_is_never_long(self) -> None:
        random = Random(20261122)  # noqa: S311 - only to vary the texts
        pieces = [
            "form",
            "receipts",
            "a",
            "<b>",
            "&",
            "“x”",
            "end. ",
            "q" * 70,
            "café",
            "1,500",
            "…x",
            "مرحبا",
            "\U0001f600",
        ]

        for _ in range(400):
            text = " ".join(random.choice(pieces) for _ in range(random.randrange(1, 300))).strip()
            shown = plain(cut(text, "form", "receipt"))

            assert all(part in text for part in shown.strip("… ").split(" … "))
            assert shown.startswith("… ") or text.startswith(shown[:50])
            assert shown.endswith(" …") or text.endswith(shown[-50:])
            assert len(shown) <= BOUND

    @pytest.mark.parametrize("typed", ["form", "y", "absent"])
    def test_words_without_end_are_cut(self, typed: str) -> None:
        assert len(cut(f"{'x' * 5000} form {'y' * 5000}", typed)) <= BOUND

    def test_a_long_address_is_cut(self) -> None:
        assert len(cut(f"See the form at https://example.gov.uk/{'a-b/' * 2000} now", "form")) <= BOUND

    def test_a_text_without_spaces_is_cut(self) -> None:
        assert len(cut("表" * 5000, "form")) <= BOUND
