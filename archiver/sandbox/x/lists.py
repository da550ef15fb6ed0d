"""Which posts a list has: timelines, mentions, quotes, reposts, searches; newest first, each in its newest version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from archiver.sandbox.model import Person
from archiver.sandbox.x.ids import first_id_at
from archiver.sandbox.x.model import XPost
from archiver.sandbox.x.objects import Shown
from archiver.sandbox.x.parameters import Wanted
from archiver.sandbox.x.problems import invalid
from archiver.sandbox.x.query import parse
from archiver.sandbox.x.quirks import Quirks
from archiver.sandbox.x.world import XWorld

WEEK = timedelta(days=7)
PRIVATE_FOR = timedelta(days=30)
RECENT_QUERY, FULL_QUERY = 512, 1024
_CLOSEST = timedelta(seconds=10)


class Lists:
    """The lists as a viewer gets them."""

    def __init__(self, x: XWorld, quirks: Quirks) -> None:
        self._x = x
        self._quirks = quirks

    # --- of people

    def timeline(self, person: Person, wanted: Wanted, viewer: Person | None) -> list[Shown]:
        """What somebody posted, as far back as the wall."""
        quirks = self._quirks
        posts = [post for post in self._x.of(person) if self._x.visible(post, viewer)]
        if "retweets" in wanted.exclude:
            posts = [post for post in posts if post.shares is None]
        wall = quirks.wall
        if "replies" in wanted.exclude:
            posts = [post for post in posts if post.parent is None]
            wall = quirks.wall_without_replies
        return self._chosen(_newest(posts)[:wall], wanted)

    def mentions(self, person: Person, wanted: Wanted, viewer: Person | None) -> list[Shown]:
        """What names somebody in its newest version, as far back as that wall."""
        posts = (
            post
            for post in self._x.naming(person)
            if post.author is not person
            and post.shares is None
            and person in post.mentions
            and not post.ranked_down
            and self._x.visible(post, viewer)
        )
        return self._chosen(_newest(posts)[: self._quirks.named_wall], wanted)

    # --- of posts

    def quotes(self, post: XPost, wanted: Wanted, viewer: Person | None) -> list[Shown]:
        """What quotes a post; reposts of the quotes may be mixed in."""
        found = [one for one in post.quotes if not one.ranked_down]
        if self._quirks.reposts_of_quotes and "retweets" not in wanted.exclude:
            found += [again for one in post.quotes for again in one.reposts]
        if "replies" in wanted.exclude:
            found = [one for one in found if one.parent is None]
        return _newest(one for one in found if self._x.visible(one, viewer))

    def reposts(self, post: XPost, viewer: Person | None) -> list[Shown]:
        """What repeats a post."""
        return _newest(one for one in post.reposts if self._x.visible(one, viewer))

    # --- searches

    def search(self, wanted: Wanted, viewer: Person | None, *, everything: bool) -> list[Shown]:
        """What a query finds within a week, or in all years."""
        query = parse(wanted.others["query"], FULL_QUERY if everything else RECENT_QUERY)
        wanted = self._bounded(wanted, everything=everything)
        fitting = query.find(self._x)
        posts = [post for post in fitting if not post.ranked_down and self._x.visible(post, viewer)]
        return self._chosen(_newest(posts), wanted)

    def _bounded(self, wanted: Wanted, *, everything: bool) -> Wanted:
        """The bounds that a search has by itself; raises `Refusal` for those that it can't have."""
        now, given = self._x.now(), wanted.others
        if (wanted.since or wanted.until) and (wanted.start or wanted.end):
            message = "since_id/until_id can not be combined with start_time/end_time"
            raise invalid(("since_id", given.get("since_id", ""), message))
        if wanted.end is not None and wanted.end > now - _CLOSEST and self._quirks.search_lag:
            message = "Invalid 'end_time'. 'end_time' must be a minimum of 10 seconds prior to the request time."
            raise invalid(("end_time", given["end_time"], message))
        if wanted.start is not None and wanted.end is not None and wanted.start >= wanted.end:
            raise invalid(("start_time", given["start_time"], "Invalid 'start_time'. It must be before 'end_time'."))
        begin = now - (self._quirks.archive_default if everything else WEEK)
        if not everything:
            self._check_week(wanted, begin)
        unbounded = wanted.start is None and wanted.since is None
        start = begin if unbounded else wanted.start
        lag = self._quirks.search_lag
        return replace(wanted, start=start, end=wanted.end or (now - lag if lag else None))

    def _check_week(self, wanted: Wanted, begin: datetime) -> None:
        given = wanted.others
        least = first_id_at(begin)
        if wanted.since is not None and wanted.since < least:
            message = (
                "'since_id' must be a tweet id created after [TIMESTAMP]. "
                f"Please use a 'since_id' that is larger than {least}"
            )
            raise invalid(("since_id", given["since_id"], message))
        # A caller's "a week ago" has come a little out of the window by the time it is read.
        if wanted.start is not None and wanted.start < begin - _CLOSEST:
            message = "Invalid 'start_time'. 'start_time' must be on or after [TIMESTAMP]. "
            raise invalid(("start_time", given["start_time"], message))

    # --- any

    def _chosen(self, shown: list[Shown], wanted: Wanted) -> list[Shown]:
        """What lies between the bounds; ``start_time`` is within, the others are not."""
        return [
            one
            for one in shown
            if (wanted.since is None or int(one[1].id) > wanted.since)
            and (wanted.until is None or int(one[1].id) < wanted.until)
            and (wanted.start is None or one[1].at >= wanted.start)
            and (wanted.end is None or one[1].at < wanted.end)
        ]


def without_private(shown: list[Shown], viewer: Person | None, now: datetime) -> list[Shown]:
    """What is left of a page when figures for the author alone were asked for: own posts of the last thirty days."""
    return [one for one in shown if one[0].author is viewer and one[1].at > now - PRIVATE_FOR]


def _newest(posts: Iterable[XPost]) -> list[Shown]:
    return sorted(((post, post.latest) for post in posts), key=lambda one: int(one[1].id), reverse=True)
