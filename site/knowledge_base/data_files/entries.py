"""The entries of a data file as one person may see and change them."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.data_files.entry_text import add_entry, change_entry, read_entries, remove_entry
from knowledge_base.data_files.errors import DataFileError
from knowledge_base.data_files.kinds import DataFile
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import MayRead
from knowledge_base.pages.strict_yaml import Value
from knowledge_base.publishing.changes import Change, FileChange
from knowledge_base.publishing.publish import ENTRY
from knowledge_base.publishing.store import ContentStore


@dataclass(frozen=True)
class Entry:
    """An entry of a data file. `key` is its name there, or its number in a list."""

    key: str
    name: str
    fields: Mapping[str, Value]


@dataclass(frozen=True)
class DataEntries:
    """A data file's entries, those that the reader may know of."""

    file: DataFile
    content: bytes | None
    may_read: MayRead

    @classmethod
    def of(cls, store: ContentStore, file: DataFile, edition: Edition, may_read: MayRead) -> "DataEntries":
        """Return the entries of a file. Nobody sees any while it is not known who is in which audience."""
        content = store.files.read(file.path)
        return cls(file, content, may_read if edition.audiences.by_name else lambda _requirement: False)

    def all(self) -> tuple[Entry, ...]:
        """List them. Raises DataFileError when the file cannot be read."""
        found = read_entries(self._text())
        entries = (Entry(key, self._name(key, one), one) for key, one in found.items() if isinstance(one, dict))
        return tuple(entry for entry in entries if self._is_seen(entry.fields))

    def get(self, key: str) -> Entry | None:
        """Return one, or None where the reader knows of none."""
        return next((entry for entry in self.all() if entry.key == key), None)

    def change(self, entry: Entry, fields: Mapping[str, Value], *, note: str, name: str) -> Change:
        """Return the change of one entry. A value that is another than it was is not confirmed any more."""
        kept = dict(entry.fields)
        changed = {field: value for field, value in fields.items() if _as_typed(kept.get(field)) != value}
        if not changed:
            message = "Nothing is different from what it was"
            raise DataFileError(message)
        if kept.get("confirmed") and changed.keys() & _CONFIRMED_FIELDS:
            changed["confirmed"] = None
        text = change_entry(self._text(), entry.key, changed)
        return self._publication(text, entry.name, note=note, name=name)

    def add(self, key: str | None, fields: Mapping[str, Value], *, note: str, name: str) -> Change:
        """Return the change that adds an entry."""
        text = add_entry(self._text(), key if self.file.has_keys else None, fields)
        return self._publication(text, self._name(key or "", fields), note=note, name=name)

    def remove(self, entry: Entry, *, note: str, name: str) -> Change:
        """Return the change that removes one."""
        return self._publication(remove_entry(self._text(), entry.key), entry.name, note=note, name=name)

    def _publication(self, text: str, entry: str, *, note: str, name: str) -> Change:
        files = (FileChange(self.file.path, text.encode(), self.content),)
        return Change(files, subject=self.file.path, note=note, is_minor=True, trailers={ENTRY: entry}, name=name)

    def _is_seen(self, fields: Mapping[str, Value]) -> bool:
        audience = fields.get("audience") or OPEN
        return isinstance(audience, str) and self.may_read(Requirement().narrowed_by(audience))

    def _name(self, key: str, fields: Mapping[str, Value]) -> str:
        for field in (self.file.naming, "same", "words", "searches"):
            value = fields.get(field)
            if value:
                return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return key

    def _text(self) -> str:
        try:
            return (self.content or b"").decode()
        except UnicodeDecodeError as error:
            message = "The file is not UTF-8 text. Mend it in a text editor first"
            raise DataFileError(message) from error


def _as_typed(value: Value) -> Value:
    """Return a value as a form gives it back when nobody touches it: without the ends of its lines."""
    return (" ".join(value.split()) or None) if isinstance(value, str) else value or None


_CONFIRMED_FIELDS = frozenset({"value", "phone", "email", "hours", "address"})
