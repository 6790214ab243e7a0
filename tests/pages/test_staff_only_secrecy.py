"""Pages made at random: whatever stands around a staff-only block, none of its words reach everyone."""

import random

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.fences import BlockError
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.values import LocalData

PAGES = 400
SECRET = "zebra"
CONTEXT = Context(title="A page", requirement=Requirement(), data=LocalData())

# {0} is a word: the marker in a staff-only block, and an innocent one elsewhere. {1} is a number.
PIECES = (
    "{0} words of *one* paragraph[^{1}] and [a link][ref{1}].",
    "## {0} heading {{#{0}-{1}}}",
    "### {0}",
    "- {0}\n- two\n\n    {0} again",
    "1. {0} {{who: {0}}}\n2. two",
    "> {0}\n{0} carries on",
    "[^{1}]: {0} note\n\n    {0} goes on",
    "[ref{1}]: /{0} '{0}'",
    "*[{0}]: {0}",
    "Term {0}\n: {0} means",
    "| {0} | b |\n|---|---|\n| {0} | `{0}` |",
    "```\n{0}\n/// inset\n```",
    "~~~ {0}\n{0}\n~~~",
    "    {0} indented",
    "<!-- {0} -->",
    "<!-- {0}",
    "{0} -->",
    "`{0}` ``{0}",
    "<b>{0}</b> <{0}@example.com>",
    "{{{{ council.{0} }}}} {{{{",
    "{0}\n: ",
    "* * *",
    "{0}  \n{0}\\",
)
BLOCKS = ("inset", "warning", "details | {0}", "steps", "myth", "term", "asked")


def some_pieces(chance: random.Random, word: str, *, slashes: int) -> str:
    pieces = [chance.choice(PIECES).format(word, chance.randrange(3)) for _ in range(chance.randrange(1, 5))]
    if slashes > 2 and chance.random() < 0.5:
        block = chance.choice(BLOCKS).format(word)
        marks = "/" * slashes
        inner = word if block == "asked" else some_pieces(chance, word, slashes=slashes - 1)
        pieces.insert(chance.randrange(len(pieces) + 1), f"{marks} {block}\n\n{inner}\n\n{marks}")
    return chance.choice(("\n", "\n\n")).join(pieces)


def some_page(chance: random.Random) -> str:
    stretches = []
    for _ in range(chance.randrange(1, 4)):
        stretches.append(some_pieces(chance, "open", slashes=4))
        stretches.append(f"///// staff-only\n{some_pieces(chance, SECRET, slashes=4)}\n/////")
    return chance.choice(("\n", "\n\n")).join([*stretches, some_pieces(chance, "open", slashes=4)])


@pytest.mark.parametrize("seed", range(8))
def test_no_word_of_a_staff_only_block_reaches_everyone(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the pages are no secret
    told_to_staff = 0
    for _ in range(PAGES // 8):
        body = some_page(chance)
        try:
            document = render(body, CONTEXT)
        except BlockError:
            continue

        open_html = document.html_for(lambda requirement: requirement.is_open)
        open_headings = document.headings_for(lambda requirement: requirement.is_open)
        open_sections = [one for one in document.sections if one.requirement.is_open]

        assert SECRET not in open_html, body
        assert SECRET not in repr(open_headings), body
        assert SECRET not in repr(open_sections), body
        told_to_staff += SECRET in repr(document)

    assert told_to_staff > PAGES // 8 / 4
