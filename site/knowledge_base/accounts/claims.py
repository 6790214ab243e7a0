"""The checks of what the sign-in provider states in its tokens: for whom, by whom, when, and in answer to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, TypeGuard

from knowledge_base.accounts.models import LONGEST_PROVIDED
from knowledge_base.accounts.provider_errors import AnswerRefusedError, LogoutRefusedError, NotShownAgainError
from knowledge_base.accounts.sessions import hash_token

# How far the provider's clock may be off from ours.
SKEW = timedelta(seconds=60)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# What a logout token says holds when it is sent, so a longer life would only serve whoever stole it.
LOGOUT_LASTS = timedelta(minutes=10)

# The year 5138. Later ones are no moments that Python and both databases can keep.
LATEST = 1e11

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Audience:
    """Who may have made a token, and for whom. `tenant` is Entra ID's, where tokens must name it."""

    issuer: str
    client_id: str
    tenant: str = ""


@dataclass(frozen=True)
class Asked:
    """What the token answers: when the browser went to the provider, and with which nonce."""

    at: datetime
    nonce_hash: str
    once_more: bool


@dataclass(frozen=True)
class Logout:
    """What a logout token says to end: one session of the provider's, or all of one of its people."""

    subject: str
    sid: str
    token_hash: str
    expires_at: datetime


def check_id_token(claims: Claims, audience: Audience, asked: Asked, *, now: datetime) -> None:
    """Check an ID token (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises AnswerRefusedError, or its NotShownAgainError where all is well but that the person had to show once more who
    they are, and the provider does not say that they did.
    """
    fault = _fault_of_any(claims, audience, now=now) or _fault_of_answer(claims, asked)
    if fault:
        raise AnswerRefusedError(fault)
    if asked.once_more and not _is_shown_since(claims, asked.at, now=now):
        raise NotShownAgainError


def when_shown(claims: Claims, *, now: datetime) -> datetime | None:
    """Return when the person showed the provider who they are, if it says.

    It may have been long before they came here: who is signed in there already is let through without a question.
    """
    at = claims.get("auth_time", "")
    return min(_moment(at), now) if _is_time(at) else None


def check_logout_token(claims: Claims, audience: Audience, *, now: datetime) -> Logout:
    """Check a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6). Raises LogoutRefusedError.

    That it was not used before is for the database to say.
    """
    fault = _fault_of_any(claims, audience, now=now, needs_subject=False) or _fault_of_logout(claims, now=now)
    if fault:
        raise LogoutRefusedError(fault)
    token_hash = hash_token(f"{audience.issuer}\n{claims['jti']}")
    return Logout(claims.get("sub", ""), claims.get("sid", ""), token_hash, _moment(claims["exp"]) + SKEW)


def _fault_of_any(claims: Claims, audience: Audience, *, now: datetime, needs_subject: bool = True) -> str:
    """Return what is wrong that would be in any token, or nothing."""
    if claims.get("iss") != audience.issuer:
        return "it is by another issuer"
    if audience.tenant and claims.get("tid", audience.tenant) != audience.tenant:
        return "it is of another tenant"
    if needs_subject and "sub" not in claims:
        return "it names nobody"
    if any(not _is_name(claims[name]) for name in ("sub", "sid") if name in claims):
        return "it names somebody, or a session, in a way that cannot be kept"
    return _fault_of_audience(claims, audience) or _fault_of_times(claims, now=now)


def _fault_of_audience(claims: Claims, audience: Audience) -> str:
    addressed = claims.get("aud")
    audiences = addressed if isinstance(addressed, list) else [addressed]
    if audience.client_id not in audiences:
        return "it is for another site"
    if claims.get("azp", audience.client_id) != audience.client_id or (len(audiences) > 1 and "azp" not in claims):
        return "it was given to another site"
    return ""


def _fault_of_times(claims: Claims, *, now: datetime) -> str:
    if not _is_time(claims.get("exp")) or not _is_time(claims.get("iat")) or not _is_time(claims.get("nbf", 0)):
        return "it does not say when it was made and how long it is good"
    if claims["exp"] <= (now - SKEW).timestamp():
        return "it has expired"
    if max(claims["iat"], claims.get("nbf", 0)) > (now + SKEW).timestamp():
        return "it is not good yet"
    return ""


def _fault_of_answer(claims: Claims, asked: Asked) -> str:
    nonce = claims.get("nonce")
    if not _is_name(nonce) or not compare_digest(hash_token(nonce), asked.nonce_hash):
        return "it answers another request"
    if claims["iat"] < (asked.at - SKEW).timestamp():
        return "it was made before it was asked for"
    return ""


def _is_shown_since(claims: Claims, asked_at: datetime, *, now: datetime) -> bool:
    at = claims.get("auth_time", "")
    return _is_time(at) and asked_at - SKEW <= _moment(at) <= now + SKEW


def _fault_of_logout(claims: Claims, *, now: datetime) -> str:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        return "it is not about signing out"
    if "nonce" in claims:
        return "it has a nonce"
    if not _is_name(claims.get("jti")):
        return "it has no identifier of its own"
    if not claims.keys() & {"sub", "sid"}:
        return "it names neither a person nor a session"
    if claims["iat"] < (now - LOGOUT_LASTS).timestamp():
        return "it is old"
    return ""


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= LONGEST_PROVIDED


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST


def _moment(value: float) -> datetime:
    return datetime.fromtimestamp(value, UTC)
