"""The settings that a backup notes, so that the site can be set up again as it was: never a secret's value."""

from collections.abc import Mapping

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DATABASE = "KB_DATABASE_URL"
# Whatever is in neither of these is new or misspelt, and is noted by its name alone.
SECRETS = frozenset({"KB_SECRET_KEY", "KB_OLD_SECRET_KEYS", "KB_SMTP_PASSWORD", "KB_OIDC_CLIENT_SECRET"})
PLAIN = frozenset(
    {
        *("KB_BASE_URL", "KB_TRUSTED_HOSTS", "KB_TRUSTED_PROXIES", "KB_WORKERS"),
        *("KB_LOG_FORMAT", "KB_METRICS_PORT", "KB_SLOW_MILLISECONDS"),
        *("KB_CONTENT_DIR", "KB_INDEX_DIR", "KB_INSTANCE_DIR"),
        *("KB_SESSION_IDLE_MINUTES", "KB_SESSION_HOURS", "KB_AUDIT_MONTHS", "KB_LOCAL_ACCOUNTS"),
        *("KB_SMTP_HOST", "KB_SMTP_PORT", "KB_SMTP_SECURITY", "KB_SMTP_USERNAME", "KB_MAIL_FROM"),
        *("KB_OIDC_ISSUER", "KB_OIDC_CLIENT_ID", "KB_OIDC_CLAIM", "KB_OIDC_GROUPS", "KB_OIDC_SCOPES", "KB_OIDC_NAME"),
    }
)


def kept_settings(environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the settings with their values, and the names of those whose values are not for a backup."""
    ours = {name: value for name, value in sorted(environ.items()) if name.startswith("KB_")}
    plain = {name: value for name, value in ours.items() if name in PLAIN}
    if DATABASE in ours:
        plain[DATABASE] = _without_password(ours[DATABASE])
    return plain, tuple(name for name in ours if name not in plain)


def _without_password(url: str) -> str:
    try:
        return make_url(url).difference_update_query(["password"]).render_as_string(hide_password=True)
    except ArgumentError:
        return "not an address"
