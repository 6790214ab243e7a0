"""What Word documents have besides paragraphs: notes, merged cells, tracked changes, boxes, and damage."""

import zipfile
from io import BytesIO

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.html_to_markdown import to_markdown
from knowledge_base.editing.word_import import read_word
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.values import LocalData
from tests.editing.word_files import link, paragraph, picture, word_file
from tests.pages.files_of_pages import png


def read(*blocks: str, links: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> str:
    return read_word("a.docx", word_file(*blocks, links=links, notes=notes), files_url="/files/a/b").body


def run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def cell(text: str, look: str = "") -> str:
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{paragraph(text)}</w:tc>"


def html_of(body: str) -> str:
    return render(body, Context("Title", Requirement(), LocalData())).html_for(lambda _requirement: True)


@pytest.mark.parametrize(
    ("levels", "marks"),
    [("1 3 2 3", "## ### ### ####"), ("3 1 3", "## ## ###"), ("2 2", "## ##"), ("1 2 3 3", "## ### #### ####")],
)
def test_no_level_of_headings_is_left_out(levels: str, marks: str) -> None:
    title, *headings = paragraph("T", "Title"), *(paragraph("x", f"Heading{level}") for level in levels.split())

    body = read(title, *headings)

    assert " ".join(line.partition(" ")[0] for line in body.split("\n") if line) == marks


def test_spaces_that_are_bold_stay_between_the_words() -> None:
    bold = f"<w:p>{run('Ask')}{run(' Jane ', '<w:b/>')}{run('or')}{run(' ', '<w:b/>')}{run('Pat')}</w:p>"

    assert read(bold) == "Ask **Jane** or Pat"


def test_footnotes_are_footnotes() -> None:
    noted = f"<w:p>{run('As the law says')}<w:r><w:footnoteReference w:id='1'/></w:r>{run('.')}</w:p>"

    body = read(noted, notes=("Section 26 [of it].",))

    assert body == "As the law says[^1].\n\n[^1]: Section 26 \\[of it\\]."
    assert "Section 26 [of it]." in html_of(body)


def test_merged_cells_keep_the_others_in_their_columns() -> None:
    rows = (
        cell("A") + cell("B") + cell("C"),
        cell("both", '<w:vMerge w:val="restart"/>') + cell("wide", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("x") + cell("y"),
    )

    body = read(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>")

    assert body == "| A | B | C |\n| --- | --- | --- |\n| both | wide |  |\n|  | x | y |"


def test_a_table_in_a_table_is_words_of_its_cell() -> None:
    inner = f"<w:tbl><w:tr>{cell('in')}</w:tr></w:tbl>"

    body = read(f"<w:tbl><w:tr><w:tc>{inner}{paragraph('after')}</w:tc>{cell('z')}</w:tr></w:tbl>")

    assert body == "| in after | z |\n| --- | --- |"


def test_tracked_changes_are_as_their_author_means_them_and_named() -> None:
    deleted = "<w:del w:id='2' w:author='J'><w:r><w:delText>old</w:delText></w:r></w:del>"
    document = word_file(f"<w:p>{run('Keep ')}<w:ins w:id='1' w:author='J'>{run('new')}</w:ins>{deleted}</w:p>")

    found = read_word("a.docx", document, files_url="/files/a/b")

    assert found.body == "Keep new"
    assert found.left_out == ("what tracked changes deleted (what they added is in the text)",)


def test_words_in_a_box_are_words_of_the_page() -> None:
    box = f"<v:shape><v:textbox><w:txbxContent>{paragraph('In a box')}</w:txbxContent></v:textbox></v:shape>"

    assert read(f"<w:p><w:r><w:pict xmlns:v='urn:schemas-microsoft-com:vml'>{box}</w:pict></w:r></w:p>") == "In a box"


def test_an_address_with_brackets_is_still_a_link() -> None:
    body = read(link("Both", 1), links=("https://example.org/a_(b) c",))

    assert body == "[Both](https://example.org/a_%28b%29%20c)"
    assert 'href="https://example.org/a_%28b%29%20c"' in html_of(body)


@pytest.mark.parametrize(
    "typed", ["a &lt;!-- b --&gt; c", "&lt;b&gt;a&lt;/b&gt;", "&amp;copy; a &amp; b", "---", "~~~"]
)
def test_what_looks_like_html_or_a_line_is_words(typed: str) -> None:
    body = to_markdown(f"<p>{typed}</p>").body

    assert html_of(body).strip() == f"<p>{typed}</p>"


def test_a_document_without_words_is_an_empty_page() -> None:
    assert read() == read(paragraph(" ")) == ""


def test_a_picture_that_is_too_large_is_named() -> None:
    large = png(1, 1).replace(b"\0\0\0\x01\0\0\0\x01", b"\0\0\xff\xff\0\0\xff\xff")
    document = word_file(picture("Hall", 1), pictures={"1.png": large})

    assert read_word("a.docx", document, files_url="/f").left_out == ("picture 1, which is damaged or too large",)


def with_part(name: str, content: bytes) -> bytes:
    packed = BytesIO(word_file(paragraph("x")))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def damaged() -> bytes:
    """Return a document of which one part is not what its checksum says."""
    return with_part("word/other.bin", b"stored as it is").replace(b"stored as it is", b"stored as it xs", 1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.docm", word_file(paragraph("x")), "save it as .docx"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Word", "is not what its name says"),
        ("a.docx", with_part("word/vbaProject.bin", b"x"), "is not what its name says"),
        ("a.docx", b"", "is not what its name says"),
        ("a.docx", damaged(), "cannot be read"),
    ],
)
def test_what_is_no_document_of_words_is_refused(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(UploadRefusedError, match=reason):
        read_word(name, content, files_url="/files/a/b")
