"""The tables of accounts: people, their sessions, their attempts to sign in, and one-time links."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge_base.db import Model, UtcDateTime

LONGEST_EMAIL = 254
LONGEST_NAME = 100
LONGEST_GROUP = 50
DIGEST = 64


class Role(StrEnum):
    """What an account may do besides reading. A role never widens what it may read."""

    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What a one-time link is for."""

    FIRST_ADMINISTRATOR = "first-administrator"
    INVITATION = "invitation"
    RESET = "reset"


class AccountGroup(Model):
    """A group that an account is in."""

    __tablename__ = "account_groups"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_GROUP), primary_key=True)


class AccountRole(Model):
    """A role that an account has."""

    __tablename__ = "account_roles"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class Account(Model):
    """A person who can be let in. Without a password, or once disabled, signing in is refused."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    groups: Mapped[list[AccountGroup]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    roles: Mapped[list[AccountRole]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class SignInSession(Model):
    """A browser that is signed in. The browser holds the token; the row only the token's hash."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class SignInAttempt(Model):
    """An attempt to sign in. It counts as failed until it is known to have succeeded.

    The keys are keyed hashes, so the table names nobody: not even those who mistyped their address.
    """

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "email_key", "at"), Index(None, "address_key", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email_key: Mapped[str] = mapped_column(String(DIGEST))
    address_key: Mapped[str] = mapped_column(String(DIGEST))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    succeeded: Mapped[bool] = mapped_column(default=False)


class OneTimeLink(Model):
    """A link with which a person makes an account or chooses a new password. Only the hash of its token is kept."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    purpose: Mapped[str] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    groups: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
