"""Small files of every kind that may belong to a page, as the programs that make them would write them."""

import struct
import zipfile
import zlib
from io import BytesIO

_OFFICE = "application/vnd.openxmlformats-officedocument"


def png(width: int, height: int) -> bytes:
    """Return a picture of one colour that browsers show."""
    rows = b"".join(b"\0" + b"\x1d\x70\xb8" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00;"


def jpeg(width: int, height: int) -> bytes:
    """Return the segments up to the frame, with one before it that is skipped."""
    frame = struct.pack(">BHH", 8, height, width) + b"\x01\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x06JFIF\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def webp(kind: bytes, width: int, height: int) -> bytes:
    if kind == b"VP8X":
        measures = b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        measures = b"\x2f" + (width - 1 | height - 1 << 14).to_bytes(4, "little")
    else:
        measures = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return b"RIFF\x1a\0\0\0WEBP" + kind + b"\x0a\0\0\0" + measures.ljust(16, b"\0")


def archive_of(entries: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return made.getvalue()


def office(kind: str, *, main: str = "main+xml", more: dict[str, bytes] | None = None) -> bytes:
    """Return a document of Microsoft Office: `wordprocessingml.document`, `spreadsheetml.sheet`, …"""
    types = f'<Types><Override PartName="/x.xml" ContentType="{_OFFICE}.{kind}.{main}"/></Types>'
    return archive_of({"[Content_Types].xml": types.encode(), "x.xml": b"<x/>", **(more or {})})


def docx() -> bytes:
    return office("wordprocessingml.document")


def open_document(kind: str) -> bytes:
    return archive_of({"mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(), "content.xml": b"<x/>"})
