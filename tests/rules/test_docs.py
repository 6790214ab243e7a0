"""The documentation is true: every setting, command, address and key stands in it, and its links lead somewhere."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask

from knowledge_base.pages.page import PageMeta
from knowledge_base.settings import ROOT

README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SETTING = re.compile(r"\b(?:KB_[A-Z_]+|HOST|PORT)\b")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")


def test_readme_lists_the_settings_and_no_others() -> None:
    scripts = [ROOT / "script" / name for name in ("server", "test", "with-postgresql")]
    package = ROOT / "site" / "knowledge_base"
    sources = [package / "settings.py", package / "telemetry" / "settings.py", *scripts]

    read = {name for path in sources for name in SETTING.findall(text_of(path))}
    listed = set(SETTING.findall(text_of(README)))

    assert read
    assert read ^ listed == set()


def test_docs_name_every_command(app: Flask) -> None:
    documentation = everything()
    commands = list(leaves(app.cli))

    missing = [command for command in commands if command not in documentation]

    assert "users create" in commands
    assert missing == []


def test_docs_name_every_address(app: Flask) -> None:
    documentation = everything()
    addresses = {rule.rule for rule in app.url_map.iter_rules() if not rule.arguments}

    missing = {one for one in addresses if not re.search(rf"(?<!\w){re.escape(one)}(?![\w/-])", documentation)}

    assert "/api/search" in addresses
    assert missing == set()


def test_the_writing_guide_explains_every_key_of_the_front_matter() -> None:
    keys = {field.name for field in dataclasses.fields(PageMeta)}

    missing = {key for key in keys if not re.search(rf"`{key}\b", text_of(ROOT / "docs" / "writing.md"))}

    assert missing == set()


def test_links_within_the_docs_lead_to_files() -> None:
    links = [(path, link) for path in DOCUMENTS for link in local_links(text_of(path))]

    broken = [(path.name, link) for path, link in links if not (path.parent / link.partition("#")[0]).exists()]

    assert links
    assert broken == []


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def everything() -> str:
    return "\n".join(text_of(path) for path in DOCUMENTS)


def leaves(group: click.Group, prefix: str = "") -> Iterator[str]:
    """Yield the words that call each command, as in `users create`."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def local_links(text: str) -> Iterator[str]:
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    for markdown, html in LINK.findall(prose):
        link = markdown or html
        if not re.match(r"[a-z]+:|#|/", link):
            yield link


def test_readme_shows_every_picture() -> None:
    pictures = {path.name for path in (ROOT / "docs" / "screenshots").glob("*.png")}

    shown = set(re.findall(r"docs/screenshots/([\w-]+\.png)", (ROOT / "README.md").read_text(encoding="utf-8")))

    assert pictures == shown
