"""The promises of docs/architecture.md that import-linter cannot check."""

import ast
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.settings import ROOT

PACKAGE = ROOT / "site" / "knowledge_base"
MODULES = sorted(PACKAGE.rglob("*.py"))
CAPABILITIES = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

WEB_FRAMEWORK = {"flask", "flask_login", "flask_wtf", "govuk_frontend_wtf", "werkzeug", "wtforms"}
MODULES_THAT_KNOW_THE_WEB = {"app", "cli", "commands", "forms", "guards", "routes"}
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "lib", "manager", "managers", "misc", "util", "utils"}
LONGEST_MODULE = 250
LONGEST_TEST_MODULE = 400


def test_the_web_framework_stays_in_the_outer_modules() -> None:
    inner = [
        path
        for path in MODULES
        # Where a capability has many pages, each kind has a module of its own, as in `sign_in_routes.py`.
        if path.stem.rpartition("_")[2] not in MODULES_THAT_KNOW_THE_WEB and path.parent.name != "web"
    ]

    leaks = {str(path.relative_to(PACKAGE)): WEB_FRAMEWORK.intersection(imports_of(path)) for path in inner}

    assert inner
    assert {path: names for path, names in leaks.items() if names} == {}


def test_no_folder_or_module_has_a_name_that_says_nothing() -> None:
    paths = [path for top in ("site", "templates", "tests", "assets", "script") for path in (ROOT / top).rglob("*")]

    meaningless = [str(path.relative_to(ROOT)) for path in paths if path.stem.lstrip("_") in NAMES_THAT_SAY_NOTHING]

    assert paths
    assert meaningless == []


def test_modules_are_short_enough_to_read_in_one_sitting() -> None:
    limits = dict.fromkeys(MODULES, LONGEST_MODULE) | dict.fromkeys((ROOT / "tests").rglob("*.py"), LONGEST_TEST_MODULE)

    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in limits}

    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > limits[path]} == {}


def test_templates_and_tests_have_the_folders_of_the_capabilities() -> None:
    templates = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    tests = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert templates - CAPABILITIES == {"errors", "macros"}
    assert tests - CAPABILITIES == {"benchmarks", "faults", "journeys", "rules"}


def test_site_is_a_source_root_that_git_keeps() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()

    assert not (ROOT / "site" / "__init__.py").exists()
    assert {"/site", "/site/", "site", "site/"}.isdisjoint(ignored)


def imports_of(path: Path) -> Iterator[str]:
    """Yield the top-level package of each import, wherever in the module it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
