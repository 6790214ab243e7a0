"""Documents are kept small, come back as they were, and make room for others."""

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import Document
from knowledge_base.pages.rendering import Renderer
from tests.content_folder import ContentFolder

# More than are kept as they are used.
PAGES = 60
BODY = "## Who to tell {#tell}\n\nTell the [lead](/open-0).\n\n/// staff-only\nThe key is in the cabinet.\n///\n"
# Rendering such a page is logged each time.
FAULTY = "/// staff-only\nSecret.\n///\n: which Markdown would take for a definition"


def edition_of(content: ContentFolder, body: str) -> Edition:
    content.page("index")
    for number in range(PAGES):
        content.page(f"open-{number}", body)
    return content.edition()


def render_all(renderer: Renderer, edition: Edition) -> list[Document]:
    return [renderer.document(page, edition.data) for page in edition.pages.values()]


def test_a_document_comes_back_as_it_was_rendered(content: ContentFolder) -> None:
    edition, renderer = edition_of(content, BODY), Renderer()
    rendered = render_all(renderer, edition)

    again = render_all(renderer, edition)

    assert again == rendered
    assert "The key is in the cabinet." in again[-1].parts[1].html
    assert again[-1].parts[0].anchors == {"tell"}


def test_each_page_is_rendered_once(content: ContentFolder, caplog: pytest.LogCaptureFixture) -> None:
    edition, renderer = edition_of(content, FAULTY), Renderer()

    first, second = render_all(renderer, edition), render_all(renderer, edition)

    assert first == second
    assert len(caplog.records) == PAGES


def test_what_was_asked_for_longest_ago_makes_room(content: ContentFolder, caplog: pytest.LogCaptureFixture) -> None:
    edition, renderer = edition_of(content, FAULTY), Renderer(most_bytes=1_000)
    render_all(renderer, edition)

    render_all(renderer, edition)

    assert len(caplog.records) == 2 * PAGES
