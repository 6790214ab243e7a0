"""What this site keeps of a request while a browser is at the sign-in provider with it. It is answered once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete

from knowledge_base.accounts.errors import KeyLostError
from knowledge_base.accounts.models import LONGEST_DESTINATION
from knowledge_base.accounts.provider import Question
from knowledge_base.accounts.provider_models import ProviderRequest
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.sessions import hash_token

ANSWERED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class KeptRequest:
    """What the answer has to fit, and where the person was going. `session_id` is the session to be confirmed."""

    nonce_hash: str
    verifier: str = field(repr=False)
    destination: str
    session_id: int | None
    started_at: datetime


def keep_request(
    register: Register, question: Question, destination: str, *, session_id: int | None, now: datetime
) -> None:
    """Keep a request for ten minutes, or until it is answered. Forgets those that nobody answered."""
    with register.database.write() as session:
        session.execute(delete(ProviderRequest).where(ProviderRequest.expires_at <= now))
        session.add(
            ProviderRequest(
                state_hash=hash_token(question.state),
                nonce_hash=hash_token(question.nonce),
                sealed_verifier=register.keys.seal(question.verifier),
                destination=destination if len(destination) <= LONGEST_DESTINATION else "/",
                session_id=session_id,
                started_at=now,
                expires_at=now + ANSWERED_WITHIN,
            )
        )


def take_request(register: Register, state: str, *, now: datetime) -> KeptRequest | None:
    """Return the request of this state and forget it, so that of several answers one counts. None if there is none."""
    with register.database.write() as session:
        kept = session.scalar(
            delete(ProviderRequest)
            .where(ProviderRequest.state_hash == hash_token(state), ProviderRequest.expires_at > now)
            .returning(ProviderRequest)
        )
        if kept is None:
            return None
        try:
            verifier = register.keys.unseal(kept.sealed_verifier)
        except KeyLostError:
            return None
        return KeptRequest(kept.nonce_hash, verifier, kept.destination, kept.session_id, kept.started_at)
