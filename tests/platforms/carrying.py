"""The loop in small, for the worlds in memory beside this module: a task from its start to its end, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.domain.task import Covered, Finding, FollowUp, Meaning, NotOffered, Step, Task, Verdict
from archiver.platforms.adapter import Adapter

Answer = tuple[int, Sequence[tuple[str, str]], bytes]
"""Status, header fields and body."""
T = TypeVar("T", bound="Carried")


@dataclass(slots=True)
class Carried:
    """All that a task did: what was asked, exchanges with their meaning, and what came of them."""

    specs: list[RequestSpec] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    waits: list[datetime] = field(default_factory=list)
    cursors: list[Any] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def items(self) -> list[ItemSeen]:
        """The sightings."""
        return [one for one in self.observations if isinstance(one, ItemSeen)]

    @property
    def keys(self) -> list[str]:
        """The keys that were seen, in order."""
        return [one.key for one in self.items]

    @property
    def gone(self) -> dict[str, str]:
        """What is not there, with the basis."""
        return {one.key: one.basis for one in self.observations if isinstance(one, GoneSeen)}

    def covered(self, stream: str = "posts") -> list[Covered]:
        """What was listed completely."""
        return [one for one in self.findings if isinstance(one, Covered) and one.stream == stream]

    def never(self) -> dict[str, str]:
        """What is not offered, by stream."""
        return {one.stream: one.reason for one in self.findings if isinstance(one, NotOffered)}


def carried_out(
    adapter: Adapter,
    task: Task,
    served: Callable[[RequestSpec, int], Exchange],
    done: T,
    *,
    most: int = 400,
    stop_after: int | None = None,
) -> T:
    """A task from its start to its end, or to the first answer that is no answer.

    ``served`` makes the exchange of a request and its number, from 0.
    """
    step = adapter.start(task)
    _note(done, step)
    while not step.done and len(done.exchanges) != stop_after:
        assert len(done.exchanges) < most, "the task does not end"
        spec = step.requests[0]
        exchange = served(spec, len(done.exchanges))
        done.specs.append(spec)
        done.exchanges.append(exchange)
        done.verdicts.append(adapter.judge(exchange))
        if done.verdicts[-1].meaning is not Meaning.PROCEED:
            break
        done.observations += adapter.read(exchange)
        step = adapter.proceed(task, step, exchange)
        json.dumps(step.cursor)
        _note(done, step)
    return done


def exchange_of(answer: Answer, spec: RequestSpec, task: Task, number: int = 0) -> Exchange:
    """What the loop makes of an answer, a second after the one before it."""
    status, headers, body = answer
    return Exchange(
        id=f"{number:032d}", sequence=number, account=task.account.id, url=spec.url, stream=spec.stream,
        captured_at=task.started_at + timedelta(seconds=number), status=status, headers=tuple(headers),
        body=b"" if spec.purpose is Purpose.MEDIA else body, purpose=spec.purpose, task_kind=str(task.kind), subject=task.subject,
        note=spec.note,
    )  # fmt: skip


def _note(done: Carried, step: Step) -> None:
    done.steps.append(step)
    done.findings += step.findings
    done.follow_ups += step.follow_ups
    done.cursors.append(step.cursor)
    if step.not_before is not None:
        done.waits.append(step.not_before)
