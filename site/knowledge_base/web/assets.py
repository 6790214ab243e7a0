"""Built style sheets, scripts and fonts: their fingerprinted names, and their bytes."""

import json
import time
from functools import lru_cache
from pathlib import Path

from flask import Response, send_from_directory

STATIC = Path(__file__).resolve().parents[1] / "static"
ONE_YEAR = 365 * 24 * 60 * 60


class AssetsNotBuiltError(Exception):
    """The assets have not been built yet: script/server builds them."""


def manifest() -> dict[str, str]:
    """Return the fingerprinted name of each asset. Raises AssetsNotBuiltError."""
    path = STATIC / "manifest.json"
    try:
        return _read_manifest(path, path.stat().st_mtime_ns)
    except OSError as error:
        message = "The style sheets are not built. Run script/server, which builds them."
        raise AssetsNotBuiltError(message) from error


def manifest_version() -> int:
    """Return what changes, within a second, with each build of the assets."""
    return _version_in(int(time.monotonic()))


@lru_cache(maxsize=1)
def _version_in(_second: int) -> int:
    try:
        return (STATIC / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _read_manifest(path: Path, _written_at: int) -> dict[str, str]:
    # Read again after each build, so that a site that is being served follows it.
    return dict(json.loads(path.read_text(encoding="utf-8")))


def asset_url(name: str) -> str:
    """Return the address of a built asset, as in `site.css`. Its name holds a hash of its content."""
    return f"/static/{manifest()[name]}"


def serve_asset(filename: str) -> Response:
    """Send a built asset. Its address changes with its content, so it may be kept for a year."""
    response = send_from_directory(STATIC, filename, max_age=ONE_YEAR)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response
