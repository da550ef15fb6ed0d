"""What a platform brings to the contract suite: a small server in memory, an account on it, and tasks to carry out.

Each registered platform has a module ``<platform>.py`` beside this one with a function ``provide() -> Provided``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Headers, Purpose, RequestSpec
from archiver.domain.observation import ItemSeen, Observation
from archiver.domain.task import Finding, Meaning, Step, Task, Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
MOST_REQUESTS = 600
"""More than any task of these small worlds needs: whoever asks more will ask for ever."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as an adapter sees it: content codings removed."""

    status: int
    body: bytes = b""
    headers: Headers = (("Content-Type", "application/json; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Case:
    """An answer and what it means. ``name`` is a sentence; ``account`` None: the world's own."""

    name: str
    url: str
    reply: Reply
    meaning: Meaning
    until: datetime | None = None
    stream: str = "posts"
    account: Account | None = None
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Provided:
    """A platform's part.

    ``account`` has a ``base_url``; ``serve`` answers a request, with pages of ``page_size`` at most (None: as asked).
    ``tasks`` are carried out with that account, ``elsewhere`` is the same account without a ``base_url``.
    ``limits`` gives each numeric query parameter its allowed range, ``most_values`` each repeated one its allowed number.
    ``may_hold_secret`` are the hosts that may see the credential when no ``base_url`` is set. ``totals``: the platform
    states how many posts the account has.
    """

    account: Account
    serve: Callable[[RequestSpec, int | None], Reply]
    tasks: Sequence[Task]
    elsewhere: Account
    limits: Mapping[str, tuple[int, int]]
    most_values: Mapping[str, int]
    may_hold_secret: frozenset[str]
    meanings: Sequence[Case]
    totals: bool = True


Spoil = Callable[[int, RequestSpec, Reply], Reply]


def as_served(_number: int, _spec: RequestSpec, reply: Reply) -> Reply:
    """The answer untouched."""
    return reply


@dataclass(slots=True)
class Run:
    """One carrying-out: everything asked and read, and how it ended (``done``, a meaning, or ``shape``)."""

    steps: list[Step] = field(default_factory=list)
    specs: list[RequestSpec] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    ended: str = "done"


def exchange_of(task: Task, spec: RequestSpec, reply: Reply, number: int) -> Exchange:
    """The exchange that the loop would hand over."""
    media = spec.purpose is Purpose.MEDIA
    return Exchange(
        id=f"00000000-0000-4000-8000-{number:012d}",
        sequence=number,
        account=task.account.id,
        url=spec.url,
        stream=spec.stream,
        captured_at=NOW,
        method=spec.method,
        request_body=spec.body,
        status=reply.status,
        headers=reply.headers,
        body=b"" if media else reply.body,
        purpose=spec.purpose,
        task_kind=str(task.kind),
        subject=task.subject,
        note=spec.note,
    )


def carry_out(
    provided: Provided,
    task: Task,
    *,
    page_size: int | None = None,
    spoil: Spoil = as_served,
    adapter: Adapter | None = None,
) -> Run:
    """The loop in small: ask, judge, read, go on. Only ShapeChanged is caught; any other exception is the adapter's fault."""
    adapter = adapter or adapter_for(task.account)
    run = Run()
    step = adapter.start(task)
    run.findings += step.findings
    while not step.done:
        number = len(run.exchanges) + 1
        assert number <= MOST_REQUESTS, f"{task.kind} never ends: it asked for {step.requests[0].url} last"
        spec = step.requests[0]
        exchange = exchange_of(task, spec, spoil(number, spec, provided.serve(spec, page_size)), number)
        run.steps.append(step)
        run.specs.append(spec)
        run.exchanges.append(exchange)
        verdict = adapter.judge(exchange)
        run.verdicts.append(verdict)
        if verdict.meaning is not Meaning.PROCEED:
            run.ended = str(verdict.meaning)
            break
        try:
            run.observations += adapter.read(exchange)
            step = adapter.proceed(task, step, exchange)
        except ShapeChanged:
            run.ended = "shape"
            break
        run.findings += step.findings
    return run


def essence(observations: Sequence[Observation]) -> set[str]:
    """Observations as a set that does not know where on which page each one stood."""
    return {repr(replace(seen, pointer="") if isinstance(seen, ItemSeen) else seen) for seen in observations}


def within(task: Task, observations: Sequence[Observation]) -> list[Observation]:
    """Without the records that are older than the task's window: a page may bring some of them along."""
    since = task.since
    return [
        seen
        for seen in observations
        if since is None or not isinstance(seen, ItemSeen) or seen.created_at is None or seen.created_at >= since
    ]


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def label(task: Task) -> str:
    """A task's name in a test's id."""
    return f"{task.kind}{'-full' if task.full else ''}{'-window' if task.since else ''}"


def each(provided: Provided) -> Iterator[tuple[Task, Run]]:
    """Every task with its undisturbed carrying-out."""
    for task in provided.tasks:
        yield task, carry_out(provided, task)
