"""The table of docs/security.md is about tests that exist, and every line has a verdict."""

import re

from knowledge_base.settings import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\| (\d+\.\d+[^|]*) \| ([^|]*) \| ([^|]*) \|$", DOCUMENT, flags=re.MULTILINE)


def test_every_line_of_the_standards_table_has_a_verdict_and_its_reason() -> None:
    assert len(LINES) > 50
    assert {verdict for _, verdict, _ in LINES} == {"met", "partly", "not met", "not applicable"}
    assert all(reason.strip() for _, _, reason in LINES)


def test_the_table_names_all_chapters() -> None:
    assert {int(group.split(".")[0]) for group, _, _ in LINES} == set(range(1, 15))


def test_the_tests_that_it_names_exist() -> None:
    named = set(re.findall(r"tests/[\w/]+\.py", DOCUMENT))

    missing = {name for name in named if not (ROOT / name).is_file()}

    assert "tests/web/test_security.py" in named
    assert missing == set()
