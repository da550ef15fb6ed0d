"""The views of the SQLite export: what an officer asks for most (design 5.3), and what their columns mean."""

# ruff: noqa: S608 - the statements are put together from constants of this module

from __future__ import annotations

from dataclasses import dataclass

from archiver.exports.schema import Column, Kind


@dataclass(frozen=True, slots=True)
class View:
    """A view. ``columns``: those that no table has; the others mean what they mean in ``records`` or ``versions``."""

    name: str
    meaning: str
    sql: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """A column of its own."""
        return next((column for column in self.columns if column.name == name), None)


_OWN = "(r.author_id IS NOT NULL AND r.author_id = a.platform_id)"

_LATEST = """
    (SELECT m.{0} FROM metrics m WHERE m.record = r.record AND m.{0} IS NOT NULL
     ORDER BY m.observed_at DESC, m.rowid DESC LIMIT 1) AS {0}"""

_COUNTS = tuple(
    Column(name, f"The last count of {what} that the platform stated.", Kind.COUNT)
    for name, what in {"likes": "likes", "replies": "answers", "shares": "shares", "views": "views"}.items()
)
_BY_CITY = Column("by_city", "Whether the account itself wrote it.", Kind.FLAG)

POSTS = View(
    "posts",
    "What the city's accounts published: their posts, shares, quotes and stories.",
    f"""
CREATE VIEW posts AS
SELECT r.record, r.account, r.platform, r.kind, r.created_at, r.edited_at, r.author, r.author_handle, r.title, r.text,
    r.content_warning, r.visibility, r.state, r.cause, r.versions,
    (SELECT count(*) FROM records c WHERE c.thread = r.record AND c.record <> r.record) AS comments,{
        ",".join(_LATEST.format(count.name) for count in _COUNTS)
    },
    r.alt_text, r.permalink, r.first_seen_at, r.last_seen_at
FROM records r JOIN accounts a ON a.account = r.account
WHERE r.kind IN ('post', 'share', 'quote', 'story') AND {_OWN}
""",
    (Column("comments", "How many comments and replies below it are in this export.", Kind.COUNT), *_COUNTS),
)

COMMENTS = View(
    "comments",
    "What others wrote to the city, and what the city answered: comments, replies, quotes by others, mentions.",
    f"""
CREATE VIEW comments AS
SELECT r.record, r.account, r.platform, r.kind, r.created_at, r.edited_at, r.author, r.author_handle, r.author_id,
    {_OWN} AS by_city, r.text, r.content_warning, r.visibility, r.state, r.cause, r.versions,
    r.parent, r.thread, t.text AS thread_text, r.quotes, r.alt_text, r.permalink, r.first_seen_at, r.last_seen_at
FROM records r JOIN accounts a ON a.account = r.account LEFT JOIN records t ON t.record = r.thread
WHERE r.kind IN ('comment', 'reply', 'mention', 'review', 'chat') OR (r.kind = 'quote' AND NOT {_OWN})
""",
    (_BY_CITY, Column("thread_text", "The text of the post that began the conversation, where it is known.")),
)

REMOVED_OR_HIDDEN = View(
    "removed_or_hidden",
    "What visitors of the page can't see any more: hidden, gone or disposed of, with when and what shows it.",
    f"""
CREATE VIEW removed_or_hidden AS
SELECT r.record, r.account, r.platform, r.kind, r.state, r.cause, e.at AS seen_at, e.basis,
    r.created_at, r.last_seen_at, r.author, r.author_handle, r.author_id, {_OWN} AS by_city,
    r.text, r.parent, r.thread, r.versions, r.permalink, e.exchange
FROM records r JOIN accounts a ON a.account = r.account LEFT JOIN events e ON e.rowid = (
    SELECT x.rowid FROM events x
    WHERE x.record = r.record AND (x.event = r.state OR x.event = 'explained')
    ORDER BY x.event = 'explained', x.at DESC, x.rowid DESC LIMIT 1)
WHERE r.state IN ('hidden', 'gone', 'disposed')
""",
    (
        Column("seen_at", "When the archive saw that; it happened between the last look before and then.", Kind.MOMENT),
        Column("basis", "What shows it, in words."),
        _BY_CITY,
    ),
)

EDITS = View(
    "edits",
    "Every edit: the text before and after.",
    """
CREATE VIEW edits AS
SELECT v.record, r.account, r.platform, r.kind, v.version, v.edited_at, v.observed_at, v.author, v.author_handle,
    b.text AS text_before, v.text AS text_after, v.text IS NOT b.text AS text_changed,
    r.permalink, v.exchange
FROM versions v
JOIN versions b ON b.record = v.record AND b.version = v.version - 1
JOIN records r ON r.record = v.record
WHERE v.digest <> b.digest OR v.basis = 'edit'
""",
    (
        Column("edited_at", "The platform's time of this edit.", Kind.MOMENT),
        Column("text_before", "The text of the version before."),
        Column("text_after", "The text of this version."),
        Column("text_changed", "Whether the text differs; else pictures, links or other parts do.", Kind.FLAG),
    ),
)

VIEWS = (POSTS, COMMENTS, REMOVED_OR_HIDDEN, EDITS)
