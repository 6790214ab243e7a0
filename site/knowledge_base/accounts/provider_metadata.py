"""What a sign-in provider says of itself (OpenID Connect Discovery 1.0), checked before any of it is used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from knowledge_base.accounts.provider_errors import ProviderUnavailableError
from knowledge_base.environment import is_safe_to_reach

# Never `none`, and never a key that both sides know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
TENANT = "{tenantid}"
ANY_TENANT = {"common", "organizations", "consumers"}
BASIC, POST = "client_secret_basic", "client_secret_post"


@dataclass(frozen=True)
class Metadata:
    """Where the provider's doors are, and what it can do. `tenant` is Entra ID's, where tokens must name it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    algorithms: tuple[str, ...]
    secret_goes: str
    names_itself: bool
    tenant: str = ""


def read_metadata(document: Mapping[str, Any], *, issuer: str) -> Metadata:
    """Return what the document says. Raises ProviderUnavailableError when it cannot be used."""
    named = _issuer(document, issuer)
    offered = _names(document, "id_token_signing_alg_values_supported") or ["RS256"]
    algorithms = tuple(name for name in ALGORITHMS if name in offered)
    if not algorithms:
        message = "the provider signs in no way that this site accepts"
        raise ProviderUnavailableError(message)
    # Both left out means the first, by the standard.
    ways = _names(document, "token_endpoint_auth_methods_supported") or [BASIC]
    return Metadata(
        issuer=named,
        authorization_endpoint=_address(document, "authorization_endpoint", issuer),
        token_endpoint=_address(document, "token_endpoint", issuer),
        jwks_uri=_address(document, "jwks_uri", issuer),
        userinfo_endpoint=_address(document, "userinfo_endpoint", issuer, is_needed=False),
        end_session_endpoint=_address(document, "end_session_endpoint", issuer, is_needed=False),
        algorithms=algorithms,
        secret_goes=POST if POST in ways and BASIC not in ways else BASIC,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        tenant=_tenant(str(document.get("issuer")), issuer) or "",
    )


def _issuer(document: Mapping[str, Any], wanted: str) -> str:
    """Return the issuer that tokens must name. Entra ID may write it with a gap for the tenant, which ours fills."""
    named = document.get("issuer")
    if isinstance(named, str):
        if named.rstrip("/") == wanted:
            return named
        if _tenant(named, wanted):
            return wanted
    message = "the provider calls itself by another name than KB_OIDC_ISSUER"
    raise ProviderUnavailableError(message)


def _tenant(named: str, wanted: str) -> str | None:
    """Return what the wanted issuer has in the place of the gap. A name for any tenant does not count."""
    before, gap, after = named.partition(TENANT)
    found = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}", wanted) if gap else None
    return found[1] if found and found[1] not in ANY_TENANT else None


def _address(document: Mapping[str, Any], name: str, issuer: str, *, is_needed: bool = True) -> str:
    address = document.get(name)
    if isinstance(address, str) and is_safe_to_reach(address) and _is_as_safe(address, issuer):
        return address
    if is_needed or address:
        message = f"the provider names no address that is safe to reach as its {name}"
        raise ProviderUnavailableError(message)
    return ""


def _is_as_safe(address: str, issuer: str) -> bool:
    """Say whether the address has TLS if the issuer has: a provider elsewhere must not lead to this machine's doors."""
    return urlsplit(address).scheme == "https" or urlsplit(issuer).scheme == "http"


def _names(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []
