"""What a monitor asks: whether the process is there, and whether it can serve."""

from dataclasses import asdict

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import public
from knowledge_base.operations.health import check_readiness

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Answer, which is all that is asked."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether content, database and search index are there: 200 when all are, else 503."""
    extensions = current_app.extensions
    readiness = check_readiness(extensions["library"], extensions["database"], extensions["search_index"])
    return {"ready": readiness.is_ready, **asdict(readiness)}, 200 if readiness.is_ready else 503
