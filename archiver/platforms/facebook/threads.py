"""What stands below a post, photo, video or album: all levels in one list, oldest first.

The list is paged by positions, which shift when comments come or go between two pages; so after a pass its first page
is read again, and the pass is made again where something had shifted. Facebook counts more comments than it lists
(hidden by its own filter, private, removed), so a difference is no gap, but a list that is empty although some are
counted is, unless the token sees comments of other posts. Known comments that are not shown are confirmed by what a
complete listing leads to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.facebook.asked import COMMENT, ROOT, SIGHT
from archiver.platforms.facebook.ids import Names, first_part
from archiver.platforms.facebook.routes import Call, edge, route_of
from archiver.platforms.meta.errors import Fault, error_of, words_for
from archiver.platforms.meta.fields import (
    connection,
    count,
    document,
    identifier,
    listed,
    mapping,
    moment,
    stamp,
    summary,
)
from archiver.platforms.meta.paging import turn
from archiver.platforms.meta.requests import PLACES, Desk, query_of
from archiver.platforms.resuming import state_of

STREAM = "comments"
PASSES = 3
SIGHTS = 10
"""So many posts are looked at to learn whether the token sees comments at all."""
MOST = 100
SILENT = (
    "Facebook counts {count} comments here and lists none. Most often the token is a person's instead of the page's, "
    "or the app lacks advanced access for pages_read_user_content: connect the account anew (`archiver account "
    "connect`)."
)
UNSAID = (
    "Facebook lists none of the comments that are known here, and does not say how many there are. `archiver check` "
    "tells what the token lacks."
)
UNQUIET = "Comments came and went while they were read; they are read again at the next visit."
NOT_ALL = (
    "Facebook counts more comments than it lists: private ones, some that its filter holds back, and removed ones."
)
_ORDER = (("filter", "stream"), ("order", "chronological"), ("summary", "true"), ("limit", str(MOST)))


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The post by itself, then what is below it. What is no post shows in its own list, so it is not asked for."""
    root = names.native(task.subject or "")
    asked = [desk.ask(root, ROOT, stream=STREAM)] if "_" in root else []
    return desk.step([*asked, comments_page(desk, root)])


def comments_page(desk: Desk, native_id: str, limit: int = MOST) -> RequestSpec:
    """The first page of all that stands below a thing."""
    query = [*_ORDER[:-1], ("limit", str(limit))]
    return desk.ask(edge(native_id, Call.COMMENTS), COMMENT, query, stream=STREAM)


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The root, then page after page; once more from the first where something had shifted; then the findings."""
    visit = _Visit(desk, names, task, step)
    route = route_of(exchange.url)
    if route is not None and route.call is Call.COMMENTS:
        visit.comments(exchange)
    elif route is not None and route.call is Call.PUBLISHED_POSTS:
        visit.sight(exchange)
    else:
        visit.root(exchange)
    return visit.step()


class _Visit:
    """One visit, between two answers.

    The cursor holds ``turn`` of the pass, ``first`` and ``total`` (what its first page looked like, and what was
    counted last), ``listed``, ``pass``, ``shifted``, ``checking`` (the first page is read again), ``told`` (comments
    that the root says it has) and ``from`` (when it was made).
    """

    def __init__(self, desk: Desk, names: Names, task: Task, step: Step) -> None:
        self.desk, self.names, self.task = desk, names, task
        self.scope = Key(task.subject or "")
        self.root_id = names.native(self.scope)
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = state_of(step)
        self.findings: list[Finding] = []
        self.follow_ups: list[FollowUp] = []

    def root(self, exchange: Exchange) -> None:
        """The root as it is now. One that is not there has no list; confirmations find out what of it is gone."""
        error = error_of(exchange)
        if error is None:
            found = document(exchange)
            made = moment(found.get("created_time"))
            self.state |= {
                "told": count(summary(found.get("comments")).get("total_count")),
                "from": stamp(made) if made else None,
            }
        elif error.fault is Fault.MISSING:
            self._missing()

    def comments(self, exchange: Exchange) -> None:
        """A page of comments, or the platform's word why there is none."""
        error = error_of(exchange)
        if error is not None:
            self._refused(error.fault, words_for(error), exchange)
            return
        ids = [identifier(one.get("id")) or "?" for _, one in listed(exchange)]
        total = count(summary(document(exchange)).get("total_count"))
        if self.state.get("checking"):
            self._checked(ids, total)
            return
        known: int | None = self.state.get("total")
        if known is not None and total is not None and total < known:
            self.state["shifted"] = True
        if "first" not in self.state:
            self.state["first"] = _print(ids)
        self.state |= {"total": total, "listed": self.state.get("listed", 0) + len(ids)}
        page = turn(exchange, ids, [], None, self.state.get("turn", {}))
        self.state["turn"] = page.state
        if page.place is not None:
            following = self.desk.next(exchange, page.place, fields=COMMENT, most=MOST, stream=STREAM, page=page.number)
            self.asked.insert(0, following)
        elif page.number > 2 and not page.state.get("short"):
            self.state["checking"] = True
            self.asked.insert(0, comments_page(self.desk, self.root_id))

    def sight(self, exchange: Exchange) -> None:
        """Whether the token sees comments of any other post: then these are held back from everybody."""
        posts = listed(exchange) if error_of(exchange) is None else []
        self.state["sees"] = any(list(connection(post.get("comments"))) for _, post in posts)

    def step(self) -> Step:
        """What is asked next, or what came of it."""
        page = self.task.account.native_id
        if not self.asked and page and "sees" not in self.state and self._silent():
            path = edge(self.names.person_id(page), Call.PUBLISHED_POSTS)
            self.asked = [self.desk.ask(path, SIGHT, [("limit", str(SIGHTS))], stream=STREAM)]
        if not self.asked and not self.state.get("over"):
            self.findings += self._result()
        return self.desk.step(self.asked, self.state, findings=self.findings, follow_ups=self.follow_ups)

    def _checked(self, ids: Sequence[str], total: int | None) -> None:
        """After a pass: whether its first page is what it was, and nothing was removed meanwhile."""
        fewer = total is not None and total < (self.state.get("total") or 0)
        shifted = self.state.get("shifted") or fewer or _print(ids) != self.state.get("first")
        made: int = self.state.get("pass", 1)
        for name in ("checking", "shifted", "first"):
            self.state.pop(name, None)
        if not shifted:
            return
        if made >= PASSES:
            self.state["short"] = UNQUIET
            return
        self.state |= {"pass": made + 1, "turn": {}, "listed": 0, "total": None}
        self.asked.insert(0, comments_page(self.desk, self.root_id))

    def _refused(self, fault: Fault, words: str, exchange: Exchange) -> None:
        placed = any(name in PLACES for name, _ in query_of(exchange.url))
        made: int = self.state.get("pass", 1)
        if fault is Fault.PARAMETER and placed and made < PASSES:  # the comment that the place names was removed
            self.state |= {"pass": made + 1, "turn": {}, "listed": 0}
            self.asked.insert(0, comments_page(self.desk, self.root_id))
        elif fault is Fault.MISSING:
            self._missing()
        elif fault in {Fault.PARAMETER, Fault.REMOVED} and not placed:  # nothing can be said there (an event)
            self.state["over"] = True
        else:
            self.state["short"] = f"The platform refused the comments: {words}"

    @property
    def _counted(self) -> int:
        """How many comments the platform says there are."""
        return max(self.state.get("total") or 0, self.state.get("told") or 0)

    def _silent(self) -> bool:
        """Whether there should be some, and the list was read without a word about why it is empty.

        Where the platform counts none, those that are known may all be gone; where it states no count, who knows?
        """
        short = self.state.get("short") or mapping(self.state.get("turn")).get("short")
        stated = self.state.get("total") is not None or self.state.get("told") is not None
        expected = self._counted > 0 or (not stated and self._known > 0)
        return not (self.state.get("over") or short or self.state.get("listed")) and expected

    @property
    def _known(self) -> int:
        """How many comments the archive has of this thread."""
        return sum(1 for key in self.task.known if key != self.scope)

    def _missing(self) -> None:
        """What stands elsewhere, and only an event told of, was never shown to the token: nothing can be concluded."""
        self.asked = []
        self.state["over"] = True
        page = self.names.person_id(self.task.account.native_id or "")
        if page and "_" in self.root_id and first_part(self.root_id) != page:
            return
        known = dict.fromkeys((self.scope, *self.task.known))
        self.follow_ups += [FollowUp(TaskKind.CONFIRM, key) for key in known]

    def _result(self) -> list[Finding]:
        """Whether all was listed. What was known and not shown is confirmed because of a `Covered`."""
        until, since = self.task.started_at, moment(self.state.get("from"))
        short = self.state.get("short") or mapping(self.state.get("turn")).get("short")
        if self._silent() and not self.state.get("sees"):
            short = SILENT.format(count=self._counted) if self._counted else UNSAID
        if short:
            return [Shortfall(STREAM, since, until, str(short), self.scope)]
        unlisted = self._counted > self.state.get("listed", 0)
        more: list[Finding] = [NotOffered("comments not listed", NOT_ALL)] if unlisted else []
        return [Covered(STREAM, None, until, self.scope), *more]


def _print(ids: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode("utf-8", "surrogatepass")).hexdigest()[:16]
