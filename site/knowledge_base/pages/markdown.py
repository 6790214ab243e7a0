"""Turn a page's body into safe HTML, headings and sections, apart for each audience."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import nh3
from lxml.html import HtmlElement
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.preprocessors import Preprocessor

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages import fences, structure
from knowledge_base.pages.attachments import Attachment
from knowledge_base.pages.blocks import KnowledgeBaseBlocks
from knowledge_base.pages.inline import InlineExtension
from knowledge_base.pages.page import Document, Heading, Part
from knowledge_base.pages.references import anchors_in, references_in, show_files
from knowledge_base.pages.values import LocalData

GLOSSARY = "/glossary"

_TAG_NAMES = """
    a abbr b blockquote br code dd del details div dl dt em h2 h3 h4 hr i img ins li ol p pre q s small span strong
    sub summary sup table tbody td th thead tr ul
"""
TAGS = frozenset(_TAG_NAMES.split())
ATTRIBUTES = {
    "img": {"alt", "height", "loading", "src", "width"},
    "*": {"class", "id"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "div": {"role", "tabindex", "aria-label"},
    "ol": {"start"},
    "span": {"aria-hidden"},
}
URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


@dataclass(frozen=True)
class Context:
    """What rendering needs besides the body: the page's title and requirement, the local data, the page's files."""

    title: str
    requirement: Requirement
    data: LocalData
    files: Mapping[str, Attachment] = field(default_factory=dict)


class _CommentsDropped(Preprocessor):
    """Drop comments; leave any other HTML as text, for Markdown to escape."""

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        kept: list[str] = []
        while (start := text.find("<!--")) >= 0 and (end := text.find("-->", start)) >= 0:
            kept.append(text[:start])
            text = text[end + len("-->") :]
        return "".join([*kept, text]).split("\n")


class _NoRawHtml(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown names it
        md.preprocessors.deregister("html_block")
        md.preprocessors.register(_CommentsDropped(md), "kb-comments", 20)
        md.inlinePatterns.deregister("html")


def render(body: str, context: Context) -> Document:
    """Render a page's body. Raises fences.BlockError when its blocks are not well formed."""
    stretches = fences.split_by_audience(body)
    gated = [one for one in stretches if one.audience]
    # Nobody can know the mark beforehand, so nobody can write it into a page.
    mark = f"kb{secrets.token_hex(16)}"
    anchors = structure.Labels()
    own = [one for one in stretches if not one.audience]
    tree = _tree(f"\n\n{mark}\n\n".join(_with_places(one, mark) for one in own), context, number=0)
    _put_asked(tree, mark, own)
    headings = _add_structure(tree, context, anchors)
    runs = _cut(tree, mark)
    if len(runs) != len(gated) + 1:
        raise fences.BlockError(1, "a staff-only block stands inside a list or another block or a comment")
    sections = structure.sections_of(
        [element for run in runs for element in run], anchor="", heading=context.title, requirement=context.requirement
    )
    by_anchor = {heading.anchor: heading for heading in headings}
    parts: list[Part] = []
    for number, run in enumerate(runs):
        ids = [one for element in run for one in element.xpath("descendant-or-self::*/@id")]
        here = tuple(by_anchor[one] for one in ids if one in by_anchor)
        markup = sanitise(run)
        parts.append(
            Part(
                requirement=context.requirement,
                html=markup,
                headings=here,
                sections=() if number else sections,
                references=references_in(run, markup),
                anchors=anchors_in(markup),
            )
        )
        if number < len(gated):
            title = next((part.headings[-1].text for part in reversed(parts) if part.headings), context.title)
            parts.append(_gated_part(gated[number], context, number=number + 1, anchors=anchors, title=title))
    return Document(tuple(parts))


def _with_places(stretch: fences.Stretch, mark: str) -> str:
    """Return the stretch's Markdown, with a paragraph of the mark and `asked` where readers' questions stood."""
    lines = stretch.markdown.split("\n")
    for asked in stretch.asked:
        lines[asked.line] = f"\n{mark}asked\n"
    return "\n".join(lines)


def _put_asked(tree: HtmlElement, mark: str, stretches: Iterable[fences.Stretch]) -> None:
    asked = [one.questions for stretch in stretches for one in stretch.asked]
    if not structure.put_asked(tree, f"{mark}asked", asked):
        raise fences.BlockError(1, "an asked block stands inside a list or another block or a comment")


def _tree(markdown: str, context: Context, *, number: int) -> HtmlElement:
    """Convert Markdown to a tree. `number` keeps the footnotes of a page's stretches apart."""
    footnotes = FootnoteExtension(UNIQUE_IDS=number > 0)
    converter = Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            DefListExtension(),
            FencedCodeExtension(),
            SaneListExtension(),
            footnotes,
            _NoRawHtml(),
            KnowledgeBaseBlocks(context.data, context.requirement),
            InlineExtension(context.data, context.requirement),
        ]
    )
    footnotes.unique_prefix = number
    return structure.parse(converter.convert(markdown))


def _add_structure(tree: HtmlElement, context: Context, anchors: structure.Labels) -> tuple[Heading, ...]:
    show_files(tree, context.files)
    headings = structure.add_anchors(tree, anchors=anchors)
    structure.link_terms(tree, headings, elsewhere=GLOSSARY)
    structure.make_tables_scroll(tree, title=context.title)
    return headings


def _cut(tree: HtmlElement, mark: str) -> list[list[HtmlElement]]:
    """Cut the tree where the mark stands as a paragraph of its own."""
    runs: list[list[HtmlElement]] = [[]]
    for element in tree:
        if element.tag == "p" and element.text == mark:
            runs.append([])
        else:
            runs[-1].append(element)
    return runs


def _gated_part(
    stretch: fences.Stretch, context: Context, *, number: int, anchors: structure.Labels, title: str
) -> Part:
    """Render what only a narrower audience may read, under the heading above it."""
    requirement = context.requirement.narrowed_by(stretch.audience)
    inner = Context(title=title, requirement=requirement, data=context.data, files=context.files)
    anchor = anchors.take(f"staff-only-{number}")
    mark = f"kb{secrets.token_hex(16)}"
    tree = _tree(_with_places(stretch, mark), inner, number=number)
    _put_asked(tree, mark, [stretch])
    headings = _add_structure(tree, inner, anchors)
    sections = structure.sections_of(tree, anchor=anchor, heading=title, requirement=requirement)
    label = '<p class="kb-staff-only__label">Staff only</p>'
    markup = f'<div class="kb-staff-only" id="{anchor}">{label}{sanitise(tree)}</div>\n'
    return Part(requirement, markup, headings, sections, references_in(tree, markup), anchors_in(markup))


def sanitise(elements: Iterable[HtmlElement]) -> str:
    """Write elements as HTML that holds nothing but what TAGS and ATTRIBUTES allow, without what readers ask."""
    return nh3.clean(
        structure.inner_html(element for element in elements if not structure.is_asked(element)),
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=set(URL_SCHEMES),
        link_rel=None,
    )
