"""Publish one change of a page after the other, and print the mark of each that was confirmed."""

import itertools
import secrets
import sys
import time

from knowledge_base.accounts.people import find_active_person
from knowledge_base.app import create_app
from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author


def publish_without_pause(store: ContentStore, by: Contributor, *, name: str) -> None:
    """Add a line of one's own to pages picked at random. What is refused is not printed, and not tried again."""
    life = secrets.token_hex(4)
    for number in itertools.count():
        path = f"guidance/page-{secrets.randbelow(5)}.md"
        mark = f"{name} {life} {number}"
        base = store.files.read(path) or b""
        place = f"{name} begins.\n".encode()
        files = (FileChange(path, base.replace(place, place + f"\n{mark}.\n".encode()), base),)
        try:
            publish(store, Change(files, subject=path.removesuffix(".md"), note=mark), by=by, now=utc_now())
        except PublishingError:
            time.sleep(0.1)
        else:
            sys.stdout.write(f"{mark}\n")
            sys.stdout.flush()


def main() -> None:
    """Publish until killed."""
    email, name = sys.argv[1:]
    extensions = create_app().extensions
    person = find_active_person(extensions["accounts"], email)
    by = Contributor(person.viewer, Author(person.name, person.email), Actor.of(person.viewer))
    publish_without_pause(extensions["content_store"], by, name=name)


if __name__ == "__main__":
    main()
