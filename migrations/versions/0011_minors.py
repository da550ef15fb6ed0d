"""Who is said to be a minor, their parents, and what is to be withheld from these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
TABLES = ("minor_flags", "minor_parents", "withhold_requests", "withhold_decisions")


def _said() -> list[sa.Column[object]]:
    return [
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
    ]


def upgrade() -> None:
    """Make the tables, and have them refuse change."""
    op.create_table(
        "minor_flags",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        *_said(),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("flag", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("evidence", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_minor_flags"),
    )
    op.create_index("ix_minor_flags_subject", "minor_flags", ["subject"])
    op.create_table(
        "minor_parents",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        *_said(),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("parent", WORDS, nullable=False),
        sa.Column("evidence", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_minor_parents"),
    )
    op.create_index("ix_minor_parents_subject", "minor_parents", ["subject"])
    op.create_table(
        "withhold_requests",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        *_said(),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("asked_on", DAY, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_withhold_requests"),
    )
    op.create_index("ix_withhold_requests_subject", "withhold_requests", ["subject"])
    op.create_table(
        "withhold_decisions",
        sa.Column("request_id", ID, nullable=False),
        *_said(),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["withhold_requests.id"], name="fk_withhold_decisions_request_id"),
        sa.PrimaryKeyConstraint("request_id", name="pk_withhold_decisions"),
    )
    for statement in append_only(op.get_bind().dialect.name, *TABLES):
        op.execute(statement)
