"""How gunicorn serves the site: where, with how many processes, and what has to be done before it does.

gunicorn reads this file by itself when it is started in this folder, as script/server does.
"""

import ctypes
import gc
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from filelock import FileLock
from flask import Flask
from flask.cli import ScriptInfo
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

sys.path.insert(0, str(Path(__file__).parent / "site"))
if os.environ.get("KB_METRICS_PORT") and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # prometheus_client looks for it once, when it is imported. A reload finds the one that there is.
    from knowledge_base.telemetry.places import make_folder

    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(make_folder())

# Imported before gunicorn makes its workers, the code is read once for all of them, so a start is quick. The same holds
# for the application, which `on_starting` makes. What they must not share (connections, open files) it closes again.
from knowledge_base.approval.schedule import Schedule
from knowledge_base.backup.unfinished import START_LOCK
from knowledge_base.cli import prepare
from knowledge_base.db import utc_now
from knowledge_base.feedback.reports import forget_old
from knowledge_base.operations import metrics_server
from knowledge_base.operations.health import folders_of
from knowledge_base.operations.metrics import SiteCollector
from knowledge_base.operations.passing_process import in_passing_process
from knowledge_base.publishing.following import Follower
from knowledge_base.search.spelling import english_words
from knowledge_base.settings import SettingsError
from knowledge_base.telemetry import shared_files
from knowledge_base.telemetry.log_lines import set_up_log
from knowledge_base.telemetry.measures import count_worker
from knowledge_base.telemetry.places import memory_folder
from knowledge_base.telemetry.settings import TelemetrySettings, read_telemetry_settings
from knowledge_base.web.server_log import ServerLog

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

MEASUREMENTS = "PROMETHEUS_MULTIPROC_DIR"
FEWEST_WORKERS, MOST_WORKERS = 2, 8
HIGHEST_PORT = 65_535
# Of glibc's malloc.h.
M_ARENA_MAX = -8
EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 - only compared with
NAMES = ("KB_BASE_URL", "KB_TRUSTED_HOSTS")


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) <= HIGHEST_PORT:
        sys.exit(f"PORT: {given!r} is not a port. Choose one, as in: PORT=8080 script/server")
    return int(given)


def _workers() -> int:
    """Return KB_WORKERS, or one for each core within reason."""
    given = os.environ.get("KB_WORKERS")
    if not given:
        return min(max(len(os.sched_getaffinity(0)), FEWEST_WORKERS), MOST_WORKERS)
    if not given.isdecimal() or int(given) == 0:
        sys.exit(f"KB_WORKERS: {given!r} is not a number of processes. Choose one, such as 4.")
    return int(given)


def _telemetry() -> TelemetrySettings:
    try:
        return read_telemetry_settings(os.environ)
    except SettingsError as error:
        sys.exit(str(error))


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = _port()
IS_NAMELESS = HOST in EVERY_ADDRESS and not any(os.environ.get(name) for name in NAMES)
# Where the links lead that the site writes, until somebody says where readers find it. What stands for all of the
# machine's addresses is none that a browser can go to.
os.environ.setdefault("KB_BASE_URL", f"http://{_address('127.0.0.1' if HOST in EVERY_ADDRESS else HOST, PORT)}")

TELEMETRY = _telemetry()
set_up_log(TELEMETRY.log_format)

bind = _address(HOST, PORT)
# Its threads wait for nobody who is slow to send or to leave.
worker_class = "knowledge_base.web.worker.PatientWorker"
workers = _workers()
threads = 4
# Each may hold what has arrived of one request, so this bounds the memory, and the open files.
worker_connections = 400
# The longest that gunicorn takes: a long question should get our answer, not a bare error.
limit_request_line = 8190
# Browsers send about 20 headers. The cookie is the longest of them, and proxies add a few of their own.
limit_request_fields = 64
limit_request_field_size = 8190
loglevel = "warning"
logger_class = ServerLog
# Each worker shows every second that it is well by touching a file: one in memory waits for no disk.
worker_tmp_dir = str(memory_folder() or "") or None
# How long a request may go on that was being answered when its worker was told to end: at a reload, or at the end.
graceful_timeout = 30
# KB_TRUSTED_PROXIES alone decides whose forwarded addresses are believed: gunicorn itself believes nobody's.
forwarded_allow_ips = ""
# Every site of the same user would want the same socket.
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """Prepare the site, in one process at a time. Ends the start with one line when that is not possible."""
    if not _has_socket():
        for address in server.address:
            _check_address(address)
    server.metrics_socket = _open_metrics_port()
    with _failing_in_one_line():
        # The module that the workers serve: they find it here, with the content read, and share that memory.
        app = import_module("wsgi").app
        _read_content(app)
    # To make the index takes much memory, which each worker would have too.
    in_passing_process(lambda: _prepare(app))
    _read_content(app)
    _share_one_heap()
    # 80,000 words that each worker would read for itself at its first search.
    english_words()
    app.extensions["search_index"].close()
    app.extensions["database"].dispose()


def _read_content(app: Flask) -> None:
    # Where it is not there yet, or cannot be read, preparing sees to that or says so.
    with suppress(OSError):
        app.extensions["library"].edition()


def _prepare(app: Flask) -> None:
    with _failing_in_one_line(), FileLock(app.extensions["settings"].instance_dir / START_LOCK):
        prepare.main([], standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


@contextmanager
def _failing_in_one_line() -> Iterator[None]:
    try:
        yield
    except (SettingsError, click.ClickException) as error:
        sys.exit(str(error))
    except Exception:  # noqa: BLE001 - whatever it is, the last line says what to do
        traceback.print_exc()
        sys.exit("The site cannot start. Mend what the lines above say, then start it again.")


def when_ready(server: Arbiter) -> None:
    """Say where the site is, now that gunicorn listens there."""
    # Looking for garbage writes to what it looks at, and what a worker writes to it no longer shares with the others.
    # Two workers that have answered a hundred requests take 210 MB with this process, instead of 270.
    gc.collect()
    gc.freeze()
    if folder := os.environ.get(MEASUREMENTS):
        # This process counts nothing, and its noughts are no measurements.
        shared_files.put_away(Path(folder), os.getpid())
    places = " and ".join(str(listener) for listener in server.LISTENERS)
    print(f"==> Serving on {places} (Ctrl-C stops it)", flush=True)  # noqa: T201 - this is a program's configuration
    if IS_NAMELESS:
        print(f"    Only this machine is answered until {' or '.join(NAMES)} names the site.", flush=True)  # noqa: T201


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Hand the port of the measurements on to each worker."""
    worker.metrics_socket = server.metrics_socket


def post_worker_init(worker: Worker) -> None:
    """Let each worker look for changes whose time has come, and for what is to be forgotten, and answer Prometheus."""
    extensions = worker.wsgi.extensions

    def clean() -> None:
        forget_old(extensions["database"], now=utc_now())
        extensions["audit_housekeeping"].look(now=utc_now())

    extensions["schedule"] = Schedule(extensions["content_store"], extensions["settings"], clean=clean)
    extensions["schedule"].start()
    Follower(extensions["content_store"]).start()
    count_worker()
    if worker.metrics_socket:
        metrics_server.answer(worker.metrics_socket, _collectors(extensions))


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Keep what a worker had counted, once it is gone."""
    if folder := os.environ.get(MEASUREMENTS):
        shared_files.put_away(Path(folder), worker.pid)


def _collectors(extensions: dict[str, Any]) -> "list[Collector]":
    site = SiteCollector(
        health=extensions["health"],
        library=extensions["library"],
        database=extensions["database"],
        index=extensions["search_index"],
        folders=folders_of(extensions["settings"]),
    )
    return [shared_files.SharedFiles(Path(os.environ[MEASUREMENTS])), site]


def _share_one_heap() -> None:
    """Have the threads of a worker take memory from one place: each keeping its own, a worker is a fifth larger.

    Python runs one of them at a time, so that they do not wait for each other. Only glibc has this.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _has_socket() -> bool:
    """Whether systemd has opened the port for this start, and keeps it open until the next."""
    return os.environ.get("LISTEN_PID") == str(os.getpid())


def _open_metrics_port() -> socket.socket | None:
    if TELEMETRY.metrics_port is None:
        return None
    try:
        return metrics_server.open_port(TELEMETRY.metrics_port)
    except OSError as error:
        sys.exit(f"KB_METRICS_PORT: port {TELEMETRY.metrics_port} cannot be used: {error.strerror}. Choose another.")


def _check_address(address: tuple[str, int] | str) -> None:
    """Fail in one line, where gunicorn would try for five seconds and say so in ten."""
    if isinstance(address, str):  # a Unix socket, which gunicorn takes over
        return
    try:
        family, kind, _, _, found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found)
    except OSError as error:
        where = _address(*address)
        sys.exit(f"Cannot serve on {where}: {error.strerror}. Choose another address, as in: PORT=8080 script/server")
