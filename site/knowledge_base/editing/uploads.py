"""Make a file that somebody uploads fit to go with a page: a known kind, a plain name, and no more than it shows."""

import re
import struct
import unicodedata
import zlib
from io import BytesIO
from pathlib import PurePath
from threading import Lock

from PIL import Image, ImageOps, UnidentifiedImageError

from knowledge_base.editing.draft_files import DraftFile
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.models import LONGEST_ALT, LONGEST_NAME
from knowledge_base.pages.file_kinds import GIF, JPEG, PNG, WEBP, FileKind, RefusedFileError, identify

WIDEST = 2_400
# A telephone makes as many. Of other kinds fewer fit into the same memory: a JPEG is read no larger than it is wanted.
MOST_PIXELS = {JPEG: 25_000_000}
MOST_PIXELS_ELSE = 16_000_000
# However many are sent at the same time: each takes up to 250 MB of memory.
_ONE_AT_A_TIME = Lock()
_FORMATS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP", GIF: "GIF"}
_DAMAGED = (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, TypeError, EOFError)


def prepare_upload(name: str, content: bytes, *, alt: str) -> DraftFile:
    """Return the file as it may go with a page. Raises UploadRefusedError.

    A picture is made anew from its pixels, so that nothing else is left of what the camera wrote: places, names, dates.
    """
    name, alt = plain_name(name), " ".join(alt.split())
    try:
        found = identify(name, content)
    except RefusedFileError as error:
        message = f"The file “{name}” {error}."
        raise UploadRefusedError(message) from error
    if not found.kind.is_picture:
        return DraftFile(name, found.kind.media_type, content, alt[:LONGEST_ALT])
    alt = checked_alt(name, alt)
    if found.width * found.height > (most := MOST_PIXELS.get(found.kind, MOST_PIXELS_ELSE)):
        message = f"The picture “{name}” has more than {most // 1_000_000} million pixels: make it smaller."
        raise UploadRefusedError(message)
    return DraftFile(name, found.kind.media_type, _without_metadata(name, content, found.kind), alt)


def checked_alt(name: str, alt: str) -> str:
    """Return what a picture shows on one line. Raises UploadRefusedError where nothing is said, or too much."""
    alt = " ".join(alt.split())
    if not alt:
        message = f"Say what the picture “{name}” shows, for whoever does not see it."
        raise UploadRefusedError(message)
    if len(alt) > LONGEST_ALT:
        message = f"Say what the picture shows in {LONGEST_ALT} characters or fewer. The rest belongs into the text."
        raise UploadRefusedError(message)
    return alt


def plain_name(name: str) -> str:
    """Return a name with lower-case letters, digits and hyphens only, and its ending."""
    stem, _, extension = PurePath(name.replace("\\", "/")).name.rpartition(".")
    words = unicodedata.normalize("NFKD", stem or "file").encode("ascii", "ignore").decode().lower()
    plain = "-".join(re.findall(r"[a-z0-9]+", words)) or "file"
    ending = "".join(re.findall(r"[a-z0-9]+", extension.lower()))[:5]
    return f"{plain[: LONGEST_NAME - 10].strip('-')}.{ending}"


def _without_metadata(name: str, content: bytes, kind: FileKind) -> bytes:
    try:
        with _ONE_AT_A_TIME, Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as picture:
            # Both measures are what the file says of itself, and both are bounded before a pixel is read.
            if picture.width * picture.height > MOST_PIXELS.get(kind, MOST_PIXELS_ELSE):
                raise ValueError(name)
            return _written(picture, kind)
    except (*_DAMAGED, struct.error, zlib.error, MemoryError, KeyError, IndexError) as error:
        message = f"The picture “{name}” is damaged, or of a form that cannot be used: save it again."
        raise UploadRefusedError(message) from error


def _written(picture: Image.Image, kind: FileKind) -> bytes:
    # A JPEG is read no larger than that takes; other kinds know no such thing.
    picture.draft(None, (WIDEST, WIDEST))
    picture.thumbnail((WIDEST, WIDEST), reducing_gap=None)
    # What a camera was turned by is metadata too, so the pixels are turned instead.
    turned = ImageOps.exif_transpose(picture)
    if kind is JPEG and turned.mode not in {"RGB", "L"}:
        turned = turned.convert("RGB")
    bare = Image.new(turned.mode, turned.size)
    if palette := turned.getpalette():
        bare.putpalette(palette)
    bare.paste(turned)
    options: dict[str, object] = {"transparency": turned.info["transparency"]} if "transparency" in turned.info else {}
    if kind in {JPEG, WEBP}:
        options = {"quality": 88}
    written = BytesIO()
    bare.save(written, format=_FORMATS[kind], **options)
    return written.getvalue()
