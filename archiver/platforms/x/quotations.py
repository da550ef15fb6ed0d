"""Who quotes the account: searched for together, for the posts of which X counts quotations.

A search takes a dozen posts, or two, and begins where the last one ended. X's own list of a post's quotations
(``quote_tweets``) reaches back to any time, but is for one post, and there are 75 calls in a quarter of an hour; so it
is for tokens to which the full archive is closed, the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, Shortfall, Task
from archiver.platforms.x.answer import REPOSTED, chain_of, referenced
from archiver.platforms.x.desk import OTHERS_POSTS, Desk, is_full
from archiver.platforms.x.fields import count, mapping, moment
from archiver.platforms.x.ids import made_at
from archiver.platforms.x.routes import Call
from archiver.platforms.x.searches import FIRST_POST, LAG, LONGEST, REACH, archive_for, packed, search
from archiver.platforms.x.walks import Walked

STREAM: Final = "quotes"
SIZE: Final = 50
QUOTED: Final = "quoted"
"""In the cursor: ids of posts that are quoted and still to be looked for."""
UNTIL: Final = "quotes until"
"""In the cursor that a listing leaves: until when quotations were looked for."""
BEFORE: Final = "before"
"""In the cursor of a listing under way: what the one before it left."""
_SHORT, _CLOSED, _ASKED = "quotes short", "quotes closed", "quoted now"
_TAIL = " -is:retweet"


def gather(state: Cursor, posts: Sequence[Mapping[str, Any]]) -> None:
    """Remember which of a page's posts are quoted; each version by its own id, since any may have been."""
    ids: list[str] = state.setdefault(QUOTED, [])
    for post in posts:
        quotes = count(mapping(post.get("public_metrics")).get("quote_count"))
        if quotes and referenced(post, REPOSTED) is None:
            ids += [version for version in chain_of(post) if version not in ids]


def following(desk: Desk, task: Task, state: Cursor) -> RequestSpec | None:
    """The next search; None when there is nothing left to look for."""
    ids: list[str] = state.get(QUOTED) or []
    if not ids:
        return None
    now, last = task.started_at, _last(state)
    since = last or min((made_at(one) or FIRST_POST for one in ids), default=now)
    call = None if state.get(_CLOSED) and now - since > REACH else archive_for(desk, since, now)
    if call is None:
        state[QUOTED], state[_ASKED] = ids[1:], ids[:1]
        query = [("max_results", str(SIZE)), ("exclude", "retweets"), *OTHERS_POSTS]
        return desk.ask(Call.QUOTES, ids[0], query, stream=STREAM)
    terms = [f"quotes_of_tweet_id:{one}" for one in ids]
    words, some = next(packed(terms, _TAIL, LONGEST[call]))
    state[QUOTED], state[_ASKED] = ids[len(some) :], ids[: len(some)]
    return search(desk, call, words, start=since, size=SIZE, stream=STREAM)


def note(state: Cursor, exchange: Exchange, page: Walked) -> None:
    """What a page of quotations told: where the archive is closed, each post's own list is asked for."""
    if page.refused is not None and is_full(exchange.url):
        state[_CLOSED] = True
        state[QUOTED] = [*(state.get(_ASKED) or []), *(state.get(QUOTED) or [])]
    elif page.short or page.refused:
        state[_SHORT] = page.short or page.refused


def left(task: Task, state: Cursor) -> Cursor:
    """What the next listing must know."""
    until = _last(state) if state.get(_SHORT) else task.started_at - LAG
    return {UNTIL: until.isoformat()} if until is not None else {}


def findings(task: Task, state: Cursor) -> Iterable[Finding]:
    """What was looked for."""
    if QUOTED not in state:
        return ()
    if state.get(_SHORT):
        return (Shortfall(STREAM, _last(state), task.started_at, str(state[_SHORT])),)
    return (Covered(STREAM, _last(state), task.started_at - LAG, absence=False),)


def _last(state: Cursor) -> datetime | None:
    """Until when the last listing looked for quotations."""
    known = (state.get(BEFORE) or {}).get(UNTIL)
    return moment(known) if isinstance(known, str) else None
