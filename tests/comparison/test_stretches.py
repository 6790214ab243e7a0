"""What stays the same is folded away, and each change can be jumped to."""

import re

import pytest

from knowledge_base.comparison.rendered import compare_rendered
from knowledge_base.comparison.stretches import Comparison

PLACE = re.compile(r'<p class="kb-comparison__place">(.*?)</p>')


def paragraphs(*names: object) -> str:
    return "\n".join(f"<p>Paragraph {name} of the page.</p>" for name in names)


def in_view(comparison: Comparison) -> str:
    """Return what is seen before anything is unfolded."""
    return re.sub(r"<details class=\"govuk-details kb.*?</details>", "[folded]", str(comparison.html))


def test_long_stretches_that_stay_the_same_are_folded_with_what_is_next_to_a_change_in_view() -> None:
    compared = compare_rendered(paragraphs(*range(10), "x", *range(10)), paragraphs(*range(10), "y", *range(10)))

    seen = in_view(compared)

    assert seen.startswith("[folded]<p>Paragraph 9 of the page.</p><div")
    assert seen.endswith("</div><p>Paragraph 0 of the page.</p>[folded]")
    assert str(compared.html).count(">9 unchanged paragraphs<") == 2
    assert str(compared.html).count("<p>Paragraph 4 of the page.</p>") == 2


def test_a_few_blocks_are_not_folded() -> None:
    compared = compare_rendered(paragraphs(1, 2, 3, "x"), paragraphs(1, 2, 3, "y"))

    assert "<details" not in compared.html


def test_the_heading_above_a_change_stays_in_view() -> None:
    above, below = f"<h2>Before</h2>{paragraphs(*range(9))}", f"<h2>Whom to call</h2>{paragraphs(*range(9))}"

    compared = compare_rendered(f"{above}{below}<p>Call the team.</p>", f"{above}{below}<p>Call the lead.</p>")

    assert in_view(compared).startswith("[folded]<h2>Whom to call</h2>[folded]<p>Paragraph 8 of the page.</p><div")
    assert [place.heading for place in compared.places] == ["Whom to call"]


def test_each_change_has_a_place_and_leads_to_the_next_and_the_last_back() -> None:
    same = paragraphs(*range(5))
    old = f"<p>Old summary.</p><h2>One &amp; all</h2>{same}<p>Call the team.</p>{same}<h2>Two</h2><p>Gone</p>"
    new = f"<p>New summary.</p><h2>One &amp; all</h2>{same}<p>Call the lead.</p>{same}<h2>Three</h2><p>Come</p>"

    compared = compare_rendered(old, new, name="change-7")

    assert [(place.name, place.heading) for place in compared.places] == [
        ("change-7-1", ""),
        ("change-7-2", "One & all"),
        ("change-7-3", "Three"),
    ]
    assert [re.sub("<.*?>", "", line) for line in PLACE.findall(compared.html)] == [
        "Change 1 of 3. Next change",
        "Change 2 of 3. Next change",
        "Change 3 of 3. Back to the list of changes",
    ]
    assert re.findall('href="#(.*?)"', compared.html) == ["change-7-2", "change-7-3", "change-7"]
    assert all(f'id="{place.name}"' in compared.html for place in compared.places)


def test_one_change_needs_no_way_on() -> None:
    assert not PLACE.search(compare_rendered("<p>a b c</p>", "<p>a b d</p>").html)


@pytest.mark.parametrize("tag", ["div", "blockquote"])
def test_what_stays_the_same_within_a_block_is_folded_too(tag: str) -> None:
    old, new = (f"<{tag}>{paragraphs(*range(20), end)}</{tag}>" for end in "xy")

    assert f"<{tag}>[folded]<p>Paragraph 19 of the page.</p><p>Paragraph" in in_view(compare_rendered(old, new))


def test_rows_and_items_are_not_folded_where_html_forbids_it() -> None:
    old, new = (f"<ul>{'<li>One thing</li>' * 9}<li>Thing {end}</li></ul>" for end in "xy")

    assert "<details" not in compare_rendered(old, new).html


def test_lines_that_are_only_broken_elsewhere_are_no_change() -> None:
    compared = compare_rendered("<p>Call\nthe team today.</p><hr>", "<p>Call the\nteam today.</p>")

    assert compared.places == ()
    assert "<p>Call the\nteam today.</p>" in compared.html


def test_versions_that_read_the_same_have_no_places() -> None:
    compared = compare_rendered(paragraphs(*range(9)), paragraphs(*range(9)))

    assert compared.places == ()
    assert in_view(compared) == "[folded]"
    assert compare_rendered("", "").html == ""


def test_a_table_under_a_renamed_heading_is_the_same_table() -> None:
    table = '<div class="kb-table" role="region" aria-label="Table: {0}"><table><tr><td>One</td></tr></table></div>'

    compared = compare_rendered(f"<h2>Who</h2>{table.format('Who')}", f"<h2>Whom</h2>{table.format('Whom')}")

    assert str(compared.html).count("One") == 1
    assert 'aria-label="Table: Whom"' in compared.html
