"""Switches for tests: what the platform does wrong today. All are off, or as most accounts meet them."""

from __future__ import annotations

from dataclasses import dataclass, field

from archiver.sandbox.meta.problems import Problem


@dataclass(slots=True)
class Quirks:
    """Sets hold names of edges (``comments``, ``feed`` …) unless said otherwise.

    ``echo_token``: paging links carry the caller's token, for header callers, too.
    ``short_pages``: pages hold fewer entries than asked for, or none, and still have ``next``.
    ``looping``: from the second page on, ``after`` is the one that was sent, for ever.
    ``without_next``: pages with cursors alone, although there is more.
    ``dying_cursors``: a cursor whose entry was removed is refused.
    ``timed``: paged by ``until`` and ``__paging_token`` in place of cursors.
    ``silent``: ``data`` is empty with HTTP 200; summaries state the true totals.
    ``nameless``: ``from`` is left out of what people wrote (the app has not been reviewed).
    ``refused``: fields, by name or ``Type.name``, that this version does not know.
    ``off``: edges that answer with an error of their own.
    ``heaviest``: entries times fields beyond which the answer is "reduce the amount of data".
    ``lagging``: edges from which things of the last seconds are left out, in seconds.
    ``holes``: edges that leave out some of what there is: every so many-th (modulus and remainder of its number).
    ``reel_posts``: the post of a reel can be read by its id, although it is on no list.
    ``strict_user_token``: a user token where a page token belongs is refused (New Pages); else lists are empty.
    """

    echo_token: bool = True
    short_pages: bool = False
    looping: set[str] = field(default_factory=set)
    without_next: set[str] = field(default_factory=set)
    dying_cursors: bool = False
    timed: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    nameless: bool = False
    refused: set[str] = field(default_factory=set)
    off: dict[str, Problem] = field(default_factory=dict)
    heaviest: int = 20_000
    lagging: dict[str, float] = field(default_factory=dict)
    holes: dict[str, tuple[int, int]] = field(default_factory=dict)
    reel_posts: bool = True
    strict_user_token: bool = False
