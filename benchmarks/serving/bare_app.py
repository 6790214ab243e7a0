"""A Flask application that does nothing but fill a template: what a page costs at the least."""

import os
from pathlib import Path

from flask import Flask, abort, render_template
from markupsafe import Markup

_FOLDER = Path(os.environ["BARE_FLASK_PAGES"])
_PAGES = {path.stem: path.read_text(encoding="utf-8") for path in _FOLDER.glob("*.html")}
_AREAS = tuple((f"/area-{number}", f"Area {number}") for number in range(12))

app = Flask(__name__, template_folder=str(Path(__file__).parent / "templates"))


@app.get("/<name>")
def show(name: str) -> str:
    """Show a page that is at hand."""
    if name not in _PAGES:
        abort(404)
    links = [(f"/{other}", f"Page {other}") for other in list(_PAGES)[:20]]
    body = Markup(_PAGES[name])  # noqa: S704 - the benchmark's own text
    return render_template("bare.html", title=f"Page {name}", areas=_AREAS, links=links, body=body)
