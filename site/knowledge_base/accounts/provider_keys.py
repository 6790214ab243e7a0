"""Signatures: whether a token was signed by one of the keys that the sign-in provider publishes."""

from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry, extract_compact

from knowledge_base.accounts.provider_errors import AnswerRefusedError, KeyUnknownError

# A key that the provider and this site both know could be used to sign by either.
SHARED = "oct"
# Some providers put a chain of certificates into the header.
LONGEST_HEADER = 16 * 1024
# What is raised for a token or a key of an odd shape: anybody may send a token.
UNUSABLE = (JoseError, ValueError, TypeError, KeyError, RecursionError)


def read_keys(document: Mapping[str, Any]) -> tuple[Key, ...]:
    """Return the public keys for signatures of a key set (RFC 7517). What cannot be used is left out."""
    entries = document.get("keys")
    found = (_read_key(entry) for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()
    return tuple(key for key in found if key is not None)


def read_signed(token: str, keys: Iterable[Key], *, algorithms: tuple[str, ...]) -> dict[str, Any]:
    """Return the claims of a token that one of the keys has signed.

    Raises KeyUnknownError when none has, and AnswerRefusedError when it is no signed token, or one that is signed in
    another way than those allowed: `none` and shared secrets never are.
    """
    registry = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
    registry.max_header_length = LONGEST_HEADER
    header = _header(token, registry)
    if header.get("alg") not in algorithms:
        message = "it is signed in a way that is not allowed"
        raise AnswerRefusedError(message)
    for key in keys:
        if _may_fit(key, header):
            try:
                return jwt.decode(token, key, algorithms=list(algorithms), registry=registry).claims
            except UNUSABLE:
                continue
    raise KeyUnknownError


def _read_key(entry: dict[str, Any]) -> Key | None:
    if entry.get("kty") == SHARED or entry.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(entry)
    except UNUSABLE:
        # A kind of key that is newer than this site does not make the others useless.
        return None


def _may_fit(key: Key, header: Mapping[str, Any]) -> bool:
    is_named = header.get("kid") is None or header["kid"] == key.kid
    return is_named and key.get("alg") in {None, header["alg"]}


def _header(token: str, registry: JWSRegistry) -> dict[str, Any]:
    try:
        return dict(extract_compact(token.encode(), registry=registry).headers())
    except UNUSABLE as error:
        message = "it is not a signed token"
        raise AnswerRefusedError(message) from error
