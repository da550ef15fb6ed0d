"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")

APPEND_ONLY = (
    "account_handles",
    "attachments",
    "download_entries",
    "download_files",
    "download_parts",
    "events",
    "exchanges",
    "links",
    "metrics",
    "person_versions",
    "polls",
    "segments",
    "versions",
)


def upgrade() -> None:
    """Make everything."""
    _capturing()
    _records()
    _parts()
    _completeness()
    _downloads()
    _work()
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgres()


def _capturing() -> None:
    """Accounts, and what was asked of their platforms."""
    op.create_table(
        "accounts",
        sa.Column("account", WORDS, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("configured_handle", WORDS, nullable=False),
        sa.Column("capacity", WORDS, nullable=False),
        sa.Column("department", WORDS),
        sa.Column("series", WORDS),
        sa.Column("base_url", WORDS),
        sa.Column("since", WORDS),
        sa.Column("authenticated", sa.Boolean(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("api_version", WORDS),
        sa.Column("messages", sa.Boolean(), nullable=False),
        sa.Column("key_space", WORDS, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("native_id", WORDS),
        sa.Column("handle", WORDS),
        sa.Column("display_name", WORDS),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("access", sa.Text()),
        sa.Column("last_success_at", MOMENT),
        sa.Column("last_error", WORDS),
        sa.Column("last_error_at", MOMENT),
        sa.Column("advice", WORDS),
        sa.Column("attention_since", MOMENT),
        sa.Column("failed_since", MOMENT),
        sa.PrimaryKeyConstraint("account", name="pk_accounts"),
    )
    op.create_table(
        "account_handles",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("handle", WORDS, nullable=False),
        sa.Column("display_name", WORDS),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_handles"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_account_handles_account"),
    )
    op.create_index("ix_account_handles_account", "account_handles", ["account"])
    op.create_table(
        "runs",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("command", WORDS, nullable=False),
        sa.Column("software", WORDS, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("exchange", WORDS, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("run", sa.Integer()),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("method", WORDS, nullable=False),
        sa.Column("stream", WORDS, nullable=False),
        sa.Column("purpose", WORDS, nullable=False),
        sa.Column("task_kind", WORDS, nullable=False),
        sa.Column("subject", WORDS),
        sa.Column("status", sa.Integer()),
        sa.Column("failure", WORDS),
        sa.Column("truncated", WORDS),
        sa.Column("captured_at", MOMENT, nullable=False),
        sa.Column("warc_file", WORDS, nullable=False),
        sa.Column("warc_offset", sa.BigInteger(), nullable=False),
        sa.Column("warc_length", sa.BigInteger(), nullable=False),
        sa.Column("payload_digest", WORDS),
        sa.Column("block_digest", WORDS),
        sa.Column("cost", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_exchanges_account"),
        sa.UniqueConstraint("exchange", name="uq_exchanges_exchange"),
    )
    op.create_index("ix_exchanges_account_payload_digest", "exchanges", ["account", "payload_digest"])
    op.create_index("ix_exchanges_sequence", "exchanges", ["sequence"])
    op.create_index("ix_exchanges_warc_file", "exchanges", ["warc_file"])
    op.create_table(
        "validators",
        sa.Column("account", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("etag", WORDS),
        sa.Column("last_modified", WORDS),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("account", "url", name="pk_validators"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_validators_account"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_validators_exchange_id"),
    )
    op.create_table(
        "segments",
        sa.Column("warc_file", WORDS, nullable=False),
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("first_at", MOMENT),
        sa.Column("last_at", MOMENT),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.Column("statement", WORDS),
        sa.PrimaryKeyConstraint("warc_file", name="pk_segments"),
    )
    op.create_table(
        "counters",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _records() -> None:
    """Records, their authors and their versions."""
    op.create_table(
        "people",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("platform", "native_id", name="uq_people_platform_native_id"),
    )
    op.create_table(
        "person_versions",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("handle", WORDS),
        sa.Column("display_name", WORDS),
        sa.Column("avatar", WORDS),
        sa.Column("names", WORDS, nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_versions"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_person_versions_exchange_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_versions_person_id"),
    )
    op.create_index("ix_person_versions_person_id", "person_versions", ["person_id"])
    op.create_table(
        "items",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("parent", WORDS),
        sa.Column("thread", WORDS, nullable=False),
        sa.Column("thread_author", WORDS),
        sa.Column("shares", WORDS),
        sa.Column("author_id", ID),
        sa.Column("created_at", MOMENT),
        sa.Column("moment", MOMENT, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("permalink", WORDS),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("cause", WORDS),
        sa.Column("quotes", WORDS),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("learned", sa.Integer(), nullable=False),
        sa.Column("like_count", sa.BigInteger()),
        sa.Column("reply_count", sa.BigInteger()),
        sa.Column("share_count", sa.BigInteger()),
        sa.Column("view_count", sa.BigInteger()),
        sa.Column("reactions", WORDS),
        sa.Column("votes", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_items_account"),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name="fk_items_author_id"),
        sa.UniqueConstraint("key", name="uq_items_key"),
    )
    op.create_index("ix_items_account_moment", "items", ["account", "moment"])
    op.create_index("ix_items_author_id_account", "items", ["author_id", "account"])
    op.create_index("ix_items_moment", "items", ["moment"])
    op.create_index(
        "ix_items_quotes",
        "items",
        ["quotes", "account"],
        sqlite_where=sa.text("quotes IS NOT NULL"),
        postgresql_where=sa.text("quotes IS NOT NULL"),
    )
    op.create_index(
        "ix_items_removed",
        "items",
        ["state", "account", "moment"],
        sqlite_where=sa.text("state <> 'live'"),
        postgresql_where=sa.text("state <> 'live'"),
    )
    op.create_index("ix_items_thread_account", "items", ["thread", "account"])
    op.create_table(
        "aliases",
        sa.Column("alias", WORDS, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_aliases"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_aliases_item_id"),
    )
    op.create_index("ix_aliases_item_id", "aliases", ["item_id"])
    op.create_table(
        "versions",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("basis", WORDS, nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("cause", WORDS),
        sa.Column("text", WORDS),
        sa.Column("title", WORDS),
        sa.Column("markup", WORDS),
        sa.Column("content_warning", WORDS),
        sa.Column("visibility", WORDS),
        sa.Column("lang", WORDS),
        sa.Column("quotes", WORDS),
        sa.Column("tags", sa.Text()),
        sa.Column("labels", sa.Text()),
        sa.Column("facets", sa.Text()),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("native_version", WORDS),
        sa.Column("person_version_id", ID),
        sa.Column("pointer", WORDS, nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_versions_exchange_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_versions_item_id"),
        sa.ForeignKeyConstraint(["person_version_id"], ["person_versions.id"], name="fk_versions_person_version_id"),
        sa.UniqueConstraint("item_id", "ordinal", name="uq_versions_item_id_ordinal"),
    )
    op.create_table(
        "events",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("event", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("basis", WORDS, nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_events_exchange_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_events_item_id"),
    )
    op.create_index("ix_events_item_id", "events", ["item_id"])
    op.create_table(
        "metrics",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("likes", sa.BigInteger()),
        sa.Column("replies", sa.BigInteger()),
        sa.Column("shares", sa.BigInteger()),
        sa.Column("views", sa.BigInteger()),
        sa.Column("reactions", WORDS),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_metrics"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_metrics_exchange_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_metrics_item_id"),
    )
    op.create_index("ix_metrics_item_id", "metrics", ["item_id"])


def _parts() -> None:
    """What hangs on a version, and the media."""
    op.create_table(
        "attachments",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("identity", WORDS, nullable=False),
        sa.Column("alt_text", WORDS),
        sa.Column("mime", WORDS),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_attachments_version_id"),
        sa.UniqueConstraint("version_id", "position", name="uq_attachments_version_id_position"),
    )
    op.create_index("ix_attachments_identity", "attachments", ["identity"])
    op.create_table(
        "links",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("expanded", WORDS),
        sa.Column("title", WORDS),
        sa.Column("card", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_links_version_id"),
        sa.UniqueConstraint("version_id", "position", name="uq_links_version_id_position"),
    )
    op.create_table(
        "polls",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("option", WORDS, nullable=False),
        sa.Column("votes", sa.BigInteger()),
        sa.Column("closes_at", MOMENT),
        sa.Column("multiple", sa.Boolean()),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_polls"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_polls_exchange_id"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_polls_version_id"),
    )
    op.create_index("ix_polls_version_id_position", "polls", ["version_id", "position"])
    op.create_table(
        "media",
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("mime", WORDS),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.PrimaryKeyConstraint("sha256", name="pk_media"),
    )
    op.create_table(
        "media_sources",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("identity", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("wanted_at", MOMENT, nullable=False),
        sa.Column("last_error", WORDS),
        sa.Column("sha256", WORDS),
        sa.Column("warc_file", WORDS),
        sa.Column("warc_offset", sa.BigInteger()),
        sa.Column("truncated", WORDS),
        sa.Column("exchange_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_media_sources"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_media_sources_account"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_media_sources_exchange_id"),
        sa.ForeignKeyConstraint(["sha256"], ["media.sha256"], name="fk_media_sources_sha256"),
        sa.UniqueConstraint("account", "identity", name="uq_media_sources_account_identity"),
    )
    op.create_index("ix_media_sources_account_state", "media_sources", ["account", "state"])
    op.create_index("ix_media_sources_sha256", "media_sources", ["sha256"])


def _completeness() -> None:
    """Lists, totals and coverage."""
    op.create_table(
        "gates",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("gate", WORDS, nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gates"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_gates_exchange_id"),
        sa.UniqueConstraint("scope", "gate", name="uq_gates_scope_gate"),
    )
    op.create_table(
        "gate_members",
        sa.Column("gate_id", ID, nullable=False),
        sa.Column("member", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("gate_id", "member", name="pk_gate_members"),
        sa.ForeignKeyConstraint(["gate_id"], ["gates.id"], name="fk_gate_members_gate_id"),
    )
    op.create_index("ix_gate_members_member", "gate_members", ["member"])
    op.create_table(
        "totals",
        sa.Column("account", WORDS, nullable=False),
        sa.Column("stream", WORDS, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account", "stream", name="pk_totals"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_totals_account"),
    )
    op.create_table(
        "coverage",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("stream", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("from_at", MOMENT),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("reason", WORDS),
        sa.Column("opened_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_coverage"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_coverage_account"),
    )
    op.create_index("ix_coverage_account_stream_scope", "coverage", ["account", "stream", "scope"])


def _downloads() -> None:
    """Data downloads that were imported, and what in them shows which record."""
    op.create_table(
        "downloads",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("download", WORDS, nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("reader", WORDS, nullable=False),
        sa.Column("platform_id", WORDS),
        sa.Column("handle", WORDS),
        sa.Column("generated_at", MOMENT),
        sa.Column("covers", WORDS),
        sa.Column("requested_on", WORDS),
        sa.Column("requested_by", WORDS),
        sa.Column("messages", sa.Boolean(), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("entries_read", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("not_understood", sa.Text()),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_downloads"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_downloads_account"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_downloads_exchange_id"),
        sa.UniqueConstraint("download", name="uq_downloads_download"),
    )
    op.create_index("ix_downloads_account", "downloads", ["account"])
    op.create_table(
        "download_parts",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("download_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_download_parts"),
        sa.ForeignKeyConstraint(["download_id"], ["downloads.id"], name="fk_download_parts_download_id"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_download_parts_exchange_id"),
        sa.UniqueConstraint("download_id", "position", name="uq_download_parts_download_id_position"),
    )
    op.create_table(
        "download_entries",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("download_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("match", WORDS, nullable=False),
        sa.Column("basis", WORDS, nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("pointer", WORDS, nullable=False),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_download_entries"),
        sa.ForeignKeyConstraint(["download_id"], ["downloads.id"], name="fk_download_entries_download_id"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_download_entries_exchange_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_download_entries_item_id"),
    )
    op.create_index("ix_download_entries_download_id", "download_entries", ["download_id"])
    op.create_index("ix_download_entries_item_id", "download_entries", ["item_id"])
    op.create_table(
        "download_files",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("download_id", ID, nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("sha256", WORDS),
        sa.Column("problem", WORDS),
        sa.Column("exchange_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_download_files"),
        sa.ForeignKeyConstraint(["download_id"], ["downloads.id"], name="fk_download_files_download_id"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_download_files_exchange_id"),
        sa.UniqueConstraint("download_id", "path", name="uq_download_files_download_id_path"),
    )


def _work() -> None:
    """The work ahead."""
    op.create_table(
        "tasks",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("cursor", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", WORDS),
        sa.Column("since", MOMENT),
        sa.Column("until", MOMENT),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.Column("put_off", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_tasks_account"),
        sa.UniqueConstraint("account", "kind", "subject", name="uq_tasks_account_kind_subject"),
    )
    op.create_index("ix_tasks_account_done_kind_due_at", "tasks", ["account", "done", "kind", "due_at"])
    op.create_table(
        "limits",
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_limits"),
    )
    op.create_table(
        "spending",
        sa.Column("account", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=False),
        sa.Column("priority", WORDS, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", "priority", name="pk_spending"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_spending_account"),
    )
    op.create_table(
        "reservations",
        sa.Column("account", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=False),
        sa.Column("priority", WORDS, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reserved_at", MOMENT, nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_reservations"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_reservations_account"),
    )
    op.create_table(
        "alerts",
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("what", WORDS, nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", name="pk_alerts"),
    )


def _on_sqlite() -> None:
    """The full-text index, and the triggers that refuse change."""
    op.execute(
        "CREATE VIRTUAL TABLE fulltext USING fts5(words, content='', columnsize=0, tokenize=\"ascii tokenchars '#_-'\")"
    )
    for table, verb in [(table, verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")] + [("runs", "DELETE")]:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER runs_end_once BEFORE UPDATE ON runs "
        "WHEN old.ended_at IS NOT NULL OR new.id IS NOT old.id OR new.command IS NOT old.command "
        "OR new.software IS NOT old.software OR new.started_at IS NOT old.started_at "
        "BEGIN SELECT RAISE(ABORT, 'runs is append-only: a run can only end, once'); END"
    )


def _on_postgres() -> None:
    """The full-text index, and the triggers that refuse change."""
    op.execute(
        "CREATE TABLE fulltext (version_id BIGINT NOT NULL CONSTRAINT pk_fulltext PRIMARY KEY "
        "CONSTRAINT fk_fulltext_version_id REFERENCES versions (id), words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_fulltext_words ON fulltext USING gin (words)")
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_change_of_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF old.ended_at IS NOT NULL OR new.id <> old.id OR new.command <> old.command "
        "OR new.software <> old.software OR new.started_at <> old.started_at THEN "
        "RAISE EXCEPTION 'runs is append-only: a run can only end, once'; END IF; RETURN new; END $$"
    )
    refuse = "EXECUTE FUNCTION refuse_change()"
    for table in APPEND_ONLY:
        op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs FOR EACH ROW {refuse}")
    op.execute(
        "CREATE TRIGGER runs_end_once BEFORE UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION refuse_change_of_run()"
    )
    for table in (*APPEND_ONLY, "runs"):
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
