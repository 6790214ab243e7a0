"""The commands that a start runs."""

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask

from knowledge_base.settings import ROOT
from tests.content_folder import ContentFolder


def test_preparing_makes_what_a_start_needs_and_says_what_is_left_out(content: ContentFolder, app: Flask) -> None:
    content.page("index")
    content.file("broken.md", "no header")

    result = app.test_cli_runner().invoke(args=["prepare"])

    assert result.exit_code == 0, result.output
    assert "Left out: broken.md:1: no header" in result.output
    assert "http://guidance.example.gov.uk/account/set-up/" in result.output


def test_the_database_can_be_brought_up_to_date_alone(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["database", "upgrade"])

    assert result.exit_code == 0
    assert "up to date" in result.output


def test_a_wrong_setting_is_said_in_one_line(tmp_path: Path) -> None:
    environment = os.environ | {"KB_INSTANCE_DIR": str(tmp_path), "KB_LOCAL_ACCOUNTS": "perhaps"}

    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "users", "list"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == "Error: KB_LOCAL_ACCOUNTS: 'perhaps' is neither on nor off.\n"
