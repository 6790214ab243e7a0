"""Three nodes behind nginx, killed and started again while people read and publish: no page fails, no edit is lost."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge_base.publishing.shipped import begin_content
from knowledge_base.settings import ROOT
from tests.content_folder import AUDIENCES, ContentFolder
from tests.databases import only_on_postgresql
from tests.journeys.nodes import EDITOR, NAMES, Node, new_nodes, nginx, readers, wait_until
from tests.repository.conftest import run_git

PATIENCE = 120
SECONDS_TO_FOLLOW = 10

pytestmark = [
    only_on_postgresql,
    pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="there is no nginx"),
]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A git remote with five pages, each with a place for every node."""
    shipped = ContentFolder(tmp_path / "shipped")
    shipped.file("_data/audiences.yml", AUDIENCES)
    shipped.page("index")
    shipped.page("guidance/index", title="Guidance")
    for number in range(5):
        shipped.page(f"guidance/page-{number}", "\n".join(f"{name} begins.\n\nThis stays.\n" for name in NAMES))
    begin_content(shipped.root, tmp_path / "first")
    run_git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "first"), "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def nodes(tmp_path: Path, empty_database_url: str, remote: Path) -> list[Node]:
    nodes = new_nodes(tmp_path / "nodes", database_url=empty_database_url, remote=remote)
    for arguments in (
        ["prepare"],
        ["users", "create", EDITOR, "--name", "Jane Doe", "--role", "editor", "--password-stdin"],
    ):
        environment = dict(nodes[0].environment)
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        subprocess.run(
            command, cwd=ROOT, env=environment, input="three random words", check=True, capture_output=True, text=True
        )
    return nodes


def test_nodes_die_and_come_back_without_a_failed_page_or_a_lost_edit(
    nodes: list[Node], tmp_path: Path, remote: Path
) -> None:
    for node in nodes:
        node.start()
    try:
        with nginx(tmp_path, [node.port for node in nodes]) as url, readers(url, 3) as people:
            for node in nodes:
                so_far = len(node.confirmed)
                wait_until(lambda node=node, so_far=so_far: len(node.confirmed) > so_far + 1, seconds=PATIENCE)
                node.kill()
                node.start()
            follow_seconds = seconds_until_live_elsewhere(nodes)
    finally:
        for node in nodes:
            node.kill()

    failures = [failure for person in people for failure in person.failures]
    confirmed = [mark for node in nodes for mark in node.confirmed]
    history = run_git(remote, "log", "--format=%B", "main")
    pages = "".join(run_git(remote, "show", f"main:guidance/page-{number}.md") for number in range(5))
    assert failures == []
    assert sum(person.asked for person in people) > 0
    assert [mark for mark in confirmed if f"\n{mark}\n" not in history] == []
    assert [mark for mark in confirmed if f"\n{mark}.\n" not in pages] == []
    assert len(confirmed) > len(NAMES)
    sys.stdout.write(
        f"{len(confirmed)} edits confirmed, {sum(person.asked for person in people)} pages read, "
        f"the last edit on the other nodes after {follow_seconds:.1f} s"
    )


def seconds_until_live_elsewhere(nodes: list[Node]) -> float:
    """Return how long it takes until a confirmed edit is on the disks of all nodes. Fails when it is too long."""
    first = nodes[0]
    so_far = len(first.confirmed)
    wait_until(lambda: len(first.confirmed) > so_far, seconds=PATIENCE)
    mark = first.confirmed[so_far]
    folders = [Path(node.environment["KB_CONTENT_DIR"]) / "guidance" for node in nodes]
    return wait_until(
        lambda: all(any(f"\n{mark}.\n" in page.read_text() for page in folder.iterdir()) for folder in folders),
        seconds=SECONDS_TO_FOLLOW,
    )
