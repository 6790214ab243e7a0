"""Between the password and the session: a sign-in waits here for the second factor, or for it to be set up.

Nobody is signed in meanwhile. The wait is a row of its own, with a token of its own, good for ten minutes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knowledge_base.accounts.attempts import Guess, Target, mark_succeeded, reserve_attempt
from knowledge_base.accounts.browsers import UNKNOWN_BROWSER
from knowledge_base.accounts.errors import CodeRefusedError, CodeUsedError, RecoveryCodeRefusedError, SignInOverError
from knowledge_base.accounts.models import LONGEST_DESTINATION, Account, PendingSignIn
from knowledge_base.accounts.people import Person, person_of
from knowledge_base.accounts.recovery_codes import use_recovery_code
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.accounts.second_factor import OfferedKey, confirm_key, has_second_factor, offer_key, use_code
from knowledge_base.accounts.sessions import Start, hash_token, new_token, start_session
from knowledge_base.audit.events import NOBODY, Actor, Event, Kind
from knowledge_base.telemetry.measures import count_sign_in_failure

WAITS_FOR = timedelta(minutes=10)
CODE, RECOVERY_CODE = "a code", "a recovery code"


@dataclass(frozen=True)
class Arrival:
    """How somebody comes: from which network address, in which browser, and to which page they want."""

    address: str
    browser: str = UNKNOWN_BROWSER
    destination: str = "/"


@dataclass(frozen=True)
class SignedIn:
    """A session that has started: the token for the browser, who it is, and where they were going."""

    token: str = field(repr=False)
    person: Person
    destination: str = "/"
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Waiting:
    """A sign-in that waits for the second factor: the token that the browser is to hold meanwhile."""

    token: str = field(repr=False)
    person: Person
    must_set_up: bool


NextStep = SignedIn | Waiting


def go_on(  # noqa: PLR0913 - who comes, how, and with what
    session: Session, register: Register, account: Account, arrival: Arrival, *, method: str, now: datetime
) -> NextStep:
    """Let a person in who has shown the first factor, or make them wait for the second one if they have or need it."""
    person = person_of(account)
    has_factor = has_second_factor(session, account.id)
    if not has_factor and not person.needs_second_factor:
        return _let_in(session, register, account, arrival, method=method, now=now)
    session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= now))
    token = new_token()
    session.add(
        PendingSignIn(
            token_hash=hash_token(token),
            account_id=account.id,
            method=method,
            destination=arrival.destination if len(arrival.destination) <= LONGEST_DESTINATION else "/",
            expires_at=now + WAITS_FOR,
        )
    )
    return Waiting(token, person, must_set_up=not has_factor)


def look_up_waiting(register: Register, token: str, *, now: datetime) -> Waiting:
    """Return what the sign-in with this token waits for. Raises SignInOverError."""
    with register.database.read() as session:
        waiting = _waiting(session, token, now=now)
        must_set_up = not has_second_factor(session, waiting.account_id)
        return Waiting(token, person_of(waiting.account), must_set_up=must_set_up)


def give_up(register: Register, token: str) -> None:
    """End the wait, for whoever else may hold its token too."""
    with register.database.write() as session:
        session.execute(delete(PendingSignIn).where(PendingSignIn.token_hash == hash_token(token)))


def finish_with_code(register: Register, token: str, typed: str, arrival: Arrival, *, now: datetime) -> SignedIn:
    """Let the person in who typed the code of their app.

    Raises CodeRefusedError, TooManyAttemptsError without looking at the code, or SignInOverError.
    """

    def check(session: Session, waiting: PendingSignIn) -> tuple[str, ...]:
        use_code(session, waiting.account_id, typed, keys=register.keys, now=now)
        return ()

    return _finish(register, token, arrival, check, shown=CODE, now=now)


def finish_with_recovery_code(
    register: Register, token: str, typed: str, arrival: Arrival, *, now: datetime
) -> SignedIn:
    """Let the person in who typed one of their recovery codes.

    Raises RecoveryCodeRefusedError, TooManyAttemptsError without looking at the code, or SignInOverError.
    """

    def check(session: Session, waiting: PendingSignIn) -> tuple[str, ...]:
        use_recovery_code(session, waiting.account_id, typed, keys=register.keys, now=now)
        return ()

    return _finish(register, token, arrival, check, shown=RECOVERY_CODE, now=now)


def offer_key_to_waiting(register: Register, token: str, *, site_name: str, now: datetime) -> OfferedKey:
    """Return the key that a person who must set up a second factor is to put into their app. Raises SignInOverError."""
    with register.database.write() as session:
        waiting = _waiting(session, token, now=now)
        if has_second_factor(session, waiting.account_id):
            raise SignInOverError
        return OfferedKey(offer_key(waiting, register.keys), waiting.account.email, site_name)


def finish_with_set_up(register: Register, token: str, typed: str, arrival: Arrival, *, now: datetime) -> SignedIn:
    """Let the person in who has set up a second factor and typed its first code. Gives them their recovery codes.

    Raises CodeRefusedError, TooManyAttemptsError without looking at the code, or SignInOverError.
    """

    def check(session: Session, waiting: PendingSignIn) -> tuple[str, ...]:
        if has_second_factor(session, waiting.account_id):
            raise SignInOverError
        return confirm_key(session, register, waiting, typed, now=now)

    return _finish(register, token, arrival, check, shown=CODE, now=now)


def _finish(  # noqa: PLR0913 - who waits, what was shown, and how it is checked
    register: Register,
    token: str,
    arrival: Arrival,
    check: Callable[[Session, PendingSignIn], tuple[str, ...]],
    *,
    shown: str,
    now: datetime,
) -> SignedIn:
    with register.database.write() as session:
        waiting = _waiting(session, token, now=now)
        target = Target(Guess.CODE, str(waiting.account_id), arrival.address)
        attempt = reserve_attempt(session, target, keys=register.keys, now=now)
    try:
        with register.database.write() as session:
            waiting = _waiting(session, token, now=now)
            account, method = waiting.account, f"{waiting.method} and {shown}"
            arrival = Arrival(arrival.address, arrival.browser, waiting.destination)
            codes = check(session, waiting)
            mark_succeeded(session, attempt)
            session.delete(waiting)
            if codes:
                _record_own(session, register, account, Kind.SECOND_FACTOR_SET_UP, now=now)
            if shown == RECOVERY_CODE:
                _record_own(session, register, account, Kind.RECOVERY_CODE_USED, now=now)
            let_in = _let_in(session, register, account, arrival, method=method, now=now, with_second_factor=True)
            return SignedIn(let_in.token, let_in.person, let_in.destination, codes)
    except (CodeRefusedError, RecoveryCodeRefusedError) as error:
        what = f"{shown} had been used" if isinstance(error, CodeUsedError) else f"{shown} was wrong"
        _record_failure(register, token, what, now=now)
        raise


def _let_in(  # noqa: PLR0913 - as above
    session: Session,
    register: Register,
    account: Account,
    arrival: Arrival,
    *,
    method: str,
    now: datetime,
    with_second_factor: bool = False,
) -> SignedIn:
    start = Start(arrival.browser, with_second_factor=with_second_factor)
    token = start_session(session, register, account, start=start, now=now)
    event = Event(Kind.SIGNED_IN, Actor(account.id, account.name), details={"method": method})
    register.record(session, event, now=now)
    return SignedIn(token, person_of(account), arrival.destination)


def _waiting(session: Session, token: str, *, now: datetime) -> PendingSignIn:
    waiting = session.scalar(
        select(PendingSignIn)
        .join(PendingSignIn.account)
        .where(
            PendingSignIn.token_hash == hash_token(token),
            PendingSignIn.expires_at > now,
            Account.disabled_at.is_(None),
        )
        .with_for_update()
    )
    if waiting is None:
        raise SignInOverError
    return waiting


def _record_own(session: Session, register: Register, account: Account, kind: Kind, *, now: datetime) -> None:
    register.record(session, event_about(account, kind, actor=Actor(account.id, account.name)), now=now)


def _record_failure(register: Register, token: str, what: str, *, now: datetime) -> None:
    count_sign_in_failure("code")
    with register.database.write() as session:
        waiting = session.scalar(select(PendingSignIn).where(PendingSignIn.token_hash == hash_token(token)))
        if waiting is not None:
            reason = f"{waiting.method} was right and {what}"
            event = event_about(waiting.account, Kind.SIGN_IN_FAILED, actor=NOBODY, reason=reason)
            register.record(session, event, now=now)
