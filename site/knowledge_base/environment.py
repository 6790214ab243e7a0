"""Read single values out of the environment, and say what is wrong with one that cannot be used."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DATABASES = ("sqlite", "postgresql")
BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?")


class SettingsError(Exception):
    """A setting is missing, malformed or unsafe."""


def read_directory(environ: Mapping[str, str], name: str, *, default: Path) -> Path:
    """Return the folder that a setting names."""
    return Path(environ[name]).expanduser().resolve() if environ.get(name) else default


def read_address(environ: Mapping[str, str], name: str, *, default: str) -> str:
    """Return the address that a setting names, without a slash at its end. Raises SettingsError."""
    url = environ.get(name) or default
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        message = f"{name}: {url!r} is not an address such as https://guidance.example.gov.uk."
        raise SettingsError(message)
    return url.rstrip("/")


def read_database_url(environ: Mapping[str, str], name: str, *, default: Path) -> str:
    """Return the address of the database that a setting names: a file of SQLite's, or one on a PostgreSQL server.

    Raises SettingsError without repeating the address, which often holds a password.
    """
    given = environ.get(name)
    if not given:
        return f"sqlite:///{default}"
    try:
        url = make_url(given)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in DATABASES or not url.database:
        message = f"{name}: this is not an address such as postgresql://user:password@host/name, or sqlite:////a/file."
        raise SettingsError(message)
    return given


def read_branch(environ: Mapping[str, str], name: str, *, default: str) -> str:
    """Return the name of a git branch that a setting names. Raises SettingsError."""
    branch = environ.get(name) or default
    if not BRANCH.fullmatch(branch) or ".." in branch or branch.endswith((".lock", ".")):
        message = f"{name}: {branch!r} is not the name of a git branch, such as main."
        raise SettingsError(message)
    return branch


def read_hosts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the names of hosts that a setting lists, with spaces between. Raises SettingsError."""
    hosts = tuple(environ.get(name, "").split())
    for host in hosts:
        if not HOST.fullmatch(host):
            message = f"{name}: {host!r} is not a name such as guidance.example.gov.uk. Leave the port out."
            raise SettingsError(message)
    return hosts


def host_of(url: str) -> str:
    """Return the host of an address as a browser names it: letters beyond ASCII encoded, IPv6 in brackets."""
    host = urlsplit(url).hostname or ""
    try:
        return f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:  # No such name can exist, so nobody asks for it.
        return host


def read_count(environ: Mapping[str, str], name: str) -> int:
    """Return the whole number of a setting, 0 when it is not set. Raises SettingsError."""
    text = environ.get(name) or "0"
    if not text.isdecimal():
        message = f"{name}: {text!r} is not a whole number."
        raise SettingsError(message)
    return int(text)


def read_at_least_one(environ: Mapping[str, str], name: str, *, default: int) -> int:
    """Return the whole number of a setting, which must be 1 or more. Raises SettingsError."""
    number = read_count(environ, name) if environ.get(name) else default
    if number < 1:
        message = f"{name}: it must be 1 or more."
        raise SettingsError(message)
    return number


def is_safe_to_reach(url: str) -> bool:
    """Say whether what goes to the address cannot be read on the way: over HTTPS, or within this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)))


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
