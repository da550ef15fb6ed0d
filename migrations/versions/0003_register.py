"""The account register, marks of posts on mixed accounts, and which records are records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")


def upgrade() -> None:
    """Make the tables, and have them refuse change."""
    op.create_table(
        "register_entries",
        *_who_and_when(),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("fact", WORDS, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("value", WORDS),
        sa.Column("authority", WORDS),
        sa.Column("reason", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_register_entries"),
    )
    op.create_table(
        "capacity_marks",
        *_who_and_when(),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("capacity", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_marks"),
    )
    op.create_table(
        "record_statuses",
        *_who_and_when(),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("target", WORDS),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_record_statuses"),
    )
    for table, column in (("register_entries", "account"), ("capacity_marks", "record"), ("record_statuses", "record")):
        op.create_index(f"ix_{table}_{column}", table, [column])
        for statement in append_only(op.get_bind().dialect.name, table):
            op.execute(statement)


def _who_and_when() -> list[sa.Column[object]]:
    return [
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
    ]
