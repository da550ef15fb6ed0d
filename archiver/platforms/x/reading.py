"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.item import Cause, State
from archiver.domain.observation import AuthorSeen, GoneSeen, ItemSeen, Observation, StateSeen
from archiver.domain.task import TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.x.answer import Answer
from archiver.platforms.x.fields import identifier, text
from archiver.platforms.x.ids import Names
from archiver.platforms.x.messages import message_seen
from archiver.platforms.x.problems import Problem, Trouble
from archiver.platforms.x.profiles import profile_seen
from archiver.platforms.x.pushes import read_push
from archiver.platforms.x.routes import MESSAGE_LISTS, POST_LISTS, Call, Route, route_of
from archiver.platforms.x.scene import Scene, is_protected
from archiver.platforms.x.versions import records

PUSH = "push"
_PROTECTED = "The author protects their posts (protected: true)."


def read(names: Names, exchange: Exchange, *, messages: bool = False) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter.

    ``messages``: private ones are wanted, too.
    """
    if exchange.stream == PUSH:
        yield from read_push(names, exchange)
        return
    route = route_of(exchange.url)
    reader = _READERS.get(route.call) if route is not None else None
    if route is None or reader is None or exchange.purpose is Purpose.MEDIA or exchange.method != "GET":
        return
    if route.call in MESSAGE_LISTS and not messages:
        return
    if exchange.ok:
        yield from reader(names, exchange, route, Answer.of(exchange))
    elif exchange.status == 404 and exchange.truncated is None:
        yield from reader(names, exchange, route, _not_found(exchange))


def _not_found(exchange: Exchange) -> Answer:
    """The answer of a 404, which X's prose promises for a single post that is not there; a web page says nothing."""
    try:
        return Answer.of(exchange)
    except ShapeChanged:
        return Answer.taken_apart({"errors": [_whole(exchange)]}, exchange.url)


def _whole(exchange: Exchange) -> dict[str, object]:
    """A body that is a problem itself."""
    try:
        answer = exchange.json()
    except ShapeChanged:
        return {}
    return answer if isinstance(answer, dict) else {}


def _posts(names: Names, exchange: Exchange, route: Route, answer: Answer) -> Iterator[Observation]:
    """Posts that were asked for; of those that they refer to the account's own, and what speaks to it."""
    scene = Scene.of(names, answer, route)
    confirming = exchange.task_kind == TaskKind.CONFIRM
    done: set[str] = set()
    for seen in records(scene, answer.data, done, known=confirming):
        yield _naming(seen, scene)
    near = [one for one in answer.posts if scene.is_own(one[1]) or scene.speaks_to_account(one[1])]
    yield from records(scene, near, done)
    if confirming:
        for problem in answer.problems:
            yield from _post_stated(names, route, problem)


def _naming(seen: Observation, scene: Scene) -> Observation:
    """A sighting with the one whom all posts of the listing name, even where the text was asked for alone."""
    if scene.mentions_of is None or not isinstance(seen, ItemSeen):
        return seen
    return replace(seen, mentions=seen.mentions | {scene.names.person(scene.mentions_of)})


def _post_stated(names: Names, route: Route, problem: Problem) -> Iterator[Observation]:
    """X's own word about a post that was asked for by its id.

    That it may not be shown has two reasons, which X does not tell apart: the author protects their posts, or has
    blocked the account that asks. So there is no cause, until X tells of the author.
    """
    asked = _asked(route, problem)
    if asked is None or route.call not in {Call.POST, Call.POSTS}:
        return
    match problem.trouble:
        case Trouble.MISSING:
            yield GoneSeen(names.post(asked), problem.basis)
        case Trouble.SUSPENDED:
            yield GoneSeen(names.post(asked), problem.basis, Cause.AUTHOR_SUSPENDED)
        case Trouble.REFUSED:
            yield StateSeen(names.post(asked), State.HIDDEN, problem.basis)
        case _:
            return


def _messages(names: Names, _exchange: Exchange, route: Route, answer: Answer) -> Iterator[Observation]:
    """Private messages, newest first."""
    scene = Scene.of(names, answer, route)
    conversation = route.id if route.call is Call.EVENTS_IN else None
    for pointer, event in answer.data:
        seen = message_seen(scene, event, pointer, conversation)
        if seen is not None:
            yield seen


def _users(names: Names, exchange: Exchange, route: Route, answer: Answer) -> Iterator[Observation]:
    """The account's profile. In a confirmation, why the posts of others are not shown."""
    by_id = route.call in {Call.USER, Call.USERS}
    asked_for_itself = exchange.task_kind == TaskKind.PROFILE and by_id
    for pointer, user in answer.data:
        if asked_for_itself or _is_own(names, user.get("id"), user.get("username")):
            yield from profile_seen(names, user, pointer, route.user_fields)
    if exchange.task_kind != TaskKind.CONFIRM or not by_id:
        return
    for _, user in answer.data:
        native_id = identifier(user.get("id"))
        if native_id is not None and is_protected(user):
            yield AuthorSeen(names.person(native_id), State.HIDDEN, _PROTECTED, Cause.AUTHOR_PROTECTED)
    for problem in answer.problems:
        yield from _user_stated(names, route, problem)


def _user_stated(names: Names, route: Route, problem: Problem) -> Iterator[Observation]:
    """X's own word about an account that was asked for by its id. One that is not found was closed, or never was."""
    asked = _asked(route, problem)
    if asked is None or problem.trouble not in {Trouble.SUSPENDED, Trouble.MISSING}:
        return
    cause = Cause.AUTHOR_SUSPENDED if problem.trouble is Trouble.SUSPENDED else None
    if route.call is Call.USER:
        yield GoneSeen(names.profile(asked), problem.basis, cause)
    yield AuthorSeen(names.person(asked), State.GONE, problem.basis, cause)


def _asked(route: Route, problem: Problem) -> str | None:
    """The id in question; None where the problem is about something else that the answer refers to."""
    if problem.parameter not in {"id", "ids", ""}:
        return None
    about = problem.about or (route.ids[0] if len(route.ids) == 1 else "")
    return about if about in route.ids else None


def _is_own(names: Names, native_id: object, username: object) -> bool:
    return names.is_own(text(username)) or (names.handle_id is not None and identifier(native_id) == names.handle_id)


_USER_CALLS = (Call.ME, Call.USER, Call.USERS, Call.USER_BY_NAME, Call.USERS_BY_NAME)
_READERS: dict[Call, Callable[[Names, Exchange, Route, Answer], Iterator[Observation]]] = {
    **dict.fromkeys((Call.POST, *POST_LISTS), _posts),
    **dict.fromkeys(_USER_CALLS, _users),
    **dict.fromkeys(MESSAGE_LISTS, _messages),
}
