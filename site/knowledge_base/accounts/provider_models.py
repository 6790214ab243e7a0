"""The tables of single sign-on: requests that wait for their answer, what signing out needs, and used logout tokens."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.accounts.models import DIGEST, LONGEST_DESTINATION, LONGEST_SEALED
from knowledge_base.db import Model, UtcDateTime


class ProviderRequest(Model):
    """A request that a browser took to the provider. It is answered once, by the browser that holds its state.

    `session_id` is the session that is to be confirmed; without one, somebody signs in.
    """

    __tablename__ = "provider_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    nonce_hash: Mapped[str] = mapped_column(String(DIGEST))
    sealed_verifier: Mapped[str] = mapped_column(String(LONGEST_SEALED))
    destination: Mapped[str] = mapped_column(String(LONGEST_DESTINATION))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_sessions.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ProviderSession(Model):
    """The ID token that a session began with, encrypted. The provider wants it back as a hint for signing out."""

    __tablename__ = "provider_sessions"

    session_id: Mapped[int] = mapped_column(ForeignKey("sign_in_sessions.id", ondelete="CASCADE"), primary_key=True)
    sealed_id_token: Mapped[str] = mapped_column(Text)


class UsedLogoutToken(Model):
    """A logout token that was honoured, so that it is not a second time. Forgotten once it has expired anyway."""

    __tablename__ = "used_logout_tokens"

    token_hash: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
