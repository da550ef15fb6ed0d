"""The tables of an export: one definition for the SQLite file, the CSV headers, the JSON members and the dictionary.

The names are a contract (design 5.3): scripts of cities and attorneys rely on them. A column may be added, which
raises ``SCHEMA_VERSION``; none is renamed or removed without a new major version of the archiver.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 2
"""``user_version`` of the SQLite file, ``schema_version`` in ``about``."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    MOMENT = "time"
    COUNT = "number"
    FLAG = "yes/no"
    BYTES = "bytes"

    @property
    def sql(self) -> str:
        """The column's type in SQLite."""
        return {Kind.COUNT: "INTEGER", Kind.FLAG: "INTEGER", Kind.BYTES: "BLOB"}.get(self, "TEXT")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``required``: never NULL; ``refers``: the table and column that it is a foreign key of."""

    name: str
    meaning: str
    kind: Kind = Kind.TEXT
    required: bool = False
    refers: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``key``: the columns that name a row."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)


def _record(*, required: bool = True) -> Column:
    return Column("record", "The record's key.", required=required, refers=("records", "record"))


def _exchange(meaning: str) -> Column:
    return Column("exchange", meaning, refers=("exchanges", "exchange"))


_VERSION = Column("version", "Number of the version, from 1.", Kind.COUNT, required=True)
_POSITION = Column("position", "Place in the list, from 0.", Kind.COUNT, required=True)

ABOUT = Table(
    "about",
    "What this export is: who made it of what and when, with which filter, and how much is in it.",
    (Column("key", "Name of the fact.", required=True), Column("value", "The fact.")),
    key=("key",),
)

COLUMNS = Table(
    "columns",
    "The data dictionary: what each column of each table and view means.",
    (
        Column("of_table", "Name of the table or view.", required=True),
        Column("name", "Name of the column.", required=True),
        Column("type", "text, time (ISO 8601, UTC), number, yes/no (1 or 0) or bytes."),
        Column("meaning", "What it holds."),
    ),
    key=("of_table", "name"),
)

ACCOUNTS = Table(
    "accounts",
    "The city's accounts that this export is about.",
    (
        Column("account", "The account's name in the archive.", required=True),
        Column("platform", "bluesky, mastodon …", required=True),
        Column("handle", "Its name at the platform, the latest one known."),
        Column("platform_id", "Its permanent id at the platform; NULL until the profile was read once."),
        Column("display_name", "The name that visitors see, the latest one known."),
        Column("capacity", "In which capacity it is used: official, mixed, personal or campaign."),
        Column("department", "The department that is responsible for it."),
        Column("series", "Its retention series."),
    ),
    key=("account",),
)

EXCHANGES = Table(
    "exchanges",
    "The requests and answers that prove the rows of this export, and where each lies in the WARC files.",
    (
        Column(
            "exchange",
            "The WARC-Record-ID of the answer, a UUID; of what was pushed, of the note on it.",
            required=True,
        ),
        Column("url", "What was asked for.", required=True),
        Column("method", "GET or POST; IMPORT where it is a data download, or a stretch of one."),
        Column("status", "HTTP status of the answer; NULL when none came.", Kind.COUNT),
        Column("captured_at", "When the answer came.", Kind.MOMENT, required=True),
        Column("warc_file", "The WARC file, relative to the archive's WARC folder.", required=True),
        Column("warc_offset", "Where in that file its record begins, in bytes.", Kind.COUNT, required=True),
        Column("payload_digest", "Digest of the answer's payload, as in the WARC record."),
    ),
    key=("exchange",),
)

MEDIA = Table(
    "media",
    "Pictures, videos and other files that the records show, each once.",
    (
        Column("sha256", "SHA-256 of the content, hexadecimal.", required=True),
        Column("mime", "Type, as found in the content or as the server said."),
        Column("bytes", "Size of the content.", Kind.COUNT),
        Column("width", "In pixels.", Kind.COUNT),
        Column("height", "In pixels.", Kind.COUNT),
        Column("warc_file", "The WARC file that holds it, relative to the archive's WARC folder."),
        Column("warc_offset", "Where in that file its record begins, in bytes.", Kind.COUNT),
        Column("file", "Path beside this export, where media were written as files."),
        Column("problem", "Why the archive could not give the content; NULL where all is well."),
        Column("content", "The content itself, where media are inside the export.", Kind.BYTES),
    ),
    key=("sha256",),
)

RECORDS = Table(
    "records",
    "Every post, comment, reply, share, quote, mention and profile, as it stands in its latest version.",
    (
        Column("record", "Stable key, platform:native_id.", required=True),
        Column("account", "The city's account that it belongs to.", required=True, refers=("accounts", "account")),
        Column("platform", "bluesky, mastodon …", required=True),
        Column("native_id", "The platform's own id.", required=True),
        Column(
            "kind",
            "post, comment, reply, share, quote, mention, story, message, review, chat or profile.",
            required=True,
        ),
        Column("parent", "Key of what it answers; that record may never have been seen."),
        Column("thread", "Key of the post that began the conversation; a post's own key."),
        Column("quotes", "Key of what it quotes."),
        Column("shares", "Key of what a share repeats."),
        Column("author", "Display name of its author, as it was at that capture."),
        Column("author_handle", "Handle of its author, as it was at that capture."),
        Column("author_id", "The platform's permanent id of its author."),
        Column("title", "Title, where the platform has one."),
        Column("text", "What a reader sees, markup rendered to plain text. A share has the original's text."),
        Column("content_warning", "The warning that stands before the text."),
        Column("visibility", "To whom the platform shows it, in its words; NULL where it makes no difference."),
        Column("created_at", "When it was published, as the platform says.", Kind.MOMENT),
        Column("edited_at", "When it was last edited, as the platform says.", Kind.MOMENT),
        Column("first_seen_at", "When the archive first saw it.", Kind.MOMENT, required=True),
        Column("last_seen_at", "When the archive last saw it.", Kind.MOMENT, required=True),
        Column("state", "live, hidden, gone (the platform says that it is not there) or disposed.", required=True),
        Column("cause", "Why it is hidden or gone, only where a source proves it; else NULL."),
        Column("versions", "How many versions are known.", Kind.COUNT, required=True),
        Column("permalink", "Its address for visitors."),
        Column("lang", "Language, as the platform says."),
        Column("alt_text", "The descriptions of its pictures, one below the other."),
        Column("earlier_text", "The texts of earlier versions where they differ, so that the search finds them."),
    ),
    key=("record",),
)

VERSIONS = Table(
    "versions",
    "Each state of each record: the first sight, every edit, every hiding and showing again.",
    (
        _record(),
        _VERSION,
        Column("observed_at", "When the archive saw this state first.", Kind.MOMENT, required=True),
        Column("title", "Title in this version."),
        Column("text", "Text of this version."),
        Column("content_warning", "Content warning of this version."),
        Column("visibility", "To whom the platform showed it."),
        Column("lang", "Language, as the platform said."),
        Column("quotes", "Key of what it quoted."),
        Column("author", "Display name of the author at that capture."),
        Column("author_handle", "Handle of the author at that capture."),
        Column("edited_at", "The platform's time of this version; NULL for a text that was never edited.", Kind.MOMENT),
        Column("state", "live or hidden.", required=True),
        Column("cause", "Why it was hidden, where a source proves it."),
        Column("basis", "Why it is a version: first, edit, state, or history (learned from the platform's own list)."),
        Column(
            "digest",
            "SHA-256 over what an edit can change (see the data dictionary); the word withheld where some of it is.",
            required=True,
        ),
        _exchange("The exchange that showed it."),
        Column("pointer", "Where in that answer it stands (JSON pointer, RFC 6901; XPath where the answer is XML)."),
    ),
    key=("record", "version"),
)

EVENTS = Table(
    "events",
    "What happened to each record, as seen by the archive.",
    (
        _record(),
        Column(
            "event", "seen, edited, hidden, unhidden, gone, restored, detached, reattached or explained.", required=True
        ),
        Column("at", "When the archive saw it; the platforms rarely say when it happened.", Kind.MOMENT, required=True),
        Column("basis", "What shows it, in words: the platform's answer, or a list that it is on."),
        _exchange("The exchange that shows it."),
    ),
)

ATTACHMENTS = Table(
    "attachments",
    "The pictures, videos and files of each version.",
    (
        _record(),
        _VERSION,
        _POSITION,
        Column("kind", "image, video, audio, file …", required=True),
        Column("url", "Its address at that capture.", required=True),
        Column("alt_text", "Its description, as given by the author."),
        Column("media", "SHA-256 of its content; NULL where none was captured.", refers=("media", "sha256")),
        Column("note", "Why there is no content, or that a limit cut it."),
        _exchange("The exchange that brought its content."),
    ),
    key=("record", "version", "position"),
)

LINKS = Table(
    "links",
    "The links of each version, preview cards included.",
    (
        _record(),
        _VERSION,
        _POSITION,
        Column("url", "The link as it stands in the text.", required=True),
        Column("expanded", "Where a shortened one leads, as the platform says."),
        Column("title", "Title of the page, from the preview card."),
        Column("card", "Whether it comes from a preview card and not from the text.", Kind.FLAG),
    ),
    key=("record", "version", "position"),
)

POLLS = Table(
    "polls",
    "The options of each version's poll, with the last count that was seen.",
    (
        _record(),
        _VERSION,
        _POSITION,
        Column("option", "The answer that can be chosen.", required=True),
        Column("votes", "Votes for it; NULL where the platform shows none.", Kind.COUNT),
        Column("closes_at", "When the poll closes.", Kind.MOMENT),
    ),
    key=("record", "version", "position"),
)

METRICS = Table(
    "metrics",
    "Counts as the platform stated them, a row for each time that one had changed.",
    (
        _record(),
        Column("observed_at", "When it said so.", Kind.MOMENT, required=True),
        Column("likes", "Likes, favourites, reactions; NULL where it stated none.", Kind.COUNT),
        Column("replies", "Answers; NULL where it stated none.", Kind.COUNT),
        Column("shares", "Shares, boosts, reposts; NULL where it stated none.", Kind.COUNT),
        Column("views", "Views; NULL where it stated none.", Kind.COUNT),
        Column("reactions", "How many of the likes are of which kind, as JSON in the platform's words."),
        _exchange("The exchange that said so."),
    ),
)

COVERAGE = Table(
    "coverage",
    "Which spans of time were captured completely, which were not, and why.",
    (
        Column("account", "The account.", required=True, refers=("accounts", "account")),
        Column("stream", "What was listed: profile, posts, comments, quotes, mentions, edits or media.", required=True),
        Column("thread", "Key of the one conversation that it is about; NULL for the whole stream."),
        Column("from_at", "Begin of the span; NULL for the beginning of the account.", Kind.MOMENT),
        Column("until_at", "End of the span.", Kind.MOMENT, required=True),
        Column("state", "complete, gap, or not_offered (the platform never gives it).", required=True),
        Column("reason", "Why there is a gap, why a complete span was late, or what does not add up."),
        Column("noticed_at", "When a gap was noticed.", Kind.MOMENT),
        Column("closed_at", "When a gap was captured after all.", Kind.MOMENT),
    ),
)

DOWNLOADS = Table(
    "downloads",
    "Data downloads of the platforms that were imported: what an account gets of itself, a second source.",
    (
        Column("download", "Name of the import, a UUID.", required=True),
        Column("account", "The account that it is of.", required=True, refers=("accounts", "account")),
        Column("format", "What kind of download it is.", required=True),
        Column("files", "The zip files as they were handed in, one a line.", required=True),
        Column("sha256", "Their digests, in the same order, one a line.", required=True),
        Column("generated_at", "When the platform made it, as far as it says.", Kind.MOMENT),
        Column("covers", "What the platform says about its range."),
        Column("requested_on", "The day on which the platform was asked for it, as told at the import."),
        Column("requested_by", "Who asked for it, as told at the import."),
        Column("imported_at", "When it was imported.", Kind.MOMENT, required=True),
    ),
    key=("download",),
)

ORIGINS = Table(
    "origins",
    "Which data download shows a record, and how that is known. A record without any was captured only.",
    (
        _record(),
        Column("download", "The download.", required=True, refers=("downloads", "download")),
        Column(
            "match",
            "id: by the platform's id; probable: the download has no ids, and time, text or media agree; again: an "
            "earlier download shows it, too; new: nothing but this download has shown it until then.",
            required=True,
        ),
        Column("basis", "What the match rests on, in words.", required=True),
        Column("file", "The file of the download in which it stands.", required=True),
        Column("pointer", "Where in that file: a JSON pointer (RFC 6901) or a line."),
        _exchange("The reading of that file, which leads to the zip in the WARC files."),
    ),
)

WITHHELD = Table(
    "withheld",
    "What was left out or blacked out, with the basis of each. Empty when nothing was.",
    (
        Column("record", "Key of the record; it is not among the records when all of it was left out.", required=True),
        Column("account", "The account that it belongs to.", required=True, refers=("accounts", "account")),
        Column("kind", "The record's kind.", required=True),
        Column("created_at", "When it was published, as the platform says.", Kind.MOMENT),
        Column("part", "record (all of it), or media, text, author … (only that).", required=True),
        Column("basis", "The law, the officer's decision or the rule by which it was left out.", required=True),
        Column("reason", "The same for a reader."),
        Column("version", "Of a piece of a text: in which version it was marked.", Kind.COUNT),
        Column("span", "Of a piece of a text: from which to before which character, from 0."),
        Column("class", "The class of data that it is; undecided where nobody has decided yet."),
    ),
)

TABLES: tuple[Table, ...] = (
    ACCOUNTS, EXCHANGES, MEDIA, RECORDS, VERSIONS, EVENTS, ATTACHMENTS, LINKS, POLLS, METRICS, COVERAGE,
    DOWNLOADS, ORIGINS, WITHHELD,
)  # fmt: skip
"""The tables whose rows a data set brings."""

DERIVED = frozenset({"alt_text", "earlier_text"})
"""Columns of ``records`` that are gathered from its versions and attachments, for the search of the SQLite file."""


def plain_columns(table: Table) -> tuple[Column, ...]:
    """The columns that formats of text have."""
    hidden = DERIVED if table is RECORDS else frozenset()
    return tuple(one for one in table.columns if one.kind is not Kind.BYTES and one.name not in hidden)
