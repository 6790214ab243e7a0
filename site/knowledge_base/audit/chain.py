"""The seals that chain the rows of the record: keyed hashes, which only the holder of the secret key can make."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

PURPOSE = b"knowledge base: audit chain"


@dataclass(frozen=True)
class ChainKeys:
    """The key that seals, and those that sealed before the site's secret key was changed, the newest first."""

    current: bytes = field(repr=False)
    old: tuple[bytes, ...] = field(default=(), repr=False)

    @classmethod
    def derive(cls, secret_key: str, old_secret_keys: Iterable[str] = ()) -> "ChainKeys":
        """Make the keys out of the site's secret keys. They are good for nothing else."""
        return cls(_derive(secret_key), tuple(map(_derive, old_secret_keys)))

    def seal(self, message: bytes) -> str:
        """Return the seal of the message by the current key."""
        return _seal(self.current, message)

    def age_of(self, message: bytes, seal: str) -> int | None:
        """Return which key made the seal: 0 for the current one, more for older ones, None when none of them did."""
        ages = (age for age, key in enumerate((self.current, *self.old)) if _is_same(_seal(key, message), seal))
        return next(ages, None)


@dataclass(frozen=True)
class Head:
    """Where the record ends, and where it begins now that older rows were deleted by the rule: number and hash of each.

    `number` is the last row, `forgotten` the last of those deleted.
    """

    number: int = 0
    hash: str = ""
    forgotten: int = 0
    forgotten_hash: str = ""

    @property
    def message(self) -> bytes:
        """What the head's seal covers."""
        return b"head\n" + _canonical(asdict(self))


def message_of_row(previous_hash: str, columns: Mapping[str, object]) -> bytes:
    """Return what a row's hash covers: all its columns but the hash, and through the previous hash all rows before."""
    return b"row\n" + previous_hash.encode() + b"\n" + _canonical(columns)


def _canonical(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=_in_words).encode()


def _in_words(value: object) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else repr(value)


def _derive(secret_key: str) -> bytes:
    """Return a key for this one purpose: HKDF (RFC 5869) with SHA-256, one block long."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), secret_key.encode(), "sha256")
    return hmac.digest(extracted, PURPOSE + b"\x01", "sha256")


def _seal(key: bytes, message: bytes) -> str:
    return hmac.digest(key, message, "sha256").hex()


def _is_same(one: str, other: object) -> bool:
    return isinstance(other, str) and hmac.compare_digest(one.encode(), other.encode())
