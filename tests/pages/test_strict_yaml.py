"""YAML that could mislead its author is refused, with the line."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from knowledge_base.pages import strict_yaml
from knowledge_base.pages.strict_yaml import Day, YamlError


def test_values_are_text_as_written() -> None:
    found = strict_yaml.parse("phone: 012\nanswer: no\non: 2026-11-20\nlist: [1, 'two', \"~\"]\nmapping: {a: b}\n")

    assert found.value == {
        "phone": "012",
        "answer": "no",
        "on": "2026-11-20",
        "list": ["1", "two", "~"],
        "mapping": {"a": "b"},
    }
    assert found.lines == {"phone": 1, "answer": 2, "on": 3, "list": 4, "mapping": 5}


def test_what_is_left_empty_is_none() -> None:
    assert strict_yaml.parse("a:\nb: ~\nc: null\nd: ''\n").value == {"a": None, "b": None, "c": None, "d": ""}
    assert strict_yaml.parse("# only a comment\n").value is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2", 2, "'a' stands twice"),
        ("a:\n  b: 1\n  b: 2", 3, "'b' stands twice"),
        ("- {a: 1, a: 2}", 1, "'a' stands twice"),
        ("a: 1\n'a': 2", 2, "'a' stands twice"),
        ("a: b\n<<: {c: d}", 2, "'<<' cannot be used"),
        ("a: &x 1", 1, "references"),
        ("a: &x [1]\nb: *x", 1, "references"),
        ("a: *x", 1, "references"),
        ("a: !!int 1", 1, "types"),
        ("a: !!python/name:os.system x", 1, "types"),
        ("a: ! 1", 1, "types"),
        ("!!map {a: b}", 1, "types"),
        ("? [a]\n: b", 1, "a key must be one word"),
        ("a: 1\nnull: b", 2, "a key must be one word"),
        ("a: 1\n'': b", 2, "a key must be one word"),
        ("a: b\n---\nc: d", 2, "a second document"),
        ("a: b: c", 1, "double quotes"),
        ("a: [", 1, "cannot be read"),
        ("a: 'x\u2028b: c'", 1, "editors do not show"),
        ("a: \x00", 1, "control characters"),
        pytest.param("[" * 60_000, 1, "nested", id="deep lists"),
        pytest.param("a: " + "{a: " * 60_000, 1, "nested", id="deep mappings"),
        pytest.param("a: x\n" * 100_000, 0, "longer than", id="large"),
    ],
)
def test_what_could_mislead_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlError) as caught:
        strict_yaml.parse(text)

    assert caught.value.line == line
    assert words in caught.value.message


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbfa: b\r\n")

    assert strict_yaml.read(path) == {"a": "b"}


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a: \xff")

    with pytest.raises(YamlError, match="not UTF-8"):
        strict_yaml.read(path)


def test_what_the_machine_does_not_give_may_be_there_later(tmp_path: Path) -> None:
    (tmp_path / "a.yml").symlink_to("a.yml")

    with pytest.raises(YamlError) as caught:
        strict_yaml.read(tmp_path / "a.yml")

    assert caught.value.fault_of("_data/a.yml", "not used").may_pass


def test_a_missing_file_is_not_a_wrong_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        strict_yaml.read(tmp_path / "a.yml")


def test_a_day_is_a_day() -> None:
    assert TypeAdapter(Day).validate_python("2026-11-20") == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["2026-13-01", "2026-11-31", "20261120", "86400", "2026-1-2", "", None])
def test_what_is_no_day_is_refused(text: str | None) -> None:
    with pytest.raises(ValidationError, match="must be a date such as"):
        TypeAdapter(Day).validate_python(text)
