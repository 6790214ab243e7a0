"""Signing out by the provider's word, without the person's browser (OpenID Connect Back-Channel Logout 1.0)."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge_base.accounts.browsers import UNKNOWN_BROWSER
from knowledge_base.accounts.claims import Audience, Logout, check_logout_token
from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.provider import Provider
from knowledge_base.accounts.provider_errors import LogoutRefusedError, SingleSignOnError
from knowledge_base.accounts.provider_models import ProviderRequest, UsedLogoutToken
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.audit.events import Actor, Kind

THE_PROVIDER = Actor.system("The sign-in provider")
REASON = "signed out at the sign-in provider"


def sign_out_by_token(register: Register, provider: Provider, token: str, *, now: datetime) -> int:
    """End the sessions that a logout token names, and return how many there were. Raises LogoutRefusedError.

    Nothing is recorded of a token that is refused: anybody may send one.
    """
    try:
        claims = provider.read_token(token, is_asked_for=False)
        metadata = provider.metadata()
    except SingleSignOnError as error:
        raise LogoutRefusedError(error.reason) from error
    audience = Audience(metadata.issuer, provider.settings.client_id, metadata.tenant)
    logout = check_logout_token(claims, audience, now=now)
    try:
        with register.database.write() as session:
            _use_up(session, logout, now=now)
            return _end(session, register, logout, issuer=metadata.issuer, now=now)
    except IntegrityError as error:
        message = "it was used before"
        raise LogoutRefusedError(message) from error


def _use_up(session: Session, logout: Logout, *, now: datetime) -> None:
    session.execute(delete(UsedLogoutToken).where(UsedLogoutToken.expires_at <= now))
    session.add(UsedLogoutToken(token_hash=logout.token_hash, expires_at=logout.expires_at))
    session.flush()


def _end(session: Session, register: Register, logout: Logout, *, issuer: str, now: datetime) -> int:
    named = [Account.issuer == issuer, SignInSession.ended_at.is_(None)]
    if logout.subject:
        named.append(Account.subject == logout.subject)
    if logout.sid:
        # A provider that says which person, too, may have given the session no name when it began.
        named.append(SignInSession.sid.in_({logout.sid, ""} if logout.subject else {logout.sid}))
    found = session.scalars(select(SignInSession).join(SignInSession.account).where(*named).with_for_update()).all()
    ids = [one.id for one in found]
    session.execute(delete(ProviderRequest).where(ProviderRequest.session_id.in_(ids)))
    session.execute(update(SignInSession).where(SignInSession.id.in_(ids)).values(ended_at=now))
    for one in found:
        details = {"browser": one.browser or UNKNOWN_BROWSER, "reason": REASON}
        register.record(session, event_about(one.account, Kind.SESSION_ENDED, actor=THE_PROVIDER, **details), now=now)
    return len(found)
