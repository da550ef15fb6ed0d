"""Backups that were made, and drills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and have them refuse change."""
    op.create_table(
        "backups",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("folder", WORDS, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("manifest", WORDS, nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_backups"),
    )
    op.create_index("ix_backups_made_at", "backups", ["made_at"])
    op.create_table(
        "drills",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("backup", WORDS, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("manifest", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drills"),
    )
    op.create_index("ix_drills_at", "drills", ["at"])
    for statement in append_only(op.get_bind().dialect.name, "backups", "drills"):
        op.execute(statement)
