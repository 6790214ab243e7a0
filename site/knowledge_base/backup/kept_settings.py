"""The settings that a backup notes, so that the site can be set up again as it was: never a secret's value."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

# Whatever is in neither of these is new or misspelt, and is noted by its name alone.
SECRETS = frozenset({"KB_SECRET_KEY", "KB_OLD_SECRET_KEYS", "KB_SMTP_PASSWORD", "KB_OIDC_CLIENT_SECRET"})
PLAIN = frozenset(
    {
        *("KB_BASE_URL", "KB_TRUSTED_HOSTS", "KB_TRUSTED_PROXIES", "KB_WORKERS"),
        *("KB_LOG_FORMAT", "KB_METRICS_PORT", "KB_SLOW_MILLISECONDS"),
        *("KB_CONTENT_DIR", "KB_CONTENT_BRANCH", "KB_INDEX_DIR", "KB_INSTANCE_DIR"),
        *("KB_SESSION_IDLE_MINUTES", "KB_SESSION_HOURS", "KB_AUDIT_MONTHS", "KB_LOCAL_ACCOUNTS"),
        *("KB_SMTP_HOST", "KB_SMTP_PORT", "KB_SMTP_SECURITY", "KB_SMTP_USERNAME", "KB_MAIL_FROM"),
        *("KB_OIDC_ISSUER", "KB_OIDC_CLIENT_ID", "KB_OIDC_CLAIM", "KB_OIDC_GROUPS", "KB_OIDC_SCOPES", "KB_OIDC_NAME"),
    }
)


def kept_settings(environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the settings with their values, and the names of those whose values are not for a backup."""
    ours = {name: value for name, value in sorted(environ.items()) if name.startswith("KB_")}
    plain = {name: value for name, value in ours.items() if name in PLAIN}
    plain |= {name: without(ours[name]) for name, without in ADDRESSES.items() if name in ours}
    return plain, tuple(name for name in ours if name not in plain)


def remote_without_password(url: str) -> str:
    """Return the address of a git remote without what may be a secret in it: of a web address, also the name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "not an address"
    if not parts.password and parts.scheme not in {"http", "https"}:
        return url
    # A name that ssh needs is none that somebody could sign in with. In a web address it may be a token.
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    kept = f"{name}@{host}" if name and parts.scheme not in {"http", "https"} else host
    return urlunsplit(parts._replace(netloc=kept, query="", fragment=""))


def _database_without_password(url: str) -> str:
    try:
        return (
            make_url(url)
            .difference_update_query(["password", "sslpassword", "passfile"])
            .render_as_string(hide_password=True)
        )
    except ArgumentError:
        return "not an address"


# What may hold a password, and how it is noted without.
ADDRESSES: Mapping[str, Callable[[str], str]] = {
    "KB_DATABASE_URL": _database_without_password,
    "KB_CONTENT_REMOTE": remote_without_password,
}
