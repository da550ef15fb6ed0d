"""The account's profile, once a day; and what X does not give at all."""

from __future__ import annotations

from typing import Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import NotOffered, Step, Task
from archiver.errors import ShapeChanged
from archiver.platforms.x.answer import Answer
from archiver.platforms.x.desk import Desk
from archiver.platforms.x.fieldlists import PROFILE
from archiver.platforms.x.fields import identifier
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call

STREAM: Final = "profile"
NEVER: Final = (
    NotOffered(
        "hidden answers",
        "X does not tell which answers the account has hidden. Whoever must prove moderation keeps a record of it.",
    ),
    NotOffered("reposts by others", "Who reposted the account's posts is not captured, only how often that was done."),
    NotOffered("reactions", "X tells how many liked a post; who did is not captured."),
    NotOffered(
        "protected answers",
        "Answers by people who protect their posts, or whom X ranks down, are counted by X and found by no search.",
    ),
)


def start(desk: Desk, names: Names, _task: Task) -> Step:
    """The account by its id, so that a new name is noticed; by its name as long as the id is not known."""
    return desk.step([who(desk, names)], {}, findings=NEVER)


def proceed(desk: Desk, _names: Names, _task: Task, step: Step, _exchange: Exchange) -> Step:
    """One call."""
    return desk.step(step.rest().requests)


def who(desk: Desk, names: Names) -> RequestSpec:
    """The account's profile."""
    native_id = desk.own_id or names.handle_id
    if native_id is not None:
        return desk.ask(Call.USER, native_id, PROFILE, stream=STREAM)
    return desk.ask(Call.USER_BY_NAME, names.handle, PROFILE, stream=STREAM)


def told(exchange: Exchange) -> str:
    """The account's id out of its own answer."""
    answer = Answer.of(exchange)
    found = identifier(answer.data[0][1].get("id")) if answer.data else None
    if found is None:
        raise ShapeChanged(f"{exchange.url} answered with an account that has no id.")
    return found
