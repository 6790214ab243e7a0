"""What the site would be with a draft published, and what the gate says about that."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.outlook import findings_of, look_ahead
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.draft_files import DraftFile, changes_of, files_of
from knowledge_base.editing.page_text import KEYS, NoFieldsError, lines_of_keys, read_page_text, write_page_text
from knowledge_base.pages.attachments import folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.publishing.changes import Change, FileChange, new_name
from knowledge_base.publishing.store import ContentStore

LONGEST_EXCERPT = 80
# A key that need not be there is left out.
STAND_INS = {"title": "No title yet", "summary": "No summary yet"} | dict.fromkeys(
    set(KEYS) - {"title", "summary", "audience"}, ""
)


@dataclass(frozen=True)
class Note:
    """A finding as an author is told it. `line` is that of the text field, 0 for none; `key` the header's."""

    severity: Severity
    message: str
    line: int = 0
    key: str = ""
    excerpt: str = ""
    page_title: str = ""
    page_url: str = ""


@dataclass(frozen=True)
class DraftOutlook:
    """The site as it is and as it would be, and what is to be said about the change.

    `complete` is for a preview: the site as it would be if faults in the draft's header were filled in.
    """

    before: Edition
    after: Edition
    complete: Edition
    change: Change
    notes: tuple[Note, ...]

    @property
    def errors(self) -> tuple[Note, ...]:
        """What stops a publication."""
        return tuple(note for note in self.notes if note.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What its author has to look at before publishing."""
        return tuple(note for note in self.notes if note.severity is Severity.WARNING)

    @property
    def warnings_digest(self) -> str:
        """One word for the warnings, so that new ones are not taken for those that were looked at."""
        said = sorted(note.message for note in self.warnings)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def change_of(
    store: ContentStore, draft: Draft, *, note: str, is_minor: bool = False, name: str | None = None
) -> Change:
    """Return a draft, with its files, as a change that can be published."""
    files = (FileChange(draft.path, draft.content, draft.base), *changes_of(store, draft, files_of(store, draft)))
    return Change(files, subject=draft.page_path, note=note, is_minor=is_minor, name=name or new_name())


def look_at_draft(store: ContentStore, draft: Draft, *, viewer: Viewer, today: date) -> DraftOutlook:
    """Return what would come of publishing the draft as it is. Notes say nothing that the viewer may not read.

    A slip in a field or a block leaves the page out of the site. It must not let each link to the page seem broken, nor
    hide what else is wrong: so the rest is looked at as if the header were filled in.
    """
    change = change_of(store, draft, note="A draft")
    outlook = look_ahead(store, change, as_it_is=True)
    before, after = outlook.before, outlook.after
    findings = findings_of(change, outlook, viewer=viewer, today=today)
    slips = [one for one in findings if one.path == draft.path and one.severity is Severity.ERROR]
    if after.page(url_of(draft.page_path)) or not slips:
        return DraftOutlook(before, after, after, change, notes_of(findings, draft, before, viewer=viewer))
    notes = notes_of(slips, draft, before, viewer=viewer)
    faulty = {note.key for note in notes if note.key}
    filled = _filled_in(draft, faulty)
    filled_change = change_of(store, filled, note="A draft")
    complete = look_ahead(store, filled_change, as_it_is=True)
    if complete.after.page(url_of(draft.page_path)):
        findings = findings_of(filled_change, complete, viewer=viewer, today=today)
        rest = notes_of(findings, filled, before, viewer=viewer)
        notes = (*notes, *(note for note in rest if note.key not in faulty))
    return DraftOutlook(before, after, complete.after, change, notes)


def _filled_in(draft: Draft, faulty: Collection[str]) -> Draft:
    """Return the draft with something in place of these keys of its header. Who may read the page is never made up."""
    fields = {key: words for key, words in STAND_INS.items() if key in faulty}
    try:
        return replace(draft, text=write_page_text(draft.text, fields=fields, body=read_page_text(draft.text).body))
    except NoFieldsError:
        return draft


def notes_of(findings: Iterable[Finding], draft: Draft, edition: Edition, *, viewer: Viewer) -> tuple[Note, ...]:
    """Return findings as the author of the draft is told them, each once."""
    may_read = edition.may_read(viewer)
    place = _Place(draft)
    notes: dict[Note, None] = {}
    for finding in findings:
        page = edition.page(url_of(finding.path.removesuffix(".md"))) if finding.path else None
        if finding.path == draft.path:
            note = place.note(finding)
        elif page and may_read(page.requirement):
            note = Note(finding.severity, finding.words, page_title=page.meta.title, page_url=page.url)
        else:
            note = Note(finding.severity, finding.words, page_title="" if page else finding.path)
        notes[note] = None
    return tuple(notes)


class _Place:
    """Where in the form of a draft a finding's line is."""

    def __init__(self, draft: Draft) -> None:
        self._is_data = draft.is_data
        self._lines = draft.text.split("\n")
        self._keys: Mapping[int, str] = {line: key for key, line in lines_of_keys(draft.text).items()}
        try:
            self._first = read_page_text(draft.text).body_line
        except NoFieldsError:
            # The text is shown as a whole.
            self._first = 1

    def note(self, finding: Finding) -> Note:
        if self._is_data:
            # Its forms show no lines.
            return Note(finding.severity, finding.words)
        line = finding.line - self._first + 1
        if finding.line and line >= 1:
            excerpt = self._lines[finding.line - 1].strip() if finding.line <= len(self._lines) else ""
            return Note(finding.severity, finding.words, line=line, excerpt=excerpt[:LONGEST_EXCERPT])
        # A key that is missing stands on no line: its finding names the header's first.
        key = next((one for one in _quoted(finding.words) if one in KEYS), "") or self._keys.get(finding.line, "")
        return Note(finding.severity, finding.words, key=key)


def _quoted(message: str) -> list[str]:
    return message.split("'")[1::2]


def draft_urls(draft: Draft, files: Iterable[DraftFile], edition: Edition, *, prefix: str) -> Mapping[str, str]:
    """Return where each file of a draft can be had before it is published, by the address that it is to have."""
    paths = {f"{folder_for(draft.page_path)}/{file.name}": file.name for file in files}
    return {one.url: f"{prefix}/{paths[one.path]}" for one in edition.attachments.values() if one.path in paths}
