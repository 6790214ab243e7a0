"""What differs between two versions of a page as readers see them: block by block, and within a block word by word."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from knowledge_base.comparison.blocks import (
    EMPTY,
    Block,
    Node,
    Word,
    Words,
    read_blocks,
    words_of,
    write_words,
)
from knowledge_base.comparison.steps import LEAST_LIKENESS, Bag, Mark, likeness, steps_between
from knowledge_base.comparison.stretches import Comparison, Stretch, compose, write_folded

# Of blocks that changed side by side, more are not compared each with each.
MOST_TO_PAIR = 40
# A tag alone is heard by few screen readers, so that words say it too.
TAGS = {Mark.REMOVED: ("del", "Removed:"), Mark.ADDED: ("ins", "Added:")}
# In these, what stays the same can be folded away; between the rows of a table it cannot.
HOLD_ANYTHING = frozenset({"blockquote", "details", "div"})

_LABEL = re.compile(r' aria-label="[^"]*"')


def compare_rendered(before: str, after: str, *, name: str = "change") -> Comparison:
    """Return both versions in one, what went in `del` and what came in `ins`, and where it changed.

    Both must have been sanitised: their words and tags are taken over as they are. `name` is what the places' names on
    the page begin with, so that several comparisons can stand on one.
    """
    return compose(list(_stretches(read_blocks(before), read_blocks(after))), name=name)


def _stretches(before: Sequence[Node], after: Sequence[Node]) -> Iterator[Stretch]:
    """Yield what stays and what changes by turns."""
    same: list[Node] = []
    for step in steps_between(before, after):
        gone, come = before[step.before], after[step.after]
        written = "" if step.is_same else _replaced(gone, come)
        if not any(f"<{tag}>" in written for tag, _ in TAGS.values()):
            # The lines were only broken elsewhere.
            same += come
            continue
        if same:
            yield Stretch(tuple(same))
            same = []
        yield Stretch(tuple(come) or tuple(gone), written)
    if same:
        yield Stretch(tuple(same))


def _replaced(gone: Sequence[Node], come: Sequence[Node]) -> str:
    """Write what went and what came, those that are alike as one block with its changes in it."""
    written, start = [], 0
    old_bags, new_bags = ([_bag(node) for node in nodes] for nodes in (gone, come))
    for new, bag in zip(come, new_bags, strict=True):
        places = range(start, min(start + MOST_TO_PAIR, len(gone)))
        match = next((one for one in places if _are_alike(gone[one], new, old_bags[one], bag)), None)
        if match is None:
            written.append(_marked([new], Mark.ADDED))
            continue
        written.append(_marked(gone[start:match], Mark.REMOVED))
        written.append(_compare_one(gone[match], new))
        start = match + 1
    written.append(_marked(gone[start:], Mark.REMOVED))
    return "".join(written)


def _bag(node: Node) -> Bag:
    return Counter((word.markup.strip(), word.within) for word in words_of(node))


def _are_alike(old: Node, new: Node, old_bag: Bag, new_bag: Bag) -> bool:
    if isinstance(old, Block) and isinstance(new, Block):
        # A table is named after the heading above it, which may be all that changed.
        if _LABEL.sub("", old.opening) != _LABEL.sub("", new.opening):
            return False
    elif isinstance(old, Block) or isinstance(new, Block):
        return False
    return likeness(old_bag, new_bag) >= LEAST_LIKENESS


def _compare_one(old: Node, new: Node) -> str:
    if isinstance(old, Block) and isinstance(new, Block):
        stretches = list(_stretches(old.children, new.children))
        return f"{new.opening}{write_folded(stretches, folds=new.name in HOLD_ANYTHING)}</{new.name}>"
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
