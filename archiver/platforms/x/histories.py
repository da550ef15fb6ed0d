"""All versions of edited posts: by the first id of each chain; those that the answer does not bring, by theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import FollowUp, Step, Task, TaskKind
from archiver.platforms.resuming import state_of
from archiver.platforms.x.answer import Answer, chain_of
from archiver.platforms.x.desk import VERSIONS, Desk
from archiver.platforms.x.fields import identifier
from archiver.platforms.x.ids import Names, is_id
from archiver.platforms.x.problems import Trouble
from archiver.platforms.x.routes import Call, route_of

STREAM: Final = "edits"
BATCH: Final = 10
MOST: Final = 100
"""So many ids one look-up takes."""


def start(desk: Desk, names: Names, task: Task) -> Step:
    """One look-up for all chains."""
    firsts = [native_id for key in dict.fromkeys(task.subjects) if is_id(native_id := names.native(key))]
    return desk.step([_versions(desk, firsts)] if firsts else [], {})


def proceed(desk: Desk, names: Names, _task: Task, step: Step, exchange: Exchange) -> Step:
    """What of the chains was not in the answer, once, all versions together; a chain that is gone is confirmed."""
    rest, state = list(step.rest().requests), state_of(step)
    route = route_of(exchange.url)
    if route is None or not exchange.ok:
        return desk.step(rest, state)
    answer = Answer.of(exchange)
    shown = {identifier(post.get("id")) for _, post in answer.all_posts}
    chains = [chain_of(post) for _, post in answer.all_posts]
    cut = [chain for chain in dict.fromkeys(chains) if len(chain) > 1 and not shown.issuperset(chain)]
    if cut and not state.get("again"):
        wanted = list(dict.fromkeys(version for chain in cut for version in chain))
        rest += [_versions(desk, wanted[place : place + MOST]) for place in range(0, len(wanted), MOST)]
    gone = [one.about for one in answer.problems if one.trouble is not Trouble.OTHER and one.about in route.ids]
    doubts = [] if state.get("again") else [FollowUp(TaskKind.CONFIRM, names.post(native_id)) for native_id in gone]
    return desk.step(rest, {**state, "again": True}, follow_ups=doubts)


def _versions(desk: Desk, ids: Sequence[str]) -> RequestSpec:
    return desk.ask(Call.POSTS, query=[("ids", ",".join(ids)), *VERSIONS], stream=STREAM)
