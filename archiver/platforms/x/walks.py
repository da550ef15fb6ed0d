"""From page to page: a listing of X has ended when there is no token for a next page, and by nothing else.

Pages may be short or empty in between. Tokens end after a time that nobody tells; then the listing begins anew, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import FollowUp, TaskKind
from archiver.platforms.progress import AGAIN, ALL_EMPTY, Progress
from archiver.platforms.x.answer import Answer, chain_of
from archiver.platforms.x.answers import refused_parameters, words_of
from archiver.platforms.x.desk import Desk, token_in, with_token
from archiver.platforms.x.fields import identifier, moment
from archiver.platforms.x.ids import Names, is_id
from archiver.platforms.x.posts import written_at
from archiver.platforms.x.versions import is_edited

Object = Mapping[str, Any]

EMPTY_PAGES: Final = 50
"""So many empty pages in a row are followed: what may not be shown is taken out of them after they were cut."""
ENDED: Final = "X refuses the place of the next page, from the top, too"
_TOKENS = frozenset({"pagination_token", "next_token"})


@dataclass(frozen=True, slots=True)
class Walked:
    """Where a listing stands after an answer: the request for what follows, None at its end.

    ``state`` is JSON for the cursor: ``oldest``, ``newest`` (the highest id), ``count``, and ``short``, the reason why
    it ended too early. ``refused``: X does not give it to this kind of caller, in its words.
    """

    request: RequestSpec | None
    state: dict[str, Any]
    posts: Sequence[Object] = ()
    refused: str | None = None

    @property
    def short(self) -> str | None:
        """Why it ended too early, if it did."""
        return self.state.get("short")

    @property
    def oldest(self) -> datetime | None:
        """When the oldest entry was written."""
        return moment(self.state.get("oldest"))

    @property
    def count(self) -> int:
        """How many entries there were."""
        found = self.state.get("count", 0)
        return found if isinstance(found, int) else 0


def walked(desk: Desk, exchange: Exchange, state: Mapping[str, Any]) -> Walked:
    """After a page. ``state`` is that of the page before, at first empty."""
    url = exchange.url
    if refused_parameters(exchange) & _TOKENS and token_in(url) is not None:
        return _anew(desk, exchange, state)
    if not exchange.ok:
        return Walked(None, dict(state), refused=words_of(exchange))
    answer = Answer.of(exchange)
    posts = [post for _, post in answer.data]
    ids = [native_id for post in posts if (native_id := identifier(post.get("id")))]
    token = answer.next_token
    progress, repeated = Progress.of(state.get("progress")).after(ids, (("token", token),) if token else ())
    grown = {**state, "progress": progress.saved(), **_reach(state, posts, ids)}
    if token is None:
        return Walked(None, grown, posts)
    stuck = AGAIN if repeated or token == token_in(url) else ALL_EMPTY if progress.empty > EMPTY_PAGES else None
    if stuck is not None:
        return Walked(None, {**grown, "short": stuck}, posts)
    return Walked(desk.turned(url, token, stream=exchange.stream, page=progress.page), grown, posts)


def _anew(desk: Desk, exchange: Exchange, state: Mapping[str, Any]) -> Walked:
    """From the top, once."""
    if state.get("again"):
        return Walked(None, {**state, "short": ENDED})
    return Walked(
        desk.again(desk.root + desk.place(with_token(exchange.url, None)), exchange.stream, 1), {"again": True}
    )


def histories(names: Names, posts: Sequence[Object]) -> list[FollowUp]:
    """The versions to fetch of those that were edited."""
    return [FollowUp(TaskKind.HISTORY, names.post(chain_of(post)[0])) for post in posts if is_edited(post)]


def highest(ids: Sequence[str | None]) -> str | None:
    """The newest of some ids, which grow with time."""
    return max((one for one in ids if one is not None and is_id(one)), key=int, default=None)


def _reach(state: Mapping[str, Any], posts: Sequence[Object], ids: Sequence[str]) -> dict[str, Any]:
    moments = [at for post in posts if (at := written_at(post)) is not None]
    known = moment(state.get("oldest"))
    oldest = min([*moments, *([known] if known else [])], default=None)
    count = state.get("count", 0)
    return {
        "oldest": oldest.isoformat() if oldest else None,
        "newest": highest([state.get("newest"), *ids]),
        "count": (count if isinstance(count, int) else 0) + len(ids),
    }
