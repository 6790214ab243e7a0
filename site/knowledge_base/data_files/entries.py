"""The entries of a data file as one person may see and change them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge_base.data_files.kinds import DataFile
from knowledge_base.pages.strict_yaml import Value
from knowledge_base.publishing.entry_merge import CONFIRMED, CONFIRMED_FIELDS, changed_entries
from knowledge_base.publishing.entry_text import Fields, add_entry, change_entry, read_entries, remove_entry
from knowledge_base.publishing.errors import DataFileError

# A form's address ends with it.
NEW = "new"
CHANGED, ADDED, REMOVED = "Changed", "New", "Removed"


@dataclass(frozen=True)
class Entry:
    """An entry of a data file. `key` is its name there, or its number in a list."""

    key: str
    name: str
    fields: Fields


@dataclass(frozen=True)
class DataEntries:
    """A data file's entries, those that somebody may know of: `sees` says which. Its text may be that of a draft."""

    file: DataFile
    text: str
    sees: Callable[[Fields], bool]

    def all(self) -> tuple[Entry, ...]:
        """List them. Raises DataFileError when the file cannot be read."""
        found = read_entries(self.text)
        entries = (Entry(key, self._name(key, one), one) for key, one in found.items() if isinstance(one, dict))
        return tuple(entry for entry in entries if self.sees(entry.fields))

    def get(self, key: str) -> Entry | None:
        """Return one, or None where the reader knows of none."""
        return next((entry for entry in self.all() if entry.key == key), None)

    def change(self, entry: Entry, fields: Fields) -> str:
        """Return the text with an entry changed. A value that is another than it was is not confirmed any more."""
        kept = dict(entry.fields)
        changed = {field: value for field, value in fields.items() if _as_typed(kept.get(field)) != value}
        if not changed:
            return self.text
        if kept.get(CONFIRMED) and not changed.keys().isdisjoint(CONFIRMED_FIELDS):
            changed[CONFIRMED] = None
        self._check_seen({**kept, **changed})
        return change_entry(self.text, entry.key, changed)

    def add(self, key: str | None, fields: Fields) -> str:
        """Return the text with an entry more."""
        if key == NEW:
            message = "Choose another name: the form for new entries has this one."
            raise DataFileError(message)
        self._check_seen(fields)
        if not self.file.has_keys and any(_filled(one.fields) == _filled(fields) for one in self.all()):
            message = "There is such an entry already."
            raise DataFileError(message)
        kept = frozenset(kind.name for kind in self.file.fields if kind.is_kept)
        return add_entry(self.text, key if self.file.has_keys else None, fields, keep=kept)

    def remove(self, entry: Entry) -> str:
        """Return the text without an entry."""
        return remove_entry(self.text, entry.key)

    def changes_since(self, base: str) -> tuple[tuple[str, Entry], ...]:
        """Return what differs from another text, each with a word for what happened. Raises DataFileError."""
        found = []
        for one in changed_entries(base, self.text):
            if all(self.sees(fields) for fields in (one.before, one.after) if fields is not None):
                word = ADDED if one.before is None else CHANGED if one.after is not None else REMOVED
                fields = one.after or one.before or {}
                found.append((word, Entry(one.key, self._name(one.key, fields), fields)))
        return tuple(found)

    def _check_seen(self, fields: Fields) -> None:
        if not self.sees(fields):
            message = "You are not in that audience, so you could not see the entry any more. Choose another."
            raise DataFileError(message)

    def _name(self, key: str, fields: Fields) -> str:
        for field in (self.file.naming, "same", "words", "searches"):
            value = fields.get(field)
            if value:
                return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return key


def _filled(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value}


def _as_typed(value: Value) -> Value:
    """Return a value as a form gives it back when nobody touches it: without the ends of its lines."""
    if isinstance(value, Mapping):
        return {name: _as_typed(one) for name, one in value.items()} or None
    return (" ".join(value.split()) or None) if isinstance(value, str) else value or None
