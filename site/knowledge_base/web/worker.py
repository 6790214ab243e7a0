"""A worker of gunicorn's whose threads wait for no reader.

gunicorn's own threaded worker reads a request in the thread that answers it, so as many connections as there are
threads, each of which sends half a request, keep everybody else out. Here a thread gets a request when all of it has
arrived.
"""

import selectors
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fcntl import ioctl
from functools import partial
from termios import TIOCOUTQ
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from knowledge_base.web.arrival import Arrival, Refusal
from knowledge_base.web.whole_answer import whole_answer

if TYPE_CHECKING:
    from concurrent.futures import Future

# In seconds.
ARRIVES_WITHIN = 15
ANSWERED_WITHIN = 120
LEAVES_WITHIN = 2
# Whoever has connected just before a worker is told to end may be about to ask.
STILL_HEARD_FOR = 2
# For each connection that a worker has, and of so many at most.
HESITATES = 0.0001
COUNTED = 10
LONGEST_READ = 64 * 1024
# How many monitors get an answer at the same time.
MONITORS = 2
# A whole page fits, so that it waits there, and not a thread, for a reader who is slow to take it.
SENT_AHEAD = 1024 * 1024
REFUSAL = "HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Waits for whole requests, and for people who are slow to leave, without holding a thread or the main loop."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - whatever gunicorn passes
        super().__init__(*args, **named)
        self._arriving: dict[TConn, Arrival] = {}
        self._deadlines: dict[TConn, float] = {}
        self._answering: set[TConn] = set()
        # Of their requests only the beginning was awaited.
        self._cut: set[TConn] = set()
        # Monitors are answered here, also when what they ask about has stopped all the other threads.
        self._for_monitors = ThreadPoolExecutor(max_workers=MONITORS)
        self._ends_at: float | None = None

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless a worker that has fewer is quicker. gunicorn calls this in its main loop.

        All workers wait for the same connections. The one that happened to be awake took most of those that came at
        once, and whoever keeps a connection stays with it (docs/decisions/0010).
        """
        time.sleep(hesitation(self.nr_conns))
        super().accept(listener)

    def enqueue_req(self, conn: TConn) -> None:
        """Have a request answered that begins to come, or is about to. gunicorn calls this in its main loop."""
        if self.cfg.is_ssl:  # What comes is not yet a request then.
            super().enqueue_req(conn)
            return
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD)
        conn.init()
        self._arriving[conn] = Arrival(conn.parser.unreader.take_buffered())
        self._wait(conn, ARRIVES_WITHIN, self._receive)
        self._hand_over_complete(conn)

    def handle(self, conn: TConn) -> Any:  # noqa: ANN401 - what it tells finish_request
        """Answer a request. Runs in a thread; the time that it takes counts from here, not the wait for a thread."""
        if conn in self._answering:
            self._deadlines[conn] = time.monotonic() + ANSWERED_WITHIN
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:  # noqa: ANN401 - as gunicorn calls it
        """Have the site answer, and send head and body in one."""
        if self.cfg.is_ssl:
            return super().handle_request(req, conn)
        with whole_answer(conn) as where:
            return super().handle_request(req, where)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Go on with a connection whose request a thread has answered."""
        self._deadlines.pop(conn, None)
        self._answering.discard(conn)
        self._cut.discard(conn)
        is_kept = not fs.cancelled() and fs.exception() is None and fs.result()
        if is_kept or self.cfg.is_ssl:
            super().finish_request(conn, fs)
            return
        # gunicorn waits here, in its main loop, until the reader has closed too.
        self._part_from(conn)

    def murder_pending(self) -> None:
        """End what takes too long. gunicorn calls this at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            arrival = self._arriving.get(conn)
            if conn in self._answering:
                if deadline <= now:
                    # Its thread notices and gives up; that ends in finish_request.
                    self._deadlines.pop(conn, None)
                    with suppress(OSError):
                        conn.sock.shutdown(socket.SHUT_RDWR)
            elif deadline <= now or (arrival and arrival.is_empty and self._has_listened(now)):
                self._drop(conn)
            elif arrival:
                self._hand_over_complete(conn)

    def _wait(self, conn: TConn, seconds: float, then: Any) -> None:  # noqa: ANN401 - a method of ours
        conn.sock.settimeout(0)
        self._deadlines[conn] = time.monotonic() + seconds
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(then, conn))

    def _receive(self, conn: TConn, _socket: object) -> None:
        data = _read(conn)
        if data:
            self._arriving[conn].add(data)
            self._hand_over_complete(conn)
        elif data is not None:
            self._drop(conn)

    def _hand_over_complete(self, conn: TConn) -> None:
        """Give a thread the request, if all of it is there and the reader has taken the answer to the one before."""
        arrival = self._arriving[conn]
        if arrival.refusal:
            self._refuse(conn, arrival.refusal)
            return
        if not arrival.is_complete:
            return
        with suppress(KeyError):
            self.poller.unregister(conn.sock)
        if _unsent(conn):
            return  # murder_pending comes back to it.
        del self._arriving[conn]
        conn.parser.unreader.unread(bytes(arrival))
        del self._deadlines[conn]
        self._answering.add(conn)
        if arrival.is_cut:
            self._cut.add(conn)
        threads = self._for_monitors if arrival.is_from_monitor else self.tpool
        answered = threads.submit(self.handle, conn)
        answered.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _has_listened(self, now: float) -> bool:
        """Say whether a worker that ends has waited long enough for those who have connected and said nothing yet."""
        if self.alive:
            return False
        self._ends_at = self._ends_at or now + STILL_HEARD_FOR
        return self._ends_at <= now

    def _refuse(self, conn: TConn, refusal: Refusal) -> None:
        del self._arriving[conn]
        with suppress(KeyError):
            self.poller.unregister(conn.sock)
        with suppress(OSError):
            conn.sock.send(REFUSAL.format(refusal.value).encode())
        self._part_from(conn)

    def _part_from(self, conn: TConn) -> None:
        """Say that no more will be said, and wait for the reader to close too."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._wait(conn, LEAVES_WITHIN, self._see_off)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:  # noqa: FBT001 - as gunicorn calls it
        # gunicorn waits here, in a thread, for the rest of a body that the site has not read.
        return bool(super()._keepalive_after(conn, keepalive and conn not in self._cut))

    def _see_off(self, conn: TConn, _socket: object) -> None:
        if _read(conn) == b"":
            self._drop(conn)

    def _drop(self, conn: TConn) -> None:
        with suppress(KeyError, ValueError, OSError):
            self.poller.unregister(conn.sock)
        self._arriving.pop(conn, None)
        self._deadlines.pop(conn, None)
        self.nr_conns -= 1
        conn.close()


def hesitation(connections: int) -> float:
    """Return for how many seconds a worker that has so many connections leaves a new one to the others."""
    return HESITATES * min(connections, COUNTED)


def _read(conn: TConn) -> bytes | None:
    """Return what has come, nothing at all when the other side has closed, None when it was a false alarm."""
    try:
        return bytes(conn.sock.recv(LONGEST_READ))
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""


def _unsent(conn: TConn) -> int:
    """Return how many bytes of earlier answers the other side has not taken yet."""
    try:
        return int(struct.unpack("i", ioctl(conn.sock, TIOCOUTQ, bytes(4)))[0])
    except OSError:
        return 0
