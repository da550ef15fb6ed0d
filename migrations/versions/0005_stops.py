"""Stops on destruction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
_TABLES = ("stops", "stopped_records", "stop_releases", "stop_notices")


def upgrade() -> None:
    """Make the tables, and have them refuse change."""
    op.create_table(
        "stops",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("matter", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stops"),
        sa.UniqueConstraint("name", name="uq_stops_name"),
    )
    op.create_table(
        "stopped_records",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("stop", WORDS, nullable=False),
        sa.Column("basis", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["stop"], ["stops.name"], name="fk_stopped_records_stop"),
        sa.PrimaryKeyConstraint("key", "stop", name="pk_stopped_records"),
    )
    op.create_index("ix_stopped_records_stop", "stopped_records", ["stop"])
    op.create_table(
        "stop_releases",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("stop", WORDS, nullable=False),
        sa.Column("step", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["stop"], ["stops.name"], name="fk_stop_releases_stop"),
        sa.PrimaryKeyConstraint("id", name="pk_stop_releases"),
    )
    op.create_index("ix_stop_releases_stop", "stop_releases", ["stop"])
    op.create_table(
        "stop_notices",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("stop", WORDS, nullable=False),
        sa.Column("step", WORDS, nullable=False),
        sa.Column("custodian", WORDS, nullable=False),
        sa.Column("address", WORDS),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("means", WORDS, nullable=False),
        sa.Column("text", WORDS),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["stop"], ["stops.name"], name="fk_stop_notices_stop"),
        sa.PrimaryKeyConstraint("id", name="pk_stop_notices"),
    )
    op.create_index("ix_stop_notices_stop", "stop_notices", ["stop"])
    for statement in append_only(op.get_bind().dialect.name, *_TABLES):
        op.execute(statement)
