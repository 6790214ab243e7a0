"""Turn a Word document into the text of a page: headings, lists, tables, links and pictures."""

import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from xml.parsers.expat import ExpatError

import mammoth
from lxml.etree import LxmlError

from knowledge_base.editing.draft_files import DraftFile
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.html_to_markdown import to_markdown
from knowledge_base.editing.uploads import prepare_upload
from knowledge_base.pages.file_kinds import RefusedFileError, identify

# A document that unpacks to more was made to fill memory.
LARGEST_UNPACKED = 60_000_000
# A hundred pages of Word have fewer. Empty paragraphs pack so well that a small file can have millions.
MOST_TAGS = 250_000
MOST_PICTURES = 25
_STARTS_AS_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<")
_LEFT_OUT = {
    b"<w:comment ": "comments",
    b"<w:del ": "what tracked changes deleted (what they added is in the text)",
    b"<w:oMath": "formulas",
}
STYLES = "p[style-name='Title'] => h1.title:fresh\np[style-name='Subtitle'] => p:fresh"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_DAMAGED = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    LxmlError,
    ExpatError,
    RecursionError,
)


@dataclass(frozen=True)
class WordDocument:
    """A document as read. `files` are its pictures; `left_out` says what a page cannot have."""

    title: str
    body: str
    files: tuple[DraftFile, ...]
    left_out: tuple[str, ...]


def read_word(name: str, content: bytes, *, files_url: str) -> WordDocument:
    """Read a document, whose pictures are to stand under `files_url`. Raises UploadRefusedError."""
    if not name.lower().endswith(".docx"):
        message = f"“{name}” is no Word document of today’s kind. Open it in Word and save it as .docx."
        raise UploadRefusedError(message)
    try:
        identify(name, content)
    except RefusedFileError as error:
        message = f"The file “{name}” {error}."
        raise UploadRefusedError(message) from error
    pictures = _Pictures(files_url)
    try:
        left_out = _look_through(name, content)
        made = mammoth.convert_to_html(
            BytesIO(content), style_map=STYLES, convert_image=mammoth.images.img_element(pictures.take)
        )
        page = to_markdown(made.value)
    # What is wrong inside a document comes out of the libraries in many forms, and all of them mean the same to people.
    except (*_DAMAGED, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        message = f"“{name}” cannot be read: open it in Word, save it again, and try once more."
        raise UploadRefusedError(message) from error
    title = page.title or " ".join(re.sub(r"[-_]+", " ", name.rpartition(".")[0]).split()).capitalize()
    return WordDocument(title, page.body, tuple(pictures.files), (*left_out, *pictures.left_out))


def _look_through(name: str, content: bytes) -> list[str]:
    """Raise UploadRefusedError for what was made to do harm. Says what else there is that a page cannot have."""
    left_out = []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        # Nothing more than an entry says is ever unpacked of it.
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            message = f"“{name}” is larger inside than a document can be: take its largest pictures out."
            raise UploadRefusedError(message)
        tags = 0
        for entry in archive.infolist():
            # What is XML shows by its beginning: Word finds its parts under any name.
            content = archive.read(entry).replace(b"\0", b"")
            if not _STARTS_AS_XML.match(content):
                continue
            if b"<!DOCTYPE" in content:
                message = f"“{name}” holds definitions that Word does not write, so it is not read."
                raise UploadRefusedError(message)
            tags += content.count(b"<")
            left_out += [words for sign, words in _LEFT_OUT.items() if sign in content]
        if tags > MOST_TAGS:
            message = f"“{name}” is longer than a page can be: split it into several documents."
            raise UploadRefusedError(message)
    return list(dict.fromkeys(left_out))


@dataclass
class _Pictures:
    url: str
    files: list[DraftFile] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def take(self, image: Any) -> dict[str, str]:  # noqa: ANN401 - mammoth has no types
        """Keep a picture and say where it is to be found; an empty address for one that cannot be used."""
        number = len(self.files) + len(self.left_out) + 1
        alt = " ".join((image.alt_text or "").split())
        extension = _EXTENSIONS.get(image.content_type, "")
        if not extension or len(self.files) >= MOST_PICTURES:
            self.left_out.append(f"picture {number}, which is of a kind that a page cannot show")
            return {"src": "", "alt": alt}
        try:
            with image.open() as opened:
                made = prepare_upload(f"picture-{number}.{extension}", opened.read(), alt=alt or "Not described yet")
        except UploadRefusedError:
            self.left_out.append(f"picture {number}, which is damaged or too large")
            return {"src": "", "alt": alt}
        # Left empty, the checks ask for it.
        self.files.append(replace(made, alt=alt))
        return {"src": f"{self.url}/{made.name}", "alt": alt}
