"""Built assets: names that change with the content, kept for a year."""

import pytest
from flask.testing import FlaskClient

from knowledge_base.web.assets import asset_url


@pytest.mark.parametrize(
    ("name", "kind"), [("site.css", "text/css"), ("site.js", "javascript"), ("favicon.svg", "svg")]
)
def test_an_asset_is_kept_for_a_year(anonymous: FlaskClient, name: str, kind: str) -> None:
    with anonymous.get(asset_url(name)) as answer:
        assert answer.status_code == 200
        assert kind in answer.content_type
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_name_of_an_asset_holds_a_hash_of_its_content() -> None:
    stem, _, suffix = asset_url("site.css").rpartition(".")

    assert suffix == "css"
    assert len(stem.rpartition("-")[2]) >= 8


@pytest.mark.parametrize("path", ["../app.py", "..%2fapp.py", "/etc/passwd", "%2e%2e/app.py"])
def test_nothing_but_assets_is_sent(anonymous: FlaskClient, path: str) -> None:
    assert anonymous.get(f"/static/{path}").status_code in {303, 308, 404}
