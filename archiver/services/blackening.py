"""Taking what is withheld out of a record's rows, in every place where it stands (R19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archiver.domain.classification import NotPublic, Part, text_digest
from archiver.domain.redaction import Piece, Redactor, withheld
from archiver.store.views import Record, Row

_TEXTS = {Part.TEXT: "text", Part.TITLE: "title", Part.CONTENT_WARNING: "content_warning"}

_SPOKEN = (
    "title", "text", "markup", "content_warning", "author", "author_handle", "author_id", "permalink", "url",
    "expanded", "alt_text", "option", "tags", "labels", "basis", "file", "pointer", "media_error", "note",
    "native_version",
)  # fmt: skip
"""The columns that strangers fill."""

WITHHELD = "withheld"
"""The state of media that are withheld, and what stands in the place of the digest of a version of which something is:
with that and the rest of the text, a short word could be found by trying."""


def words_of(record: Record, kept: Iterable[NotPublic]) -> list[tuple[str, str]]:
    """The words that may stand nowhere, each with its law: what is marked, as it stands in the record."""
    found: dict[tuple[str, str], None] = {}
    for one in kept:
        for words in _words(record, one):
            if words.strip():
                found[words, one.citation] = None
    return list(found)


def _words(record: Record, one: NotPublic) -> Iterator[str]:
    texts = _marked_texts(record, one)
    if one.span is not None and texts:
        yield from (text[one.span.start : one.span.end] for text in texts)
        return
    for part in _COLUMNS if one.part is Part.RECORD else (one.part,):
        for row in _of_part(record, part):
            yield from (row[name] for name in _COLUMNS[part] if row.get(name))
    author = record.row["author_id"]
    if one.part in {Part.RECORD, Part.AUTHOR} and author and not author.isdigit():
        yield author


def _marked_texts(record: Record, one: NotPublic) -> set[str]:
    """The texts in which a piece was marked; none where no version has that text any more.

    Then the whole field is withheld until somebody marks it anew: what was marked may stand in it somewhere else.
    """
    if one.span is None:
        return set()
    key, name = record.row["record"], _TEXTS[one.part]
    texts = {version[name] for version in record.versions if version[name] is not None}
    return {text for text in texts if text_digest(key, text) == one.span.digest}


_COLUMNS: dict[Part, tuple[str, ...]] = {
    **{part: (name,) for part, name in _TEXTS.items()},
    Part.AUTHOR: ("author", "author_handle"),
    Part.ALT_TEXT: ("alt_text",),
    Part.MEDIA: ("url",),
    Part.LINKS: ("url", "expanded", "title"),
    Part.POLL: ("option",),
}
"""Where the words of each part stand."""


def _of_part(record: Record, part: Part) -> Sequence[Row]:
    """The rows in which a part stands."""
    if part in {Part.ALT_TEXT, Part.MEDIA}:
        return record.attachments
    if part is Part.LINKS:
        return record.links
    if part is Part.POLL:
        return record.polls
    return (record.row, *record.versions)


def texts_of(record: Record) -> list[str]:
    """What a search finds a record by."""
    spoken = [row[name] for row in record.versions for name in _TEXTS.values() if row[name]]
    return spoken + [row["alt_text"] for row in record.attachments if row["alt_text"]]


def blacken(record: Record, kept: Sequence[NotPublic], redactor: Redactor) -> None:
    """Change the rows of a record, which were read for this, so that nothing of what is kept back is in them."""
    told = {id(version): [version[name] for name in _SPOKEN if name in version] for version in record.versions}
    whole = [one for one in kept if not _marked_texts(record, one)]
    _pieces(record, kept, redactor)
    for one in whole:
        _field(record, one)
    if redactor:
        for row in _all(record):
            for name in _SPOKEN:
                if row.get(name) is not None:
                    row[name] = redactor.value(row[name])
    parts = {one.part for one in kept} & {Part.ALT_TEXT, Part.MEDIA, Part.LINKS, Part.POLL}
    for version in record.versions:
        if parts or told[id(version)] != [version[name] for name in _SPOKEN if name in version]:
            version["digest"] = WITHHELD
            if version.get("markup") is not None:
                version["markup"] = None


def _pieces(record: Record, kept: Sequence[NotPublic], redactor: Redactor) -> None:
    """Cut marked pieces out by their place, wherever the record has that same text."""
    cut: dict[str, list[Piece]] = {}
    for one in kept:
        for text in _marked_texts(record, one):
            if one.span is not None:
                piece = Piece(one.span.start, min(one.span.end, len(text)), one.citation)
                cut.setdefault(text, []).append(piece)
    if not cut:
        return
    for row in (record.row, *record.versions):
        for name in _TEXTS.values():
            if row.get(name) in cut:
                row[name] = redactor.text(row[name], cut[row[name]])


def _field(record: Record, one: NotPublic) -> None:
    """Replace a whole field in all versions."""
    mark = withheld(one.citation)
    for row in _of_part(record, one.part):
        for name in _COLUMNS[one.part]:
            if row.get(name) is not None:
                row[name] = mark
        if one.part is Part.MEDIA:
            row |= {"media": None, "exchange": None, "media_state": WITHHELD, "media_error": mark, "truncated": None}
        elif one.part is Part.POLL:
            row["votes"] = None
    if one.part is Part.AUTHOR:
        record.row |= {"author_id": None, "permalink": None}


def _all(record: Record) -> Iterator[Row]:
    yield record.row
    for rows in (record.versions, record.events, record.attachments, record.links, record.polls, record.origins):
        yield from rows
