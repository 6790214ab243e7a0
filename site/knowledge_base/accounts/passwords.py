"""Passwords: what a new one must be like, and argon2id hashes of those in use.

The rule follows the National Cyber Security Centre: length, nothing that many people use, and no demand for digits or
capitals. A password does not expire.
"""

import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from knowledge_base.accounts.common_passwords import is_common
from knowledge_base.accounts.errors import PasswordRefusedError

SHORTEST = 12
LONGEST = 200

_hasher = PasswordHasher()


def check_new_password(password: str, *, email: str, name: str, site_name: str = "") -> None:
    """Raise PasswordRefusedError when someone of this e-mail address and name may not choose the password."""
    typed = _normalise(password)
    if not typed:
        message = "Enter a password"
    elif len(typed) < SHORTEST:
        message = f"Password must be {SHORTEST} characters or more"
    elif len(typed) > LONGEST:
        message = f"Password must be {LONGEST} characters or fewer"
    elif _letters(typed) in _names(email=email, name=name, site_name=site_name):
        message = "Password must not be your email address, your name or the name of this site"
    elif is_common(typed):
        message = "Password must not be one that is easy to guess or that many people use. Try three random words"
    else:
        return
    raise PasswordRefusedError(message)


def hash_password(password: str) -> str:
    """Return the hash to keep. It takes a noticeable time: never do it inside a transaction."""
    return _hasher.hash(_normalise(password))


def verify_password(password: str, password_hash: str) -> bool:
    """Say whether the password is the one hashed. It takes a noticeable time, whatever the answer."""
    try:
        return _hasher.verify(password_hash, _normalise(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Say whether the hash was made with other parameters than new ones are."""
    return _hasher.check_needs_rehash(password_hash)


def _normalise(password: str) -> str:
    # The same accented letter is one character on some keyboards and two on others.
    return unicodedata.normalize("NFKC", password)


def _letters(text: str) -> str:
    """Return the letters alone: digits, signs and spaces around a name do not hide it."""
    return "".join(sign for sign in _normalise(text).casefold() if sign.isalpha())


def _names(*, email: str, name: str, site_name: str) -> set[str]:
    """Return what a guesser would try first, written as one word: the whole names, and each put twice."""
    names = {_letters(text) for text in (email, email.partition("@")[0], name, site_name)} - {""}
    return names | {name * 2 for name in names}


def _make_decoy() -> str:
    """Return a hash that costs as much to verify as a real one and that no password has."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


DECOY = _make_decoy()
