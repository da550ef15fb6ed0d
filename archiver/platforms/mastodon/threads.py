"""A thread: its root, what is below it, and what was below it.

The root is read again (edits, the result of a poll, counts), then its context. What the store knows and the context
no longer shows is asked for by id: below a deleted answer all others fall out of the thread, though they are still
there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.confirming import BATCH, look_up, looked_up, one_by_one
from archiver.platforms.mastodon.cuts import reach
from archiver.platforms.mastodon.fields import count, identifier, mapping, moment, objects, text
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.listings import edited, turn
from archiver.platforms.mastodon.paging import Progress
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call, asked_ids, route_of
from archiver.platforms.mastodon.statuses import Status, status_id
from archiver.platforms.resuming import state_of

STREAM = "comments"
CONTEXTS = 100
"""So many contexts are asked for in one visit; a thread that needs more is short."""
SINGLES = 100
"""So many known answers are asked for one by one, where a server has no look-up by ids; the others are confirmed."""
LONGEST_REFRESH = timedelta(seconds=60)
CUT = (
    "The server shows only a part of this long thread to callers without a token; set the account's token to capture "
    "the rest."
)
CUT_ALL_THE_SAME = "The server shows only a part of this very long thread."
NO_QUOTES = "This server does not list quotations."

_RETRY = re.compile(r"\bretry\s*=\s*\"?([0-9]{1,6})", re.ASCII)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The root by itself, then what is around it."""
    root = names.native(task.subject or "")
    unseen = [native_id for key in task.known if (native_id := names.native(key)) != root]
    asked = [desk.ask(Call.STATUS, root, stream=STREAM), desk.ask(Call.CONTEXT, root, stream=STREAM)]
    return desk.step(asked, {"unseen": unseen, "contexts": [root]})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """Root, context, deeper contexts, what fell out of the thread, quotations; then the findings."""
    visit = _Visit(desk, names, task, step)
    route = route_of(exchange.url)
    call = route.call if route else None
    if call is Call.STATUS and route is not None:
        visit.status(route.id, exchange)
    elif call is Call.CONTEXT and route is not None:
        if again := visit.refreshing(step, exchange):
            return again
        visit.context(route.id, exchange)
    elif call is Call.STATUSES:
        visit.found(asked_ids(exchange.url), looked_up(exchange))
    elif call is Call.QUOTES:
        visit.quotes(exchange)
    return visit.step()


class _Visit:
    """One visit, between two answers: what is still to be asked, what the cursor remembers, and what was found out."""

    def __init__(self, desk: Desk, names: Names, task: Task, step: Step) -> None:
        self.desk, self.names, self.task = desk, names, task
        self.scope = Key(task.subject or "")
        self.root = names.native(self.scope)
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = state_of(step)
        self.findings: list[Finding] = []
        self.follow_ups: list[FollowUp] = []

    def status(self, native_id: str, exchange: Exchange) -> None:
        """The root; or, where a server has no look-up by ids, a known answer."""
        if native_id != self.root:
            self.found([native_id], [mapping(exchange.json())] if exchange.ok else [], confirm=False)
            return
        if not exchange.ok:
            self.asked = []
            self.state["gone"] = True
            if is_page(exchange):
                self.follow_ups.append(FollowUp(TaskKind.CONFIRM, self.scope))
            return
        root = mapping(exchange.json())
        self.state |= {"answers": count(root.get("replies_count")), "from": text(root.get("created_at"))}
        self.follow_ups += edited(self.names, [root])
        if self.desk.token and count(root.get("quotes_count")):
            self.asked.append(self.desk.ask(Call.QUOTES, self.root, [("limit", "40")], stream="quotes"))

    def refreshing(self, step: Step, exchange: Exchange) -> Step | None:
        """Mastodon 4.5 fetches missing answers when a thread is looked at: once more, when it says that it has them."""
        header = exchange.header("Mastodon-Async-Refresh")
        if header is None or not exchange.ok or self.state.get("refreshed"):
            return None
        match = _RETRY.search(header)
        wait = min(timedelta(seconds=int(match.group(1)) if match else 5), LONGEST_REFRESH)
        again = self.desk.step(step.requests, {**self.state, "refreshed": True})
        return Step(again.requests, again.cursor, exchange.captured_at + wait)

    def context(self, native_id: str, exchange: Exchange) -> None:
        """What is below a status; where the answer was cut, the places from which to go on."""
        if not exchange.ok:
            return
        below = [one for _, one in objects(mapping(exchange.json()).get("descendants"))]
        self._shown(below)
        answers = self.state.get("answers") if native_id == self.root else self.state.get("told", {}).get(native_id)
        left = reach(native_id, answers, below, token=self.desk.token)
        if left.short:
            self.state["short"] = CUT_ALL_THE_SAME if self.desk.token else CUT
        self._further(left.further)

    def found(self, asked: Sequence[str], statuses: Sequence[Status] | None, *, confirm: bool = True) -> None:
        """Known answers that were asked for by id. Below each that lost its parent there may be new ones."""
        if statuses is None:
            self.asked += one_by_one(self.desk, asked[: self._singles(len(asked))], STREAM)
            return
        shown = {native_id: one for one in statuses if (native_id := status_id(one) or "") in asked}
        self.follow_ups += edited(self.names, list(shown.values()))
        self._further([
            (native_id, count(one.get("replies_count")))
            for native_id, one in shown.items()
            if count(one.get("replies_count")) != 0 and identifier(one.get("in_reply_to_id")) not in shown
        ])  # fmt: skip
        if confirm:
            self.state["missing"] = self.state.get("missing", []) + [one for one in asked if one not in shown]

    def quotes(self, exchange: Exchange) -> None:
        """A page of those who quote the root."""
        if not exchange.ok or is_page(exchange):
            self.findings.append(NotOffered("quotes", NO_QUOTES))
            return
        statuses = [one for _, one in objects(exchange.json())]
        ids = [found for one in statuses if (found := status_id(one))]
        state = self.state.get("quotes", {})
        page = turn(exchange, ids, [moment(one.get("created_at")) for one in statuses], None, state, by_id=False)
        self.state["quotes"] = page.state
        self.follow_ups += edited(self.names, statuses)
        if page.following is not None:
            number = Progress.of(page.state["progress"]).page
            self.asked.insert(0, self.desk.next(page.following, stream="quotes", page=number))
        else:
            self.findings.append(Covered("quotes", None, self.task.started_at, self.scope))

    def step(self) -> Step:
        """The next step: what is asked next, else the known ones that were not shown, else the end."""
        if not self.asked and self.state["unseen"]:
            unseen: list[str] = self.state["unseen"]
            now, self.state["unseen"] = unseen[:BATCH], unseen[BATCH:]
            self.asked = [look_up(self.desk, now, STREAM)]
        if not self.asked:
            self.findings += self._result()
        return self.desk.step(self.asked, self.state, findings=self.findings, follow_ups=self.follow_ups)

    def _shown(self, statuses: Sequence[Status]) -> None:
        shown = {status_id(one) for one in statuses}
        self.state["unseen"] = [native_id for native_id in self.state["unseen"] if native_id not in shown]
        self.follow_ups += edited(self.names, statuses)

    def _further(self, places: Sequence[tuple[str, int | None]]) -> None:
        visited: list[str] = self.state["contexts"]
        told: dict[str, int | None] = self.state.setdefault("told", {})
        for native_id, answers in places:
            if native_id in visited:
                continue
            if len(visited) >= CONTEXTS:
                self.state["short"] = CUT_ALL_THE_SAME if self.desk.token else CUT
                return
            visited.append(native_id)
            told[native_id] = answers
            self.asked.append(self.desk.ask(Call.CONTEXT, native_id, stream=STREAM))

    def _singles(self, wanted: int) -> int:
        left: int = self.state.get("singles", SINGLES)
        taken = min(left, wanted)
        self.state["singles"] = left - taken
        return taken

    def _result(self) -> list[Finding]:
        """Whether all was listed. A root that is gone has no context: what was below it was asked for by id.

        A complete listing has whatever it did not show confirmed; beside one that is short, what was asked for in vain.
        """
        until = self.task.started_at
        short: Any = self.state.get("short")
        if short is None:
            return [Covered(STREAM, None, until, self.scope)]
        missing = self.state.get("missing", [])
        self.follow_ups += [FollowUp(TaskKind.CONFIRM, self.names.status(native_id)) for native_id in missing]
        since: datetime | None = moment(self.state.get("from"))
        return [Shortfall(STREAM, since, until, str(short), self.scope)]
