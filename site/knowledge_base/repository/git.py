"""Run git as this site means it, whatever the machine's or a person's git settings say."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

TIMEOUT = 60
# Git reads settings of the command line from these. The folder may belong to another user than the one that serves it,
# and what is committed must be on the disk before anybody is told that it is.
SETTINGS = {
    "safe.directory": "*",
    "core.quotePath": "false",
    "core.fsync": "committed,loose-object,reference",
    # How many milliseconds to wait for another git that writes the branch.
    "core.filesRefLockTimeout": "2000",
    "commit.gpgSign": "false",
    "gc.auto": "0",
}


class GitError(Exception):
    """Git could not do what was asked. The message is what it said."""


class Git:
    """Git in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        into: BinaryIO | None = None,
    ) -> bytes:
        """Run a command and return what it printed, unless that goes into a file.

        Raises GitError when it fails, takes too long, or is not there.
        """
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the arguments are ours or come after `--`
                ["git", *arguments],  # noqa: S607 - git is where the machine has it
                cwd=self.folder,
                input=stdin,
                stdout=into or subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=timeout,
                check=False,
                env=_environment() | dict(environment or {}),
            )
        except subprocess.TimeoutExpired as error:
            message = f"git {arguments[0]} took longer than {timeout:.0f} seconds."
            raise GitError(message) from error
        except OSError as error:
            message = f"git could not be started in {self.folder}: {error.strerror}."
            raise GitError(message) from error
        if done.returncode:
            message = f"git {arguments[0]}: {_text(done.stderr).strip() or f'ended with {done.returncode}'}"
            raise GitError(message)
        return done.stdout or b""

    def text(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
        """Run a command and return the text that it printed, without the last line's end."""
        return _text(self.run(*arguments, stdin=stdin, environment=environment)).rstrip("\n")

    def succeeds(self, *arguments: str, stdin: bytes = b"") -> bool:
        """Say whether a command succeeds."""
        try:
            self.run(*arguments, stdin=stdin)
        except GitError:
            return False
        return True


def _environment() -> dict[str, str]:
    """Return the process's environment without what steers git, and with our settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {"GIT_CONFIG_COUNT": str(len(SETTINGS))}
    for number, (key, value) in enumerate(SETTINGS.items()):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    fixed = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C.UTF-8",
    }
    return kept | settings | fixed


def _text(printed: bytes) -> str:
    return printed.decode("utf-8", "replace")
