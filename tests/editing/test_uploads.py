"""Files that go with a page: checked by their content, rid of what cameras write, seen by their author alone."""

from io import BytesIO
from itertools import product

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from knowledge_base.editing.draft_files import DraftFile
from knowledge_base.editing.drafts import find_draft
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.uploads import plain_name, prepare_upload
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.editing.conftest import fields_of, save, send
from tests.pages.files_of_pages import png

PAGE = "referral/share"
SECRET = b"51.5034,-0.1276 Jane's phone"


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    """Return a picture, its left half dark and its right half light, with a camera's notes in it."""
    image = Image.new("RGB", size, "white")
    image.paste("black", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    if "orientation" in options:
        exif[0x0112] = options.pop("orientation")
    written = BytesIO()
    image.convert(mode).save(written, kind, exif=exif, comment=SECRET, **options)
    return written.getvalue()


def content_of(file: DraftFile) -> bytes:
    assert file.content is not None
    return file.content


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *product(["PNG", "WEBP"], ["RGB", "RGBA"]),
        ("PNG", "P"),
        ("PNG", "L"),
        ("GIF", "P"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
    ],
)
def test_nothing_but_the_pixels_is_left_of_a_picture(kind: str, mode: str) -> None:
    content = picture(kind, mode)
    assert SECRET in content

    file = prepare_upload(f"IMG 1.{kind.lower()}", content, alt="Two halves")

    assert SECRET not in content_of(file)
    with Image.open(BytesIO(content_of(file))) as seen:
        assert (seen.format, seen.size) == (kind, (40, 20))
        assert not seen.getexif()
        left, right = (seen.convert("L").getpixel(at) for at in ((2, 10), (38, 10)))
    assert isinstance(left, int)
    assert isinstance(right, int)
    assert left < 30
    assert right > 220


def test_a_turned_picture_is_shown_upright() -> None:
    file = prepare_upload("a.jpg", picture("JPEG", orientation=6), alt="Two halves")

    with Image.open(BytesIO(content_of(file))) as seen:
        assert seen.size == (20, 40)


def test_what_is_see_through_stays_so() -> None:
    image = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    written = BytesIO()
    image.save(written, "PNG")

    file = prepare_upload("a.png", written.getvalue(), alt="Nothing")

    with Image.open(BytesIO(content_of(file))) as seen:
        assert seen.convert("RGBA").getpixel((5, 5)) == (255, 0, 0, 0)


def test_a_large_picture_is_made_smaller() -> None:
    file = prepare_upload("a.png", png(5000, 10), alt="A line")

    with Image.open(BytesIO(content_of(file))) as seen:
        assert seen.width == 2400


def test_a_large_photograph_is_made_smaller_and_upright() -> None:
    file = prepare_upload("a.jpg", picture("JPEG", size=(5600, 4200), orientation=6), alt="Two halves")

    with Image.open(BytesIO(content_of(file))) as seen:
        assert seen.size == (1800, 2400)
        assert seen.convert("L").getpixel((900, 100)) in range(30)


@pytest.mark.parametrize(("kind", "size", "most"), [("JPEG", (5001, 5000), 25), ("PNG", (4001, 4000), 16)])
def test_a_picture_has_no_more_pixels_than_fit_into_memory(kind: str, size: tuple[int, int], most: int) -> None:
    with pytest.raises(UploadRefusedError, match=f"more than {most} million pixels"):
        prepare_upload(f"a.{kind.lower()}", picture(kind, "L", size), alt="x")


@pytest.mark.parametrize(
    ("name", "content", "alt", "reason"),
    [
        ("a.png", png(1, 1), " ", "Say what the picture"),
        ("a.png", png(1, 1), "x" * 501, "500 characters or fewer"),
        ("a.png", png(1, 1)[:40], "x", "damaged"),
        ("a.jpg", png(1, 1), "x", "is PNG picture inside"),
        ("a.svg", b"<svg/>", "x", "of no kind"),
        ("a.html", b"<p>", "x", "of no kind"),
        ("a", b"x", "x", "of no kind"),
        ("a.pdf", b"no pdf", "x", "not what its name says"),
        ("a.png", png(1, 1).replace(b"\0\0\0\x01\0\0\0\x01", b"\0\0\xff\xff\0\0\xff\xff"), "x", "million pixels"),
        ("a.txt", b"x" * 10_000_001, "x", "larger than 10 MB"),
    ],
)
def test_what_cannot_go_with_a_page_is_refused_with_a_reason(name: str, content: bytes, alt: str, reason: str) -> None:
    with pytest.raises(UploadRefusedError, match=reason):
        prepare_upload(name, content, alt=alt)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Élan & Co (final).PDF", "elan-co-final.pdf"),
        ("C:\\photos\\IMG_1.JPG", "img-1.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("日本.png", "file.png"),
        (f"{'a' * 300}.png", f"{'a' * 90}.png"),
    ],
)
def test_a_name_is_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def upload(browser: FlaskClient, name: str, content: bytes, alt: str = "", **changes: str) -> TestResponse:
    fields = {**fields_of(browser.get(f"/edit/{PAGE}").text), **changes}
    data = {**fields, "alt": alt, "file": (BytesIO(content), name)}
    return browser.post(f"/edit/{PAGE}/files", data=data)


def test_a_picture_goes_live_with_its_page(
    janes: FlaskClient, pats: FlaskClient, jane: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    added = upload(janes, "The Hall.png", png(8, 8), "The hall", **{"kb-body": "## When {#when}\n\nTyped before."})
    assert added.status_code == 303
    shown = janes.get(f"/edit/{PAGE}").text
    assert "![The hall](/files/referral/share/the-hall.png)" in shown
    assert "Typed before." in fields_of(shown)["kb-body"]
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    address = f"/drafts/{draft.id}/files/the-hall.png"
    assert janes.get(address).mimetype == "image/png"
    assert "sandbox" in janes.get(address).headers["Content-Security-Policy"]
    assert pats.get(address).status_code == 404
    assert anonymous.get("/files/referral/share/the-hall.png").status_code == 404

    body = "## When {#when}\n\n![The hall](/files/referral/share/the-hall.png)"
    answer = save(janes, PAGE, {"body": body}, then="publish")
    assert f'src="{address}"' in janes.get(f"/edit/{PAGE}").text
    assert send(janes, answer.location, note="Show the hall").status_code == 303

    assert anonymous.get("/files/referral/share/the-hall.png").status_code == 200
    assert 'src="/files/referral/share/the-hall.png"' in anonymous.get("/referral/share").text


def test_a_file_is_taken_away_again(janes: FlaskClient) -> None:
    upload(janes, "list.csv", b"a,b\n")
    assert "list.csv" in janes.get(f"/edit/{PAGE}").text
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)

    janes.post(f"/edit/{PAGE}/files", data={**fields, "remove": "list.csv"})

    assert "list.csv" not in janes.get(f"/edit/{PAGE}").text


def test_a_refused_file_says_why_and_the_text_is_saved(janes: FlaskClient) -> None:
    answer = upload(janes, "a.svg", b"<svg/>", **{"kb-body": "Typed before."})
    empty = janes.post(f"/edit/{PAGE}/files", data=fields_of(answer.text))

    assert answer.status_code == 422
    assert "is of no kind that can be used here" in answer.text
    assert fields_of(answer.text)["kb-body"] == "Typed before."
    assert "Choose a file first." in empty.text


def test_a_file_that_is_far_too_large_is_explained(janes: FlaskClient) -> None:
    content_type = "multipart/form-data; boundary=x"
    answer = janes.post(f"/edit/{PAGE}/files", data=b"x" * 50_000_001, content_type=content_type)

    assert answer.status_code == 413
    assert "A file can have 10 MB" in answer.text


def test_a_script_is_given_what_to_write(janes: FlaskClient) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    data = {"csrf_token": fields["csrf_token"], "alt": "The [new] form", "file": (BytesIO(b"%PDF-1.7"), "Form.pdf")}

    answer = janes.post(f"/edit/{PAGE}/files", data=data, headers={"Accept": "application/json"})

    assert answer.json
    assert answer.json["name"] == "form.pdf"
    assert answer.json["markdown"] == "[The (new) form](/files/referral/share/form.pdf)"
    assert "form.pdf (opens in a new tab)" in answer.json["files"]
