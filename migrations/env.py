"""Run migrations against the database that `knowledge_base.db.migration_config` names."""

from datetime import timedelta
from typing import Literal

from alembic import context
from alembic.runtime.migration import MigrationInfo
from sqlalchemy import Connection, event

from knowledge_base.accounts import models as accounts_models
from knowledge_base.accounts import provider_models
from knowledge_base.approval import models as approval_models
from knowledge_base.audit import models as audit_models
from knowledge_base.db import Database, Model, UtcDateTime, is_postgresql
from knowledge_base.editing import models as editing_models
from knowledge_base.engines import leave_foreign_keys_alone, writing
from knowledge_base.feedback import models as feedback_models
from knowledge_base.publishing import models as publishing_models
from knowledge_base.search import models as search_models

# As long as another machine's start may take to migrate the same database.
PATIENCE = timedelta(minutes=10)

# Importing a capability's models is what puts its tables into the metadata.
MODELS = (
    *(accounts_models, provider_models, audit_models, search_models, publishing_models, approval_models),
    *(editing_models, feedback_models),
)


def _write_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    # A migration says what the database had on its day, so it must not name a class that may change later.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _say_how_far(*, step: MigrationInfo, **_others: object) -> None:
    if progress := context.config.attributes.get("progress"):
        progress(f"{step.up_revision_id} {step.up_revision.doc}")


def _migrate() -> None:
    if connection := context.config.attributes.get("connection"):
        _run(connection)
        return
    database = Database(context.config.attributes["url"])
    if not is_postgresql(database.url):
        event.listen(database.engine, "connect", leave_foreign_keys_alone)
    try:
        # One transaction, which holds the write lock from the start: a second start waits, then finds nothing to do.
        with writing(database.engine, patience=PATIENCE).connect() as connection:
            _run(connection)
    finally:
        database.dispose()


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_write_type,
        transactional_ddl=True,
        on_version_apply=_say_how_far,
    )
    # It is part of a transaction that is open already, and leaves it open then.
    with context.begin_transaction():
        context.run_migrations()


_migrate()
