"""Run git as this site means it, whatever the machine's or a person's git settings say."""

import os
import re
import signal
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
    "gc.auto": "0",
    # What we commit is what was checked, and what we read is what was committed: no program of anybody's comes between.
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "commit.gpgSign": "false",
    "log.showSignature": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
}
# With a remote: to push what is named and nothing else, and not to wait for a line that is dead.
REMOTE_SETTINGS = {
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "false",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "30",
}
# How the machine reaches a remote. Everything else that steers git by the environment is left out.
REACHES_A_REMOTE = re.compile(r"GIT_(?:ASKPASS|SSH.*|SSL_.*|HTTP_.*|PROXY_.*|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM))")


class GitError(Exception):
    """Git could not do what was asked. The message is what it said."""


class Git:
    """Git in one folder.

    With `for_remote` it knows how the machine and its user reach a remote: credential helpers, proxies, keys. It asks
    nobody for a password then.
    """

    def __init__(self, folder: Path, *, for_remote: bool = False) -> None:
        self.folder = folder
        self._for_remote = for_remote

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
            with subprocess.Popen(  # noqa: S603 - no shell; the arguments are ours or come after `--`
                ["git", *arguments],  # noqa: S607 - git is where the machine has it
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=into or subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(for_remote=self._for_remote) | dict(environment or {}),
                # A session of its own has no terminal on which ssh could wait for an answer.
                start_new_session=self._for_remote,
            ) as process:
                printed, complaint = self._wait_for(process, stdin=stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            message = f"git {arguments[0]} took longer than {timeout:.0f} seconds."
            raise GitError(message) from error
        except OSError as error:
            raise GitError(_why_it_did_not_start(error, self.folder)) from error
        if process.returncode:
            message = f"git {arguments[0]}: {_text(complaint).strip() or f'ended with {process.returncode}'}"
            raise GitError(message)
        return printed or b""

    def _wait_for(self, process: "subprocess.Popen[bytes]", *, stdin: bytes, timeout: float) -> tuple[bytes, bytes]:
        try:
            return process.communicate(stdin, timeout=timeout)
        except BaseException:
            if self._for_remote:
                # Git leaves the talking to other programs, which would outlive it.
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise

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


def _environment(*, for_remote: bool) -> dict[str, str]:
    """Return the process's environment without what steers git, and with our settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or (for_remote and REACHES_A_REMOTE.fullmatch(name))
    }
    settings = SETTINGS | (REMOTE_SETTINGS if for_remote else {})
    given = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        given |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    fixed = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
    if not for_remote:
        fixed |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return kept | given | fixed


def _why_it_did_not_start(error: OSError, folder: Path) -> str:
    if isinstance(error, FileNotFoundError) and folder.is_dir():
        return "git is not installed on this machine, or not on the PATH of whoever runs the site."
    return f"git could not be started in {folder}: {error.strerror}."


def _text(printed: bytes) -> str:
    return printed.decode("utf-8", "replace")
