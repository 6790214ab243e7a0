"""Commands of the site, and what else looks after it, in processes of their own, which can be killed."""

import os
import subprocess
import sys
from pathlib import Path

from knowledge_base.settings import ROOT, Settings

SETTINGS = ("secret_key", "database_url", "content_dir", "index_dir", "instance_dir")
COMMAND = """
import os, resource, signal, sys
from pathlib import Path
sys.path.insert(0, "site")
{first}
from flask.cli import main
sys.argv = ["flask", "--app", "wsgi", *{arguments!r}]
main()
"""


def run_for(settings: Settings, *command: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a program that finds the site's settings in its environment."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "COV_"))}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=own | {f"KB_{name.upper()}": str(getattr(settings, name)) for name in SETTINGS},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_command(settings: Settings, *arguments: str | Path, first: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command of the site, after some code that changes the process."""
    code = COMMAND.format(first=first, arguments=[str(one) for one in arguments])
    return run_for(settings, sys.executable, "-c", code)
