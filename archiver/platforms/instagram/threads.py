"""One medium with what was written below it: the medium, its comments, and their answers.

``comments`` lists the top level only, newest first, fifty a page. Answers come along with their comment; of a longer
row the rest is asked for by itself. ``comments_count`` counts both, and those that are never listed: of restricted
accounts, of accounts that blocked the city, below advertisements. So fewer than counted is usual;
none at all is believed only where another medium shows that comments can be seen.
"""

from __future__ import annotations

from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, Shortfall, Step, Task, TaskKind
from archiver.platforms.instagram.answers import WORDS
from archiver.platforms.instagram.comments import comment_id
from archiver.platforms.instagram.flavours import REPLIES
from archiver.platforms.instagram.life import Sight, question, sight
from archiver.platforms.instagram.office import Office
from archiver.platforms.instagram.routes import Call, route_of
from archiver.platforms.meta.errors import Fault, GraphError, error_of, words_for
from archiver.platforms.meta.fields import connection, count, document, listed, mapping, text
from archiver.platforms.meta.paging import turn
from archiver.platforms.resuming import state_of

STREAM = "comments"
PAGE_SIZE = 50
SILENT = (
    "Instagram counts {count} comments here and lists none. Most likely the token lacks the scope for comments "
    "(instagram_manage_comments or instagram_business_manage_comments), or the app is still in development mode or not "
    "approved for them. Make a token with the scope, and switch the app to Live. Nothing was taken for removed."
)


def start(office: Office, task: Task) -> Step:
    """The medium by itself: it may be gone, and it tells how many comments there are."""
    root = office.names.native(task.subject or "")
    return office.step([office.desk.ask(root, office.lists.media, stream=STREAM)])


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """The medium, its comments, the rest of long rows of answers; then the findings."""
    visit = _Visit(office, task, step)
    call, error = route_of(exchange.url).call, error_of(exchange)
    if error is not None:
        visit.refused(call, error)
    elif call is Call.MEDIUM:
        visit.medium(exchange)
    elif call is Call.COMMENTS:
        visit.comments(exchange)
    elif call is Call.REPLIES:
        visit.replies(exchange)
    elif call is Call.MEDIA:
        visit.state["sight"] = str(sight(exchange))
    return visit.step()


class _Visit:
    """One visit, between two answers: what is still to be asked, what the cursor remembers, and what was found out."""

    def __init__(self, office: Office, task: Task, step: Step) -> None:
        self.office, self.task = office, task
        self.scope = Key(task.subject or "")
        self.root = office.names.native(self.scope)
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = state_of(step)
        self.follow_ups: list[FollowUp] = []

    def medium(self, exchange: Exchange) -> None:
        """The medium. One that nobody commented on is not asked for comments."""
        stated = count(document(exchange).get("comments_count"))
        self.state |= {"count": stated, "listed": 0, "found": True}
        if stated != 0:
            query = (("limit", str(PAGE_SIZE)),)
            self.asked.append(
                self.office.desk.ask(f"{self.root}/comments", self.office.lists.comment, query, stream=STREAM)
            )

    def comments(self, exchange: Exchange) -> None:
        """A page of comments, and where the rest of their answers is."""
        fields = route_of(exchange.url).fields
        entries = [one for _, one in listed(exchange)]
        answers = 0
        for one in entries:
            native_id = comment_id(one)
            if native_id is None:
                continue
            along = mapping(one.get("replies"))
            answers += len(list(connection(along)))
            if "replies" not in fields:
                self.asked.append(self._replies(native_id, None))
            elif text(mapping(along.get("paging")).get("next")):
                after = text(mapping(mapping(along["paging"]).get("cursors")).get("after"))
                self.asked.append(self._replies(native_id, after))
        self._listed(len(entries) + answers)
        ids = [native_id for one in entries if (native_id := comment_id(one))]
        page = turn(exchange, ids, [], None, self.state.get("comments", {}))
        self.state["comments"] = page.state
        self._short(page.state)
        if page.place is not None:
            fields_again = self.office.lists.comment
            self.asked.insert(0, self.office.desk.next(
                exchange, page.place, fields=fields_again, most=PAGE_SIZE, stream=STREAM, page=page.number
            ))  # fmt: skip

    def replies(self, exchange: Exchange) -> None:
        """A page of the answers to one comment."""
        above = route_of(exchange.url).node
        entries = [one for _, one in listed(exchange)]
        before = self.state.get("replies", {})
        before = before.get("page", {}) if before.get("to") == above else {}
        ids = [native_id for one in entries if (native_id := comment_id(one))]
        page = turn(exchange, ids, [], None, before)
        self._listed(len(ids))
        self._short(page.state)
        self.state["replies"] = {"to": above, "page": page.state}
        if page.place is not None:
            fields = self.office.lists.reply
            self.asked.insert(0, self.office.desk.next(
                exchange, page.place, fields=fields, most=REPLIES, stream=STREAM, page=page.number
            ))  # fmt: skip

    def refused(self, call: Call, error: GraphError) -> None:
        """A medium that is not there is asked about with care, and what was known below it; all else is a gap.

        One that was never seen here is somebody else's, of which a pushed event told.
        """
        if call is Call.MEDIUM:
            self.asked = []
            if error.fault is not Fault.MISSING:
                self.state |= {"found": True, "short": words_for(error, WORDS)}
            elif self.scope in self.task.known:
                self.follow_ups += [FollowUp(TaskKind.CONFIRM, key) for key in self.task.known]
            return
        self.state["short"] = words_for(error, WORDS)

    def step(self) -> Step:
        """The next step; at the end what was listed.

        Where nothing was, although it is counted, another medium must show whether comments can be seen at all.
        """
        silent = self.state.get("count") and not self.state.get("listed") and not self.state.get("short")
        if silent and not self.asked and "sight" not in self.state:
            self.asked = [question(self.office, STREAM)]
        found = [] if self.asked or not self.state.get("found") else self._result()
        return self.office.step(self.asked, self.state, findings=found, follow_ups=self.follow_ups)

    def _result(self) -> list[Finding]:
        until, stated = self.task.started_at, self.state.get("count")
        short: Any = self.state.get("short")
        if short is None and stated and not self.state.get("listed") and self.state.get("sight") != Sight.COMMENTS:
            short = SILENT.format(count=stated)
        if short is not None:
            return [Shortfall(STREAM, None, until, str(short), self.scope)]
        return [Covered(STREAM, None, until, self.scope)]

    def _replies(self, native_id: str, after: str | None) -> RequestSpec:
        query = [("limit", str(REPLIES)), *([("after", after)] if after else [])]
        return self.office.desk.ask(f"{native_id}/replies", self.office.lists.reply, query, stream=STREAM)

    def _listed(self, more: int) -> None:
        self.state["listed"] = int(self.state.get("listed") or 0) + more

    def _short(self, page: dict[str, Any]) -> None:
        if page.get("short"):
            self.state["short"] = page["short"]
