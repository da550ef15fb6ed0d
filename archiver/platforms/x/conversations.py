"""Answers in threads, many threads at a time: searched for since the last visit, and no post is paid for twice.

Whoever answers the account names it, unless they take the name away; those come with its mentions, which are cheaper.
So a search is for the others. Answers can't be edited: what was captured once is asked for again only to see whether it
is still there, a day, a week and a month after it was written, by its id.

Of threads that are older than recent search reaches, only those are searched of which X counts answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.resuming import state_of
from archiver.platforms.x.desk import Desk, is_full
from archiver.platforms.x.fields import moment
from archiver.platforms.x.ids import Names, is_id, made_at
from archiver.platforms.x.routes import Call
from archiver.platforms.x.searches import (
    FEW,
    FIRST_POST,
    LAG,
    LONGEST,
    MANY,
    REACH,
    archive_for,
    listed_since,
    mended,
    named_words,
    own_words,
    packed,
    search,
    tail_in,
    terms_in,
)
from archiver.platforms.x.walks import histories, walked

STREAM: Final = "comments"
BATCH: Final = 50
LOOKS: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""So long after it was written, an answer is asked for by its id: most removals are early (records rule R9)."""
SEARCHED = "searched"
"""In the cursor that a visit leaves: until when there was a search."""
UNSEARCHED = "unsearched"
"""In the same cursor: threads that needed none."""
NO_ARCHIVE: Final = NotOffered(
    "older answers",
    "Answers that are older than seven days and do not name the account are found by X's full-archive search alone, "
    "which needs an application's token with pay-per-use access. Those that name it come with the mentions.",
)


@dataclass(frozen=True, slots=True)
class _Thread:
    """One subject: the id that is looked for and how, since when, and how long ago it was looked for last (minutes)."""

    key: Key
    native_id: str
    term: str
    start: datetime
    visited: bool
    ago: int


def start(desk: Desk, names: Names, task: Task) -> Step:
    """All searches of the visit, as few as the threads' last visits allow."""
    now = task.started_at
    threads = [one for subject in task.subjects if (one := _thread(names, task, subject)) is not None]
    quiet = [one.native_id for one in threads if _is_quiet(task, one)]
    loud = [one for one in threads if one.native_id not in quiet]
    beyond = [one for one in loud if archive_for(desk, one.start, now) is None]
    state: Cursor = {
        "from": {
            one.native_id: max(one.start, now - REACH if one in beyond else FIRST_POST).isoformat() for one in loud
        },
        "until": (now - LAG).isoformat(),
        UNSEARCHED: quiet,
    }
    found: list[Finding] = [NO_ARCHIVE] if beyond else []
    follow_ups = list(_looks(names, task, threads))
    return desk.after(
        _searches(desk, names, task, loud), state, now, Step(findings=tuple(found), follow_ups=tuple(follow_ups))
    )


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, or the next search; then what was listed."""
    state: Cursor = deepcopy(state_of(step))
    asked = list(step.rest().requests)
    found: list[Finding] = []
    follow_ups: list[FollowUp] = []
    again = mended(desk, exchange)
    if again is not None:
        asked.insert(0, again)
    else:
        page = walked(desk, exchange, state.get("walk", {}))
        follow_ups = histories(names, page.posts)
        state["walk"] = page.state if page.request is not None else {}
        if page.request is not None:
            asked.insert(0, page.request)
        elif page.refused is not None and is_full(exchange.url):
            asked = _without_archive(desk, task, [exchange.url, *(one.url for one in asked)], asked)
            found.append(NO_ARCHIVE)
            _shorten(state, task.started_at - REACH)
        elif page.short is not None or page.refused is not None:
            state.setdefault("short", {}).update(dict.fromkeys(_ids(exchange.url), page.short or page.refused))
    if asked:
        return desk.after(asked, state, exchange.captured_at, Step(findings=tuple(found), follow_ups=tuple(follow_ups)))
    found += _results(names, task, state)
    left = {SEARCHED: state.get("until"), UNSEARCHED: state.get(UNSEARCHED, [])}
    return Step(cursor=left, findings=tuple(found), follow_ups=tuple(follow_ups))


def _thread(names: Names, task: Task, subject: str) -> _Thread | None:
    native_id, known = names.native(subject), task.about.get(subject)
    if not is_id(native_id):
        return None
    searched = _searched(native_id, known.left if known is not None else None)
    begun = made_at(native_id) or FIRST_POST
    visited = searched is not None and searched <= task.started_at
    since = searched if searched is not None and visited else begun
    below = known is not None and known.thread not in {None, subject}
    term = f"in_reply_to_tweet_id:{native_id}" if below else f"conversation_id:{native_id}"
    ago = int((task.started_at - since) / timedelta(minutes=1))
    return _Thread(Key(subject), native_id, term, since, visited, ago)


def _searched(native_id: str, left: Cursor | None) -> datetime | None:
    """Until when the last visit searched; None where it did not."""
    skipped = (left or {}).get(UNSEARCHED)
    if isinstance(skipped, list) and native_id in skipped:
        return None
    return moment((left or {}).get(SEARCHED))


def _is_quiet(task: Task, thread: _Thread) -> bool:
    """Whether X's own count says that there is nothing to look for. A young thread is looked for all the same."""
    old = task.started_at - thread.start > REACH
    return not thread.visited and old and task.answers.get(thread.key) == 0


def _searches(desk: Desk, names: Names, task: Task, threads: Sequence[_Thread]) -> list[RequestSpec]:
    """Threads that were visited about equally long ago share a search, as do all that were never visited.

    A search begins where the one begins that was visited longest ago, and finds answers in the others again, which
    costs: so the times differ by less than the double.
    """
    now, mentions = task.started_at, task.complete.get("mentions", ())
    groups: dict[tuple[Call, bool, int], list[_Thread]] = {}
    for one in threads:
        call = archive_for(desk, one.start, now) or Call.RECENT_SEARCH
        known = listed_since(mentions, one.start, now)
        groups.setdefault((call, known, one.ago.bit_length() if one.visited else 0), []).append(one)
    asked = []
    for (call, known, _), some in sorted(groups.items()):
        tail = own_words(desk, names) + (named_words(names) if known else "")
        by_term = {one.term: one for one in sorted(some, key=lambda one: one.start, reverse=True)}
        for query, terms in packed(list(by_term), tail, LONGEST[call]):
            since = min(by_term[term].start for term in terms)
            since = max(since, now - REACH) if call is Call.RECENT_SEARCH else since
            size = FEW if all(by_term[term].visited for term in terms) else MANY
            asked.append(search(desk, call, query, start=since, size=size, stream=STREAM))
    return asked


def _without_archive(desk: Desk, task: Task, urls: Sequence[str], asked: Sequence[RequestSpec]) -> list[RequestSpec]:
    """The same searches by recent search, as far back as that reaches."""
    kept = [one for one in asked if not is_full(one.url)]
    since = task.started_at - REACH
    tails: dict[str, list[str]] = {}
    for url in urls:
        if is_full(url):
            tails.setdefault(tail_in(url), []).extend(terms_in(url))
    for tail, terms in tails.items():
        for query, _ in packed(terms, tail, LONGEST[Call.RECENT_SEARCH]):
            kept.append(search(desk, Call.RECENT_SEARCH, query, start=since, stream=STREAM))
    return kept


def _shorten(state: Cursor, since: datetime) -> None:
    """No thread is complete from before that moment on."""
    begins: dict[str, str] = state.get("from", {})
    earliest = since.isoformat()
    state["from"] = {one: max(begun, earliest) for one, begun in begins.items()}


def _ids(url: str) -> list[str]:
    return [term.partition(":")[2] for term in terms_in(url)]


def _results(names: Names, task: Task, state: Cursor) -> Iterator[Finding]:
    """What was searched of each thread. That a search does not show something says nothing: X leaves answers out."""
    until = moment(state.get("until")) or task.started_at
    short: dict[str, str] = state.get("short", {})
    begins: dict[str, str] = state.get("from", {})
    for native_id, begun in begins.items():
        scope, since = names.post(native_id), moment(begun)
        if native_id in short:
            yield Shortfall(STREAM, since, until, short[native_id], scope)
        else:
            yield Covered(STREAM, since, until, scope, absence=False)


def _looks(names: Names, task: Task, threads: Sequence[_Thread]) -> Iterator[FollowUp]:
    """Which answers are asked for by their ids: those that came of an age since the last visit; on request, all."""
    now = task.started_at
    for thread in threads:
        known = task.about.get(thread.key)
        for key in known.below if known is not None else ():
            written = made_at(names.native(key))
            if key == thread.key or written is None:
                continue
            of_age = thread.visited and any(thread.start < written + look <= now for look in LOOKS)
            if task.everything or of_age:
                yield FollowUp(TaskKind.CONFIRM, key)
