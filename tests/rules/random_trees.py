"""Content folders made at random, each with its own plain account of who may read what: the program is held to it."""

from dataclasses import dataclass, replace

import yaml
from hypothesis import strategies as st

from tests.content_folder import ContentFolder
from tests.rules.marked_content import COMMON_WORD, marker_word

GROUPS = ("one", "two", "three")
NAMES = ("staff", "members", "leads")
UNKNOWN = "managers"
FOLDERS = ("a", "b", "a/c", "a/d", "b/e", "a/c/f", "glossary", "glossary/g")


@dataclass(frozen=True)
class Leaf:
    """A page: its audience, and whether a block for staff stands on it."""

    path: str
    audience: str | None
    has_block: bool
    is_superseded: bool


@dataclass(frozen=True)
class Entry:
    """A synonym and a pinned answer that lead to a page, for an audience."""

    page: int
    audience: str | None


@dataclass(frozen=True)
class Tree:
    """A content folder. A folder that is not in `folders` has no index, so that nobody may read what it holds."""

    audiences: dict[str, tuple[str, ...]]
    folders: dict[str, str | None]
    leaves: tuple[Leaf, ...]
    entries: tuple[Entry, ...]

    def write(self, folder: ContentFolder) -> None:
        """Write the folder anew."""
        for old in [*folder.root.glob("**/*.md"), *folder.root.glob("_data/*")]:
            old.unlink()
        found = {
            name: {"title": name.capitalize(), "description": "Some people.", "groups": list(groups)}
            for name, groups in self.audiences.items()
        }
        folder.file("_data/audiences.yml", yaml.safe_dump(found))
        folder.page("index", "Welcome.")
        for path, audience in self.folders.items():
            folder.page(
                f"{path}/index", f"{word('index', path)}.", title=f"Area {word('title', path)}", audience=audience
            )
        for leaf in self.leaves:
            self._write_leaf(folder, leaf)
        leads_to = [(self.leaves[entry.page % len(self.leaves)], entry.audience) for entry in self.entries]
        synonyms = [
            {"words": [word("synonym", leaf.path)], "mean": [word("body", leaf.path)], "audience": audience or "open"}
            for leaf, audience in leads_to
        ]
        pinned = [
            {"searches": [COMMON_WORD], "leads_to": f"/{leaf.path}", "audience": audience or "open"}
            for leaf, audience in leads_to
        ]
        folder.file("_data/synonyms.yml", yaml.safe_dump(synonyms))
        folder.file("_data/pinned.yml", yaml.safe_dump(pinned))

    def _write_leaf(self, folder: ContentFolder, leaf: Leaf) -> None:
        term = f"/// term\n    short: [{word('short', leaf.path).upper()}]\n///\n\n" if "glossary" in leaf.path else ""
        body = f"{COMMON_WORD} {word('body', leaf.path)}.\n\n## The {word('heading', leaf.path)}\n\n{term}Some words.\n"
        if leaf.has_block:
            body += f"\n/// staff-only\n\n## Of {word('gated', leaf.path)}\n\n{COMMON_WORD} inside.\n\n///\n"
        header: dict[str, object] = {"audience": leaf.audience}
        if leaf.is_superseded:
            header |= {"status": "superseded", "superseded_by": f"/{self.leaves[0].path}"}
        title, summary = f"Page {word('title', leaf.path)}", f"A {word('summary', leaf.path)}."
        folder.page(leaf.path, body, title=title, summary=summary, keywords=[word("keyword", leaf.path)], **header)

    def may_read(self, groups: frozenset[str], path: str, *, audience: str | None = None) -> bool:
        """Say whether somebody of these groups may read a page, by the audiences from the top folder down to it."""
        parts = path.split("/")[:-1]
        folders = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
        if any(folder not in self.folders for folder in folders):
            return False
        asked = [*(self.folders[folder] for folder in folders), audience]
        return all(self._is_in(groups, name) for name in asked)

    def _is_in(self, groups: frozenset[str], name: str | None) -> bool:
        return name in {None, "open"} or bool(groups & {*self.audiences.get(str(name), ())})

    def readable(self, groups: frozenset[str]) -> dict[str, set[str]]:
        """Return the words of each page that somebody of these groups may read, by its address."""
        found = {"/": set[str]()}
        for path in self.folders:
            if self.may_read(groups, f"{path}/index"):
                found[f"/{path}"] = {word("index", path), word("title", path)}
        for leaf in self.leaves:
            if self.may_read(groups, leaf.path, audience=leaf.audience):
                kinds = ["body", "title", "summary", "heading", "keyword"]
                kinds += ["short"] if "glossary" in leaf.path else []
                kinds += ["gated"] if leaf.has_block and self._is_in(groups, "staff") else []
                found[f"/{leaf.path}"] = {word(kind, leaf.path) for kind in kinds}
        return found

    def opened(self) -> "Tree":
        """Return the tree as if nothing in it were gated."""
        leaves = tuple(replace(leaf, audience=None, has_block=False) for leaf in self.leaves)
        return replace(self, folders=dict.fromkeys(FOLDERS), leaves=leaves)

    def without_gated(self) -> "Tree":
        """Return the tree as if nothing that is gated had been written yet."""
        nobody = frozenset[str]()
        leaves = (leaf for leaf in self.leaves if self.may_read(nobody, leaf.path, audience=leaf.audience))
        folders = {path: name for path, name in self.folders.items() if self.may_read(nobody, f"{path}/index")}
        return replace(
            self, folders=folders, leaves=tuple(replace(leaf, has_block=False) for leaf in leaves), entries=()
        )

    def words(self) -> set[str]:
        """Return all words that somebody or other may read."""
        kinds = ("body", "title", "summary", "heading", "keyword", "short", "gated", "synonym")
        of_leaves = {word(kind, leaf.path) for leaf in self.leaves for kind in kinds}
        return of_leaves | {word(kind, path) for path in self.folders for kind in ("index", "title")}


def word(kind: str, path: str) -> str:
    """Return the word of this kind that stands on a page and nowhere else."""
    return marker_word(f"{kind} {path}")


def trees() -> st.SearchStrategy[Tree]:
    """Make trees."""
    some_groups = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique=True).map(tuple)
    audience = st.sampled_from([None, None, "open", *NAMES, *NAMES, UNKNOWN])
    places = [f"{folder}/{name}".lstrip("/") for folder in ("", *FOLDERS) for name in ("p", "q")]
    places = list(dict.fromkeys([*places, "glossary/r", "glossary/s"]))
    leaf = st.builds(Leaf, st.sampled_from(places), audience, st.booleans(), st.sampled_from([False, False, True]))
    return st.builds(
        Tree,
        st.fixed_dictionaries({"staff": some_groups}, optional={"members": some_groups, "leads": some_groups}),
        st.fixed_dictionaries({"glossary": st.none()}, optional=dict.fromkeys(FOLDERS[:-2] + FOLDERS[-1:], audience)),
        st.lists(leaf, min_size=3, max_size=9, unique_by=lambda one: one.path).map(tuple),
        st.lists(st.builds(Entry, st.integers(0, 8), st.sampled_from([None, *NAMES])), max_size=3).map(tuple),
    )


def people() -> st.SearchStrategy[tuple[frozenset[str], ...]]:
    """Make a few people's groups, the anonymous reader's among them, in any order."""
    somebody = st.frozensets(st.sampled_from(GROUPS))
    return st.lists(somebody, min_size=1, max_size=2).flatmap(
        lambda found: st.permutations([frozenset(), *found]).map(tuple)
    )
