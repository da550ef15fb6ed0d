"""The moderation record: notes, acts, policies, settings; what the platforms show of settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
TABLES = ("moderation_notes", "moderation_acts", "moderation_policies", "moderation_settings", "setting_pages")


def upgrade() -> None:
    """Make the tables, have them refuse change, and find the events of a period by an index."""
    _said()
    _known()
    _captured()
    for statement in append_only(op.get_bind().dialect.name, *TABLES):
        op.execute(statement)


def _said() -> None:
    op.create_table(
        "moderation_notes",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("reference", WORDS, nullable=False),
        sa.Column("action", WORDS),
        sa.Column("actor", WORDS),
        sa.Column("rule", WORDS),
        sa.Column("reason", WORDS),
        sa.Column("notice", WORDS),
        sa.Column("appeal", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_notes"),
    )
    op.create_index("ix_moderation_notes_reference", "moderation_notes", ["reference"])
    op.create_table(
        "moderation_acts",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("day_only", sa.Boolean(), nullable=False),
        sa.Column("record", WORDS),
        sa.Column("whom", WORDS),
        sa.Column("text", WORDS),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("basis", WORDS, nullable=False),
        sa.Column("file", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_acts"),
    )
    op.create_index("ix_moderation_acts_at", "moderation_acts", ["at"])
    op.create_index("ix_moderation_acts_record", "moderation_acts", ["record"])


def _known() -> None:
    op.create_table(
        "moderation_policies",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("account", WORDS),
        sa.Column("effective", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("shown_at", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_policies"),
    )
    op.create_table(
        "moderation_settings",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("setting", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("remark", WORDS),
        sa.Column("file", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_settings"),
    )
    op.create_index("ix_moderation_settings_account_setting", "moderation_settings", ["account", "setting"])


def _captured() -> None:
    op.create_table(
        "setting_pages",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("setting", WORDS, nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("members", sa.Text()),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setting_pages"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_setting_pages_account"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_setting_pages_exchange_id"),
    )
    op.create_index("ix_setting_pages_account_setting_digest", "setting_pages", ["account", "setting", "digest"])
    moderating = sa.text("event NOT IN ('seen', 'edited')")
    op.create_index("ix_events_moderating", "events", ["at"], sqlite_where=moderating, postgresql_where=moderating)
