"""The tables of the record, and the triggers that let nobody change what stands in it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What each trigger refuses. SQLite's REPLACE deletes without asking the triggers for that, so INSERT is watched too.
INSERT_EVENT = "NEW.number <= (SELECT number FROM audit_heads) OR NOT EXISTS (SELECT 1 FROM audit_heads)"
DELETE_EVENT = "OLD.number > (SELECT forgotten FROM audit_heads) OR NOT EXISTS (SELECT 1 FROM audit_heads)"
UPDATE_HEAD = (
    "NEW.id <> OLD.id OR NEW.number < OLD.number OR NEW.forgotten < OLD.forgotten OR NEW.forgotten > NEW.number"
)
TRIGGERS = (
    ("audit_events", "insert", INSERT_EVENT, "a new row comes after all others"),
    ("audit_events", "update", "1 = 1", "a row is never changed"),
    ("audit_events", "delete", DELETE_EVENT, "only rows past their time are deleted"),
    ("audit_heads", "insert", "EXISTS (SELECT 1 FROM audit_heads)", "there is one head"),
    ("audit_heads", "update", UPDATE_HEAD, "the head only goes forward"),
    ("audit_heads", "delete", "1 = 1", "the head is never deleted"),
)


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_at"), "audit_events", ["at"])
    op.create_index(op.f("ix_audit_events_kind_number"), "audit_events", ["kind", "number"])
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("forgotten", sa.Integer(), nullable=False),
        sa.Column("forgotten_hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_heads_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    op.execute("INSERT INTO audit_heads VALUES (1, 0, '', 0, '', '')")
    make_trigger = _make_sqlite_trigger if _is_sqlite() else _make_postgresql_trigger
    for table, action, refused, reason in TRIGGERS:
        make_trigger(table, action, refused, f"The record stays as it is: {reason}.")


def downgrade() -> None:
    op.drop_table("audit_events")
    op.drop_table("audit_heads")
    if not _is_sqlite():
        for table, action, _, _ in TRIGGERS:
            op.execute(f"DROP FUNCTION {table}_{action}()")
        op.execute("DROP FUNCTION audit_truncate()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make_sqlite_trigger(table: str, action: str, refused: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{action} BEFORE {action} ON {table} WHEN {refused} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _make_postgresql_trigger(table: str, action: str, refused: str, message: str) -> None:
    given_back = "OLD" if action == "delete" else "NEW"
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_{action}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {refused} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {given_back}; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_{action} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{action}()"
    )
    if action == "delete":
        op.execute(
            "CREATE OR REPLACE FUNCTION audit_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'The record stays as it is: it is never emptied.'; END $$"
        )
        op.execute(f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION audit_truncate()")
