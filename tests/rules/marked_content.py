"""A content folder in which every place where a word can stand holds a word of its own, for each kind of reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import yaml

from knowledge_base.pages.attachments import folder_for
from tests.content_folder import ContentFolder
from tests.rules.everybody import Who

# On every page, so that a search for it finds all that may be found.
COMMON_WORD = "pangolin"
# The name of a term for staff only, which stands on a page for everyone.
SHARED_WORD = "Bobolink scheme"

STAFF = frozenset({Who.STAFF, Who.EDITOR, Who.PUBLISHER, Who.STAFF_ADMIN, Who.STAFF_AND_LEAD})
MEMBERS = STAFF | {Who.MEMBER, Who.AS_MEMBER}
LEADS = frozenset({Who.LEAD, Who.STAFF_AND_LEAD})
# Who manages people has to know what the groups open, by name.
ADMINISTRATORS = frozenset({Who.ADMIN, Who.STAFF_ADMIN})
READERS: dict[str, frozenset[Who]] = {
    "open": frozenset(Who),
    "members": MEMBERS,
    "staff": STAFF,
    "leads": LEADS,
    "staff+leads": STAFF & LEADS,
    "members+staff": MEMBERS & STAFF,
}

GROUPS = {"members": ["members", "staff"], "staff": ["staff"], "leads": ["leads"]}

Word = Callable[..., str]

CONSONANTS, VOWELS = "bdfghklmnprtvz", "aiou"


@dataclass(frozen=True)
class Marker:
    """A word that stands in one place only. A `shown` one can be read; the others only make something be found."""

    word: str
    place: str
    key: str
    readers: frozenset[Who]
    is_shown: bool
    leads_to: str


@dataclass
class MarkedContent:
    """Writes the folder, and remembers each marker and each address."""

    folder: ContentFolder
    markers: list[Marker] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    old_addresses: list[str] = field(default_factory=list)
    page_files: dict[str, tuple[str, str, dict[str, object]]] = field(default_factory=dict)

    def write(self) -> None:
        """Write everything."""
        self.folder.page("index", f"A {COMMON_WORD}.", title="Guidance")
        self.folder.page("about/index", order=90)
        self.folder.page("about/sources")
        self.folder.page("about/set-up")
        self.urls += ["/", "/about", "/about/sources", "/about/set-up", "/glossary"]
        self._write_data()
        self.folder.page("glossary/index", f"## Open term\n\nA {COMMON_WORD}.\n")
        opened = self._folder("open", "", guide="true")
        members = self._folder("members", "", audience="members")
        staff = self._folder("staff", "", audience="staff")
        self._folder("staff+leads", f"{staff}/", audience="leads")
        leads = self._folder("leads", "", audience="leads")
        for key in ("members", "staff", "leads"):
            self._page(f"{opened}/{self._word('file among open', key)}", f"{key} among open", key, audience=key)
        self._page(f"{members}/{self._word('file', 'members+staff')}", "page", "members+staff", audience="staff")
        replaced = next(url for url in self.urls if url.startswith(f"/{leads}/"))
        self.folder.page(f"{opened}/replaced", f"{SHARED_WORD}.", status="superseded", superseded_by=replaced)
        self.urls.append(f"/{opened}/replaced")

    def may_read(self, who: Who) -> list[Marker]:
        """Return the markers that this person may read."""
        return [marker for marker in self.markers if who in marker.readers]

    def may_not_read(self, who: Who) -> list[Marker]:
        """Return the markers that this person may not read."""
        return [marker for marker in self.markers if who not in marker.readers]

    def _word(
        self, place: str, key: str, *, shown: bool = True, leads_to: str = "", also: frozenset[Who] = frozenset()
    ) -> str:
        word = marker_word(f"{place} {key}")
        assert word not in {marker.word for marker in self.markers}, f"{place} {key} has stood here before"
        self.markers.append(Marker(word, place, key, READERS[key] | also, shown, leads_to))
        return word

    def _write_data(self) -> None:
        audiences, values, contacts, sources = {}, {}, {}, {}
        for name, groups in GROUPS.items():
            title = self._word("audience title", name, also=ADMINISTRATORS)
            description = self._word("audience description", name, shown=False, also=ADMINISTRATORS)
            audiences[name] = {"title": f"Title {title}", "description": f"For {description}.", "groups": groups}
        for key in ("open", "members", "staff", "leads"):
            values[f"value-{key}"] = {
                "label": f"Label {self._word('label of a value', key)}",
                "value": self._word("value", key),
                "audience": key,
                "origin": "national",
            }
            contacts[f"contact-{key}"] = {
                "name": f"Desk {self._word('contact', key)}",
                "purpose": self._word("purpose of a contact", key),
                "phone": "01632 960 000",
                "email": f"{self._word('mailbox', key)}@example.gov.uk",
                "note": self._word("note on a contact", key),
                "audience": key,
                "origin": "national",
            }
            # The register of sources is for everyone, whoever may read what rests on them.
            sources[f"source-{key}"] = {
                "title": f"Report {self._word('source ' + key, 'open')}",
                "publisher": "A council",
                "date": "2026-01-01",
                "status": "current",
            }
        for name, found in {
            "audiences": audiences,
            "council": values,
            "contacts": contacts,
            "sources": sources,
        }.items():
            self.folder.file(f"_data/{name}.yml", yaml.safe_dump(found))

    def _folder(self, key: str, above: str, **header: object) -> str:
        folder = f"{above}{self._word('folder', key)}"
        title, summary = self._word("title of a folder", key), self._word("summary of a folder", key)
        self.folder.page(f"{folder}/index", f"A {COMMON_WORD}.", title=f"Area {title}", summary=f"{summary}.", **header)
        self.urls.append(f"/{folder}")
        self._page(f"{folder}/{self._word('file', key)}", "page", key)
        self._term(key)
        return folder

    def _page(self, path: str, place: str, key: str, **header: object) -> None:
        url = f"/{path}"

        def word(what: str, *, key: str = key, shown: bool = True) -> str:
            return self._word(f"{what} of {place}", key, shown=shown, leads_to=url)

        data = next(one for one in reversed(key.split("+")) if one)
        parts = [f"First {word('body')} and {COMMON_WORD}.", self._file(path, place, key), self._section(word, data)]
        if key in {"open", "members"}:
            inner = {"open": "staff", "members": "members+staff"}[key]

            def gated(what: str, *, shown: bool = True) -> str:
                return word(f"{what} in a staff-only block", key=inner, shown=shown)

            file = self._file(path, f"a staff-only block of {place}", inner)
            section = self._section(gated, "staff")
            parts.append(f"//// staff-only\n\nMore {gated('body')}.\n\n{file}\n\n{section}\n\n////")
        fields = {
            "title": f"Page {word('title')}",
            "summary": f"Summary {word('summary')}.",
            "keywords": [word("keyword", shown=False)],
            "owner": f"Owner {word('owner')}",
            "sources": [f"source-{data}#{word('part of a source')}"],
            **header,
        }
        self.folder.page(path, "\n\n".join(parts), **fields)
        self.page_files[url] = (path, "\n\n".join(parts), fields)
        self.urls.append(url)
        self._other_words(url, key, data, place)

    def _section(self, word: Word, data: str) -> str:
        return "\n\n".join(
            [
                f"## Heading {word('heading')} {{#{word('anchor')}}}",
                f"Under it {word('words under a heading')}, {{{{ council.value-{data} }}}}.",
                f"/// contact | contact-{data}\n///",
                f"/// myth\n\nThey say {word('myth')}.\n\n///",
                f"/// steps\n\n1. Do {word('step')}. {{by: {word('deadline')}}}\n\n///",
                f"/// asked\nwhat about {word('question', shown=False)}\n///",
            ]
        )

    def _file(self, path: str, place: str, key: str) -> str:
        """Write a file of a page, and return the link to it."""
        name = f"{self._word(f'name of a file of {place}', key)}.txt"
        self.folder.file(f"{folder_for(path)}/{name}", f"{self._word(f'words in a file of {place}', key)}\n")
        self.files.append(f"/files/{path}/{name}")
        return f"[The form]({self.files[-1]})"

    def _other_words(self, url: str, key: str, data: str, place: str) -> None:
        """Add a synonym and a pinned answer, which are for one audience and lead to what may be for fewer."""
        body = marker_word(f"body of {place} {key}")
        typed = self._word(f"synonym for {place}", key, shown=False, leads_to=url)
        pinned = self._word(f"pinned to {place}", key, shown=False, leads_to=url)
        self._append("synonyms", {"words": [typed], "mean": [body], "audience": data})
        folder = url.rpartition("/")[0]
        for what, entry in {
            "moved": {"to": url},
            "withdrawn": {"to": "", "reason": self._word(f"reason why {place} was withdrawn", key)},
        }.items():
            old = f"{folder}/{self._word(f'address of {place} that was {what}', key, shown=False)}"
            self._append("redirects", {"from": old, "audience": data, **entry})
            self.old_addresses.append(old)
        self._append("pinned", {"searches": [pinned], "leads_to": url, "audience": data})

    def _append(self, name: str, entry: dict[str, object]) -> None:
        path = self.folder.root / "_data" / f"{name}.yml"
        known = path.read_text() if path.exists() else ""
        self.folder.file(f"_data/{name}.yml", known + yaml.safe_dump([entry]))

    def _term(self, key: str) -> None:
        audiences = key.split("+")
        what = "folder of a term" if len(audiences) > 1 else "file of a term"
        path = f"glossary/{self._word(what, audiences[0])}"
        if len(audiences) > 1:
            self.folder.page(f"{path}/index", audience=audiences[0])
            path = f"{path}/inner"
        name, short, other = (self._word(f"{what} of a term", key) for what in ("name", "short form", "other name"))
        definition = self._word("definition of a term", key)
        block = f"/// term\n    short: [{short.upper()}]\n    also: [{other}]\n///"
        term = f"## Scheme {name}\n\n{block}\n\nIt {definition}.\n"
        shared = f"\n## {SHARED_WORD}\n\nFor staff: {self._word('shared term', key)}.\n" if key == "staff" else ""
        title = f"Terms {self._word('title of terms', key)}"
        self.folder.page(path, term + shared, title=title, audience=None if key == "open" else audiences[-1])
        self.urls.append(f"/{path}")


def marker_word(seed: str) -> str:
    """Return a word that is like no other, and that no stemmer shortens."""
    digest = sha256(seed.encode()).digest()
    syllables = (CONSONANTS[digest[at] % 14] + VOWELS[digest[at + 1] % 4] for at in range(0, 12, 2))
    return "".join(syllables) + "k"
