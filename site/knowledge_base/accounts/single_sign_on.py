"""Signing in, and showing again who one is, at the council's own sign-in provider (OpenID Connect Core 1.0).

The browser takes a request there and brings the answer back. Between the two a row here holds what the answer has to
fit; it is taken away by the first answer that names it.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge_base.accounts.attempts import Guess, Target, reserve_attempt
from knowledge_base.accounts.claims import Asked, Audience, check_id_token, when_shown
from knowledge_base.accounts.claims_reading import Description, describe, lacks_something
from knowledge_base.accounts.claims_table import Table, grant_of
from knowledge_base.accounts.errors import TooManyAttemptsError
from knowledge_base.accounts.models import SignInSession
from knowledge_base.accounts.provider import Provider, Question, Redeemed
from knowledge_base.accounts.provider_errors import (
    AnswerRefusedError,
    PersonDisabledError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SingleSignOnError,
    StaleAnswerError,
)
from knowledge_base.accounts.provider_people import Newcomer
from knowledge_base.accounts.provider_requests import KeptRequest, keep_request, take_request
from knowledge_base.accounts.provider_sessions import ProvidedStart, name_anew, start_provided_session
from knowledge_base.accounts.reauthentication import note_reauthentication
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import Arrival, SignedIn
from knowledge_base.accounts.sessions import new_token
from knowledge_base.audit.events import NOBODY, Event, Kind
from knowledge_base.telemetry.measures import count_sign_in_failure

logger = logging.getLogger(__name__)

UNAVAILABLE = {"server_error", "temporarily_unavailable"}


@dataclass(frozen=True)
class Departure:
    """Where the browser is to go, and what it must hold to come back."""

    url: str
    state: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What the browser brings back, and the states of the requests that it was given."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str
    issuer: str
    held: Collection[str] = field(repr=False)


@dataclass(frozen=True)
class Present:
    """The session of a browser that is signed in, and the token that it holds."""

    session_id: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class Welcomed:
    """Somebody who is signed in now, and whether the provider kept their groups from us."""

    signed_in: SignedIn
    groups_unread: bool


@dataclass(frozen=True)
class Confirmed:
    """Somebody signed in who has shown again who they are, and where they were going."""

    destination: str


@dataclass(frozen=True)
class Desk:
    """What single sign-on works with: the accounts, the provider, and the table of what its claim gives."""

    register: Register
    provider: Provider
    table: Table


def set_out(desk: Desk, arrival: Arrival, *, session_id: int | None = None, now: datetime) -> Departure:
    """Begin to sign in, or to confirm the session that is named. Raises ProviderUnavailableError."""
    state, nonce, verifier = new_token(), new_token(), new_token()
    question = Question(state, nonce, verifier, once_more=session_id is not None)
    try:
        url = desk.provider.authorization_url(question)
    except SingleSignOnError as error:
        _record_refusal(desk.register, error, arrival, now=now)
        raise
    keep_request(desk.register, question, arrival.destination, session_id=session_id, now=now)
    return Departure(url, state)


def arrive(
    desk: Desk, answer: Answer, arrival: Arrival, *, present: Present | None, now: datetime
) -> Welcomed | Confirmed:
    """Take what the browser brings back from the provider. `present` is the session of the browser, if it has one.

    Raises a SingleSignOnError, which has been recorded.
    """
    try:
        request = _take_request(desk.register, answer, now=now)
        _check_address(desk.provider, answer)
        redeemed = desk.provider.redeem(answer.code, verifier=request.verifier)
        claims = _read_claims(desk, redeemed, request, now=now)
        if request.session_id is not None:
            _confirm(desk, claims, request.session_id, present=present, now=now)
            name_anew(desk.register, request.session_id, sid=claims.get("sid", ""), id_token=redeemed.id_token)
            return Confirmed(request.destination)
        return _let_in(desk, claims, redeemed, Arrival(arrival.address, arrival.browser, request.destination), now=now)
    except PersonDisabledError:
        # Recorded already, under the person's name.
        raise
    except SingleSignOnError as error:
        _record_refusal(desk.register, error, arrival, now=now)
        raise


def _take_request(register: Register, answer: Answer, *, now: datetime) -> KeptRequest:
    """Return the request that is answered, which nobody can answer again. Raises a SingleSignOnError."""
    request = take_request(register, answer.state, now=now) if answer.state in answer.held else None
    if answer.error:
        # Some providers leave the state out when they refuse. Nothing comes of it but a page that says so.
        if answer.error in UNAVAILABLE:
            message = "the provider says that it does not work just now"
            raise ProviderUnavailableError(message)
        message = "the provider, or the person there, said no"
        raise ProviderRefusedError(message)
    if request is None:
        raise StaleAnswerError
    return request


def _check_address(provider: Provider, answer: Answer) -> None:
    """Check that the answer is by this provider, as far as it says (RFC 9207). Raises AnswerRefusedError."""
    metadata = provider.metadata()
    if answer.issuer != metadata.issuer and (answer.issuer or metadata.names_itself):
        message = "the answer is by another provider"
        raise AnswerRefusedError(message)
    if not answer.code:
        message = "the answer has no code in it"
        raise AnswerRefusedError(message)


def _read_claims(desk: Desk, redeemed: Redeemed, request: KeptRequest, *, now: datetime) -> dict[str, Any]:
    provider, settings = desk.provider, desk.provider.settings
    claims = provider.read_token(redeemed.id_token, is_asked_for=True)
    metadata = provider.metadata()
    audience = Audience(metadata.issuer, settings.client_id, metadata.tenant)
    asked = Asked(request.started_at, request.nonce_hash, once_more=request.session_id is not None)
    check_id_token(claims, audience, asked, now=now)
    return claims


def _describe(provider: Provider, claims: dict[str, Any], redeemed: Redeemed) -> Description:
    """Return who comes. What the token lacks, the provider is asked for; of what it says then only this is used."""
    claim = provider.settings.claim
    if not lacks_something(claims, claim=claim):
        return describe(claims, claim=claim)
    more = provider.user_info(redeemed)
    if more and more.get("sub") != claims["sub"]:
        message = "what the provider tells of the person is about somebody else"
        raise AnswerRefusedError(message)
    return describe({**more, **claims}, claim=claim)


def _let_in(desk: Desk, claims: dict[str, Any], redeemed: Redeemed, arrival: Arrival, *, now: datetime) -> Welcomed:
    description = _describe(desk.provider, claims, redeemed)
    newcomer = Newcomer(claims["iss"], description, grant_of(desk.table, description.values))
    start = ProvidedStart(claims.get("sid", ""), when_shown(claims, now=now), redeemed.id_token)

    def let_in(session: Session) -> SignedIn | None:
        return start_provided_session(session, desk.register, newcomer, arrival, start=start, now=now)

    try:
        with desk.register.database.write() as session:
            signed_in = let_in(session)
    except IntegrityError:
        # The same person came for the first time in another browser, at the same moment: now there is the account.
        with desk.register.database.write() as session:
            signed_in = let_in(session)
    if signed_in is None:
        raise PersonDisabledError
    return Welcomed(signed_in, description.groups_unread)


def _confirm(desk: Desk, claims: dict[str, Any], session_id: int, *, present: Present | None, now: datetime) -> None:
    """Note that the person of the session has shown again who they are. Raises a SingleSignOnError."""
    if present is None or session_id != present.session_id:
        raise StaleAnswerError
    with desk.register.database.read() as session:
        account = session.get_one(SignInSession, session_id).account
        is_same = (account.issuer, account.subject) == (claims["iss"], claims["sub"])
    if not is_same:
        message = "somebody else showed who they are than the person who is signed in"
        raise AnswerRefusedError(message)
    note_reauthentication(desk.register, present.token, now=now)


def _record_refusal(register: Register, error: SingleSignOnError, arrival: Arrival, *, now: datetime) -> None:
    """Record why somebody was refused. From one network address only so often: anybody may knock."""
    logger.warning("Single sign-on was refused: %s", error.reason)
    count_sign_in_failure("provider")
    try:
        with register.database.write() as session:
            target = Target(Guess.PROVIDER, arrival.address, arrival.address)
            reserve_attempt(session, target, keys=register.keys, now=now)
            event = Event(Kind.SINGLE_SIGN_ON_REFUSED, NOBODY, details={"reason": error.reason})
            register.record(session, event, now=now)
    except TooManyAttemptsError:
        return
