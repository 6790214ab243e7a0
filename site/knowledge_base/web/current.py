"""What the application that runs has for whoever answers a request or runs a command."""

from flask import current_app

from knowledge_base.db import Database
from knowledge_base.settings import Settings


def settings() -> Settings:
    """Return its settings."""
    found: Settings = current_app.extensions["settings"]
    return found


def database() -> Database:
    """Return its database."""
    found: Database = current_app.extensions["database"]
    return found
