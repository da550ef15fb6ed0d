"""Disposals, tombstones, and what captures still show of records that went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text()

_GUARDED = (
    "disposals", "disposal_entries", "disposal_approvals", "transfer_receipts", "disposal_runs", "disposal_endings",
    "disposed", "rewrites",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, and have the decisions refuse change."""
    op.create_table(
        "disposals",
        sa.Column("disposal", WORDS, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("reason", WORDS),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("stopped", JSON, nullable=False),
        sa.PrimaryKeyConstraint("disposal", name="pk_disposals"),
    )
    op.create_table(
        "disposal_entries",
        sa.Column("disposal", WORDS, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("line", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["disposal"], ["disposals.disposal"], name="fk_disposal_entries_disposal"),
        sa.PrimaryKeyConstraint("disposal", "record", name="pk_disposal_entries"),
    )
    op.create_table(
        "disposal_approvals",
        *_who("disposal_approvals", "disposals"),
        sa.Column("digest", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("disposal", name="pk_disposal_approvals"),
    )
    op.create_table(
        "transfer_receipts",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        *_who("transfer_receipts", "disposals"),
        sa.Column("bag", WORDS, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("reference", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transfer_receipts"),
    )
    op.create_index("ix_transfer_receipts_disposal", "transfer_receipts", ["disposal"])
    op.create_table(
        "disposal_runs",
        *_who("disposal_runs", "disposals"),
        sa.Column("certificate", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("disposal", name="pk_disposal_runs"),
    )
    op.create_table(
        "disposal_endings",
        sa.Column("disposal", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["disposal"], ["disposal_runs.disposal"], name="fk_disposal_endings_disposal"),
        sa.PrimaryKeyConstraint("disposal", name="pk_disposal_endings"),
    )
    op.create_table(
        "disposed",
        sa.Column("record", WORDS, nullable=False),
        sa.Column("disposal", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("schedule", WORDS, nullable=False),
        sa.Column("edition", WORDS, nullable=False),
        sa.Column("series", WORDS, nullable=False),
        sa.Column("series_title", WORDS, nullable=False),
        sa.Column("not_public", sa.Boolean(), nullable=False),
        sa.Column("stone", JSON, nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_disposed"),
    )
    op.create_index("ix_disposed_disposal", "disposed", ["disposal"])
    op.create_table(
        "rewrites",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("disposal", WORDS, nullable=False),
        sa.Column("warc_file", WORDS, nullable=False),
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("new_file", WORDS),
        sa.Column("new_sha256", WORDS),
        sa.Column("removed", JSON, nullable=False),
        sa.Column("changed", JSON, nullable=False),
        sa.ForeignKeyConstraint(["disposal"], ["disposals.disposal"], name="fk_rewrites_disposal"),
        sa.PrimaryKeyConstraint("id", name="pk_rewrites"),
    )
    op.create_index("ix_rewrites_disposal", "rewrites", ["disposal"])
    op.create_table(
        "residue",
        sa.Column("exchange_id", ID, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_residue_exchange_id"),
        sa.PrimaryKeyConstraint("exchange_id", "record", name="pk_residue"),
    )
    op.create_index("ix_residue_record", "residue", ["record"])
    for statement in append_only(op.get_bind().dialect.name, *_GUARDED):
        op.execute(statement)


def _who(table: str, above: str) -> list[sa.schema.SchemaItem]:
    """The columns that say which list a person acted on, and when."""
    return [
        sa.Column("disposal", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["disposal"], [f"{above}.disposal"], name=f"fk_{table}_disposal"),
    ]
