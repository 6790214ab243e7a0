"""Whole pages as everybody gets them who is not signed in: made once, and sent until anything that they show changes.

Filling the templates costs several times as much as all else about a page, and most readers are not signed in.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

# Of each process. A page is some 20 kB, so these are the few hundred that are asked for most.
MOST_BYTES = 12_000_000


@dataclass(frozen=True)
class KeptPage:
    """A page as it is sent, and what tells a browser whether it has just this."""

    html: bytes
    etag: str

    @classmethod
    def of(cls, html: str) -> "KeptPage":
        """Return the page as it is sent."""
        encoded = html.encode()
        return cls(encoded, hashlib.sha256(encoded).hexdigest()[:40])


class KeptPages:
    """The pages of one state of all that they show, the last asked for longest. Safe between threads.

    What a capability adds to every page from elsewhere than the content, it tells of with `also_depend_on`.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._others: list[Callable[[], Hashable]] = []
        self._state: tuple[Hashable, ...] = ()
        self._pages: OrderedDict[str, KeptPage] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def also_depend_on(self, what: Callable[[], Hashable]) -> None:
        """Forget all pages when what the function returns changes. It is called for each page that is asked for."""
        self._others.append(what)

    def state(self, *content: Hashable) -> tuple[Hashable, ...]:
        """Return all that pages depend on at this moment, `content` and what has been added. Ask before making one."""
        return (*content, *(what() for what in self._others))

    def find(self, url: str, state: tuple[Hashable, ...]) -> KeptPage | None:
        """Return the page as it is in that state, if it is kept."""
        with self._lock:
            if state != self._state or url not in self._pages:
                return None
            self._pages.move_to_end(url)
            return self._pages[url]

    def keep(self, url: str, page: KeptPage, state: tuple[Hashable, ...]) -> None:
        """Keep a page that was made in that state, and forget those of any other."""
        with self._lock:
            if state != self._state:
                self._pages.clear()
                self._state, self._bytes = state, 0
            before = self._pages.pop(url, None)
            self._pages[url] = page
            self._bytes += len(page.html) - (len(before.html) if before else 0)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._pages.popitem(last=False)[1].html)
