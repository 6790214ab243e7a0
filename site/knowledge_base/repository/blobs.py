"""Read many files out of the history at once: git is started twice, however many there are."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import TypeVar

from knowledge_base.repository.repository import Repository

MOST_KEPT = 2_000
LARGEST_KEPT = 400_000

# A commit, and a path under `content/`.
Place = tuple[str, str]

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class Blobs:
    """What files held in commits. Keeps what it has read: git never changes it. Safe between threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._names: OrderedDict[Place, str | None] = OrderedDict()
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def read(self, places: Iterable[Place]) -> dict[Place, bytes | None]:
        """Return what each file held, or None where there was none. Raises GitError."""
        wanted = list(dict.fromkeys(places))
        names = self._find_names(wanted)
        contents = self._find_contents({name for name in names.values() if name})
        return {place: contents[name] if (name := names[place]) else None for place in wanted}

    def list_folder(self, revision: str, folder: str) -> list[str]:
        """Return the paths of the files that a folder directly held."""
        listed = self._repository.git.text(
            "ls-tree", "--full-tree", "-z", revision, f"{self._repository.prefix}{folder}/"
        )
        found = [line.partition("\t") for line in listed.split("\0") if line]
        return [path.removeprefix(self._repository.prefix) for details, _, path in found if " blob " in details]

    def _find_names(self, places: Iterable[Place]) -> dict[Place, str | None]:
        with self._lock:
            known = {place: self._names[place] for place in places if place in self._names}
        missing = [place for place in places if place not in known]
        if missing:
            asked = "".join(f"{revision}:{self._repository.prefix}{path}\n" for revision, path in missing)
            answers = self._repository.git.text("cat-file", "--batch-check", stdin=asked.encode()).split("\n")
            for place, answer in zip(missing, answers, strict=True):
                name, _, details = answer.partition(" ")
                known[place] = name if details.startswith("blob ") else None
            self._keep(self._names, known)
        return known

    def _find_contents(self, names: Iterable[str]) -> dict[str, bytes]:
        with self._lock:
            known = {name: self._contents[name] for name in names if name in self._contents}
        missing = [name for name in names if name not in known]
        if missing:
            answer = self._repository.git.run("cat-file", "--batch", stdin="\n".join([*missing, ""]).encode())
            found = dict(zip(missing, _cut(answer), strict=True))
            self._keep(self._contents, {name: one for name, one in found.items() if len(one) <= LARGEST_KEPT})
            known |= found
        return known

    def _keep(self, kept: OrderedDict[_Key, _Kept], found: Mapping[_Key, _Kept]) -> None:
        with self._lock:
            kept.update(found)
            while len(kept) > MOST_KEPT:
                kept.popitem(last=False)


def _cut(answer: bytes) -> list[bytes]:
    contents, start = [], 0
    while start < len(answer):
        end = answer.index(b"\n", start)
        size = int(answer[start:end].rpartition(b" ")[2])
        contents.append(answer[end + 1 : end + 1 + size])
        start = end + size + 2
    return contents
