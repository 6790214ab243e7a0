"""Every template compiles, names only what exists, and shows nothing unescaped that was not made safe before."""

import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from knowledge_base.settings import ROOT
from knowledge_base.web.assets import STATIC
from knowledge_base.web.templating import UndefinedName

TEMPLATES = ROOT / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())
SCRIPT_OR_STYLE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\s(?:style|on[a-z]+)=[\"']|javascript:", re.IGNORECASE)

# The modules that may say that a string is HTML already, and why it is.
MAKERS_OF_MARKUP = {
    "approval/review.py": "the title and summary of a page, escaped, before its sanitised body",
    "comparison/stretches.py": "marks what changed between two texts that pages/markdown.py has sanitised",
    "history/past.py": "the body of an older version, sanitised by pages/markdown.py",
    "history/seeing.py": "only names the type of what history/past.py made",
    "editing/preview.py": "the page's body, sanitised by pages/markdown.py, with the draft's files in it",
    "pages/page_view.py": "the page's body, sanitised by pages/markdown.py",
    "search/excerpts.py": "escapes the text between the marks it adds",
    "search/results.py": "only names the type of what search/excerpts.py made",
}


@pytest.fixture
def environment(app: Flask) -> Environment:
    return app.jinja_env


def test_templates_compile_and_refuse_undefined_names(environment: Environment) -> None:
    compiled = [environment.get_template(name).name for name in NAMES]

    assert compiled == NAMES
    assert "layout.html" in NAMES
    assert environment.undefined is UndefinedName


def test_templates_import_only_macros_that_exist(environment: Environment) -> None:
    imports = [(name, path, macro) for name in NAMES for path, macro in imports_of(environment, name)]

    missing = [found for found in imports if not hasattr(environment.get_template(found[1]).module, found[2])]

    assert imports
    assert missing == []


def test_templates_link_only_to_routes_that_exist(app: Flask, environment: Environment) -> None:
    wanted = {endpoint for name in NAMES for endpoint in arguments_of(environment, name, "url_for")}

    assert wanted
    assert wanted - set(app.view_functions) == set()


def test_templates_use_only_assets_that_are_built(environment: Environment) -> None:
    built = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))

    wanted = {asset for name in NAMES for asset in arguments_of(environment, name, "asset_url")}

    assert wanted
    assert wanted - set(built) == set()


def test_templates_escape_everything(app: Flask, environment: Environment) -> None:
    trees = {name: parse(environment, name) for name in NAMES}
    filters = {name: {found.name for found in tree.find_all(nodes.Filter)} for name, tree in trees.items()}

    unescaped = [name for name in NAMES if not app.select_jinja_autoescape(name)]
    trusting = [name for name in NAMES if "safe" in filters[name]]
    switching = [name for name, tree in trees.items() if any(tree.find_all(nodes.ScopedEvalContextModifier))]

    assert (unescaped, trusting, switching) == ([], [], [])


def test_templates_have_no_script_or_style_of_their_own() -> None:
    found = {name: SCRIPT_OR_STYLE.findall((TEMPLATES / name).read_text(encoding="utf-8")) for name in NAMES}

    assert {name: matches for name, matches in found.items() if matches} == {}


def test_only_the_modules_that_sanitise_or_escape_make_markup() -> None:
    package = ROOT / "site" / "knowledge_base"

    makers = {
        str(path.relative_to(package)) for path in package.rglob("*.py") if "Markup" in path.read_text(encoding="utf-8")
    }

    assert makers == set(MAKERS_OF_MARKUP)


def parse(environment: Environment, name: str) -> nodes.Template:
    return environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))


def imports_of(environment: Environment, name: str) -> Iterator[tuple[str, str]]:
    """Yield the template and the name of each macro that a template imports."""
    for found in parse(environment, name).find_all(nodes.FromImport):
        assert isinstance(found.template, nodes.Const)
        for macro in found.names:
            yield str(found.template.value), macro[0] if isinstance(macro, tuple) else macro


def arguments_of(environment: Environment, name: str, function: str) -> Iterator[str]:
    """Yield the first argument of each call of a function, where it is a constant."""
    for call in parse(environment, name).find_all(nodes.Call):
        is_wanted = isinstance(call.node, nodes.Name) and call.node.name == function
        if is_wanted and call.args and isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value)
