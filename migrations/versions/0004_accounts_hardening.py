"""Second factors, pending sign-ins, what is known of sessions and links, and accounts that come from elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LOCAL, PROVIDED = sa.text("issuer = ''"), sa.text("issuer <> ''")


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("issuer", sa.String(length=255), server_default="", nullable=False))
        accounts.add_column(sa.Column("subject", sa.String(length=255), server_default="", nullable=False))
        accounts.drop_constraint("uq_accounts_email", type_="unique")
    op.create_index("ix_accounts_email", "accounts", ["email"])
    _create_unique_index("ix_accounts_local_email", ["email"], LOCAL)
    _create_unique_index("ix_accounts_issuer_subject", ["issuer", "subject"], PROVIDED)
    with op.batch_alter_table("sign_in_sessions") as sessions:
        sessions.add_column(sa.Column("browser", sa.String(length=60), server_default="", nullable=False))
        sessions.add_column(sa.Column("reauthenticated_at", sa.DateTime(timezone=True), nullable=True))
        sessions.add_column(sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True))
        sessions.add_column(sa.Column("sid", sa.String(length=255), server_default="", nullable=False))
        sessions.add_column(sa.Column("sealed_key", sa.String(length=255), nullable=True))
    op.create_index("ix_sign_in_sessions_sid", "sign_in_sessions", ["sid"])
    with op.batch_alter_table("one_time_links") as links:
        links.add_column(sa.Column("made_by", sa.Integer(), nullable=True))
    _create_tables_of_second_factors()


def downgrade() -> None:
    # An older version of the site would take these people for local ones, by their e-mail address.
    op.execute("DELETE FROM accounts WHERE issuer <> ''")
    for table in ("account_groups", "account_roles", "sign_in_sessions"):
        op.execute(f"DELETE FROM {table} WHERE account_id NOT IN (SELECT id FROM accounts)")  # noqa: S608 - our names
    for table in ("pending_sign_ins", "recovery_codes", "second_factors"):
        op.drop_table(table)
    with op.batch_alter_table("one_time_links") as links:
        links.drop_column("made_by")
    op.drop_index("ix_sign_in_sessions_sid", "sign_in_sessions")
    with op.batch_alter_table("sign_in_sessions") as sessions:
        for column in ("browser", "reauthenticated_at", "second_factor_at", "sid", "sealed_key"):
            sessions.drop_column(column)
    for index in ("ix_accounts_email", "ix_accounts_local_email", "ix_accounts_issuer_subject"):
        op.drop_index(index, "accounts")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("issuer")
        accounts.drop_column("subject")
        accounts.create_unique_constraint("uq_accounts_email", ["email"])


def _create_unique_index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "accounts", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _create_tables_of_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sealed_key", sa.String(length=255), nullable=False),
        sa.Column("last_counter", sa.Integer(), nullable=False),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=False),
        _of_account("second_factors"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _of_account("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"])
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("destination", sa.String(length=2000), nullable=False),
        sa.Column("sealed_key", sa.String(length=255), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_account("pending_sign_ins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pending_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_pending_sign_ins_account_id"), "pending_sign_ins", ["account_id"])


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["accounts.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
    )
