"""What publishing needs to know of the application that runs, and of who asks."""

from flask import current_app

from knowledge_base.accounts.guards import current_session
from knowledge_base.audit.events import Actor
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author


def content_store() -> ContentStore:
    """Return the content of the application that runs."""
    store: ContentStore = current_app.extensions["content_store"]
    return store


def contributor() -> Contributor:
    """Return who asks, as publishing wants to know them."""
    person = current_session().person
    return Contributor(person.viewer, Author(person.name, person.email), Actor.of(person.viewer))
