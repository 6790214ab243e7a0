"""What a page leads to and shows: its links, its pictures, and the files that belong to it."""

from collections.abc import Iterable, Iterator, Mapping

from lxml import html
from lxml.html import HtmlElement

from knowledge_base.pages import structure
from knowledge_base.pages.attachments import Attachment
from knowledge_base.pages.page import Reference

NOT_SHOWN = "kb-picture-missing"
# Sanitising drops it: it only tells `references_in` what was to be shown.
_WANTED = "data-wanted"


def show_files(tree: HtmlElement, files: Mapping[str, Attachment]) -> None:
    """Give pictures their size, and links to files what they lead to.

    Of a picture that is none of the page's own files only the alternative text stays.
    """
    for picture in list(tree.iter("img")):
        file = files.get(picture.get("src", ""))
        if file and file.kind.is_picture:
            picture.set("width", str(file.width))
            picture.set("height", str(file.height))
            picture.set("loading", "lazy")
        else:
            _show_words_only(picture)
    for link in list(tree.iter("a")):
        if file := files.get(link.get("href", "").partition("#")[0]):
            details = html.Element("span", {"class": "kb-file-details"})
            details.text = f"({file.details})"
            details.tail, link.tail = link.tail, " "
            link.addnext(details)


def references_in(elements: Iterable[HtmlElement], markup: str) -> tuple[Reference, ...]:
    """Return the links and pictures of elements, of which `markup` is what sanitising left."""
    return (*_links_in(markup), *(picture for element in elements for picture in _pictures_in(element)))


def anchors_in(markup: str) -> frozenset[str]:
    """Return where a link can lead to in sanitised HTML."""
    # What lxml calls smart keeps the whole tree in memory with each of them.
    return frozenset(structure.parse(markup).xpath("//@id", smart_strings=False))


def _links_in(markup: str) -> Iterator[Reference]:
    for link in structure.parse(markup).iter("a"):
        pictured = [picture.get("alt", "") for picture in link.iter("img")]
        yield Reference(link.get("href"), " ".join([*link.text_content().split(), *pictured]))


def _pictures_in(element: HtmlElement) -> Iterator[Reference]:
    for one in element.iter("img", "span"):
        if one.tag == "img":
            yield Reference(one.get("src"), one.get("alt", "").strip(), is_picture=True)
        elif one.get(_WANTED) is not None:
            words = one.text_content().strip()
            yield Reference(one.get(_WANTED), words, is_picture=True, is_shown=False)


def _show_words_only(picture: HtmlElement) -> None:
    words = picture.get("alt", "")
    wanted = picture.get("src", "")
    tail = picture.tail
    picture.clear()
    picture.tag, picture.text, picture.tail = "span", words, tail
    picture.set("class", NOT_SHOWN)
    picture.set(_WANTED, wanted)
