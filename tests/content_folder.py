"""A content folder that a test fills."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library

AUDIENCES = """
members: {title: Elected members, description: Members and staff., groups: [members, staff]}
staff: {title: Staff, description: Staff., groups: [staff]}
leads: {title: Safeguarding leads, description: Leads., groups: [leads]}
"""


@dataclass(frozen=True)
class ContentFolder:
    """A content folder on disk that a test fills."""

    root: Path

    def page(self, path: str, body: str = "Some words.\n", **header: object) -> Path:
        """Write a page with a complete header, in which the test changes what it cares about."""
        fields = {
            "title": path.rpartition("/")[2].replace("-", " ").capitalize(),
            "summary": "A page of a test.",
            "owner": "Prevent lead",
            "last_reviewed": "2026-11-01",
            "review_by": "2099-05-01",
            "sources": [],
            **header,
        }
        lines = yaml.safe_dump({key: value for key, value in fields.items() if value is not None}, sort_keys=False)
        return self.file(f"{path}.md", f"---\n{lines}---\n\n{body}")

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file just as given."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def edition(self) -> Edition:
        """Return what a library that has just looked finds."""
        return Library(self.root).edition()
