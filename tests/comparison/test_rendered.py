import re

import pytest

from knowledge_base.comparison.rendered import compare_rendered

GONE = '<span class="govuk-visually-hidden">Removed: </span>'
COME = '<span class="govuk-visually-hidden">Added: </span>'


def told(before: str, after: str) -> str:
    """Return the comparison without what only says where a change is."""
    html = str(compare_rendered(before, after).html).replace(GONE, "").replace(COME, "")
    html = re.sub(r'<p class="kb-comparison__place">.*?</p>', "", html)
    return re.sub(r'<div class="kb-comparison__change" id="[^"]*">(.*?)</div>', r"\1", html)


def test_what_is_the_same_is_shown_unmarked() -> None:
    same = '<h2>Who</h2>\n<p>Tell the <a href="/lead">lead</a> &amp; the team.</p><hr>'

    assert told(same, same) == '<h2>Who</h2><p>Tell the <a href="/lead">lead</a> &amp; the team.</p><hr>'


def test_words_are_marked_within_their_block() -> None:
    assert told("<p>Call before noon today.</p>", "<p>Call before ten today.</p>") == (
        "<p>Call before <del>noon </del> <ins>ten </ins> today.</p>"
    )


def test_words_say_it_too_for_screen_readers() -> None:
    compared = str(compare_rendered("<p>Call before noon.</p>", "<p>Call before ten.</p>").html)

    assert f"<del>{GONE}noon.</del>" in compared
    assert f"<ins>{COME}ten.</ins>" in compared


def test_another_address_of_a_link_is_a_change() -> None:
    assert told('<p>See <a href="/a">this</a> now.</p>', '<p>See <a href="/b">this</a> now.</p>') == (
        '<p>See <del><a href="/a">this</a></del> <ins><a href="/b">this</a></ins>  now.</p>'
    )


@pytest.mark.parametrize(
    ("before", "after", "compared"),
    [
        ("<ul><li>One</li></ul>", "<ul><li>One</li><li>Two</li></ul>", "<ul><li>One</li><li><ins>Two</ins> </li></ul>"),
        (
            "<table><tbody><tr><td>A</td></tr><tr><td>B</td></tr></tbody></table>",
            "<table><tbody><tr><td>A</td></tr></tbody></table>",
            "<table><tbody><tr><td>A</td></tr><tr><td><del>B</del> </td></tr></tbody></table>",
        ),
        ("", "<p>New</p>", "<p><ins>New</ins> </p>"),
        ("<p>Old</p>", "", "<p><del>Old</del> </p>"),
        ("<p>Old</p>", "<h2>Other</h2>", "<h2><ins>Other</ins> </h2><p><del>Old</del> </p>"),
    ],
)
def test_marks_stand_within_blocks_where_html_allows_them(before: str, after: str, compared: str) -> None:
    assert told(before, after) == compared


def test_what_was_folded_away_is_open() -> None:
    assert told("", "<details><summary>More</summary><p>Words</p></details>").startswith("<details open>")


def test_nothing_stands_twice_under_one_name_or_leads_nowhere() -> None:
    compared = told("", '<h2 id="who">Who</h2><p><a href="#who">Up</a></p>')

    assert "id=" not in compared
    assert "href" not in compared


def test_words_that_look_like_tags_stay_words() -> None:
    assert "&lt;script&gt;" in told("<p>a</p>", "<p>&lt;script&gt;</p>")
    assert "<script" not in told('<p title="&quot;&gt;&lt;script&gt;">a b c d</p>', "<p>a b c e</p>")


def test_a_picture_that_went_is_marked() -> None:
    compared = told('<p>See <img src="/files/a.png" alt="A map"> here</p>', "<p>See here</p>")

    assert '<del><img src="/files/a.png" alt="A map">' in compared
