"""Whole pages, each as all get it who may read the same: made once, and sent until anything that they show changes.

Filling the templates costs several times as much as all else about a page.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, Protocol, TypeVar

# Of each process. A page is some 30 kB, packed 7, so these are the few hundred that are asked for most.
MOST_BYTES = 6_000_000
MOST_PACKED_BYTES = 3_000_000


@dataclass(frozen=True)
class KeptPage:
    """A page as it is sent, and what tells a browser whether it has just this.

    Once it was sent to somebody who asked for nothing else, `headers` has the headers and `route` what answered.
    """

    html: bytes
    etag: str
    headers: tuple[tuple[str, str], ...] = ()
    route: str = ""

    @classmethod
    def of(cls, html: str) -> "KeptPage":
        """Return the page as it is sent."""
        encoded = html.encode()
        return cls(encoded, hashlib.sha256(encoded).hexdigest()[:40])

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.html)


class Kept(Protocol):
    """A page, in whatever form it is kept."""

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        ...


Page = TypeVar("Page", bound=Kept)


class KeptPages(Generic[Page]):
    """The pages of one state of all that they show, the last asked for longest. Safe between threads.

    What a capability adds to every page from elsewhere than the content, it tells of with `also_depend_on`.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._others: list[Callable[[], Hashable]] = []
        self._state: tuple[Hashable, ...] = ()
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def also_depend_on(self, what: Callable[[], Hashable]) -> None:
        """Forget all pages when what the function returns changes. It is called for each page that is asked for."""
        self._others.append(what)

    def state(self, *content: Hashable) -> tuple[Hashable, ...]:
        """Return all that pages depend on at this moment, `content` and what has been added. Ask before making one."""
        return (*content, *(what() for what in self._others))

    def find(self, key: Hashable, state: tuple[Hashable, ...]) -> Page | None:
        """Return the page as it is in that state, if it is kept. The key: its address, and what else sets it apart."""
        with self._lock:
            if state != self._state or key not in self._pages:
                return None
            self._pages.move_to_end(key)
            return self._pages[key]

    def keep(self, key: Hashable, page: Page, state: tuple[Hashable, ...]) -> None:
        """Keep a page that was made in that state, and forget those of any other."""
        with self._lock:
            if state != self._state:
                self._pages.clear()
                self._state, self._bytes = state, 0
            before = self._pages.pop(key, None)
            self._pages[key] = page
            self._bytes += page.size - (before.size if before else 0)
            while self._bytes > self._most_bytes:
                self._bytes -= self._pages.popitem(last=False)[1].size
