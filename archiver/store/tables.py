"""The tables. Two halves: what was captured (an index over the WARC files) and what is to be done next.

``accounts account_handles exchanges validators people person_versions items aliases versions events attachments links
polls metrics media media_sources gates gate_members totals coverage downloads download_parts download_entries
download_files residue`` are the captured half: `archiver rebuild` makes
them again. ``runs segments counters`` tell of the capturing itself, ``tasks`` and ``limits`` are the work ahead,
``spending`` and ``reservations`` what it has cost, ``alerts`` what a person was told and is not over. The full-text
index is in `fulltext`, the triggers that refuse change are in `guards`; both come with ``metadata.create_all``.

``parent``, ``thread`` and ``quotes`` may name a record that was never seen, so they are no foreign keys.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    text,
)

from archiver.store.types import Id, Json, Moment, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", Words, primary_key=True),
    Column("platform", Words, nullable=False),
    Column("configured_handle", Words, nullable=False),
    Column("capacity", Words, nullable=False),
    Column("department", Words),
    Column("series", Words),
    Column("base_url", Words),
    Column("since", Words),  # a day, YYYY-MM-DD
    Column("authenticated", Boolean, nullable=False),
    Column("secrets", Json, nullable=False),  # the names of those that are configured
    Column("api_version", Words),
    Column("messages", Boolean, nullable=False),
    Column("key_space", Words, nullable=False),
    Column("registered_at", Moment, nullable=False),
    # what the platform told
    Column("native_id", Words),
    Column("handle", Words),
    Column("display_name", Words),
    Column("facts", Json, nullable=False),
    Column("access", Json),  # what is known of the credential
    # how the last round went
    Column("last_success_at", Moment),
    Column("last_error", Words),
    Column("last_error_at", Moment),
    Column("advice", Words),
    Column("attention_since", Moment),
    Column("failed_since", Moment),
)

account_handles = Table(
    "account_handles",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("native_id", Words, nullable=False),
    Column("handle", Words, nullable=False),
    Column("display_name", Words),
    Column("observed_at", Moment, nullable=False),
    Index(None, "account"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("command", Words, nullable=False),
    Column("software", Words, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", Words),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("exchange", Words, nullable=False, unique=True),  # WARC-Record-ID, a bare UUID
    Column("sequence", BigInteger, nullable=False),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("run", Integer),  # as the WARC says; the run itself may be from a store that was lost
    Column("url", Words, nullable=False),
    Column("method", Words, nullable=False),
    Column("stream", Words, nullable=False),
    Column("purpose", Words, nullable=False),
    Column("task_kind", Words, nullable=False),
    Column("subject", Words),
    Column("status", Integer),
    Column("failure", Words),
    Column("truncated", Words),
    Column("captured_at", Moment, nullable=False),
    Column("warc_file", Words, nullable=False),
    Column("warc_offset", BigInteger, nullable=False),
    Column("warc_length", BigInteger, nullable=False),
    Column("payload_digest", Words),
    Column("block_digest", Words),
    Column("cost", BigInteger),  # in the smallest unit of the platform's tariff; null where nobody counts
    Index(None, "sequence"),
    Index(None, "account", "payload_digest"),
    Index(None, "warc_file"),
)

validators = Table(
    # With what a server can be asked whether its last whole answer to an address still holds.
    "validators",
    metadata,
    Column("account", Words, ForeignKey("accounts.account"), primary_key=True),
    Column("url", Words, primary_key=True),
    Column("etag", Words),
    Column("last_modified", Words),  # as the server wrote it
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
)

segments = Table(
    # WARC files that were sealed, and what they were then
    "segments",
    metadata,
    Column("warc_file", Words, primary_key=True),
    Column("sha256", Words, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("first_at", Moment),
    Column("last_at", Moment),
    Column("sealed_at", Moment, nullable=False),
    Column("statement", Words),  # the same, signed by the archive's key: a signed note (records rule R79)
)

counters = Table(
    "counters",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("platform", Words, nullable=False),
    Column("native_id", Words, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    UniqueConstraint("platform", "native_id"),
)

person_versions = Table(
    "person_versions",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("handle", Words),
    Column("display_name", Words),
    Column("avatar", Words),
    Column("names", Words, nullable=False),  # handle and display name folded, for the author filter
    Column("observed_at", Moment, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Index(None, "person_id"),
)

items = Table(
    "items",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("kind", Words, nullable=False),
    Column("parent", Words),
    Column("thread", Words, nullable=False),
    Column("thread_author", Words),  # native person id
    Column("shares", Words),
    Column("author_id", Id, ForeignKey("people.id")),
    Column("created_at", Moment),
    Column(
        "moment", Moment, nullable=False
    ),  # when created, else first seen, as known at first sight: its place in time
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("permalink", Words),
    Column("state", Words, nullable=False),
    Column("cause", Words),
    Column("quotes", Words),  # as in the current version
    Column("current", Integer, nullable=False),  # ordinal of the version row that holds now
    Column("learned", Integer, nullable=False),  # how many version rows there are
    # the last counts, so that a change is noticed without asking the metrics table
    Column("like_count", BigInteger),
    Column("reply_count", BigInteger),
    Column("share_count", BigInteger),
    Column("view_count", BigInteger),
    Column("reactions", Words),  # JSON: how many likes are of which kind
    Column("votes", Json),
    Index(None, "account", "moment"),
    Index(None, "moment"),
    Index(
        "ix_items_removed",
        "state",
        "account",
        "moment",
        sqlite_where=text("state <> 'live'"),
        postgresql_where=text("state <> 'live'"),
    ),
    Index(None, "thread", "account"),
    Index(None, "author_id", "account"),
    Index(
        "ix_items_quotes",
        "quotes",
        "account",
        sqlite_where=text("quotes IS NOT NULL"),
        postgresql_where=text("quotes IS NOT NULL"),
    ),
)

aliases = Table(
    "aliases",
    metadata,
    Column("alias", Words, primary_key=True),
    Column("item_id", Id, ForeignKey("items.id"), nullable=False),
    Index(None, "item_id"),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("item_id", Id, ForeignKey("items.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),  # order of learning, from 1
    Column("basis", Words, nullable=False),
    Column("observed_at", Moment, nullable=False),
    Column("edited_at", Moment),
    Column("state", Words, nullable=False),
    Column("cause", Words),
    Column("text", Words),
    Column("title", Words),
    Column("markup", Words),
    Column("content_warning", Words),
    Column("visibility", Words),
    Column("lang", Words),
    Column("quotes", Words),
    Column("tags", Json),
    Column("labels", Json),
    Column("facets", Json),  # of what the digest is taken, as far as the columns beside it don't say so
    Column("digest", Words, nullable=False),
    Column("native_version", Words),
    Column("person_version_id", Id, ForeignKey("person_versions.id")),
    Column("pointer", Words, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    UniqueConstraint("item_id", "ordinal"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("item_id", Id, ForeignKey("items.id"), nullable=False),
    Column("event", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("basis", Words, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Index(None, "item_id"),
    # the moderation record of a period is found without reading the events of all records
    Index(
        "ix_events_moderating",
        "at",
        sqlite_where=text("event NOT IN ('seen', 'edited')"),
        postgresql_where=text("event NOT IN ('seen', 'edited')"),
    ),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("version_id", Id, ForeignKey("versions.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("identity", Words, nullable=False),
    Column("alt_text", Words),
    Column("mime", Words),
    Column("width", Integer),
    Column("height", Integer),
    UniqueConstraint("version_id", "position"),
    Index(None, "identity"),
)

links = Table(
    "links",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("version_id", Id, ForeignKey("versions.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("url", Words, nullable=False),
    Column("expanded", Words),
    Column("title", Words),
    Column("card", Boolean, nullable=False),
    UniqueConstraint("version_id", "position"),
)

polls = Table(
    "polls",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("version_id", Id, ForeignKey("versions.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("option", Words, nullable=False),
    Column("votes", BigInteger),
    Column("closes_at", Moment),
    Column("multiple", Boolean),
    Column("observed_at", Moment, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Index(None, "version_id", "position"),
)

metrics = Table(
    "metrics",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("item_id", Id, ForeignKey("items.id"), nullable=False),
    Column("observed_at", Moment, nullable=False),
    Column("likes", BigInteger),
    Column("replies", BigInteger),
    Column("shares", BigInteger),
    Column("views", BigInteger),
    Column("reactions", Words),  # JSON
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Index(None, "item_id"),
)

media = Table(
    "media",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("mime", Words),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
)

media_sources = Table(
    # What an account's records show, by its name at the platform. Each account has a capture of its own,
    # so that disposing of one account's files leaves the other's pictures (records rule R32).
    "media_sources",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("identity", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("state", Words, nullable=False),  # pending, stored, failed
    Column("wanted_at", Moment, nullable=False),
    Column("last_error", Words),
    Column("sha256", Words, ForeignKey("media.sha256")),
    Column("warc_file", Words),
    Column("warc_offset", BigInteger),
    Column("truncated", Words),
    Column("exchange_id", Id, ForeignKey("exchanges.id")),
    UniqueConstraint("account", "identity"),
    Index(None, "account", "state"),
    Index(None, "sha256"),
)

gates = Table(
    "gates",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("scope", Words, nullable=False),
    Column("gate", Words, nullable=False),
    Column("observed_at", Moment, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    UniqueConstraint("scope", "gate"),
)

gate_members = Table(
    "gate_members",
    metadata,
    Column("gate_id", Id, ForeignKey("gates.id"), primary_key=True),
    Column("member", Words, primary_key=True),
    Index(None, "member"),
)

setting_pages = Table(
    # What an answer shows of an account's settings: who is blocked, which words are filtered (records rule R47).
    "setting_pages",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("setting", Words, nullable=False),
    Column("observed_at", Moment, nullable=False),
    Column("first", Boolean, nullable=False),  # a long list comes in several answers
    Column("last", Boolean, nullable=False),
    Column("digest", Words, nullable=False),
    Column("members", Json),  # [name, words] each; null: as in the earlier row with this digest
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Index(None, "account", "setting", "digest"),
)

totals = Table(
    "totals",
    metadata,
    Column("account", Words, ForeignKey("accounts.account"), primary_key=True),
    Column("stream", Words, primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("observed_at", Moment, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("stream", Words, nullable=False),
    Column("scope", Words, nullable=False),  # "" for the whole stream, else the key of a thread
    Column("from_at", Moment),
    Column("until_at", Moment, nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words),
    Column("opened_at", Moment),
    Column("closed_at", Moment),
    Index(None, "account", "stream", "scope"),
)

downloads = Table(
    # data downloads of the platforms that were imported, and what they say of themselves
    "downloads",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("download", Words, nullable=False, unique=True),  # id of the note that began the import
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("reader", Words, nullable=False),
    Column("platform_id", Words),
    Column("handle", Words),
    Column("generated_at", Moment),
    Column("covers", Words),
    Column("requested_on", Words),  # a day, YYYY-MM-DD
    Column("requested_by", Words),
    Column("messages", Boolean, nullable=False),  # private ones were read, too
    Column("imported_at", Moment, nullable=False),
    Column("entries_read", BigInteger, nullable=False),
    Column("finished_at", Moment),
    Column("not_understood", Json),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),  # the first part
    Index(None, "account"),
)

download_parts = Table(
    "download_parts",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("download_id", Id, ForeignKey("downloads.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Words, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    UniqueConstraint("download_id", "position"),
)

download_entries = Table(
    # which record a download shows where, and how that was told
    "download_entries",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("download_id", Id, ForeignKey("downloads.id"), nullable=False),
    Column("item_id", Id, ForeignKey("items.id"), nullable=False),
    Column("match", Words, nullable=False),
    Column("basis", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("pointer", Words, nullable=False),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Index(None, "download_id"),
    Index(None, "item_id"),
)

download_files = Table(
    # the files that its records show
    "download_files",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("download_id", Id, ForeignKey("downloads.id"), nullable=False),
    Column("path", Words, nullable=False),
    Column("sha256", Words),
    Column("problem", Words),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    UniqueConstraint("download_id", "path"),
)

residue = Table(
    # Captures that show a record that was disposed of, by its key: its words are there until the capture is cut
    "residue",
    metadata,
    Column("exchange_id", Id, ForeignKey("exchanges.id"), primary_key=True),
    Column("record", Words, primary_key=True),
    Index(None, "record"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("account", Words, ForeignKey("accounts.account"), nullable=False),
    Column("kind", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("due_at", Moment),
    Column("cursor", Json),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Words),
    Column("since", Moment),
    Column("until", Moment),
    Column("full", Boolean, nullable=False),
    Column("started_at", Moment),
    Column("done", Boolean, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("changed_at", Moment),
    Column("put_off", Words),  # why it waits until due_at, where it would have cost too much
    UniqueConstraint("account", "kind", "subject"),
    Index(None, "account", "done", "kind", "due_at"),
)

limits = Table(
    "limits",
    metadata,
    Column("scope", Words, primary_key=True),
    Column("until_at", Moment, nullable=False),
    Column("reason", Words, nullable=False),
)

spending = Table(
    # What calls cost, by the days of the tariff's zone; with those whose answer was never seen.
    "spending",
    metadata,
    Column("account", Words, ForeignKey("accounts.account"), primary_key=True),
    Column("day", Words, primary_key=True),  # YYYY-MM-DD
    Column("priority", Words, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
)

reservations = Table(
    # What a call that is under way may cost at most.
    "reservations",
    metadata,
    Column("account", Words, ForeignKey("accounts.account"), primary_key=True),
    Column("day", Words, nullable=False),
    Column("priority", Words, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reserved_at", Moment, nullable=False),
    Column("after", BigInteger, nullable=False),  # the last exchange's number in the order of the archive
)

alerts = Table(
    "alerts",
    metadata,
    Column("subject", Words, primary_key=True),  # an account, or "machine"
    Column("kind", Words, primary_key=True),
    Column("what", Words, nullable=False),
    Column("since_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
)


def on_create(dialect: str, statement: str) -> None:
    """Have a statement carried out after the tables were made, on one of the databases."""

    def carry_out(_metadata: MetaData, conn: Connection, **_rest: object) -> None:
        if conn.dialect.name == dialect:
            # psycopg reads % as the beginning of a placeholder
            conn.exec_driver_sql(statement.replace("%", "%%") if dialect == "postgresql" else statement)

    event.listen(metadata, "after_create", carry_out)
