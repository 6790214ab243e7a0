"""The programs that the site is measured beside, in an environment of their own: nothing of theirs comes into .venv."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from knowledge_base.settings import ROOT

_ENVIRONMENT = ROOT / ".peers"
_PACKAGES = Path(__file__).with_name("peers.txt")
_OTTER_WIKI, _MATERIAL = "otterwiki", "mkdocs-material"
# Among more, one search of An Otter Wiki's takes many seconds, and one build of Material's the better part of an hour.
MOST_PAGES = 2_000


@click.command("install-peers")
def install_peers() -> None:
    """Install what the site is measured beside, into .peers/: deleting that folder takes it away."""
    click.echo(f"Installing {_PACKAGES.name} into {_ENVIRONMENT.name}/", err=True)
    commands = (
        [sys.executable, "-m", "venv", str(_ENVIRONMENT)],
        [
            str(program("python")),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            str(_PACKAGES),
        ],
    )
    for command in commands:
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own commands
            message = "Mend what the lines above say, then run script/benchmark install-peers again."
            raise click.ClickException(message)
    click.echo("They are installed.")
    if not shutil.which("nginx"):
        click.echo("There is no nginx on this machine: without it (apt-get install nginx-light) Material is left out.")


def program(name: str) -> Path:
    """Return the path of a program of theirs."""
    return _ENVIRONMENT / "bin" / name


def has_otter_wiki() -> bool:
    """Say whether An Otter Wiki is installed."""
    return any(_installed(_OTTER_WIKI)) and program("gunicorn").exists()


def has_material() -> bool:
    """Say whether Material for MkDocs is installed, and nginx."""
    return program("mkdocs").exists() and any(_installed(_MATERIAL)) and shutil.which("nginx") is not None


def versions() -> str:
    """Return what is installed of them, with versions."""
    return ", ".join(line for line in _PACKAGES.read_text(encoding="utf-8").split("\n") if "==" in line)


def _installed(name: str) -> Iterator[Path]:
    return _ENVIRONMENT.glob(f"lib/python3*/site-packages/{name.replace('-', '_')}-*.dist-info")
