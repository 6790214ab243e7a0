"""What a monitor asks: whether the process is there, and whether it can serve."""

from dataclasses import asdict

from flask import Blueprint, current_app
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import public
from knowledge_base.operations.health import Health

blueprint = Blueprint("operations", __name__)


@blueprint.record_once
def set_up_health(state: BlueprintSetupState) -> None:
    """Let the application know whom to ask. gunicorn.conf.py puts the schedule there in each worker."""
    extensions = state.app.extensions
    extensions["health"] = Health(
        library=extensions["library"],
        database=extensions["database"],
        index=extensions["search_index"],
        settings=extensions["settings"],
        schedule=lambda: extensions.get("schedule"),
    )


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Answer, which is all that is asked."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say how each thing is that the site needs: 200 when it can serve, else 503."""
    health: Health = current_app.extensions["health"]
    readiness = health.check()
    return {"ready": readiness.is_ready, **asdict(readiness)}, 200 if readiness.is_ready else 503
