"""Is it still there? Asked of records that a listing should have shown and did not.

Threads answers 100/33 about what was deleted, and with the same words about all that the token may not see. So:

1. Each record is asked for. What is shown is there, and done.
2. If some are not: the token is still the account's, and the account is shown; its posts are listed; one of them, which
   nobody doubts, can be read by its id; and if one of its posts has answers of others, so can one of these.
3. Only then the missing ones are asked for once more, by a request that asks for nothing but the id. A "not there" to
   this one is evidence, and its exchange the proof.

If the second step fails, nothing is concluded. Where the account lists nothing at all, a post that it listed before is
the known-good one; only where there is none of these either, the platform's own word about the token takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Cursor, Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.meta.access import access_of
from archiver.platforms.meta.errors import Fault, error_of
from archiver.platforms.meta.fields import flag, listed
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of
from archiver.platforms.threads import access, whose
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.posts import post_id
from archiver.platforms.threads.routes import Call, Route, route_of
from archiver.platforms.threads.wanted import A_POST, LISTED, POST, PROFILE, SIGN, STRANGERS

STREAM = "posts"
LEDGER = "removals"
BATCH = 20
TOKEN = "token"  # noqa: S105 - a word
_FEW = (("limit", "25"),)

NOT_BY_ID = (
    "Threads does not let this token read answers of others by their id, so it can't be told whether one that is no "
    "longer listed was removed. It keeps the state it had."
)
UNSURE = (
    "Threads shows this token nothing that is surely there, so nothing can be concluded about {count} records that are "
    "no longer shown. Run `archiver check`; they are asked for again after the next full listing."
)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """Each record by its id, with all that it shows."""
    if (task.cursor or {}).get("step") == TOKEN:
        return _Inquiry(desk, names, task, Step(cursor=task.cursor)).ask_for_token()
    keys = list(dict.fromkeys(task.subjects))
    asked = [
        desk.ask(names.native(key), PROFILE, stream=whose.STREAM)
        if names.native(key) == whose.node_of(names, task)
        else desk.ask(names.native(key), POST, stream=STREAM)
        for key in keys
    ]
    return desk.step(asked, {"missing": [], "step": "subjects"})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next record; then, if some are missing, what makes a "not there" evidence."""
    if mended := desk.mended(step, exchange):
        return mended
    return _Inquiry(desk, names, task, step).after(exchange)


class _Inquiry:
    """One confirmation, between two answers."""

    def __init__(self, desk: Desk, names: Names, task: Task, step: Step) -> None:
        self.desk, self.names, self.task = desk, names, task
        self.rest: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = deepcopy(state_of(step))

    def after(self, exchange: Exchange) -> Step:
        """What follows from an answer, by the step of the inquiry that it belongs to."""
        route = route_of(exchange.url) or Route(Call.OBJECT)
        found: dict[str, Any] = {
            "subjects": self._subject,
            "whose": self._whose,
            "listed": self._listed,
            "answers": self._listed_answers,
            "known": self._known_good,
            "other": self._known_good,
            "strangers": self._strangers,
            TOKEN: self._token,
            "last": self._last,
        }
        result: Step = found[self.state["step"]](route, exchange)
        return result

    @property
    def missing(self) -> list[str]:
        """The ids that were not shown."""
        missing: list[str] = self.state["missing"]
        return missing

    def _subject(self, route: Route, exchange: Exchange) -> Step:
        error = error_of(exchange)
        if error is not None and error.fault is Fault.MISSING:
            self.state["missing"] = [*self.missing, route.id]
        if self.rest:
            return self.desk.step(self.rest, self.state)
        if not self.missing:
            return self.desk.step([])
        return self._go("whose", whose.ask(self.desk, self.names, self.task))

    def _whose(self, _route: Route, exchange: Exchange) -> Step:
        node = whose.told(self.names, self.task, exchange)
        if node is None:
            return self.desk.step([], findings=[whose.another(self.names, self.task, exchange, STREAM)])
        self.state["node"] = node
        return self._go("listed", self.desk.ask(f"{node}/threads", LISTED, _FEW, stream=STREAM))

    def _listed(self, _route: Route, exchange: Exchange) -> Step:
        """Posts that nobody doubts: what was listed just now and is not asked about."""
        if error_of(exchange) is not None:
            return self._nothing()
        posts = self._undoubted(exchange)
        self.state["good"] = [native_id for post in posts if (native_id := post_id(post))][:3]
        before = self.task.account.facts.get(A_POST)
        if not self.state["good"] and before and before not in self._doubted:
            self.state["good"] = [before]
        answered = [native_id for post in posts if flag(post.get("has_replies")) and (native_id := post_id(post))]
        self.state["answered"] = answered[:1]
        if self.state["good"]:
            return self._next_good()
        return self._go("answers", self.desk.ask(f"{self.state['node']}/replies", LISTED, _FEW, stream=STREAM))

    def _listed_answers(self, _route: Route, exchange: Exchange) -> Step:
        """The account lists no other post; one of its answers will do."""
        self.state["good"] = [native_id for post in self._undoubted(exchange) if (native_id := post_id(post))][:3]
        return self._next_good() if self.state["good"] else self.ask_for_token()

    def _known_good(self, _route: Route, exchange: Exchange) -> Step:
        """It was listed a moment ago, so its id must be readable; a second and third one may have gone just now."""
        others = self.state["step"] == "other"
        if error_of(exchange) is not None:
            if self.state["good"]:
                return self._next_good()
            return self._nothing(NotOffered("removed answers", NOT_BY_ID) if others else None)
        if not others and self.state["answered"]:
            root = self.state["answered"].pop()
            request = self.desk.ask(f"{root}/conversation", STRANGERS, _FEW, stream="comments")
            return self._go("strangers", request)
        return self._last_questions()

    def _strangers(self, _route: Route, exchange: Exchange) -> Step:
        """An answer of somebody else's; where the token is shown none, there can be none among the missing either."""
        others = [post for post in self._undoubted(exchange) if not flag(post.get("is_reply_owned_by_me"))]
        self.state["good"] = [native_id for post in others if (native_id := post_id(post))][:3]
        return self._next_good("other") if self.state["good"] else self._last_questions()

    def ask_for_token(self) -> Step:
        """The platform's word about the token. The call has parameters that a cursor can't hold."""
        return self._go(TOKEN, access.look(self.desk, self.task))

    def _token(self, _route: Route, exchange: Exchange) -> Step:
        seen = access_of(exchange, access.SCOPES) if error_of(exchange) is None else None
        scopes = seen.scopes if seen is not None and seen.valid else None
        needed = {"threads_basic", "threads_read_replies"}
        return self._last_questions() if scopes is not None and scopes >= needed else self._nothing()

    def _last(self, _route: Route, _exchange: Exchange) -> Step:
        return self.desk.step(self.rest, self.state)

    def _last_questions(self) -> Step:
        self.state["step"] = "last"
        return self.desk.step([self.desk.ask(one, SIGN, stream=STREAM) for one in self.missing], self.state)

    def _next_good(self, step: str | None = None) -> Step:
        step = step or ("other" if self.state["step"] in {"other", "strangers"} else "known")
        return self._go(step, self.desk.ask(self.state["good"].pop(0), LISTED, stream=STREAM))

    def _nothing(self, finding: Finding | None = None) -> Step:
        reason = UNSURE.format(count=len(self.missing))
        return self.desk.step([], findings=[finding or Shortfall(LEDGER, None, self.task.started_at, reason)])

    def _go(self, step: str, request: RequestSpec) -> Step:
        self.state["step"] = step
        return self.desk.step([request], self.state)

    def _undoubted(self, exchange: Exchange) -> Sequence[Mapping[str, Any]]:
        if error_of(exchange) is not None:
            return []
        return [post for _, post in listed(exchange) if post_id(post) not in self._doubted]

    @property
    def _doubted(self) -> set[str]:
        return {self.names.native(key) for key in self.task.subjects}
