"""Read the settings once, from the environment, and refuse a start that would be unsafe."""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from knowledge_base.environment import (
    SettingsError,
    host_of,
    is_safe_to_reach,
    read_address,
    read_at_least_one,
    read_branch,
    read_count,
    read_database_url,
    read_directory,
    read_hosts,
)
from knowledge_base.telemetry.settings import TelemetrySettings, read_telemetry_settings

__all__ = ["ROOT", "MailSettings", "Settings", "SettingsError", "SingleSignOnSettings", "read_settings"]

ROOT = Path(__file__).resolve().parents[2]
SHORTEST_SECRET = 32
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
MAIL_SECURITY = ("starttls", "tls", "none")
MONTHS_OF_AUDIT = 24
MOST_MONTHS_OF_AUDIT = 120
CLAIM, SCOPES, PROVIDER_NAME = "groups", "openid profile email", "your council account"
# Microsoft's names for "any tenant": whoever has any Microsoft account could come in.
ANY_TENANT = re.compile(r"\{tenantid\}|//login\.microsoftonline\.[^/]+/(common|organizations|consumers)(/|$)")


@dataclass(frozen=True)
class MailSettings:
    """The mail server that takes the site's mail, and whom it comes from."""

    host: str
    port: int
    security: str
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class SingleSignOnSettings:
    """The OpenID Connect provider that people sign in with.

    `groups` is the table of what the values of its claim give here, or the path of a file that holds the table.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str = CLAIM
    groups: str = ""
    scopes: str = SCOPES
    name: str = PROVIDER_NAME


@dataclass(frozen=True)
class Settings:
    """Everything the environment may decide. README.md has a table of the variables."""

    secret_key: str = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    content_dir: Path
    content_remote: str = field(repr=False)
    content_branch: str
    index_dir: Path
    instance_dir: Path
    base_url: str
    trusted_hosts: tuple[str, ...]
    trusted_proxies: int
    audit_months: int
    session_idle: timedelta
    session_length: timedelta
    mail: MailSettings | None
    single_sign_on: SingleSignOnSettings | None
    local_accounts: bool
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)

    @property
    def behind_tls(self) -> bool:
        """Whether readers reach the site over HTTPS, so that cookies may be marked Secure."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which the site is asked for: its own, and those with which its own machine asks it."""
        return (host_of(self.base_url), *self.trusted_hosts, *THIS_MACHINE)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Build the settings from `KB_*` variables.

    Makes the instance directory, and the secret key in it, when they are missing. Raises SettingsError.
    """
    instance_dir = read_directory(environ, "KB_INSTANCE_DIR", default=ROOT / "instance")
    _make_private(instance_dir)
    base_url = read_address(environ, "KB_BASE_URL", default=f"http://127.0.0.1:{environ.get('PORT') or '8000'}")
    single_sign_on = _single_sign_on(environ, base_url=base_url)
    return Settings(
        secret_key=_secret(environ, instance_dir),
        old_secret_keys=_old_secrets(environ),
        database_url=read_database_url(environ, "KB_DATABASE_URL", default=instance_dir / "knowledge_base.sqlite3"),
        content_dir=read_directory(environ, "KB_CONTENT_DIR", default=ROOT / "content"),
        content_remote=environ.get("KB_CONTENT_REMOTE") or "",
        content_branch=read_branch(environ, "KB_CONTENT_BRANCH", default="main"),
        index_dir=read_directory(environ, "KB_INDEX_DIR", default=ROOT / "search_index"),
        instance_dir=instance_dir,
        base_url=base_url,
        trusted_hosts=read_hosts(environ, "KB_TRUSTED_HOSTS"),
        trusted_proxies=read_count(environ, "KB_TRUSTED_PROXIES"),
        audit_months=_audit_months(environ),
        session_idle=timedelta(minutes=read_at_least_one(environ, "KB_SESSION_IDLE_MINUTES", default=30)),
        session_length=timedelta(hours=read_at_least_one(environ, "KB_SESSION_HOURS", default=12)),
        mail=_mail(environ),
        single_sign_on=single_sign_on,
        local_accounts=_local_accounts(environ, single_sign_on),
        telemetry=read_telemetry_settings(environ),
    )


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        message = f"KB_INSTANCE_DIR: cannot make {directory}: {error.strerror}."
        raise SettingsError(message) from error


def _secret(environ: Mapping[str, str], instance_dir: Path) -> str:
    given = environ.get("KB_SECRET_KEY")
    secret = given if given is not None else _stored_secret(instance_dir / "secret_key")
    if len(secret) < SHORTEST_SECRET:
        where = "KB_SECRET_KEY" if given is not None else str(instance_dir / "secret_key")
        message = f"{where}: the secret key must have at least {SHORTEST_SECRET} characters."
        raise SettingsError(message)
    return secret


def _old_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secret keys that the site had before, the newest first, with spaces between them."""
    secrets_given = tuple(environ.get("KB_OLD_SECRET_KEYS", "").split())
    if any(len(secret) < SHORTEST_SECRET for secret in secrets_given):
        message = f"KB_OLD_SECRET_KEYS: each key must have at least {SHORTEST_SECRET} characters, with spaces between."
        raise SettingsError(message)
    return secrets_given


def _stored_secret(path: Path) -> str:
    """Return the secret key in the file, made on the first start. Two starts at once agree on one key."""
    if not path.exists():
        new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = f"{path}: other users of this machine can read the secret key. Run: chmod 600 {path}"
        raise SettingsError(message)
    return path.read_text().strip()


def _audit_months(environ: Mapping[str, str]) -> int:
    months = read_count(environ, "KB_AUDIT_MONTHS") if environ.get("KB_AUDIT_MONTHS") else MONTHS_OF_AUDIT
    if not 1 <= months <= MOST_MONTHS_OF_AUDIT:
        message = f"KB_AUDIT_MONTHS: {months} is not a number of months from 1 to {MOST_MONTHS_OF_AUDIT}."
        raise SettingsError(message)
    return months


def _mail(environ: Mapping[str, str]) -> MailSettings | None:
    """Return how mail goes out, or None when it does not: links are then copied by hand."""
    host = environ.get("KB_SMTP_HOST")
    if not host:
        return None
    mail = MailSettings(
        host=host,
        port=read_at_least_one(environ, "KB_SMTP_PORT", default=587),
        security=environ.get("KB_SMTP_SECURITY") or "starttls",
        sender=environ.get("KB_MAIL_FROM") or "",
        username=environ.get("KB_SMTP_USERNAME") or "",
        password=environ.get("KB_SMTP_PASSWORD") or "",
    )
    if mail.security not in MAIL_SECURITY:
        message = f"KB_SMTP_SECURITY: {mail.security!r} is not one of {', '.join(MAIL_SECURITY)}."
    elif "@" not in mail.sender or not mail.sender.isprintable():
        message = "KB_MAIL_FROM: mail needs the address it comes from, such as guidance@example.gov.uk."
    elif mail.username and mail.security == "none":
        message = "KB_SMTP_SECURITY: a password is not sent to a mail server without TLS. Use starttls or tls."
    else:
        return mail
    raise SettingsError(message)


def _single_sign_on(environ: Mapping[str, str], *, base_url: str) -> SingleSignOnSettings | None:
    """Return the sign-in provider, or None where people have no accounts but the site's own."""
    issuer = environ.get("KB_OIDC_ISSUER")
    if not issuer:
        return None
    found = SingleSignOnSettings(
        issuer=issuer.rstrip("/"),
        client_id=environ.get("KB_OIDC_CLIENT_ID") or "",
        client_secret=environ.get("KB_OIDC_CLIENT_SECRET") or "",
        claim=environ.get("KB_OIDC_CLAIM") or CLAIM,
        groups=environ.get("KB_OIDC_GROUPS") or "",
        scopes=environ.get("KB_OIDC_SCOPES") or SCOPES,
        name=environ.get("KB_OIDC_NAME") or PROVIDER_NAME,
    )
    if not is_safe_to_reach(found.issuer):
        message = f"KB_OIDC_ISSUER: {issuer!r} must be an address that begins with https://."
    elif ANY_TENANT.search(found.issuer):
        message = "KB_OIDC_ISSUER: name your own tenant by its ID. Else anybody with a Microsoft account could sign in."
    elif not found.client_id or not found.client_secret:
        message = "KB_OIDC_CLIENT_ID, KB_OIDC_CLIENT_SECRET: the sign-in provider gives you both, and needs both."
    elif "openid" not in found.scopes.split():
        message = "KB_OIDC_SCOPES: the scope openid is missing."
    elif not is_safe_to_reach(base_url):
        message = "KB_BASE_URL: single sign-on needs an address that begins with https://."
    else:
        return found
    raise SettingsError(message)


def _local_accounts(environ: Mapping[str, str], single_sign_on: SingleSignOnSettings | None) -> bool:
    word = environ.get("KB_LOCAL_ACCOUNTS") or "on"
    if word not in {"on", "off"}:
        message = f"KB_LOCAL_ACCOUNTS: {word!r} is neither on nor off."
        raise SettingsError(message)
    if word == "off" and single_sign_on is None:
        message = "KB_LOCAL_ACCOUNTS: without KB_OIDC_ISSUER nobody could sign in. Set it, or leave local accounts on."
        raise SettingsError(message)
    return word == "on"
