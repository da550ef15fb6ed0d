"""Searches: what is looked for together, how far back, and by which of X's two archives (x.md, section 9).

Recent search answers about seven days, the full archive about all years. A search costs by what it finds, so asking for
much at once is free as long as nothing is there, and whatever is captured by a cheaper call is left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Window
from archiver.platforms.x.answers import refused_parameters
from archiver.platforms.x.desk import OTHERS_POSTS, Desk, second, with_token
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call, Query, route_of

RECENT: Final = timedelta(days=7)
REACH: Final = RECENT - timedelta(hours=1)
"""How far back recent search is asked: a request may wait its turn for a while."""
FIRST_POST: Final = datetime(2006, 3, 21, tzinfo=UTC)
"""Nothing on X is older. Without a beginning the full archive shows the last thirty days alone."""
LAG: Final = timedelta(minutes=1)
"""A search ends half a minute before the present; what was posted since is found by the next one."""
LONGEST: Final[Mapping[Call, int]] = {Call.RECENT_SEARCH: 512, Call.FULL_SEARCH: 1024}
"""Characters that a query may have."""
MANY, FEW = 100, 20
"""How many posts are asked for on a page, where many are expected and where none may be: the most that a call may cost
has to be there before it is made."""
PATIENCE: Final = timedelta(days=1)
"""Mentions that were listed completely until so lately are listed on from there."""

_NAME = re.compile(r"\w{1,15}", re.ASCII)
_TERM = re.compile(r"(?:conversation_id|in_reply_to_tweet_id|quotes_of_tweet_id):[0-9]+", re.ASCII)
_SLACK = timedelta(minutes=10)
_QUERY, _START = "query", "start_time"


def packed(terms: Sequence[str], tail: str, longest: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Queries that look for any of the terms, as few as possible, each with those that it has."""
    some: list[str] = []
    for term in terms:
        if some and len(_query([*some, term], tail)) > longest:
            yield _query(some, tail), tuple(some)
            some = []
        some.append(term)
    if some:
        yield _query(some, tail), tuple(some)


def terms_in(url: str) -> tuple[str, ...]:
    """What a search looks for."""
    route = route_of(url)
    return tuple(_TERM.findall((route.value(_QUERY) or "") if route is not None else ""))


def tail_in(url: str) -> str:
    """What a search leaves out."""
    route = route_of(url)
    query = (route.value(_QUERY) or "") if route is not None else ""
    return "".join(f" {word}" for word in query.split() if word.startswith("-"))


def search(
    desk: Desk, call: Call, query: str, *, start: datetime, end: datetime | None = None, size: int = MANY,
    fields: Query = OTHERS_POSTS, stream: str,
) -> RequestSpec:  # fmt: skip
    """The first page of a search from a moment on."""
    asked = [(_QUERY, query), (_START, second(start)), *([("end_time", second(end))] if end is not None else [])]
    return desk.ask(call, query=[*asked, ("max_results", str(size)), *fields], stream=stream)


def archive_for(desk: Desk, start: datetime, now: datetime) -> Call | None:
    """Which archive reaches so far back; None where none does that answers this token."""
    if now - start <= REACH:
        return Call.RECENT_SEARCH
    return Call.FULL_SEARCH if desk.standing.opens_archive(now) else None


def own_words(desk: Desk, names: Names) -> str:
    """What leaves the account's own posts out: they come with its timeline."""
    whose = desk.own_id or (names.handle if _NAME.fullmatch(names.handle) else None)
    return f" -from:{whose}" if whose else ""


def named_words(names: Names) -> str:
    """What leaves out whoever names the account: they come with its mentions. Empty where its name is not known."""
    return f" -@{names.handle}" if names.handle_id is None and _NAME.fullmatch(names.handle) else ""


def listed_since(mentions: Sequence[Window], start: datetime, now: datetime) -> bool:
    """Whether all mentions since a moment were listed, and are listed on."""
    return any((begin is None or begin <= start) and now - end <= PATIENCE for begin, end in mentions)


def mended(desk: Desk, exchange: Exchange) -> RequestSpec | None:
    """The search that was refused as it should be asked; None where that is not known.

    A beginning that has fallen out of the seven days moves up; a query that X does not take is asked without what it
    leaves out, which costs more and is understood by all versions.
    """
    refused = refused_parameters(exchange)
    earliest = exchange.captured_at - RECENT + _SLACK
    if _START in refused:
        return _changed(desk, exchange, _START, second(earliest))
    if _QUERY in refused and tail_in(exchange.url):
        return _changed(desk, exchange, _QUERY, _query(terms_in(exchange.url), ""))
    return None


def _changed(desk: Desk, exchange: Exchange, name: str, value: str) -> RequestSpec | None:
    parts = urlsplit(with_token(exchange.url, None))
    before = parse_qsl(parts.query, keep_blank_values=True)
    after = [(key, value if key == name else old) for key, old in before]
    if after == before or not value:
        return None
    return desk.again(f"{desk.root}{desk.place(parts._replace(query=urlencode(after)).geturl())}", exchange.stream, 1)


def _query(terms: Sequence[str], tail: str) -> str:
    if not terms:
        return ""
    together = " OR ".join(terms)
    return f"({together}){tail}" if len(terms) > 1 else f"{together}{tail}"


def naming(desk: Desk, names: Names) -> str:
    """What finds those who name the account; empty where its name is not known."""
    name = named_words(names)
    return f"{name.removeprefix(' -')}{own_words(desk, names)}" if name else ""
