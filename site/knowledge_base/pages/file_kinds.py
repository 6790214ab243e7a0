"""Tell what a file is by its content: which kinds may belong to a page, and how large a picture is.

The name only has to agree. What a browser could take for a page or a program (SVG, HTML, macros) is no kind here.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

_MEGABYTE = 1_000_000
LARGEST_FILE = 10 * _MEGABYTE
# Each entry of an archive takes time to read, and no document has as many.
MOST_ENTRIES = 5_000
LARGEST_ENTRY = 1_000_000

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
# Frames of a JPEG that say how large it is; the others among 0xC0 to 0xCF are tables.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENTRY_OF_ARCHIVE = b"PK\x01\x02"


class RefusedFileError(Exception):
    """A file may not belong to a page. The message says why, and what to do."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file. `name` is what readers are told; `extensions` are those a file of it may have."""

    name: str
    media_type: str
    extensions: frozenset[str]
    is_picture: bool = False


@dataclass(frozen=True)
class Identified:
    """What a file is, and for a picture its size in pixels."""

    kind: FileKind
    width: int = 0
    height: int = 0


def _kind(name: str, media_type: str, *extensions: str, is_picture: bool = False) -> FileKind:
    return FileKind(name, media_type, frozenset(extensions), is_picture)


PNG = _kind("PNG picture", "image/png", "png", is_picture=True)
JPEG = _kind("JPEG picture", "image/jpeg", "jpg", "jpeg", is_picture=True)
GIF = _kind("GIF picture", "image/gif", "gif", is_picture=True)
WEBP = _kind("WebP picture", "image/webp", "webp", is_picture=True)
PDF = _kind("PDF", "application/pdf", "pdf")
WORD = _kind("Word", f"{_OFFICE}.wordprocessingml.document", "docx")
EXCEL = _kind("Excel", f"{_OFFICE}.spreadsheetml.sheet", "xlsx")
POWERPOINT = _kind("PowerPoint", f"{_OFFICE}.presentationml.presentation", "pptx")
ODT = _kind("OpenDocument text", f"{_OPEN_DOCUMENT}.text", "odt")
ODS = _kind("OpenDocument spreadsheet", f"{_OPEN_DOCUMENT}.spreadsheet", "ods")
CSV = _kind("CSV", "text/csv", "csv")
TEXT = _kind("plain text", "text/plain", "txt")
KINDS = (PNG, JPEG, GIF, WEBP, PDF, WORD, EXCEL, POWERPOINT, ODT, ODS, CSV, TEXT)
EXTENSIONS = frozenset(extension for kind in KINDS for extension in kind.extensions)

_MAIN_PARTS = {f"{kind.media_type}.main+xml".encode(): kind for kind in (WORD, EXCEL, POWERPOINT)}
_BY_MEDIA_TYPE = {kind.media_type.encode(): kind for kind in (ODT, ODS)}


def identify(name: str, content: bytes) -> Identified:
    """Say what a file is. Raises RefusedFileError for one that may not belong to a page."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS:
        message = f"is of no kind that can be used here: save it as one of {', '.join(sorted(EXTENSIONS))}"
        raise RefusedFileError(message)
    if len(content) > LARGEST_FILE:
        message = f"is larger than {LARGEST_FILE // _MEGABYTE} MB: make it smaller"
        raise RefusedFileError(message)
    found = _identified(content, extension)
    if found is None or extension not in found.kind.extensions:
        is_it = f"is {found.kind.name} inside" if found else "is not what its name says, or is damaged"
        message = f"{is_it}: save it again as {extension}, or give it the ending of what it is"
        raise RefusedFileError(message)
    if found.kind.is_picture and not (found.width and found.height):
        message = "is a damaged picture: save it again"
        raise RefusedFileError(message)
    return found


def size_in_words(size: int) -> str:
    """Return a size as readers are told it: 240 kB, 1.2 MB."""
    return f"{max(1, round(size / 1_000))} kB" if size < _MEGABYTE else f"{size / _MEGABYTE:.1f} MB"


def _identified(content: bytes, extension: str) -> Identified | None:
    for start, measure in _PICTURES.items():
        if content.startswith(start):
            return measure(content)
    if content.startswith(b"%PDF-"):
        return Identified(PDF)
    if content.startswith(b"PK\x03\x04"):
        kind = _kind_of_archive(content)
        return Identified(kind) if kind else None
    if extension in CSV.extensions | TEXT.extensions and _is_text(content):
        return Identified(CSV if extension in CSV.extensions else TEXT)
    return None


def _is_text(content: bytes) -> bool:
    try:
        return not _CONTROL.search(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return False


def _png(content: bytes) -> Identified:
    is_whole = content[12:16] == b"IHDR" and len(content) >= 24  # noqa: PLR2004 - where the height ends
    return Identified(PNG, *(struct.unpack(">II", content[16:24]) if is_whole else (0, 0)))


def _gif(content: bytes) -> Identified:
    return Identified(GIF, *(struct.unpack("<HH", content[6:10]) if len(content) >= 10 else (0, 0)))  # noqa: PLR2004


def _jpeg(content: bytes) -> Identified:
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:  # noqa: PLR2004 - what a segment starts with
        if content[place + 1] in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return Identified(JPEG, width, height)
        place += 2 + max(2, int.from_bytes(content[place + 2 : place + 4], "big"))
    return Identified(JPEG)


def _webp(content: bytes) -> Identified | None:
    if content[8:12] != b"WEBP" or len(content) < 30:  # noqa: PLR2004 - where the measures end
        return None
    chunk = content[12:16]
    if chunk == b"VP8X":
        width, height = (1 + int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
        return Identified(WEBP, width, height)
    if chunk == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return Identified(WEBP, 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = (size & 0x3FFF for size in struct.unpack("<HH", content[26:30]))
    return Identified(WEBP, width, height) if chunk == b"VP8 " else None


_PICTURES: dict[bytes, Callable[[bytes], Identified | None]] = {
    b"\x89PNG\r\n\x1a\n": _png,
    b"\xff\xd8\xff": _jpeg,
    b"GIF87a": _gif,
    b"GIF89a": _gif,
    b"RIFF": _webp,
}


def _kind_of_archive(content: bytes) -> FileKind | None:
    """Say which kind of document an archive is: none for any other archive, and for one with macros."""
    if content.count(_ENTRY_OF_ARCHIVE) > MOST_ENTRIES:
        return None
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.lower().rpartition("/")[2].startswith("vbaproject") for name in names):
                return None
            if "[Content_Types].xml" in names:
                types = _entry(archive, "[Content_Types].xml")
                found = [kind for part, kind in _MAIN_PARTS.items() if part in types]
                return found[0] if len(found) == 1 and b"macroEnabled" not in types else None
            return _BY_MEDIA_TYPE.get(_entry(archive, "mimetype").strip()) if "mimetype" in names else None
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
        struct.error,
        zlib.error,
    ):
        # An archive that is damaged, encrypted or packed in a way that Python does not know.
        return None


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(LARGEST_ENTRY)
