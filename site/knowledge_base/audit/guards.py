"""What the application that runs keeps its record with."""

from flask import current_app

from knowledge_base.audit.chain import ChainKeys


def chain_keys() -> ChainKeys:
    """Return the keys that seal its record."""
    keys: ChainKeys = current_app.extensions["chain_keys"]
    return keys
