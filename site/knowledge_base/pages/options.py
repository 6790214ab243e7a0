"""The options of a block: the indented lines directly under its first."""

import textwrap

import yaml

from knowledge_base.pages import strict_yaml
from knowledge_base.pages.strict_yaml import Value, YamlError

LINKED = ("exact", "never")
_LISTS = frozenset({"short", "also", "see"})
OPTIONS = {"term": _LISTS | {"link"}}


class OptionsError(Exception):
    """A block's options cannot be used. `line` counts from the first of them, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def check_options(block: str, text: str) -> None:
    """Refuse options that a block does not have. Raises OptionsError.

    The library that reads them would otherwise take a class or an identifier for any block, or show the block's marks.
    """
    known = OPTIONS.get(block, frozenset())
    if not known:
        raise OptionsError(1, f"'{block}' has no options: do not indent the line under /// {block}")
    text = textwrap.dedent(text)
    try:
        found = strict_yaml.parse(text)
    except YamlError as error:
        raise OptionsError(max(error.line, 1), f"the options of '{block}': {error.message}") from error
    if not isinstance(found.value, dict):
        raise OptionsError(1, f"the options of '{block}' must be lines of 'key: value'")
    for key, value in found.value.items():
        if problem := _problem(key, value, known):
            raise OptionsError(found.lines[key], problem)
    if yaml.safe_load(text) != found.value:
        # It is safe now, and what the library will do: it would not take these for words.
        raise OptionsError(1, f"a word in the options of '{block}' looks like a number, a date or yes or no: quote it")


def _problem(key: str, value: Value, known: frozenset[str]) -> str | None:
    if key not in known:
        return f"'{key}' is not an option; the options are {', '.join(sorted(known))}"
    if key not in _LISTS:
        return None if value in LINKED else f"'{key}' must be {' or '.join(LINKED)}"
    words = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one.strip() for one in words):
        return f"'{key}' must be words, or a list of words in square brackets, none of them empty"
    return None
