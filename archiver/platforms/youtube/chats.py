"""The live chat of a stream, followed from before its beginning to its end: afterwards YouTube gives nothing of it.

A question costs five units and brings all that was said since the one before. So while people write it is asked every
quarter of a minute, because what is deleted in between is lost, and more seldom while nobody does: a quiet meeting of
two hours costs some six hundred units. Between two questions the task is suspended.

Some streams are announced and never begin, with a chat that is open all the time. Such a one is asked a few times an
hour, and the video before it; so the beginning is noticed, and what was said since the last question comes whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.fields import zoned_moment
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube.answers import words_for
from archiver.platforms.youtube.chat import page_of
from archiver.platforms.youtube.errors import Fault, error_of
from archiver.platforms.youtube.fields import entries
from archiver.platforms.youtube.office import Office, done, remembered
from archiver.platforms.youtube.pursuits import EARLY, is_given_up
from archiver.platforms.youtube.routes import Call, route_of
from archiver.platforms.youtube.videos import Stream, stream_of

STREAM = "chat"
SHORTEST, LONGEST = timedelta(seconds=15), timedelta(seconds=60)
"""Between two questions: while people write, and at most. YouTube may ask for more patience."""
LATE_SHARE = 6
"""A stream that does not begin in time is looked for again after this part of its lateness."""
SOONEST, LATEST = timedelta(minutes=5), timedelta(minutes=15)
DELAY = timedelta(hours=1)
"""So long after the moment that was announced a beginning is expected at any time."""
GRACE = timedelta(minutes=5)
"""The first answer holds the last minutes of the chat, so a beginning that was missed by no more is not missed."""
MISSED = "The live chat of this stream was not followed while it lasted, and YouTube shows none afterwards."
MISSED_BEGINNING = "The beginning of this stream's live chat was missed, and YouTube does not show it afterwards."
INTERRUPTED = "The live chat of this stream ended while nobody was looking; what was said last may be missing."
LOST_PLACE = "YouTube lost the place in this live chat, and when it was found again showed only the last minutes."
SWITCHED_OFF = "The live chat of this stream is switched off."
_DISABLED = "liveChatDisabled"
REFUSED = "YouTube does not show this live chat to the configured key or token."


def start(office: Office, task: Task) -> Step:
    """The video: whether its stream has begun, and where the chat is. One that was followed to its end is done."""
    memory = remembered(task.cursor)
    if memory.get("over"):
        return done(memory)
    return office.step([_video(office, task)], {"off": True} if memory.get("off") else {})


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """On, at the pace of the chat, until it is over."""
    route, state, error = route_of(exchange.url), state_of(step), error_of(exchange)
    if route is not None and route.call is Call.VIDEOS and error is None:
        return _looked_at(office, task, state, exchange)
    if error is not None:
        return _refused(office, task, state, exchange)
    return _listened(office, task, state, exchange)


def _video(office: Office, task: Task) -> RequestSpec:
    return office.desk.ask(Call.VIDEOS, ("id", office.names.native(task.subject or "")), stream=STREAM)


def _looked_at(office: Office, task: Task, state: Cursor, exchange: Exchange) -> Step:
    """Listen, wait for the beginning, or take it that it is over."""
    now = exchange.captured_at
    found = next((stream for _, video in entries(exchange) if (stream := stream_of(video)) is not None), None)
    if found is None:
        missing = [] if entries(exchange) else [FollowUp(TaskKind.CONFIRM, task.subject or "")]
        return done({}, _result(task, state, now, silent_until=now), missing)
    if found.started_at is not None:
        state["began"] = found.started_at.isoformat()
    if found.scheduled_at is not None:
        state["begins"] = found.scheduled_at.isoformat()
    if found.chat is not None and not _is_early(found, now) and not is_given_up(found, now):
        place = state.pop("place", None)
        asked = _question(office, found.chat, place, int(state.get("page") or 1) if place else 1)
        return office.step([asked], {**state, "chat": found.chat})
    if found.phase == "upcoming":
        return _waiting(office, task, state, found, now)
    if found.phase == "live":
        return _switched_off(task)
    return _over(task, _result(task, state, now, silent_until=found.ended_at or now))


def _listened(office: Office, task: Task, state: Cursor, exchange: Exchange) -> Step:
    """After a page the next one, later; after the last one the end."""
    page, now = page_of(exchange), exchange.captured_at
    state.setdefault("since", now.isoformat())
    if state.pop("lost", False):
        state["holes"] = [*state.get("holes", []), [state.get("heard"), now.isoformat()]]
    if page.ended or page.offline_at is not None or page.following is None:
        return _over(task, _result(task, state, now))
    chat = str(state.get("chat") or "")
    before = timedelta(seconds=float(state.get("pause") or 0))
    longest = LONGEST if _is_expected(state, now) else LATEST
    pause = SHORTEST if entries(exchange) else min(max(before * 2, SHORTEST), longest)
    number = int(state.get("page") or 1) + 1
    state |= {"pause": pause.total_seconds(), "heard": now.isoformat(), "page": number}
    if pause > LONGEST:
        return office.suspended([_video(office, task)], {**state, "place": page.following}, now + max(pause, page.wait))
    following = _question(office, chat, page.following, number)
    return office.suspended([following], state, now + max(pause, page.wait))


def _refused(office: Office, task: Task, state: Cursor, exchange: Exchange) -> Step:
    """It has ended, or is not open; or it is not for this caller. A place that was lost is found by the video."""
    error, now = error_of(exchange), exchange.captured_at
    if error is not None and error.fault is Fault.PLACE and not state.get("lost"):
        return office.step([_video(office, task)], {**state, "lost": True})
    if error is not None and error.fault in {Fault.CHAT_OVER, Fault.MISSING, Fault.PLACE}:
        if state.get("since") is None and error.reason == _DISABLED:
            return _switched_off(task)
        found = _result(task, state, now, silent_until=now)
        # before its beginning it may open yet; one that YouTube can't place is tried again with the next poll
        return _over(task, found) if found and error.fault is not Fault.PLACE else done({}, found)
    reason = words_for(error) if error is not None else ""
    return _over(task, [NotOffered(STREAM, f"{REFUSED} {reason}", Key(task.subject or ""))])


def _waiting(office: Office, task: Task, state: Cursor, stream: Stream, now: datetime) -> Step:
    """Look again at one that is late. One whose moment is to come, or that was given up, polls call for again.

    They see one that begins before its time, and who waits for a moment is not called for before it.
    """
    scheduled = stream.scheduled_at
    if scheduled is None or scheduled - EARLY > now or is_given_up(stream, now):
        return done({}, _result(task, state, now))
    late = max(now - scheduled, timedelta())
    return office.suspended([_video(office, task)], state, now + min(max(late / LATE_SHARE, SOONEST), LATEST))


def _is_expected(state: Cursor, now: datetime) -> bool:
    """Whether the stream goes on, or may begin at any time."""
    begins = zoned_moment(state.get("begins"))
    return state.get("began") is not None or (begins is not None and now < begins + DELAY)


def _is_early(stream: Stream, now: datetime) -> bool:
    """Whether the chat is open, and the stream far from its beginning."""
    return stream.phase == "upcoming" and stream.scheduled_at is not None and stream.scheduled_at - EARLY > now


def _switched_off(task: Task) -> Step:
    """Nobody can write there now. It may be switched on yet, and if it is not, then nothing was missed."""
    return done({"off": True}, [NotOffered(STREAM, SWITCHED_OFF, Key(task.subject or ""))])


def _result(task: Task, state: Cursor, now: datetime, *, silent_until: datetime | None = None) -> list[Finding]:
    """How much of the chat was heard. What was missed can be read nowhere else, so it stays a gap.

    ``silent_until``: nothing was heard between the last page and then.
    """
    scope, began = Key(task.subject or ""), zoned_moment(state.get("began"))
    since, heard = zoned_moment(state.get("since")), zoned_moment(state.get("heard"))
    if since is None:
        off = NotOffered(STREAM, SWITCHED_OFF, scope) if state.get("off") else None
        return [off or Shortfall(STREAM, began, now, MISSED, scope)] if began is not None else []
    late = began is not None and since > began + GRACE
    found: list[Finding] = [Covered(STREAM, since if late or began is None else began, heard or now, scope)]
    if late:
        found.append(Shortfall(STREAM, began, since, MISSED_BEGINNING, scope))
    for from_at, until in ((zoned_moment(one), zoned_moment(other)) for one, other in state.get("holes", [])):
        if from_at is not None and until is not None and until > from_at + GRACE:
            found.append(Shortfall(STREAM, from_at, until, LOST_PLACE, scope))
    if silent_until is not None and heard is not None and silent_until > heard + GRACE:
        found.append(Shortfall(STREAM, heard, silent_until, INTERRUPTED, scope))
    return found


def _over(task: Task, found: Sequence[Finding]) -> Step:
    """The end, remembered: the task may be called for again, as long as the video looks new."""
    return done({"over": task.started_at.isoformat()}, found)


def _question(office: Office, chat: str, token: str | None = None, page: int = 1) -> RequestSpec:
    """What was said since a place; the last minutes without one."""
    first = office.desk.ask(Call.CHAT, ("liveChatId", chat), stream=STREAM)
    return first if token is None else office.desk.turned(first.url, token, stream=STREAM, page=page)
