import pytest
from flask.testing import FlaskClient

from tests.conftest import SignedIn
from tests.content_folder import ContentFolder


@pytest.mark.parametrize("path", ["/%00", "/drafts/published/%00", "/moved/%00", "/static/%00"])
def test_no_page_has_one_in_its_address(signed_in: SignedIn, path: str) -> None:
    editor = signed_in("staff", roles=["editor"])

    assert editor.get(path).status_code == 404


def test_a_question_with_one_is_refused(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("index")

    answer = anonymous.get("/search?q=sh%00are")

    assert answer.status_code == 400
    assert "<h1" in answer.text


@pytest.mark.parametrize("fields", [{"email": "a\0b"}, {"a\0b": ""}])
def test_a_form_with_one_is_refused(anonymous: FlaskClient, fields: dict[str, str]) -> None:
    assert anonymous.post("/login", data=fields).status_code == 400
