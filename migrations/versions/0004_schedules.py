"""Records schedules, what they are adopted and assigned for, the days of events, one-time applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from archiver.store.guards import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")

TABLES = (
    "schedule_editions", "schedule_series", "schedule_adoptions", "schedule_mappings",
    "series_assignments", "series_revocations", "series_choices", "trigger_dates",
    "applications", "application_records", "application_approvals",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, and have them refuse change."""
    _schedules()
    _assignments()
    _applications()
    for statement in append_only(op.get_bind().dialect.name, *TABLES):
        op.execute(statement)


def _schedules() -> None:
    op.create_table(
        "schedule_editions",
        _id(),
        _words("name"),
        _words("schedule"),
        sa.Column("edition", DAY, nullable=False),
        _words("title"),
        sa.Column("example", sa.Boolean(), nullable=False),
        *(sa.Column(name, WORDS) for name in ("body", "reference", "source_url")),
        _words("digest"),
        _words("file_sha256"),
        *_who_and_when(),
        _primary("schedule_editions"),
        sa.UniqueConstraint("name", name="uq_schedule_editions_name"),
    )
    op.create_table(
        "schedule_series",
        _id(),
        _words("edition"),
        sa.Column("position", sa.Integer(), nullable=False),
        _words("code"),
        _words("title"),
        *(sa.Column(name, WORDS) for name in ("section", "description")),
        _json("triggers"),
        *(_words(name) for name in ("period", "disposition", "archival")),
        *(_json(name) for name in ("classes", "statute")),
        _primary("schedule_series"),
        _to_edition("schedule_series", "edition"),
        sa.UniqueConstraint("edition", "code", name="uq_schedule_series_edition_code"),
    )
    op.create_table(
        "schedule_adoptions",
        _id(),
        _words("edition"),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        _words("instrument"),
        _json("sections"),
        *_who_and_when(),
        _primary("schedule_adoptions"),
        _to_edition("schedule_adoptions", "edition"),
    )
    op.create_index("ix_schedule_adoptions_edition", "schedule_adoptions", ["edition"])
    op.create_table(
        "schedule_mappings",
        _id(),
        *(_words(name) for name in ("from_edition", "from_code", "to_edition", "to_code")),
        *_who_and_when(),
        _primary("schedule_mappings"),
        _to_edition("schedule_mappings", "from_edition"),
        _to_edition("schedule_mappings", "to_edition"),
    )
    op.create_index("ix_schedule_mappings_from_edition_from_code", "schedule_mappings", ["from_edition", "from_code"])


def _assignments() -> None:
    op.create_table(
        "series_assignments",
        _id(),
        *(_words(name) for name in ("edition", "code")),
        _json("rule"),
        sa.Column("reason", WORDS),
        *_who_and_when(),
        _primary("series_assignments"),
        _to_edition("series_assignments", "edition"),
    )
    op.create_table(
        "series_revocations",
        _id(),
        _reference("series_revocations", "assignment_id", "series_assignments"),
        _words("reason"),
        *_who_and_when(),
        _primary("series_revocations"),
        sa.UniqueConstraint("assignment_id", name="uq_series_revocations_assignment_id"),
    )
    op.create_table(
        "series_choices",
        _id(),
        *(_words(name) for name in ("edition", "code", "over_edition", "over_code", "reason")),
        *_who_and_when(),
        _primary("series_choices"),
        _to_edition("series_choices", "edition"),
        _to_edition("series_choices", "over_edition"),
    )
    op.create_table(
        "trigger_dates",
        _id(),
        *(_words(name) for name in ("record", "trigger")),
        sa.Column("day", DAY),
        _words("reason"),
        *_who_and_when(),
        _primary("trigger_dates"),
    )
    op.create_index("ix_trigger_dates_record", "trigger_dates", ["record"])


def _applications() -> None:
    op.create_table(
        "applications",
        _id(),
        _words("description"),
        _json("rule"),
        *(sa.Column(name, DAY) for name in ("first_day", "last_day")),
        _words("digest"),
        *_who_and_when(),
        _primary("applications"),
    )
    op.create_table(
        "application_records",
        _words("record"),
        _reference("application_records", "application_id", "applications"),
        sa.PrimaryKeyConstraint("record", "application_id", name="pk_application_records"),
    )
    op.create_table(
        "application_approvals",
        _id(),
        _reference("application_approvals", "application_id", "applications"),
        *(_words(name) for name in ("number", "body")),
        sa.Column("day", DAY, nullable=False),
        *_who_and_when(),
        _primary("application_approvals"),
        sa.UniqueConstraint("application_id", name="uq_application_approvals_application_id"),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, sa.Identity(), nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, WORDS, nullable=False)


def _json(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _who_and_when() -> list[sa.Column[object]]:
    return [
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", WORDS, nullable=False),
        sa.Column("login", WORDS, nullable=False),
    ]


def _primary(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _to_edition(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["schedule_editions.name"], name=f"fk_{table}_{column}")


def _reference(table: str, column: str, to: str) -> sa.Column[int]:
    return sa.Column(column, ID, sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}"), nullable=False)
