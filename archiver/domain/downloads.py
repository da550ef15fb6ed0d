"""What a data download changes of a record that the archive has: it completes, and never corrects.

A download is late by nature, and poorer than the platform's own answers: its pictures have other names, its counts are
of another day. So of a known record it tells only other words (a version) and what was not known at all (a detail); it
brings nothing back to life, and does not show that a record could be seen when it was imported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.domain.comparison import compare
from archiver.domain.history import Change, Known, weigh
from archiver.domain.item import Body, State, clean
from archiver.domain.joining import same_words
from archiver.domain.observation import ItemSeen, PastVersion

_WORDS = ("text", "title")
_ONLY_IF_UNKNOWN = ("attachments", "links", "poll", "quotes", "content_warning", "visibility")


@dataclass(frozen=True, slots=True)
class Completed:
    """What is to be written: a change of what holds now, or a version that was not seen at its time; or neither."""

    change: Change | None = None
    past: PastVersion | None = None


def complete(known: Known, seen: ItemSeen, *, as_of: datetime | None, seen_until: datetime) -> Completed:
    """What a download that shows the platform ``as_of`` then tells of a record last seen at ``seen_until``.

    None for ``as_of``: the download does not say, so its words are older than ours.
    """
    body = _of_use(known, seen)
    found = compare(known.facets, body)
    if known.state is State.DISPOSED or not (found.edited or found.more):
        return Completed()
    older = None not in {body.edited_at, known.edited_at} and body.edited_at < known.edited_at  # type: ignore[operator]
    newer = as_of is not None and as_of > seen_until and known.state is not State.GONE and not older
    if found.edited and not newer:
        at = body.edited_at or seen.created_at or as_of
        words = Body(text=body.text, title=body.title, edited_at=body.edited_at)
        return Completed(past=PastVersion(at, words) if at is not None else None)
    if known.state is State.GONE:
        return Completed()
    bare = replace(
        seen,
        body=body,
        state=None,
        native_version=None,
        origin=True,
        initial=False,
        metrics=None,
        parent=None,
        thread=None,
    )
    return Completed(replace(weigh(known, bare), seen=False))


def _of_use(known: Known, seen: ItemSeen) -> Body:
    """The parts of a body that may be news. Of a version that is known by its name (X) the words are none."""
    body, facets = seen.body, json.loads(known.facets)
    named = seen.native_version is not None and seen.native_version in known.native_versions
    cut = facets.get("partial", ())
    drop: dict[str, None] = {name: None for name in _ONLY_IF_UNKNOWN if name in facets}
    for name in _WORDS:
        told, had = getattr(body, name), facets.get(name)
        if (
            told is not None
            and had is not None
            and ((named and name not in cut) or same_words(clean(told), had) or not told.strip())
        ):
            drop[name] = None
    # the date of an edit whose words are known is no news
    edited_at = None if body.text is None or "text" in drop else body.edited_at
    return replace(body, **drop, edited_at=edited_at, left_out=frozenset(), lang=None, markup=None)  # type: ignore[arg-type]
