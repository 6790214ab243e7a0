"""What the provider's claims say of a person: a name, an e-mail address, and the values that give groups and roles."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge_base.accounts.errors import ProfileRefusedError
from knowledge_base.accounts.models import LONGEST_NAME
from knowledge_base.accounts.people import check_email

NAMELESS = "Someone without a name"
GROUPS = "groups"


@dataclass(frozen=True)
class Description:
    """A person as the provider describes them. Only `subject`, with the issuer, says who they are.

    `groups_unread` is whether the provider left the values out because there are too many.
    """

    subject: str
    name: str
    email: str
    values: frozenset[str]
    groups_unread: bool = False


def describe(claims: Mapping[str, Any], *, claim: str) -> Description:
    """Return what the claims say."""
    found = _find(claims, claim)
    return Description(
        subject=claims["sub"],
        name=_name(claims),
        email=_email(claims),
        values=frozenset(_values(found)),
        groups_unread=found is None and _is_overage(claims, claim),
    )


def lacks_something(claims: Mapping[str, Any], *, claim: str) -> bool:
    """Say whether it is worth asking the provider for more: some put only the subject into the token.

    Entra ID never tells more elsewhere, and asking it would mean reaching one more of its servers.
    """
    is_entra = "tid" in claims and "oid" in claims
    return not is_entra and (_find(claims, claim) is None or not claims.get("name") or not claims.get("email"))


def _find(claims: Mapping[str, Any], claim: str) -> object:
    """Return the claim of this name, or the one that the name leads to step by step, as in `realm_access.roles`."""
    if claim in claims:
        return claims[claim]
    found: object = claims
    for step in claim.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _values(found: object) -> Iterable[str]:
    if isinstance(found, str):
        return [found]
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []


def _is_overage(claims: Mapping[str, Any], claim: str) -> bool:
    """Say whether Entra ID left the groups out and says where to ask for them instead."""
    elsewhere = claims.get("_claim_names")
    is_elsewhere = isinstance(elsewhere, Mapping) and claim in elsewhere
    return is_elsewhere or (claim == GROUPS and str(claims.get("hasgroups")).lower() == "true")


def _name(claims: Mapping[str, Any]) -> str:
    given, family = (_text(claims.get(part)) for part in ("given_name", "family_name"))
    candidates = (_text(claims.get("name")), f"{given} {family}".strip(), _text(claims.get("preferred_username")))
    return next(filter(None, (*candidates, _email(claims))), NAMELESS)


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    normal = " ".join(unicodedata.normalize("NFC", value).split())
    return "".join(sign for sign in normal if sign.isprintable())[:LONGEST_NAME].strip()


def _email(claims: Mapping[str, Any]) -> str:
    """Return an address to show, or nothing. It never says who somebody is."""
    for name in ("email", "preferred_username", "upn"):
        try:
            return check_email(str(claims.get(name) or ""))
        except ProfileRefusedError:
            continue
    return ""
