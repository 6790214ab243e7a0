"""What deploy/ ships can be used as it is: checked by the programs that read it, where the machine has them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.settings import ROOT
from tests.operations.proxies import nginx_configuration
from tests.ports import free_port

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "knowledge-base.service"
COMPOSE = DEPLOY / "docker" / "compose.yml"
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
INSTALLED = "/opt/knowledge-base"
SETTING = re.compile(r"\bKB_[A-Z_]+\b")
# They are the compose file's and the Caddyfile's own.
OF_DEPLOYMENT = {"KB_HOST", "KB_UPSTREAM", "KB_DATABASE_PASSWORD"}
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"}
SCRIPTS = ("script/install", "deploy/docker/start", "deploy/systemd/kb", "deploy/systemd/knowledge-base-backup")
# From 0, well shut off, to 10.
MOST_EXPOSED = "20"


def run(*command: str, **environment: str) -> str:
    """Run a program of the machine's, or skip the test where it has none of that name. Returns what it says."""
    program = shutil.which(command[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip(f"{command[0]} is not on this machine.")
    done = subprocess.run(
        [program, *command[1:]], env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units, as if the site were installed where this is."""
    for unit in UNIT.parent.glob("knowledge-base*.*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace(INSTALLED, str(ROOT)))
    return sorted(str(path) for path in tmp_path.iterdir())


def test_systemd_understands_the_units(units: list[str]) -> None:
    assert len(units) == 4
    assert run("systemd-analyze", "verify", "--man=no", *units) == ""


def test_the_service_is_shut_off_from_the_machine(units: list[str]) -> None:
    services = [unit for unit in units if unit.endswith(".service")]

    assert len(services) == 2
    run("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", *services)


def test_the_unit_ends_the_site_after_gunicorn_has() -> None:
    stop = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    graceful = re.search(r"^graceful_timeout = (\d+)$", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE)

    assert stop
    assert graceful
    assert int(stop[1]) > int(graceful[1])


def test_nginx_understands_its_file(tmp_path: Path) -> None:
    whole = nginx_configuration(tmp_path, port=free_port(), upstream=free_port())

    assert "test is successful" in run("nginx", "-t", "-c", f"{whole}", "-p", f"{tmp_path}")


def test_caddy_understands_its_file(tmp_path: Path) -> None:
    caddyfile = str(DEPLOY / "caddy" / "Caddyfile")

    said = run("caddy", "validate", "--adapter", "caddyfile", "--config", caddyfile, HOME=str(tmp_path))

    assert "Valid configuration" in said


def test_the_compose_file_has_what_it_names() -> None:
    compose: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    services = compose["services"]

    assert set(services) == {"site", "database", "proxy"}
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (COMPOSE.parent / source).is_file(), source
    build = services["site"]["build"]
    assert (COMPOSE.parent / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE


def test_each_alarm_is_about_what_is_measured_and_explained() -> None:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    guide = (ROOT / "docs" / "operating.md").read_text()
    source = "".join(path.read_text() for path in (ROOT / "site").rglob("*.py"))

    measured = {name for rule in group["rules"] for name in re.findall(r"\bkb_[a-z_]+", rule["expr"])}

    assert len(measured) > 6
    assert [name for name in measured if f'"{re.sub("_(total|count|bucket)$", "", name)}"' not in source] == []
    assert [rule["alert"] for rule in group["rules"]] == re.findall(r"^\| `([A-Z]\w+)` \|", guide, re.MULTILINE)


def test_each_measurement_is_explained() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text()
    source = "".join(path.read_text() for path in (ROOT / "site").rglob("*.py"))

    measured = set(re.findall(r'"(kb_[a-z_]+)"', source))

    assert len(measured) > 15
    assert {name for name in measured if f"`{name}" not in guide} == set()


def test_deployment_uses_only_settings_that_there_are() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    known = set(SETTING.findall((ROOT / "README.md").read_text())) | OF_DEPLOYMENT

    unknown = {path.name: set(SETTING.findall(path.read_text())) - known for path in files}

    assert len(files) > 6
    assert {name: names for name, names in unknown.items() if names} == {}


def test_the_image_is_made_of_files_that_there_are_and_runs_as_nobody_special() -> None:
    lines = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text()).splitlines()
    instructions = [line.split() for line in lines if line and not line.startswith("#")]

    assert {line[0] for line in instructions} <= INSTRUCTIONS
    copied = [line[1:-1] for line in instructions if line[0] == "COPY" and not line[1].startswith("--from")]
    assert [source for sources in copied for source in sources if not (ROOT / source).exists()] == []
    assert [line[1] for line in instructions if line[0] == "USER"] == ["10001"]
    assert "--uid 10001" in DOCKERFILE.read_text()
    assert instructions[-1] == ["ENTRYPOINT", '["./start"]']
    assert os.access(DEPLOY / "docker" / "start", os.X_OK)


def test_the_image_has_what_the_site_reads_beside_its_code() -> None:
    source = "".join(path.read_text() for path in (ROOT / "site").rglob("*.py"))
    copied = {
        Path(name).name
        for line in DOCKERFILE.read_text().splitlines()
        if line.startswith("COPY")
        for name in line.split()
    }

    read = set(re.findall(r'\bROOT / "([\w.]+)"', source))

    # The first two are elsewhere in the image, by its settings; the last is asked for only where it is.
    assert {"templates", "migrations", "CHANGELOG.md"} <= read
    assert read - copied == {"instance", "search_index", ".git"}


def test_the_image_gets_no_more_than_it_copies() -> None:
    kept = {
        line[1:] for line in (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"
    }
    lines = DOCKERFILE.read_text().splitlines()
    copied = {
        source.removeprefix("./")
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }

    assert kept == copied


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    run("bash" if script == "script/install" else "sh", "-n", str(ROOT / script))
