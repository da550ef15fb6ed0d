"""The coverage ledger: which spans of time were captured completely, which not, and why (records rule R6).

One *track* is the spans of one stream of an account: of the whole stream (``scope`` None) or of one thread.
Its spans are in order of time, never overlap and are half open: ``from_at`` belongs to a span, ``until_at``
to the next. What no span covers was never asked for: a past that nobody has backfilled is neither complete
nor a gap.

Three rules decide every case:

* What was complete stays complete. A later failure can only concern time that was not captured yet.
* A gap that a later listing covers becomes complete and keeps the reason why it was late.
* What a platform never gives is ``not_offered``, whatever failed before, unless some of it was captured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from archiver.domain.keys import Key
from archiver.domain.task import Covered, Meaning, NotOffered, Shortfall


class CoverageState(StrEnum):
    """What is known of a span of time."""

    COMPLETE = "complete"
    GAP = "gap"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Span:
    """A span of one stream. ``from_at`` None: from the beginning. Moments are aware, UTC.

    ``reason`` says why there is a gap, why the platform gives nothing, why a complete span was late, or what
    does not add up in it. ``opened_at`` is when a gap was noticed, ``closed_at`` when the last part of it was
    captured after all; a complete span with ``closed_at`` was a gap once.
    """

    stream: str
    scope: Key | None
    from_at: datetime | None
    until_at: datetime
    state: CoverageState
    reason: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def late(self) -> bool:
        """Whether it was a gap that has been closed."""
        return self.state is CoverageState.COMPLETE and self.closed_at is not None


Track = tuple[Span, ...]

LATE = "captured late: "
"""What the reason of a closed gap begins with; the gap's own reason follows."""

WHY: dict[Meaning, str] = {
    Meaning.REDIRECT: "the platform sends on to another address, in a way that is not followed",
    Meaning.RETRY: "the platform did not answer properly, and repeating did not help",
    Meaning.WAIT: "the platform's limit on calls was reached; capture goes on when it is over",
    Meaning.ACCESS_LOST: "the platform refuses the account's access; someone must reconnect it",
    Meaning.NEEDS_TOKEN: "this server shows nothing without a token; someone must set one up",
    Meaning.SESSION_EXPIRED: "the login ended and could not be renewed",
    Meaning.ACCOUNT_GONE: "the platform says that the account itself is deleted, suspended or deactivated",
    Meaning.SHAPE_CHANGED: "the platform answers in an unknown form; it is kept, and an update can read it",
}
"""Reasons of gaps in words that a city clerk understands, by what the answer meant."""

WHY_NO_ANSWER: dict[str, str] = {
    "dns": "the platform's address was not found; is this computer online?",
    "connect": "no connection to the platform; is this computer online?",
    "tls": "the connection to the platform could not be secured",
    "timeout": "the platform did not answer in time",
    "disconnect": "the platform broke off the connection",
    "refused": "the address is not a public one, and nothing allows it",
    "protocol": "the platform's answer was garbled",
}
"""Reasons of gaps by an exchange's ``failure``."""

NOT_RUNNING = "the archiver was not running"
STOPPED = "the round was stopped before its end; the next one goes on"
BUDGET_SPENT = "the calls set aside for this round were used up; the next one goes on"


def extend(track: Sequence[Span], covered: Covered, *, at: datetime) -> Track:
    """The track after all of a span was listed. ``at`` is the moment of saying so."""

    def overlay(old: Span | None, hole: Span) -> Span:
        if old is None or old.state is CoverageState.NOT_OFFERED:
            return hole
        if old.state is CoverageState.GAP:
            return replace(old, state=CoverageState.COMPLETE, reason=f"{LATE}{old.reason}", closed_at=at)
        return old

    new = Span(covered.stream, covered.scope, covered.from_at, covered.until_at, CoverageState.COMPLETE)
    return _painted(track, new, overlay)


def open_gap(track: Sequence[Span], shortfall: Shortfall, *, at: datetime) -> Track:
    """The track after something was not captured; failures in a row extend one gap."""

    def overlay(old: Span | None, hole: Span) -> Span:
        return hole if old is None else _with_reason(old, shortfall.reason)

    new = Span(
        shortfall.stream, shortfall.scope, shortfall.from_at, shortfall.until_at,
        CoverageState.GAP, shortfall.reason, opened_at=at,
    )  # fmt: skip
    return _painted(track, new, overlay)


def not_offered(track: Sequence[Span], refused: NotOffered, *, at: datetime, scope: Key | None = None) -> Track:
    """The track after the platform proved not to give this, up to ``at``.

    A gap becomes ``not_offered`` only where nothing of the stream was ever captured; else it may be an
    outage.
    """
    nothing_captured = not any(span.state is CoverageState.COMPLETE for span in track)

    def overlay(old: Span | None, hole: Span) -> Span:
        if old is None or (old.state is CoverageState.GAP and nothing_captured):
            return hole
        return replace(old, reason=refused.reason) if old.state is CoverageState.NOT_OFFERED else old

    new = Span(refused.stream, scope, None, at, CoverageState.NOT_OFFERED, refused.reason)
    return _painted(track, new, overlay)


def noted(track: Sequence[Span], note: str | None) -> Track:
    """The track with a remark on its latest complete span (a total that does not add up), or without one."""
    last = next((n for n in reversed(range(len(track))) if _plain(track[n])), None)
    return tuple(replace(span, reason=note) if n == last else span for n, span in enumerate(track))


def coverage_until(spans: Iterable[Span]) -> datetime | None:
    """The moment up to which all of these tracks are captured: the earliest of their latest complete moments.

    None while one of them has nothing complete. Tracks that the platform does not offer do not count.
    """
    latest: dict[tuple[str, Key | None], datetime | None] = {}
    for span in spans:
        track = (span.stream, span.scope)
        if span.state is CoverageState.COMPLETE:
            known = latest.get(track)
            latest[track] = span.until_at if known is None else max(known, span.until_at)
        elif span.state is CoverageState.GAP:
            latest.setdefault(track, None)
    moments = [moment for moment in latest.values() if moment is not None]
    return min(moments) if moments and len(moments) == len(latest) else None


def gaps(spans: Iterable[Span]) -> list[Span]:
    """The open gaps."""
    return [span for span in spans if span.state is CoverageState.GAP]


def _painted(track: Sequence[Span], new: Span, overlay: Callable[[Span | None, Span], Span]) -> Track:
    """Lay ``new`` over a track: ``overlay`` says what becomes of old pieces in it, and of holes (None)."""
    strangers = [span for span in track if (span.stream, span.scope) != (new.stream, new.scope)]
    if strangers:
        raise ValueError(f"{strangers[0].stream} {strangers[0].scope or ''} is another track than {new.stream}")
    if not _begin(new) < new.until_at:
        return tuple(track)
    pieces: list[Span] = []
    at: datetime | None = new.from_at  # how far the holes inside ``new`` have been filled
    for span in sorted(track, key=_begin):
        before, inside, after = _cut(span, new)
        pieces += [before] if before else []
        if inside:
            if _moment(at) < _begin(inside):
                pieces.append(overlay(None, replace(new, from_at=at, until_at=_begin(inside))))
            pieces.append(overlay(inside, replace(new, from_at=inside.from_at, until_at=inside.until_at)))
            at = inside.until_at
        pieces += [after] if after else []
    if _moment(at) < new.until_at:
        pieces.append(overlay(None, replace(new, from_at=at)))
    return _joined(sorted(pieces, key=_begin))


def _cut(span: Span, new: Span) -> tuple[Span | None, Span | None, Span | None]:
    """What of ``span`` lies before, inside and after ``new``."""
    first, last = max(_begin(span), _begin(new)), min(span.until_at, new.until_at)
    if first >= last:
        return (span, None, None) if span.until_at <= _begin(new) else (None, None, span)
    before = replace(span, until_at=first) if _begin(span) < first else None
    after = replace(span, from_at=last) if last < span.until_at else None
    from_at = span.from_at if _begin(span) >= _begin(new) else new.from_at
    return before, replace(span, from_at=from_at, until_at=last), after


def _joined(pieces: Iterable[Span]) -> Track:
    """Adjacent spans that say the same, as one."""
    spans: list[Span] = []
    for piece in pieces:
        both = _union(spans[-1], piece) if spans and spans[-1].until_at == _begin(piece) else None
        if both is None:
            spans.append(piece)
        else:
            spans[-1] = both
    return tuple(spans)


def _union(one: Span, two: Span) -> Span | None:
    """Two adjacent spans as one, None where they say different things."""
    if one.state is not two.state:
        return None
    if _plain(one) and _plain(two):
        return replace(one, until_at=two.until_at, reason=two.reason or one.reason)
    opened = min((at for at in (one.opened_at, two.opened_at) if at), default=None)
    if one.state is CoverageState.GAP:
        return replace(_with_reason(one, two.reason or ""), until_at=two.until_at, opened_at=opened)
    if one.late is not two.late or one.reason != two.reason:
        return None
    closed = max((at for at in (one.closed_at, two.closed_at) if at), default=None)
    return replace(one, until_at=two.until_at, opened_at=opened, closed_at=closed)


THEN = "; then "
"""Between the reasons of a gap that has several."""
_MOST_REASONS = 4


def _with_reason(gap: Span, reason: str) -> Span:
    """A gap that went on for another reason too; an outage that flickers between a few keeps each once."""
    if gap.state is not CoverageState.GAP:
        return gap
    reasons = (gap.reason or "").split(THEN)
    more = [new for new in reason.split(THEN) if new and new not in reasons]
    kept = [known for known in reasons if known] + more
    if len(kept) > _MOST_REASONS:
        kept = [*kept[: _MOST_REASONS - 1], kept[-1]]
    return replace(gap, reason=THEN.join(kept))


def _plain(span: Span) -> bool:
    return span.state is CoverageState.COMPLETE and span.closed_at is None


_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _moment(at: datetime | None) -> datetime:
    return at if at is not None else _BEGINNING


def _begin(span: Span) -> datetime:
    return _moment(span.from_at)
