"""What the site counts and times, as Prometheus understands it. Any layer may call these functions; they cost little.

With PROMETHEUS_MULTIPROC_DIR in the environment, which gunicorn.conf.py sees to, each process keeps its numbers in
files of that folder, and whichever process is asked adds them up. No label may hold what a reader can choose.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

OF_A_REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OF_A_SEARCH = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
OF_A_PUBLICATION = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

REQUESTS = Counter("kb_http_requests", "Requests answered.", ("route", "method", "status"))
REQUEST_SECONDS = Histogram("kb_http_request_seconds", "Time to answer.", ("route",), buckets=OF_A_REQUEST)
SLOW_REQUESTS = Counter("kb_http_slow_requests", "Requests slower than KB_SLOW_MILLISECONDS.", ("route",))
MALFORMED = Counter("kb_http_malformed_requests", "Requests that were refused before they reached the site.")
SEARCH_SECONDS = Histogram("kb_search_seconds", "Time to find.", ("kind",), buckets=OF_A_SEARCH)
EMPTY_SEARCHES = Counter("kb_searches_empty", "Searches that found nothing.", ("kind",))
PUBLISH_SECONDS = Histogram("kb_publish_seconds", "Time to publish.", ("outcome",), buckets=OF_A_PUBLICATION)
SIGN_IN_FAILURES = Counter("kb_sign_in_failures", "Sign-ins that failed, by what was wrong.", ("reason",))
SCHEDULE_LOOKED = Gauge(
    "kb_schedule_last_look_timestamp_seconds",
    "When the process that is furthest behind last looked for changes that are due.",
    multiprocess_mode="livemin",
)
WORKERS_STARTED = Counter("kb_workers_started", "Processes that gunicorn has started.")

OUTCOMES = ("published", "unchanged", "conflict", "refused", "busy", "failed")
REASONS = ("password", "code", "provider", "too many")


@dataclass
class Timed:
    """What is being timed. `outcome` may be changed until it ends."""

    outcome: str


@contextmanager
def timed_publication() -> Iterator[Timed]:
    """Time a publication. An error that nobody expected makes its outcome `failed`."""
    timed, start = Timed("failed"), time.perf_counter()
    try:
        yield timed
    finally:
        PUBLISH_SECONDS.labels(timed.outcome).observe(time.perf_counter() - start)


@contextmanager
def timed_search(kind: str) -> Iterator[Timed]:
    """Time a search of the results page, the API or the suggestions. Set the outcome to `empty` if it finds nothing."""
    timed, start = Timed("found"), time.perf_counter()
    yield timed
    SEARCH_SECONDS.labels(kind).observe(time.perf_counter() - start)
    if timed.outcome == "empty":
        EMPTY_SEARCHES.labels(kind).inc()


def count_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    REQUESTS.labels(route, method, status).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def count_slow_request(route: str) -> None:
    """Count a request that took longer than it should."""
    SLOW_REQUESTS.labels(route).inc()


def count_malformed_request() -> None:
    """Count a request that was no HTTP, or beyond a limit."""
    MALFORMED.inc()


def count_sign_in_failure(reason: str) -> None:
    """Count a sign-in that failed: `password`, `code`, `provider`, or `too many` attempts."""
    SIGN_IN_FAILURES.labels(reason).inc()


def note_schedule_look() -> None:
    """Note that this process has just looked for what is due."""
    SCHEDULE_LOOKED.set(time.time())


def count_worker() -> None:
    """Count that this process has begun to serve. Whatever it may count later is at nought from now on."""
    WORKERS_STARTED.inc()
    # Prometheus takes a number that it sees for the first time for one that has always been there, not for an increase.
    for outcome in OUTCOMES:
        PUBLISH_SECONDS.labels(outcome)
    for reason in REASONS:
        SIGN_IN_FAILURES.labels(reason)
