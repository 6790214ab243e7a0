"""Rendering: what authors can write, and what never reaches a reader."""

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.fences import BlockError
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.page import Document
from knowledge_base.pages.values import LocalData

OPEN = Requirement()
STAFF = Requirement(frozenset({"staff"}))


def rendered(body: str) -> Document:
    return render(body, Context(title="A page", requirement=OPEN, data=LocalData()))


def html_of(body: str, *, readable: Requirement = OPEN) -> str:
    return rendered(body).html_for(lambda requirement: requirement in {OPEN, readable})


def test_tables_definition_lists_and_footnotes_are_rendered() -> None:
    html = html_of("| a | b |\n|---|--:|\n| 1 | 2 |\n\nTerm\n: Meaning\n\nWords[^1]\n\n[^1]: A note\n")

    assert "<td>1</td>" in html
    assert '<td class="kb-align-right">2</td>' in html
    assert "<dd>Meaning</dd>" in html
    assert 'href="#fn:1"' in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick='alert(1)'>bold</b>",
        "<svg/onload=alert(1)>",
        "<iframe src='https://evil.example'></iframe>",
        "<style>body{display:none}</style>",
        "<a href='javascript:alert(1)'>x</a>",
        "- <script>alert(1)</script>",
        "> <img src=x onerror=alert(1)>",
        "| <script>alert(1)</script> | b |\n|---|---|\n| 1 | 2 |",
        "## <script>alert(1)</script>",
        "/// details | <script>alert(1)</script>\nwords\n///",
        "1. step {by: <script>alert(1)</script>}",
        "<!-- --!><script>alert(1)</script> -->",
        "Term\n: <img src=x onerror=alert(1)>",
        "[^1]\n\n[^1]: <script>alert(1)</script>",
        "{{ <script>alert(1)</script> }}",
    ],
)
def test_raw_html_reaches_readers_as_text_at_most(hostile: str) -> None:
    html = html_of(hostile)

    for tag in ("<script", "<img", "<svg", "<iframe", "<style", "<b "):
        assert tag not in html


@pytest.mark.parametrize(
    "link",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "![x](javascript:alert(1))",
    ],
)
def test_links_that_run_something_lose_their_address(link: str) -> None:
    html = html_of(link)

    assert 'href="j' not in html.lower()
    assert 'href="d' not in html
    assert 'href="v' not in html
    assert "src=" not in html


@pytest.mark.parametrize(
    "address", ["https://www.gov.uk/x", "mailto:team@example.gov.uk", "tel:999", "/referral/share#a", "#a"]
)
def test_ordinary_links_stay(address: str) -> None:
    assert f'href="{address}"' in html_of(f"[x]({address})")


def test_comments_are_dropped() -> None:
    assert "secret" not in html_of("before <!-- secret\nmore secret --> after")


def test_anchors_come_from_the_words_or_from_the_author() -> None:
    headings = rendered("## What to put in it\n\n## What else {#else}\n\n### *Very* small").parts[0].headings

    assert [(one.level, one.anchor, one.text) for one in headings] == [
        (2, "what-to-put-in-it", "What to put in it"),
        (2, "else", "What else"),
        (3, "very-small", "Very small"),
    ]


def test_equal_headings_get_anchors_of_their_own() -> None:
    headings = rendered("## Steps\n\n## Steps\n\n# Steps").parts[0].headings

    assert [one.anchor for one in headings] == ["steps", "steps-2", "steps-3"]
    assert [one.level for one in headings] == [2, 2, 2]


def test_thousands_of_equal_headings_have_anchors_of_their_own() -> None:
    headings = rendered("## a-3\n\n" + "## a\n\n" * 2_000).parts[0].headings

    assert [one.anchor for one in headings[:4]] == ["a-3", "a", "a-2", "a-4"]
    assert len({one.anchor for one in headings}) == 2_001


def test_a_heading_of_many_words_has_an_anchor_of_some() -> None:
    (heading,) = rendered("## " + "word " * 500).parts[0].headings

    assert heading.anchor == "word-" * 19 + "word"
    assert len(heading.text.split()) == 500


def test_an_anchor_may_stand_behind_other_marks() -> None:
    (heading,) = rendered("## What *else* {#else}  ").parts[0].headings

    assert (heading.anchor, heading.text) == ("else", "What else")


def test_an_author_cannot_give_a_block_a_class() -> None:
    # The indented mark is code for the one that looks for blocks, and not for Markdown.
    html = html_of("    ```\n\n/// inset\n    attrs: {class: kb-staff-only, id: main-content}\nx\n///\n\n    ```\n")

    assert "class=" not in html
    assert "id=" not in html


def test_an_anchor_of_the_pages_frame_is_not_given_to_a_heading() -> None:
    assert rendered("## Search\n\n## X {#main-content}\n\n## Kb-search").parts[0].headings[0].anchor == "search-section"


def test_a_heading_without_letters_has_an_anchor() -> None:
    assert rendered("## ???").parts[0].headings[0].anchor == "section"


def test_steps_say_who_and_by_when() -> None:
    html = html_of("/// steps\n\n1. Ring the carer. {who: Duty *worker*} {by: the next day}\n\n///")

    assert '<div class="kb-steps">' in html
    assert '<strong class="kb-fact__label">Who:</strong>' in html
    assert "Duty <em>worker</em>" in html
    assert 'class="kb-fact kb-fact--by"' in html


def test_blocks_within_blocks_are_rendered() -> None:
    html = html_of("//// steps\n\n1. Ring.\n\n    /// warning\n    Not by e-mail.\n    ///\n\n////")

    assert html.index("kb-steps") < html.index("<li>") < html.index("kb-warning") < html.index("Not by e-mail.")


def test_details_and_inset_are_rendered() -> None:
    html = html_of("/// details | More *about* it\nwords\n///\n\n/// inset\nnote\n///")

    assert "<summary>More <em>about</em> it</summary>" in html
    assert '<div class="kb-inset">' in html


def test_a_term_shows_its_forms_and_names_what_to_see_also() -> None:
    term = "/// term\n    short: [CP]\n    also: board\n    see: [channel, mash]\n///\n"

    html = html_of(f"## Channel {{#channel}}\n\nX\n\n## Panel\n\n{term}")

    assert '<strong>Short form:</strong> <span class="kb-term__short">CP</span>' in html
    assert '<strong>Also called:</strong> <span class="kb-term__also">board</span>' in html
    assert '<a class="kb-term__see" href="#channel">Channel</a>' in html
    assert 'href="/glossary#mash"' in html


def test_a_table_can_be_reached_with_a_keyboard_and_has_a_name() -> None:
    html = html_of("## Figures\n\n| a |\n|---|\n| 1 |\n")

    assert '<div class="kb-table" role="region" tabindex="0" aria-label="Table: Figures"><table>' in html


def test_sections_end_at_the_next_heading() -> None:
    sections = rendered("Opening.\n\n## One\n\nFirst.\n\n### Two\n\nSecond.\n\n#### Three\n\nThird.").sections

    assert [(one.anchor, one.heading, one.text) for one in sections] == [
        ("", "A page", "Opening."),
        ("one", "One", "First."),
        ("two", "Two", "Second. Three Third."),
    ]


def test_words_in_neighbouring_cells_and_items_do_not_run_together() -> None:
    sections = rendered("| a | b |\n|---|---|\n| 1 | 2 |\n\n- x\n- y").sections

    assert sections[0].text == "a b 1 2 x y"


def test_a_myth_is_found_but_never_shown_in_an_excerpt() -> None:
    sections = rendered('## It protects people\n\nTrue.\n\n/// myth\n"It is spying."\n///\n').sections

    assert sections[0].text == "True."
    assert sections[0].hidden_words == '"It is spying."'


def test_a_note_to_the_editors_is_no_part_of_what_is_found() -> None:
    body = "Ring 101 (for the content owner to check). Wait (nhs.uk; for the content owner to check)."

    sections = rendered(body).sections

    assert sections[0].text == "Ring 101. Wait."


def test_a_nesting_that_markdown_would_turn_over_for_ever_is_refused() -> None:
    body = (
        "a\n: b\n\\/// inset\n\n    /// inset\n    x\n    ///\n1. y\n  /// inset\n  x\n  ///\n"
        "/// term\n    short: [a]\n///\n- x\n"
    )

    with pytest.raises(BlockError, match="nested so that they cannot be read"):
        rendered(body)


class TestStaffOnly:
    BODY = (
        "Open words[^1].\n\n## Who to tell\n\nThe lead.\n\n/// staff-only\nSecret words[^2] and [x][ref].\n\n"
        "## Secret heading\n\nMore secrets.\n\n[^2]: Secret note\n\n[ref]: /secret-address\n///\n\n"
        "After[^2] and [x][ref].\n\n## Last\n\nEnd.\n\n[^1]: Open note\n"
    )

    def test_others_get_nothing_of_it(self) -> None:
        html = html_of(self.BODY)

        assert "ecret" not in html.replace("[^2]", "")
        assert "Open note" in html
        assert "End." in html

    def test_staff_get_it_in_its_place(self) -> None:
        html = html_of(self.BODY, readable=STAFF)

        assert html.index("The lead.") < html.index("Secret words") < html.index("More secrets.") < html.index("After")
        assert "Secret note" in html

    def test_its_headings_are_gated_too(self) -> None:
        document = rendered(self.BODY)

        open_headings = document.headings_for(lambda requirement: requirement.is_open)

        assert [one.text for one in open_headings] == ["Who to tell", "Last"]

    def test_it_is_sections_of_its_own(self) -> None:
        sections = [one for one in rendered(self.BODY).sections if not one.requirement.is_open]

        assert [(one.anchor, one.heading, one.requirement) for one in sections] == [
            ("staff-only-1", "Who to tell", STAFF),
            ("secret-heading", "Secret heading", STAFF),
        ]
        assert sections[0].text.startswith("Secret words")

    def test_what_follows_belongs_to_the_open_section_before(self) -> None:
        section = next(one for one in rendered(self.BODY).sections if one.anchor == "who-to-tell")

        assert section.text == "The lead. After[^2] and [x][ref]."

    def test_open_anchors_stay_when_a_staff_heading_has_the_same_words(self) -> None:
        before = rendered("## Steps\n\nx")
        after = rendered("/// staff-only\n## Steps\n\ny\n///\n\n## Steps\n\nx")

        assert before.sections[0].anchor == "steps"
        assert [one.anchor for one in after.sections if one.requirement.is_open] == ["steps"]
        assert [one.anchor for one in after.sections if not one.requirement.is_open] == ["steps-2"]

    def test_its_own_anchor_is_given_once(self) -> None:
        html = html_of("## Staff only 1\n\n/// staff-only\nSecret.\n///\n", readable=STAFF)

        assert 'id="staff-only-1"' in html
        assert '<div class="kb-staff-only" id="staff-only-1-2">' in html

    @pytest.mark.parametrize(
        "body",
        ["/// staff-only\nsecret\n///\n: taken for its definition", "<!--\n/// staff-only\nsecret\n///\n-->\nwords"],
    )
    def test_a_page_in_which_its_place_is_lost_cannot_be_rendered(self, body: str) -> None:
        with pytest.raises(BlockError, match="inside a list or another block"):
            rendered(body)
