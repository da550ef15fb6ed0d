"""Is it still there? A hundred ids a call; of those that are not, why, as far as X tells of their authors.

X answers "not found" of what was deleted, and of all that a person wrote who is suspended or has closed the account; it
answers "not authorized" where posts are protected. Which of these it is, only the author's own account tells, and of an
author X is asked once for all of their posts. What is gone costs nothing to ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Step, Task
from archiver.platforms.resuming import state_of
from archiver.platforms.x.answer import Answer
from archiver.platforms.x.desk import SIGNS, Desk
from archiver.platforms.x.fieldlists import AUTHOR_FIELDS, PROFILE
from archiver.platforms.x.ids import Names, is_id
from archiver.platforms.x.problems import Trouble
from archiver.platforms.x.routes import Call, route_of
from archiver.platforms.x.walks import histories

STREAM: Final = "posts"
BATCH: Final = 100
_PEOPLE = "profile"


def start(desk: Desk, names: Names, task: Task) -> Step:
    """Posts by one look-up, the account's profile by itself."""
    posts, asked = [], list[RequestSpec]()
    for key in dict.fromkeys(task.subjects):
        profile = names.profile_id(key)
        if profile is not None and is_id(profile):
            asked.append(desk.ask(Call.USER, profile, PROFILE, stream=_PEOPLE))
        elif is_id(names.native(key)):
            posts.append(names.native(key))
    asked += [_posts(desk, posts[place : place + BATCH]) for place in range(0, len(posts), BATCH)]
    authors = {names.native(key): names.account_id(one.author) for key, one in task.about.items() if one.author}
    return desk.step(asked, {"authors": {post: author for post, author in authors.items() if post in posts}})


def proceed(desk: Desk, names: Names, _task: Task, step: Step, exchange: Exchange) -> Step:
    """After the posts, the authors of those that are not shown, but for the account itself."""
    state, rest = state_of(step), list(step.rest().requests)
    route = route_of(exchange.url)
    if route is None or route.call is not Call.POSTS or not exchange.ok:
        return desk.step(rest, state)
    answer = Answer.of(exchange)
    troubled = {one.about for one in answer.problems if one.trouble in {Trouble.MISSING, Trouble.REFUSED}}
    known: dict[str, str] = state.get("authors", {})
    authors = {known[post] for post in route.ids if post in troubled and post in known}
    wanted = sorted(one for one in authors if is_id(one) and one != desk.own_id)
    rest += [_authors(desk, wanted[place : place + BATCH]) for place in range(0, len(wanted), BATCH)]
    return desk.step(rest, state, follow_ups=histories(names, [post for _, post in answer.data]))


def _posts(desk: Desk, ids: Sequence[str]) -> RequestSpec:
    return desk.ask(Call.POSTS, query=[("ids", ",".join(ids)), *SIGNS], stream=STREAM)


def _authors(desk: Desk, ids: Sequence[str]) -> RequestSpec:
    fields = ("user.fields", ",".join(AUTHOR_FIELDS))
    return desk.ask(Call.USERS, query=[("ids", ",".join(ids)), fields], stream=_PEOPLE)
