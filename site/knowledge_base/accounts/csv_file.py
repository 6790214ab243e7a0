"""The file of people that an administrator uploads, read line by line: what it says, and what it cannot mean."""

import binascii
import csv
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from knowledge_base.accounts.errors import AccountsError
from knowledge_base.audit.export import FORMULA_SIGNS

MOST_BYTES = 1_000_000
MOST_LINES = 500
LONGEST_CELL = 1_000
LONGEST_SHOWN = 80
# What a form may hold besides a file is limited, and the page of the dry run sends the text back.
LONGEST_PACKED = 400_000
COLUMNS: Mapping[str, str] = {
    "email": "email",
    "e-mail": "email",
    "email address": "email",
    "e-mail address": "email",
    "name": "name",
    "full name": "name",
    "group": "groups",
    "groups": "groups",
    "role": "roles",
    "roles": "roles",
}
BETWEEN_NAMES = re.compile(r"[\s,;|]+")


class FileRefusedError(AccountsError):
    """An uploaded file cannot be read as a table of people, so nothing of it is used."""


@dataclass(frozen=True)
class Line:
    """A line of the file. What is None stands in no column, and is left as it is. `fault` says why it is refused."""

    number: int
    email: str
    name: str | None = None
    groups: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    fault: str = ""


@dataclass(frozen=True)
class PeopleFile:
    """An uploaded file: what it is called, its text, and its lines below the headings."""

    name: str
    text: str
    lines: tuple[Line, ...]

    def pack(self) -> str:
        """Return the text so that a form can hold it, between the dry run and the confirmation."""
        return b64encode(zlib.compress(self.text.encode())).decode()


def read_file(name: str, content: bytes) -> PeopleFile:
    """Read an uploaded file. Raises FileRefusedError."""
    if len(content) > MOST_BYTES:
        message = "The file must be smaller than 1 MB"
        raise FileRefusedError(message)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "The file is not UTF-8 text. In Excel, save it as “CSV UTF-8 (Comma delimited)”"
        raise FileRefusedError(message) from error
    file = PeopleFile(_tidy_name(name), text, tuple(islice(_lines(text), MOST_LINES + 1)))
    if not file.lines:
        message = "The file has no people in it: below the headings every line is empty"
        raise FileRefusedError(message)
    if len(file.lines) > MOST_LINES or len(file.pack()) > LONGEST_PACKED:
        message = f"The file is too long. Split it into files of at most {MOST_LINES} people"
        raise FileRefusedError(message)
    return file


def unpack(name: str, packed: str) -> PeopleFile:
    """Return the file that was packed. Raises FileRefusedError for anything else."""
    try:
        content = zlib.decompressobj().decompress(b64decode(packed, validate=True), MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        message = "What this page was to send back has been damaged. Choose the file again"
        raise FileRefusedError(message) from error
    return read_file(name, content)


def _lines(text: str) -> Iterator[Line]:
    rows = _rows(text)
    columns = _columns(next((cells for _, cells in rows), []))
    for number, cells in rows:
        yield _line(number, columns, cells)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row that is not empty, with the number of the line it begins on."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text), strict=True)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1
    except csv.Error as error:
        message = (
            f"Line {number} cannot be read. Look for a quotation mark that is not closed, or a cell that is very long"
        )
        raise FileRefusedError(message) from error


def _delimiter(text: str) -> str:
    """Return what stands between cells: Excel writes semicolons where the decimal sign is a comma."""
    headings = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=headings.count)


def _columns(headings: list[str]) -> list[str]:
    """Return what each column holds. One that is misspelt is an error: its people would be invited without it."""
    columns = [COLUMNS.get(heading.casefold(), "") for heading in headings]
    unknown = [heading for heading, column in zip(headings, columns, strict=True) if not column]
    if "email" not in columns:
        message = "The first line must name the columns, and “email” must be one of them"
    elif unknown:
        message = f"“{cut(unknown[0])}” is not a column. Use email, name, groups and roles"
    elif len(set(columns)) < len(columns):
        message = "A column is there twice. Use each of email, name, groups and roles once"
    else:
        return columns
    raise FileRefusedError(message)


def _line(number: int, columns: list[str], cells: list[str]) -> Line:
    values = dict(zip(columns, cells, strict=False))
    email = values.get("email", "")
    fault = _fault(columns, cells)
    if fault:
        return Line(number, cut(email), fault=fault)
    return Line(
        number,
        email,
        name=values.get("name"),
        groups=_names(values.get("groups")),
        roles=_names(values.get("roles")),
    )


def _fault(columns: list[str], cells: list[str]) -> str:
    if len(cells) != len(columns):
        return (
            f"It has {len(cells)} cells, and the headings have {len(columns)}. Put quotation marks around a cell that "
            "holds commas"
        )
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > LONGEST_CELL:
            return f"The cell “{column}” has more than {LONGEST_CELL:,} characters"
        if cell.startswith(FORMULA_SIGNS):
            return f"The cell “{column}” begins with {cell[0]}, which a spreadsheet takes for a formula"
    return ""


def _names(cell: str | None) -> tuple[str, ...] | None:
    return None if cell is None else tuple(sorted({name for name in BETWEEN_NAMES.split(cell) if name}))


def cut(text: str) -> str:
    """Return enough of a text to see which one is meant."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _tidy_name(name: str) -> str:
    printable = "".join(sign for sign in re.split(r"[/\\]", name)[-1] if sign.isprintable())
    return cut(printable.strip()) or "without a name"
