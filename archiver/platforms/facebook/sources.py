"""Where a page's records come from. No source is complete: what several of them show is one record, by its id.

`/feed` leaves out posts that `/posts` has, new videos are on `/video_reels` only, stories on `/stories`; so all are
read (facebook.md, sections 6, 7 and 10).
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.domain.task import Task
from archiver.platforms.facebook import asked
from archiver.platforms.facebook.routes import Call
from archiver.platforms.meta.fieldlists import FieldList


@dataclass(frozen=True, slots=True)
class Source:
    """One listing. ``name`` is its stream in the coverage ledger, but for the page's own posts.

    ``dated`` are the members that hold an entry's date; where there are none its order is not by time, and all of it is
    listed. ``always``: also by the frequent polls. ``own``: it shows what the page published, ``posts``: all its posts.
    ``query``: what is asked beside the fields. Posts that the page hides, and events that it called off, are listed
    only when they are asked for.
    """

    call: Call
    name: str
    fields: FieldList
    stream: str = "posts"
    most: int = 100
    dated: tuple[str, ...] = ("created_time",)
    always: bool = True
    own: bool = False
    posts: bool = False
    query: tuple[tuple[str, str], ...] = ()


_HIDDEN_TOO = (("include_hidden", "true"),)

SOURCES = (
    Source(Call.PUBLISHED_POSTS, "published posts", asked.POST, own=True, posts=True, query=_HIDDEN_TOO),
    Source(Call.POSTS, "posts by the page", asked.POST, own=True, posts=True, always=False, query=_HIDDEN_TOO),
    Source(Call.FEED, "feed", asked.POST, own=True, posts=True, query=_HIDDEN_TOO),
    Source(Call.VISITOR_POSTS, "visitor posts", asked.POST, query=_HIDDEN_TOO),
    Source(Call.VIDEO_REELS, "reels", asked.VIDEO, own=True),
    Source(Call.VIDEOS, "videos", asked.VIDEO, own=True),
    Source(Call.STORIES, "stories", asked.STORY, "stories", dated=()),
    Source(Call.LIVE_VIDEOS, "live videos", asked.LIVE_VIDEO, dated=("creation_time",)),
    Source(Call.EVENTS, "events", asked.EVENT, dated=(), query=(("include_canceled", "true"),)),
    Source(Call.ALBUMS, "albums", asked.ALBUM, dated=(), own=True),
    Source(Call.RATINGS, "reviews", asked.REVIEW, "reviews", always=False),
)
PHOTOS = Source(Call.PHOTOS, "albums", asked.PHOTO, dated=())
CONVERSATIONS = Source(Call.CONVERSATIONS, "messages", asked.CONVERSATION, "messages", dated=("updated_time",))
MESSAGES = Source(Call.MESSAGES, "messages", asked.MESSAGE, "messages", most=25)
TAGGED = Source(Call.TAGGED, "mentions", asked.TAGGED, "mentions", dated=("tagged_time", "created_time"))

_BY_CALL = {one.call: one for one in (*SOURCES, PHOTOS, CONVERSATIONS, MESSAGES)}


def of_call(call: Call | None) -> Source | None:
    """The source that a call lists; None where it lists none."""
    return _BY_CALL.get(call) if call is not None else None


def wanted(task: Task, *, whole: bool) -> tuple[Source, ...]:
    """What a poll or backfill reads. ``whole``: everything, not only what is new."""
    messages = (CONVERSATIONS,) if task.account.messages else ()
    return tuple(one for one in (*SOURCES, *messages) if one.always or whole)
