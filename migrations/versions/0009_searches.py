"""Saved searches, and what they found each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and have them refuse change."""
    op.create_table(
        "saved_searches",
        sa.Column("search", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("words", WORDS, nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("zone", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("search", name="pk_saved_searches"),
    )
    op.create_table(
        "search_results",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("search", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("parsed", sa.Text(), nullable=False),
        sa.Column("rules", WORDS, nullable=False),
        sa.Column("software", WORDS, nullable=False),
        sa.Column("clearance", WORDS, nullable=False),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_results"),
        sa.ForeignKeyConstraint(["search"], ["saved_searches.search"], name="fk_search_results_search"),
    )
    op.create_index("ix_search_results_search", "search_results", ["search"])
    op.create_table(
        "search_members",
        sa.Column("result", ID, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("result", "record", name="pk_search_members"),
        sa.ForeignKeyConstraint(["result"], ["search_results.id"], name="fk_search_members_result"),
    )
    for statement in append_only(op.get_bind().dialect.name, "saved_searches", "search_results", "search_members"):
        op.execute(statement)
