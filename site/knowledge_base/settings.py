"""Read the settings once, from the environment, and refuse a start that would be unsafe."""

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
SHORTEST_SECRET = 32


class SettingsError(Exception):
    """A setting is missing, malformed or unsafe."""


@dataclass(frozen=True)
class Settings:
    """Everything the environment may decide. README.md has a table of the variables."""

    secret_key: str
    database_url: str
    content_dir: Path
    index_dir: Path
    instance_dir: Path
    base_url: str
    trusted_proxies: int

    @property
    def behind_tls(self) -> bool:
        """Whether readers reach the site over HTTPS, so that cookies may be marked Secure."""
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Build the settings from `KB_*` variables.

    Makes the instance directory, and the secret key in it, when they are missing. Raises SettingsError.
    """
    instance_dir = _directory(environ, "KB_INSTANCE_DIR", default=ROOT / "instance")
    _make_private(instance_dir)
    return Settings(
        secret_key=_secret(environ, instance_dir),
        database_url=environ.get("KB_DATABASE_URL") or f"sqlite:///{instance_dir / 'knowledge_base.sqlite3'}",
        content_dir=_directory(environ, "KB_CONTENT_DIR", default=ROOT / "content"),
        index_dir=_directory(environ, "KB_INDEX_DIR", default=ROOT / "search_index"),
        instance_dir=instance_dir,
        base_url=_base_url(environ.get("KB_BASE_URL") or f"http://127.0.0.1:{environ.get('PORT') or '8000'}"),
        trusted_proxies=_count(environ, "KB_TRUSTED_PROXIES"),
    )


def _directory(environ: Mapping[str, str], name: str, *, default: Path) -> Path:
    return Path(environ[name]).expanduser().resolve() if environ.get(name) else default


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


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        message = f"KB_BASE_URL: {url!r} is not an address such as https://guidance.example.gov.uk."
        raise SettingsError(message)
    return url.rstrip("/")


def _count(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name) or "0"
    if not text.isdecimal():
        message = f"{name}: {text!r} is not a whole number."
        raise SettingsError(message)
    return int(text)
