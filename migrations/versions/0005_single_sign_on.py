"""What single sign-on keeps: requests that wait for their answer, hints for signing out, and used logout tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_verifier", sa.String(length=255), nullable=False),
        sa.Column("destination", sa.String(length=2000), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_session("provider_requests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_requests")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_provider_requests_state_hash")),
    )
    op.create_index(op.f("ix_provider_requests_session_id"), "provider_requests", ["session_id"])
    op.create_index(op.f("ix_provider_requests_expires_at"), "provider_requests", ["expires_at"])
    op.create_table(
        "provider_sessions",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("sealed_id_token", sa.Text(), nullable=False),
        _of_session("provider_sessions"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_provider_sessions")),
    )
    op.create_table(
        "used_logout_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_used_logout_tokens")),
    )
    op.create_index(op.f("ix_used_logout_tokens_expires_at"), "used_logout_tokens", ["expires_at"])


def downgrade() -> None:
    for table in ("used_logout_tokens", "provider_sessions", "provider_requests"):
        op.drop_table(table)


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_id"], ["sign_in_sessions.id"], name=op.f(f"fk_{table}_session_id"), ondelete="CASCADE"
    )
