"""A new release is brought in on one of several nodes, and reaches the others as what it is."""

from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge_base.audit.events import SITE
from knowledge_base.audit.models import AuditEvent
from knowledge_base.publishing.following import follow
from knowledge_base.publishing.shipped import Choice, begin_content, settle
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.publishing.conftest import NOW, SHARE
from tests.publishing.test_sharing import Node, node, settings_of, text_of
from tests.publishing.test_shipped import shipped
from tests.repository.conftest import run_git

__all__ = ["node", "settings_of", "shipped"]


@pytest.fixture
def remote(shipped: ContentFolder, tmp_path: Path) -> Path:
    """A bare repository that has what was shipped first."""
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    begin_content(shipped.root, tmp_path / "begun")
    run_git(tmp_path / "begun", "push", "-q", str(bare), "HEAD:main")
    return bare


def recorded(store: ContentStore) -> list[str]:
    with store.database.read() as session:
        query = select(AuditEvent.subject).where(AuditEvent.kind == "page.published")
        return [str(subject) for subject in session.scalars(query.order_by(AuditEvent.number))]


def test_an_upgrade_is_recorded_once(node: Node, shipped: ContentFolder) -> None:
    one, other = node("one"), node("other")
    shipped.page("referral/share", "As it is now.\n")

    settle(one, shipped.root, {SHARE: Choice.MERGE}, actor=SITE, now=NOW)
    follow(one, now=NOW)
    follow(other, now=NOW)

    assert "As it is now." in text_of(other)
    assert recorded(one) == [f"what a new release changed: {SHARE}"]


def test_what_else_comes_with_it_is_recorded_too(node: Node, shipped: ContentFolder) -> None:
    one, other = node("one"), node("other")
    shipped.page("referral/share", "As it is now.\n")
    (one.content / "index.md").write_text((one.content / "index.md").read_text() + "By hand.\n")

    settle(one, shipped.root, {SHARE: Choice.MERGE}, actor=SITE, now=NOW)
    follow(one, now=NOW)
    follow(other, now=NOW)

    upgrade, others = recorded(one)
    assert upgrade == f"what a new release changed: {SHARE}"
    assert others.startswith("what others changed at the shared remote: ")
    assert "index.md" in others
