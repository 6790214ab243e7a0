"""Sessions of people who came through single sign-on: how they start, and what signing out at the provider needs."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import KeyLostError
from knowledge_base.accounts.models import SignInSession
from knowledge_base.accounts.people import person_of
from knowledge_base.accounts.provider_models import ProviderSession
from knowledge_base.accounts.provider_people import Newcomer, bring_up_to_date
from knowledge_base.accounts.register import Register, actor_of, event_about
from knowledge_base.accounts.second_step import Arrival, SignedIn
from knowledge_base.accounts.sessions import Start, hash_token, start_session
from knowledge_base.audit.events import NOBODY, Event, Kind

METHOD = "single sign-on"
# The hint goes into an address, and longer ones than this do not get through everywhere.
LONGEST_HINT = 4096


@dataclass(frozen=True)
class ProvidedStart:
    """What the provider says of a session: its name for it, when the person showed who they are, and in which token.

    They may have done so long ago, for another site; where it does not say, nobody knows.
    """

    sid: str
    shown_at: datetime | None
    id_token: str = field(repr=False)


def start_provided_session(  # noqa: PLR0913 - who comes, how, and what the provider says of it
    session: Session,
    register: Register,
    newcomer: Newcomer,
    arrival: Arrival,
    *,
    start: ProvidedStart,
    now: datetime,
) -> SignedIn | None:
    """Let the provider's person in, with an account that is up to date. None, and recorded, when it is disabled.

    The second factor was for the provider to ask for. Sensitive changes ask for a proof anew that is not recent.
    """
    account = bring_up_to_date(session, register, newcomer, now=now)
    if account.disabled_at is not None:
        event = event_about(account, Kind.SIGN_IN_FAILED, actor=NOBODY, reason="the account is disabled")
        register.record(session, event, now=now)
        return None
    token = start_session(session, register, account, start=Start(arrival.browser, sid=start.sid), now=now)
    session.flush()
    started = session.scalars(select(SignInSession).where(SignInSession.token_hash == hash_token(token))).one()
    started.reauthenticated_at = start.shown_at
    _keep_hint(session, register, started.id, start.id_token)
    register.record(session, Event(Kind.SIGNED_IN, actor_of(account), details={"method": METHOD}), now=now)
    return SignedIn(token, person_of(account), arrival.destination)


def name_anew(register: Register, session_id: int, *, sid: str, id_token: str) -> None:
    """Note what the provider calls the session after the person has signed in there once more."""
    with register.database.write() as session:
        session.execute(update(SignInSession).where(SignInSession.id == session_id).values(sid=sid))
        session.execute(delete(ProviderSession).where(ProviderSession.session_id == session_id))
        _keep_hint(session, register, session_id, id_token)


def hint_of_session(register: Register, session_id: int) -> str:
    """Return the ID token that the session began with, or nothing."""
    with register.database.read() as session:
        kept = session.get(ProviderSession, session_id)
        try:
            return register.keys.unseal(kept.sealed_id_token) if kept else ""
        except KeyLostError:
            return ""


def _keep_hint(session: Session, register: Register, session_id: int, id_token: str) -> None:
    if len(id_token) <= LONGEST_HINT:
        session.add(ProviderSession(session_id=session_id, sealed_id_token=register.keys.seal(id_token)))
