"""The table of what people searched for and then read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_queries",
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("audiences", sa.String(length=255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("words", "audiences", "day", name=op.f("pk_past_queries")),
    )


def downgrade() -> None:
    op.drop_table("past_queries")
