import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge_base.accounts.attempts import Guess, Target, mark_succeeded, reserve_attempt
from knowledge_base.accounts.errors import TooManyAttemptsError
from knowledge_base.accounts.models import SignInAttempt
from knowledge_base.accounts.register import Keys
from knowledge_base.db import Database

SITE = Path(__file__).parents[2] / "site"
SECONDS = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)

Attempt = Callable[..., int]

GUESS_ONCE_TOLD_TO = """
import sys
from knowledge_base.accounts.attempts import Guess, Target, reserve_attempt
from knowledge_base.accounts.errors import TooManyAttemptsError
from knowledge_base.accounts.register import Keys
from knowledge_base.db import Database, utc_now

database = Database(sys.argv[1])
target = Target(Guess(sys.argv[2]), "ada@example.gov.uk", "192.0.2.1")
database.schema()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    try:
        with database.write() as session:
            reserve_attempt(session, target, keys=Keys("key"), now=utc_now())
        print("allowed")
    except TooManyAttemptsError:
        print("refused")
"""


@pytest.fixture
def attempt(database: Database, now: datetime) -> Attempt:
    """Make a failed attempt, so long after noon."""

    def make(
        whose: str = "ada@example.gov.uk",
        address: str = "192.0.2.1",
        *,
        after: timedelta = 0 * SECONDS,
        guess: Guess = Guess.PASSWORD,
    ) -> int:
        with database.write() as session:
            return reserve_attempt(session, Target(guess, whose, address), keys=Keys("key"), now=now + after)

    return make


def count_attempts(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(SignInAttempt)) or 0


def test_refuses_a_sixth_attempt_after_five_failures(attempt: Attempt) -> None:
    for second in range(5):
        attempt(after=second * SECONDS)

    with pytest.raises(TooManyAttemptsError) as refused:
        attempt(after=1 * MINUTES)

    assert "You can try again in 14 minutes" in str(refused.value)
    assert refused.value.seconds == 14 * 60


def test_says_one_minute_when_less_is_left(attempt: Attempt) -> None:
    for _ in range(5):
        attempt()

    with pytest.raises(TooManyAttemptsError) as refused:
        attempt(after=15 * MINUTES - 1 * SECONDS)

    assert str(refused.value).endswith("You can try again in 1 minute")


def test_counts_failures_wherever_they_come_from(attempt: Attempt) -> None:
    for host in range(5):
        attempt(address=f"192.0.2.{host}")

    with pytest.raises(TooManyAttemptsError):
        attempt(address="198.51.100.1")


def test_allows_one_more_when_the_oldest_failure_is_fifteen_minutes_old(attempt: Attempt) -> None:
    for minute in range(5):
        attempt(after=minute * MINUTES)

    attempt(after=15 * MINUTES)

    with pytest.raises(TooManyAttemptsError):
        attempt(after=15 * MINUTES)


def test_does_not_count_an_attempt_that_was_refused(attempt: Attempt, database: Database) -> None:
    for _ in range(5):
        attempt()

    for _ in range(3):
        with pytest.raises(TooManyAttemptsError):
            attempt(after=14 * MINUTES)

    assert count_attempts(database) == 5
    attempt(after=15 * MINUTES)


def test_leaves_other_accounts_alone(attempt: Attempt) -> None:
    for _ in range(5):
        attempt("ada@example.gov.uk")

    attempt("grace@example.gov.uk")


def test_starts_counting_anew_after_a_success(attempt: Attempt, database: Database) -> None:
    for _ in range(4):
        attempt()
    with_success = attempt()

    with database.write() as session:
        mark_succeeded(session, with_success)

    for _ in range(5):
        attempt()
    with pytest.raises(TooManyAttemptsError):
        attempt()


def test_refuses_an_address_after_a_hundred_failures_on_any_accounts(attempt: Attempt) -> None:
    for number in range(100):
        attempt(f"person{number}@example.gov.uk")

    with pytest.raises(TooManyAttemptsError):
        attempt("ada@example.gov.uk", "192.0.2.1")

    attempt("ada@example.gov.uk", "192.0.2.2")


def test_success_on_one_account_does_not_forgive_the_address(attempt: Attempt, database: Database) -> None:
    for number in range(99):
        attempt(f"person{number % 33}@example.gov.uk", after=number * SECONDS)
    success = attempt("person1@example.gov.uk", after=100 * SECONDS)
    with database.write() as session:
        mark_succeeded(session, success)
    attempt("ada@example.gov.uk", after=101 * SECONDS)

    with pytest.raises(TooManyAttemptsError):
        attempt("grace@example.gov.uk", after=102 * SECONDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_counts_addresses_of_one_network_together(attempt: Attempt, one: str, other: str) -> None:
    for number in range(100):
        attempt(f"person{number}@example.gov.uk", one)

    with pytest.raises(TooManyAttemptsError):
        attempt("ada@example.gov.uk", other)


def test_counts_ipv6_networks_apart(attempt: Attempt) -> None:
    for number in range(100):
        attempt(f"person{number}@example.gov.uk", "2001:db8:1:2::1")

    attempt("ada@example.gov.uk", "2001:db8:1:3::1")


def test_forgets_attempts_after_a_day(attempt: Attempt, database: Database) -> None:
    for _ in range(5):
        attempt()

    attempt("grace@example.gov.uk", after=timedelta(hours=24, seconds=1))

    assert count_attempts(database) == 1


def test_keeps_neither_e_mail_address_nor_network_address(attempt: Attempt, database: Database) -> None:
    attempt("ada@example.gov.uk", "192.0.2.1")

    with database.read() as session:
        row = session.scalars(select(SignInAttempt)).one()

    assert len(row.email_key) == len(row.address_key) == 64
    assert row.email_key != row.address_key


@pytest.mark.parametrize("guess", [Guess.PASSWORD, Guess.CODE])
def test_processes_guessing_at_the_same_moment_get_five_attempts_between_them(database: Database, guess: Guess) -> None:
    command = [sys.executable, "-c", GUESS_ONCE_TOLD_TO, database.url, guess]
    environment = {**os.environ, "PYTHONPATH": str(SITE)}
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()

    answers = [answer for process in processes for answer in process.communicate()[0].split()]

    assert answers.count("allowed") == 5
    assert answers.count("refused") == 13


def test_failures_of_before_the_clock_was_set_back_keep_nobody_out_until_it_has_caught_up(attempt: Attempt) -> None:
    for _ in range(5):
        attempt(after=180 * MINUTES)

    assert attempt()
