"""The tables of accounts: people, their second factors and sessions, their attempts to sign in, and one-time links."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge_base.db import Model, UtcDateTime

LONGEST_EMAIL = 254
LONGEST_NAME = 100
LONGEST_GROUP = 50
LONGEST_BROWSER = 60
LONGEST_DESTINATION = 2000
# Of what a sign-in provider calls itself, a person and a session.
LONGEST_PROVIDED = 255
LONGEST_SEALED = 255
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
    """A person who can be let in. Without a password, or once disabled, signing in with one is refused.

    `issuer` and `subject` are empty for local accounts; who comes through single sign-on is known by these two alone,
    so an e-mail address is one person's only among local accounts.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index(
            "ix_accounts_local_email",
            "email",
            unique=True,
            sqlite_where=text("issuer = ''"),
            postgresql_where=text("issuer = ''"),
        ),
        Index(
            "ix_accounts_issuer_subject",
            "issuer",
            "subject",
            unique=True,
            sqlite_where=text("issuer <> ''"),
            postgresql_where=text("issuer <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(LONGEST_PROVIDED), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(LONGEST_PROVIDED), default="", server_default="")
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    groups: Mapped[list[AccountGroup]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    roles: Mapped[list[AccountRole]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class SecondFactor(Model):
    """The key that an account's authenticator app holds too. A code counts once: `last_counter` is the newest used."""

    __tablename__ = "second_factors"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    sealed_key: Mapped[str] = mapped_column(String(LONGEST_SEALED))
    last_counter: Mapped[int]
    set_up_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Model):
    """A code that stands in once for the authenticator app. Only its keyed hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(DIGEST))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PendingSignIn(Model):
    """A sign-in between its password, or link, and its second factor. It lets nobody read anything.

    `sealed_key` is what a person who must set up a second factor is shown, until it is confirmed.
    """

    __tablename__ = "pending_sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    method: Mapped[str] = mapped_column(String(40))
    destination: Mapped[str] = mapped_column(String(LONGEST_DESTINATION))
    sealed_key: Mapped[str | None] = mapped_column(String(LONGEST_SEALED))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class SignInSession(Model):
    """A browser that is signed in. The browser holds the token; the row only the token's hash.

    `browser` is its family and system, for people to recognise it by; `sid` what a sign-in provider calls the session;
    `sealed_key` the key of a second factor that is being set up in it.
    """

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    browser: Mapped[str] = mapped_column(String(LONGEST_BROWSER), default="", server_default="")
    reauthenticated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sid: Mapped[str] = mapped_column(String(LONGEST_PROVIDED), default="", server_default="", index=True)
    sealed_key: Mapped[str | None] = mapped_column(String(LONGEST_SEALED))

    account: Mapped[Account] = relationship()


class SignInAttempt(Model):
    """An attempt at a password or a code, or to have a link sent. It counts as failed until it has succeeded.

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
    """A link with which a person makes an account or chooses a new password. Only the hash of its token is kept.

    `made_by` is the administrator who made it on the site; a link that a command made, or that somebody asked for
    themselves, has none.
    """

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    purpose: Mapped[str] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    groups: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[int | None]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
