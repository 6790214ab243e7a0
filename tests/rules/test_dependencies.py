"""No package that the site is made of has a fault that is publicly known.

Where no database of such faults can be reached, this is skipped and says so: a machine without a way out is no fault.
"""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from knowledge_base.settings import ROOT

PATIENCE = 90
PIP_AUDIT = [
    *(sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"),
    *("--timeout", "10", "--format", "json"),
    *("-r", "requirements.txt", "-r", "requirements-dev.txt", "-r", "requirements-node.txt"),
]
NPM_AUDIT = ["npm", "audit", "--package-lock-only", "--json", "--fetch-retries", "0", "--fetch-timeout", "10000"]


def test_no_python_package_has_a_known_fault() -> None:
    report = ask_or_skip(PIP_AUDIT)

    if not any("vulns" in package for package in report["dependencies"]):
        pytest.skip("No database of known faults of Python packages can be reached from here.")
    assert faults_of_python_packages(report) == []


def test_no_package_of_the_front_end_has_a_known_fault() -> None:
    if not shutil.which("npm"):
        pytest.skip("npm is not on this machine's path.")

    report = ask_or_skip(NPM_AUDIT)

    if "vulnerabilities" not in report:
        pytest.skip("No database of known faults of npm packages can be reached from here.")
    assert faults_of_front_end_packages(report) == []


def test_a_known_fault_is_named() -> None:
    python = {
        "dependencies": [
            {"name": "sound", "version": "1", "vulns": []},
            {"name": "unknown", "skip_reason": "not found"},
            {"name": "faulty", "version": "2", "vulns": [{"id": "PYSEC-1"}]},
        ]
    }
    front_end = {"vulnerabilities": {"faulty": {"severity": "high"}}}

    assert faults_of_python_packages(python) == ["faulty 2: PYSEC-1"]
    assert faults_of_front_end_packages(front_end) == ["faulty: high"]


def faults_of_python_packages(report: dict[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {fault['id']}"
        for package in report["dependencies"]
        for fault in package.get("vulns", [])
    ]


def faults_of_front_end_packages(report: dict[str, Any]) -> list[str]:
    return [f"{name}: {fault['severity']}" for name, fault in report["vulnerabilities"].items()]


def ask_or_skip(command: list[str]) -> dict[str, Any]:
    """Return what the tool reports, or skip the test when it cannot get so far. Its exit code does not tell which."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"The audit had no answer within {PATIENCE} seconds.")
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        pytest.skip(f"The audit could not be made: {(done.stderr.splitlines() or ['it said nothing'])[-1]}")
    return report
