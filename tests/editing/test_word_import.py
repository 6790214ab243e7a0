"""A Word document becomes a draft page with its headings, lists, tables, links and pictures."""

import zipfile
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.access.audiences import Requirement
from knowledge_base.editing.drafts import find_draft
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.html_to_markdown import to_markdown
from knowledge_base.editing.word_import import read_word
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.values import LocalData
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.editing.conftest import fields_of
from tests.editing.word_files import link, paragraph, picture, table, word_file
from tests.pages.files_of_pages import png

DOCUMENT = word_file(
    paragraph("How to refer", "Heading1"),
    paragraph("Before you start", "Heading2"),
    paragraph("# Not a heading, *not* emphasis [nor a link]"),
    paragraph("Really", run="<w:b/>"),
    paragraph("/// staff-only"),
    paragraph("First", level=0, number=2),
    paragraph("Inner", level=1),
    paragraph("Second", level=0, number=2),
    paragraph("Detail", "Heading3"),
    table(("Who", "When | where"), ("You", "Now"), ("They",)),
    link("The law", 1),
    link("Unsafe", 2),
    picture("The hall", 1),
    picture("", 2),
    picture("A drawing", 3),
    pictures={"1.png": png(3, 2), "2.png": png(2, 2), "3.emf": b"x"},
    links=("https://www.legislation.gov.uk/", "javascript:alert(1)"),
)
MARKDOWN = r"""## Before you start

\# Not a heading, \*not\* emphasis \[nor a link\]

**Really**

/ / / staff-only

1. First
    - Inner
2. Second

### Detail

| Who | When \| where |
| --- | --- |
| You | Now |
| They |  |

[The law](https://www.legislation.gov.uk/)

Unsafe

![The hall](/files/a/b/picture-1.png)

![](/files/a/b/picture-2.png)"""


def test_a_document_becomes_markdown() -> None:
    found = read_word("How to refer.docx", DOCUMENT, files_url="/files/a/b")

    assert found.title == "How to refer"
    assert found.body == MARKDOWN
    assert [(file.name, file.alt) for file in found.files] == [("picture-1.png", "The hall"), ("picture-2.png", "")]
    assert found.left_out == ("picture 3, which is of a kind that a page cannot show",)


def test_a_document_without_a_title_is_named_after_its_file() -> None:
    blocks = (paragraph("One", "Heading1"), paragraph("Two", "Heading1"))

    found = read_word("my_old-notes.docx", word_file(*blocks), files_url="/files/a/b")

    assert (found.title, found.body) == ("My old notes", "## One\n\n## Two")


def test_the_style_for_titles_makes_the_title() -> None:
    blocks = (paragraph("Draft 2"), paragraph("Refer", "Title"), paragraph("One", "Heading1"))

    found = read_word("x.docx", word_file(*blocks), files_url="/files/a/b")

    assert (found.title, found.body) == ("Refer", "Draft 2\n\n## One")


@pytest.mark.parametrize(
    "typed",
    ["# a", "- a", "+ a", "1. a", "1) a", "> a", "| a | b |", "*a*", "_a_", "`a`", "[a](b)", "a\\b", "/// a", ": a"],
)
def test_what_was_words_in_word_is_words_on_the_page(typed: str) -> None:
    body = to_markdown(f"<p>{typed}</p>").body

    html = render(body, Context("Title", Requirement(), LocalData())).html_for(lambda _requirement: True)
    assert html.replace(" ", "").strip() == f"<p>{typed.replace('>', '&gt;')}</p>".replace(" ", "")


def test_a_document_that_is_none_is_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(BytesIO(DOCUMENT)) as document:
            for name in document.namelist():
                archive.writestr(name, document.read(name))
        archive.writestr("word/big.bin", b"\0" * 61_000_000)
    entity = word_file(paragraph("x"), head="<!DOCTYPE w [<!ENTITY a 'b'>]>")
    padded = word_file(paragraph("x"), head=f"<!--{'x' * 5_000}--><!DOCTYPE w [<!ENTITY a 'b'>]>")
    for content, reason in {
        b"no archive": "damaged",
        packed.getvalue(): "larger inside",
        padded: "definitions that Word does not write",
        word_file("<w:p/>" * 300_000): "longer than a page can be",
        entity: "definitions that Word does not write",
        word_file("<w:p><w:r>"): "cannot be read",
    }.items():
        with pytest.raises(UploadRefusedError, match=reason):
            read_word("a.docx", content, files_url="/files/a/b")
    for name in ("a.pdf", "of 2003.doc", "without an ending"):
        with pytest.raises(UploadRefusedError, match=r"Open it in Word and save it as \.docx"):
            read_word(name, b"%PDF-1.7", files_url="/files/a/b")


def bring_in(browser: FlaskClient, content: bytes = DOCUMENT, **changes: str) -> TestResponse:
    fields = {**fields_of(browser.get("/edit/import").text), "folder": "referral", **changes}
    return browser.post("/edit/import", data={**fields, "file": (BytesIO(content), "How to refer.docx")})


def test_a_draft_is_made_and_opened(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    answer = bring_in(janes)

    assert answer.location == "/edit/referral/how-to-refer"
    draft = find_draft(store, "referral/how-to-refer", by=jane.viewer)
    assert draft
    assert draft.base is None
    shown = janes.get(answer.location).text
    assert fields_of(shown)["kb-title"] == "How to refer"
    assert "&#39;summary&#39; is missing" in shown
    assert "picture-2.png" in shown
    assert "New page" in janes.get("/edit").text


def test_a_page_that_is_there_is_not_written_over(janes: FlaskClient) -> None:
    assert bring_in(janes, name="share").status_code == 422
    bring_in(janes)

    again = bring_in(janes)

    assert again.status_code == 422
    assert "You have a draft of this page already" in again.text


def test_a_page_is_made_only_where_one_may_write(janes: FlaskClient, pats: FlaskClient) -> None:
    assert "/staff" not in janes.get("/edit/import").text
    assert "/staff" in pats.get("/edit/import").text
    assert bring_in(janes, folder="staff").status_code == 422
    for name in ("edit", "new"):
        assert "There can be no page of this name there" in bring_in(janes, folder="", name=name).text
    assert bring_in(janes, b"x").status_code == 422
