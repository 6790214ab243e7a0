"""What a file is, whatever its name says."""

import pytest

from knowledge_base.pages.file_kinds import LARGEST_FILE, MOST_ENTRIES, RefusedFileError, identify, size_in_words
from tests.pages.files_of_pages import archive_of, docx, gif, jpeg, office, open_document, png, webp

DOCX = "wordprocessingml.document"


@pytest.mark.parametrize(
    ("name", "content", "media_type", "size"),
    [
        ("a.png", png(30, 20), "image/png", (30, 20)),
        ("a.gif", gif(3, 2), "image/gif", (3, 2)),
        ("a.jpg", jpeg(640, 480), "image/jpeg", (640, 480)),
        ("a.jpeg", jpeg(640, 480), "image/jpeg", (640, 480)),
        ("a.webp", webp(b"VP8X", 70_000, 20), "image/webp", (70_000, 20)),
        ("a.webp", webp(b"VP8L", 300, 200), "image/webp", (300, 200)),
        ("a.webp", webp(b"VP8 ", 300, 200), "image/webp", (300, 200)),
        ("a.pdf", b"%PDF-1.7\n", "application/pdf", (0, 0)),
        ("a.docx", docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (0, 0)),
        (
            "a.xlsx",
            office("spreadsheetml.sheet"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            (0, 0),
        ),
        (
            "a.pptx",
            office("presentationml.presentation"),
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            (0, 0),
        ),
        ("a.odt", open_document("text"), "application/vnd.oasis.opendocument.text", (0, 0)),
        ("a.ods", open_document("spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet", (0, 0)),
        ("a.csv", "a,b\r\n£1,2\n".encode(), "text/csv", (0, 0)),
        ("a.txt", b"Words.\n", "text/plain", (0, 0)),
    ],
)
def test_a_file_is_known_by_its_content(name: str, content: bytes, media_type: str, size: tuple[int, int]) -> None:
    found = identify(name, content)

    assert found.kind.media_type == media_type
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.svg", b"<svg/>", "of no kind"),
        ("a.html", b"<p>", "of no kind"),
        ("a.docm", docx(), "of no kind"),
        ("png", png(1, 1), "of no kind"),
        ("a.png", gif(1, 1), "is GIF picture inside"),
        ("a.pdf", b"<html>%PDF-", "not what its name says"),
        ("a.png", b"<script>", "not what its name says"),
        ("a.png", b"", "not what its name says"),
        ("a.txt", png(1, 1), "is PNG picture inside"),
        ("a.txt", b"a\0b", "not what its name says"),
        ("a.csv", b"\xff\xfea", "not what its name says"),
        ("a.png", png(1, 1)[:20], "damaged"),
        ("a.png", png(0, 1), "damaged"),
        ("a.gif", b"GIF89a", "damaged"),
        ("a.jpg", b"\xff\xd8\xff", "damaged"),
        ("a.jpg", b"\xff\xd8\xff\xe0\xff\xff", "damaged"),
        ("a.webp", b"RIFF\0\0\0\0WAVEfmt ", "not what its name says"),
        ("a.webp", webp(b"VP8?", 1, 1), "not what its name says"),
        ("a.docx", office("spreadsheetml.sheet"), "is Excel inside"),
        ("a.docx", office(DOCX, main="template.main+xml"), "not what its name says"),
        ("a.docx", office(DOCX, more={"word/vbaProject.bin": b"macro"}), "not what its name says"),
        ("a.docx", archive_of({"x": b"y"}), "not what its name says"),
        ("a.docx", docx()[:40], "damaged"),
        ("a.docx", b"PK\x03\x04" + b"PK\x01\x02" * (MOST_ENTRIES + 1), "damaged"),
        ("a.odt", archive_of({"mimetype": b"application/epub+zip"}), "not what its name says"),
        ("a.odt", open_document("text-template"), "not what its name says"),
        ("a.txt", b"x" * (LARGEST_FILE + 1), "larger than 10 MB"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(RefusedFileError, match=why):
        identify(name, content)


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 kB"), (240_400, "240 kB"), (999_499, "999 kB"), (1_250_000, "1.2 MB"), (10**7, "10.0 MB")],
)
def test_a_size_is_told_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words
