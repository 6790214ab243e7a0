"""Where accounts are kept, with what every change of them needs: keys, limits, and the record."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import KeyLostError
from knowledge_base.accounts.models import Account
from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.db import Database
from knowledge_base.settings import Settings


class Keys:
    """Keys for one purpose each, made out of the site's secret key. What an older one protects stays readable."""

    def __init__(self, secret_key: str, old_secret_keys: tuple[str, ...] = ()) -> None:
        self.chain = ChainKeys.derive(secret_key, old_secret_keys)
        self._secrets = (secret_key, *old_secret_keys)
        self._fernet = MultiFernet(
            [Fernet(urlsafe_b64encode(_derive(secret, "second factor"))) for secret in self._secrets]
        )

    def seal(self, secret: str) -> str:
        """Encrypt what the database file alone must not give away."""
        return self._fernet.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Return what was sealed. Raises KeyLostError when none of the secret keys fits any more."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise KeyLostError from error

    def hash_attempt(self, kind: str, value: str) -> str:
        """Return what the count of attempts keeps of an address or an account."""
        return _hash(self._secrets[0], "attempt", f"{kind}\0{value}")

    def hash_code(self, account_id: int, code: str) -> str:
        """Return what the database keeps of a recovery code."""
        return self.hashes_of_code(account_id, code)[0]

    def hashes_of_code(self, account_id: int, code: str) -> list[str]:
        """Return what the database may hold of a recovery code, made before the secret key was changed or after."""
        return [_hash(secret, "recovery code", f"{account_id}\0{code}") for secret in self._secrets]


@dataclass(frozen=True)
class Register:
    """The accounts of the site. Its functions are spread over this package; each takes it first."""

    database: Database
    keys: Keys = field(repr=False)
    session_idle: timedelta = timedelta(minutes=30)
    session_length: timedelta = timedelta(hours=12)
    # Where they are off, of the people with a password only administrators are let in, for when the provider is down.
    local_accounts: bool = True

    @classmethod
    def of(cls, settings: Settings, database: Database) -> "Register":
        """Make it as the settings say."""
        return cls(
            database,
            Keys(settings.secret_key, settings.old_secret_keys),
            session_idle=settings.session_idle,
            session_length=settings.session_length,
            local_accounts=settings.local_accounts,
        )

    def record(self, session: Session, event: Event, *, now: datetime) -> None:
        """Record what is done in the transaction. Do it last: until the transaction ends nobody else can record."""
        record(session, event, keys=self.keys.chain, now=now)


def actor_of(account: Account) -> Actor:
    """Return the person of the account, as the record names who did something."""
    return Actor(account.id, account.name)


def event_about(account: Account, kind: Kind, *, actor: Actor, **details: str) -> Event:
    """Return the event that tells what was done to the account."""
    return Event(kind, actor, subject=account.name, details=details, subject_id=account.id)


def _derive(secret_key: str, purpose: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"knowledge base: {purpose}".encode(), "sha256")


def _hash(secret_key: str, purpose: str, value: str) -> str:
    return hmac.digest(_derive(secret_key, purpose), value.encode(), "sha256").hex()
