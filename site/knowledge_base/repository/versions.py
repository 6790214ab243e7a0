"""What a file of the content was before, for whoever only reads: nothing is begun or written here."""

import logging
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.repository.git import GitError
from knowledge_base.repository.repository import Repository

logger = logging.getLogger(__name__)

MOST_VERSIONS = 20


class EarlierVersions:
    """The committed versions of the content's files. Where git cannot be used there are none."""

    def __init__(self, content: Path) -> None:
        self._content = content
        self._repository: Repository | None = None

    def state(self) -> str:
        """Return one word that changes whenever there may be other versions than before."""
        try:
            found = self._find()
            return (found.head() or "") if found else ""
        except GitError:
            return ""

    def of(self, path: str) -> Iterator[bytes]:
        """Yield what a file was, the newest version first, back to where it was last begun or taken away."""
        try:
            found = self._find()
            if found is None or found.head() is None:
                return
            for revision in found.revisions_of(path, most=MOST_VERSIONS):
                content = found.read(revision, path)
                if content is None:
                    return
                yield content
        except GitError:
            logger.exception("The earlier versions of %s cannot be read.", path)

    def _find(self) -> Repository | None:
        if self._repository is None:
            self._repository = Repository.find(self._content)
        return self._repository
