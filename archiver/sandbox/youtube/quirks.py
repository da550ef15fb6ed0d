"""What YouTube does wrong today, for tests to switch on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Quirks:
    """``etag_header``: the mark stands in a header, too. ``bare_empty``: no ``items`` where there are none.

    ``short_pages``: pages have fewer entries than asked for, some none. ``looping_answers``: the list of answers
    ignores ``pageToken`` and begins again for ever (seen in 2024). ``early_end``: for a video's id, after so many
    threads the list ends as if there were no more. ``glitch``: ids that look-ups leave out although they are there.
    ``old_forms``: times and marks as before 2020. ``strange``: fields that nobody knows yet.
    ``own_original_only``: ``textOriginal`` is told to the author alone, as the reference says.
    ``nameless_authors``: ids of people whose channel is not told.
    ``feed_down``: the feed answers with that status. ``sudden_end``: a chat that is over says so with 403 at once.
    """

    etag_header: bool = False
    bare_empty: bool = False
    short_pages: bool = False
    looping_answers: bool = False
    early_end: dict[str, int] = field(default_factory=dict)
    glitch: set[str] = field(default_factory=set)
    old_forms: bool = False
    strange: bool = False
    own_original_only: bool = False
    nameless_authors: set[str] = field(default_factory=set)
    feed_down: int | None = None
    sudden_end: bool = False
