"""Marks of what is not public."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and have them refuse change; an index finds the versions that not everybody could see."""
    op.create_table(
        "class_marks",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("part", WORDS, nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("digest", WORDS),
        sa.Column("first_character", sa.Integer()),
        sa.Column("end_character", sa.Integer()),
        sa.Column("class", WORDS, nullable=False),
        sa.Column("citation", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("special", WORDS),
        sa.Column("opens_on", WORDS),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_class_marks"),
    )
    op.create_index("ix_class_marks_record", "class_marks", ["record"])
    op.create_table(
        "class_withdrawals",
        sa.Column("mark", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["mark"], ["class_marks.id"], name="fk_class_withdrawals_mark"),
        sa.PrimaryKeyConstraint("mark", name="pk_class_withdrawals"),
    )
    limited = sa.text("visibility IS NOT NULL AND visibility NOT IN ('public', 'unlisted')")
    op.create_index("ix_versions_limited", "versions", ["item_id"], sqlite_where=limited, postgresql_where=limited)
    for statement in append_only(op.get_bind().dialect.name, "class_marks", "class_withdrawals"):
        op.execute(statement)
