"""What differs between two versions of a page as readers see them: block by block, and within a block word by word."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from knowledge_base.comparison.blocks import (
    EMPTY,
    Block,
    Node,
    Word,
    Words,
    read_blocks,
    words_of,
    write,
    write_words,
)
from knowledge_base.comparison.steps import LEAST_LIKENESS, Mark, likeness, steps_between

# Of blocks that changed side by side, more are not compared each with each.
MOST_TO_PAIR = 40
# A tag alone is heard by few screen readers, so that words say it too.
TAGS = {Mark.REMOVED: ("del", "Removed:"), Mark.ADDED: ("ins", "Added:")}


def compare_rendered(before: str, after: str) -> Markup:
    """Return HTML that shows both versions in one, what went in `del` and what came in `ins`.

    Both must have been sanitised: their words and tags are taken over as they are.
    """
    compared = _compare(read_blocks(before), read_blocks(after))
    return Markup(compared)  # noqa: S704 - made of what pages/markdown.py has sanitised


def _compare(before: Sequence[Node], after: Sequence[Node]) -> str:
    written = []
    for step in steps_between(before, after):
        if step.is_same:
            written.append(write(after[step.after]))
        else:
            written.append(_replaced(before[step.before], after[step.after]))
    return "".join(written)


def _replaced(gone: Sequence[Node], come: Sequence[Node]) -> str:
    """Write what went and what came, those that are alike as one block with its changes in it."""
    written, rest = [], list(gone)
    for new in come:
        match = next((place for place, old in enumerate(rest[:MOST_TO_PAIR]) if _are_alike(old, new)), None)
        if match is None:
            written.append(_marked([new], Mark.ADDED))
            continue
        written.append(_marked(rest[:match], Mark.REMOVED))
        written.append(_compare_one(rest[match], new))
        rest = rest[match + 1 :]
    written.append(_marked(rest, Mark.REMOVED))
    return "".join(written)


def _are_alike(old: Node, new: Node) -> bool:
    if isinstance(old, Block) and isinstance(new, Block):
        if old.opening != new.opening:
            return False
    elif isinstance(old, Block) or isinstance(new, Block):
        return False
    return likeness(_without_spaces(words_of(old)), _without_spaces(words_of(new))) >= LEAST_LIKENESS


def _compare_one(old: Node, new: Node) -> str:
    if isinstance(old, Block) and isinstance(new, Block):
        return f"{new.opening}{_compare(old.children, new.children)}</{new.name}>"
    return _compare_words(words_of(old), words_of(new))


def _compare_words(old: Sequence[Word], new: Sequence[Word]) -> str:
    written = []
    for step in steps_between(_without_spaces(old), _without_spaces(new)):
        if step.is_same:
            written.append(write_words(new[step.after]))
        else:
            written.append(_marked_words(old[step.before], Mark.REMOVED))
            written.append(_marked_words(new[step.after], Mark.ADDED))
    return "".join(written)


def _marked(nodes: Iterable[Node], mark: Mark) -> str:
    """Write nodes with all their words marked. The tags stand within the blocks, where HTML allows them."""
    written = []
    for node in nodes:
        if isinstance(node, Words):
            written.append(_marked_words(node.row, mark))
        elif node.name in EMPTY:
            written.append(node.opening)
        else:
            written.append(f"{node.opening}{_marked(node.children, mark)}</{node.name}>")
    return "".join(written)


def _marked_words(row: Sequence[Word], mark: Mark) -> str:
    if not any(word.markup.strip() for word in row):
        return "" if mark is Mark.REMOVED else write_words(row)
    tag, said = TAGS[mark]
    return f'<{tag}><span class="govuk-visually-hidden">{said} </span>{write_words(row)}</{tag}> '


def _without_spaces(row: Iterable[Word]) -> list[Word]:
    return [Word(word.markup.strip(), word.within) for word in row]
