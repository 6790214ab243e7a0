import codecs
import secrets
import zlib
from base64 import b64encode

import pytest

from knowledge_base.accounts.csv_file import MOST_BYTES, MOST_LINES, FileRefusedError, Line, read_file, unpack

TWO = "email,name,groups,roles\nsam@example.gov.uk,Sam Poe,staff leads,editor\nkim@example.gov.uk,Kim,,\n"
SAM = Line(2, "sam@example.gov.uk", "Sam Poe", ("leads", "staff"), ("editor",))
KIM = Line(3, "kim@example.gov.uk", "Kim", (), ())


def lines_of(text: str) -> tuple[Line, ...]:
    return read_file("people.csv", text.encode()).lines


@pytest.mark.parametrize(
    "content",
    [
        TWO.encode(),
        codecs.BOM_UTF8 + TWO.encode(),
        TWO.replace("\n", "\r\n").encode(),
        TWO.replace(",", ";").encode(),
        TWO.replace(",", "\t").encode(),
        TWO.replace("staff leads", '"staff, leads"').encode(),
        TWO.replace("staff leads", "staff|leads").encode(),
        TWO.replace("email,name", "E-mail address, Full name").encode(),
    ],
    ids=["plain", "with a BOM", "Windows", "semicolons", "tabs", "quoted", "bars", "other headings"],
)
def test_reads_what_spreadsheets_write(content: bytes) -> None:
    assert read_file("people.csv", content).lines == (SAM, KIM)


def test_letters_beyond_ascii_are_kept() -> None:
    assert lines_of("email,name\nz@example.gov.uk,Zoë Ångström\n")[0].name == "Zoë Ångström"


def test_a_column_that_is_left_out_is_not_an_empty_one() -> None:
    (line,) = lines_of("email\nsam@example.gov.uk\n")

    assert (line.name, line.groups, line.roles) == (None, None, None)


def test_empty_lines_are_skipped_and_the_others_keep_their_numbers() -> None:
    lines = lines_of("\nemail,name\n\n,\nsam@example.gov.uk,Sam\n")

    assert [(line.number, line.email) for line in lines] == [(5, "sam@example.gov.uk")]


def test_a_cell_may_have_several_lines() -> None:
    lines = lines_of('email,groups\nsam@example.gov.uk,"staff\nleads"\nkim@example.gov.uk,staff\n')

    assert [(line.number, line.groups) for line in lines] == [(2, ("leads", "staff")), (4, ("staff",))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TWO.encode("utf-16"), "not UTF-8"),
        ("email,name\nz@example.gov.uk,Zoë\n".encode("latin-1"), "not UTF-8"),
        (b"", "first line must name the columns"),
        (b"name,groups\nSam,staff\n", "“email” must be one of them"),
        (b"email,gruops\nsam@example.gov.uk,staff\n", "“gruops” is not a column"),
        (b"email,,name\nsam@example.gov.uk,,Sam\n", "“” is not a column"),
        (b"email,e-mail\na@b.c,a@b.c\n", "twice"),
        (b"email,name\n\n", "no people in it"),
        (b'email,name\nsam@example.gov.uk,"Sam\nkim@example.gov.uk,Kim\n', "Line 2 cannot be read"),
        (b'email,name\na@b.c,A\nsam@example.gov.uk,"Sam" Poe\n', "Line 3 cannot be read"),
        (b"email,name\nsam@example.gov.uk," + b"x" * 200_000, "Line 2 cannot be read"),
        (b"email\n" + b"sam@example.gov.uk\n" * (MOST_LINES + 1), "too long"),
        (b"email\n" + b"s" * MOST_BYTES, "smaller than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, message: str) -> None:
    with pytest.raises(FileRefusedError, match=message):
        read_file("people.csv", content)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("sam@example.gov.uk,Sam,staff", "It has 3 cells, and the headings have 2"),
        ("sam@example.gov.uk", "It has 1 cells"),
        ("=1+1@example.gov.uk,Sam", "begins with ="),
        ("sam@example.gov.uk,+Sam", "begins with \\+"),
        ("sam@example.gov.uk,-Sam", "begins with -"),
        ("sam@example.gov.uk,  @SUM(A1)", "begins with @"),
        ("sam@example.gov.uk,\uff1dSam", "begins with \uff1d"),
        ("sam@example.gov.uk," + "x" * 1_001, "more than 1,000 characters"),
    ],
)
def test_a_line_that_cannot_be_used_says_why_and_spares_the_others(cells: str, fault: str) -> None:
    bad, good = lines_of(f"email,name\n{cells}\nkim@example.gov.uk,Kim\n")

    assert fault.replace("\\", "") in bad.fault
    assert good == Line(3, "kim@example.gov.uk", "Kim")


def test_a_huge_address_of_a_refused_line_is_cut() -> None:
    (line,) = lines_of("email\n" + "x" * 5_000 + "\n")

    assert len(line.email) == 81


def test_the_file_comes_back_from_a_form_as_it_was() -> None:
    file = read_file("people.csv", codecs.BOM_UTF8 + TWO.encode())

    assert unpack(file.name, file.pack()) == file


@pytest.mark.parametrize(
    "packed",
    ["", "no base64!", b64encode(b"not compressed").decode(), b64encode(zlib.compress(b"\xff")).decode()],
)
def test_what_is_no_file_is_refused(packed: str) -> None:
    with pytest.raises(FileRefusedError):
        unpack("people.csv", packed)


def test_a_small_parcel_does_not_unpack_to_a_huge_file() -> None:
    bomb = b64encode(zlib.compress(b"email\n" + b"\n" * 50_000_000)).decode()

    with pytest.raises(FileRefusedError, match="smaller than 1 MB"):
        unpack("people.csv", bomb)


def test_a_file_that_is_too_long_is_not_read_to_its_end() -> None:
    text = "email\n" + "sam@example.gov.uk\n" * 600 + '"a quotation mark that is not closed'

    with pytest.raises(FileRefusedError, match="at most 500 people"):
        read_file("people.csv", text.encode())


def test_a_file_that_a_form_could_not_hold_is_too_long() -> None:
    cells = [
        f"p{number}@example.gov.uk,{secrets.token_urlsafe(650)},{secrets.token_urlsafe(650)}" for number in range(490)
    ]

    with pytest.raises(FileRefusedError, match="too long"):
        read_file("people.csv", "\n".join(["email,name,groups", *cells]).encode())


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("C:\\people\\list.csv", "list.csv"),
        ("../../list.csv", "list.csv"),
        ("", "without a name"),
        ("x" * 300, 81),
        ("a\0b\n\u202e.csv", "ab.csv"),
        ("\0", "without a name"),
    ],
)
def test_only_the_last_part_of_a_file_name_is_kept(sent: str, shown: str | int) -> None:
    name = read_file(sent, TWO.encode()).name

    assert (len(name) if isinstance(shown, int) else name) == shown
