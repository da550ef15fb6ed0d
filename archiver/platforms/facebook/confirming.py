"""Is it still there? Asked of records that a listing should have shown and did not.

"Not there" and "you may not see it" are one and the same answer (100/33). So before any id is asked for, the page must
be readable and published, and what stands beside the record must show: a post of the page; for a comment another one
below the same post or, where none is left there, below any post, because a token may see posts and no comments.
Only then the id is asked for, and only the platform's answer about the id itself counts (facebook.md, section 13).
"""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, Shortfall, Step, Task
from archiver.platforms.facebook.asked import BARE, COMMENT, PAGE, POST, PROBE, SIGHT
from archiver.platforms.facebook.ids import Names, first_part, last_part
from archiver.platforms.facebook.routes import Call, Route, edge, route_of
from archiver.platforms.facebook.threads import SIGHTS, comments_page
from archiver.platforms.meta.errors import Fault, error_of, words_for
from archiver.platforms.meta.fields import connection, count, document, flag, identifier, listed, summary
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of

STREAM = "posts"
LEDGER = "removals"
BATCH = 10
LASTING_DIGITS = 12
"""Shorter numbers of comments were counted in each post: alone they name something else, or nothing."""
UNPUBLISHED = "The page is not published, so what it does not show may still be there. Nothing was taken for removed."
UNSAID = (
    "The platform does not say whether the page is published, so the token may see less than there is. Nothing was "
    "taken for removed. `archiver check` tells what the token lacks."
)
NO_SIBLING = (
    "The platform shows nothing that stands beside what is missing, so it may be the token that sees nothing. Nothing "
    "was taken for removed. `archiver check` tells what the token lacks."
)
_UNANSWERED = ("t_", "m_", "mid.")
"""Messages beyond the newest twenty of a conversation answer as if they had been deleted: nothing can be confirmed."""
_BESIDE = (Call.PUBLISHED_POSTS, Call.FEED, Call.ALBUMS)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The page first."""
    wanted = [
        native for key in dict.fromkeys(task.subjects) if not (native := names.native(key)).startswith(_UNANSWERED)
    ]
    if not wanted:
        return Step()
    page = names.person_id(task.account.native_id) if task.account.native_id else names.handle
    return desk.step([desk.ask(page, PROBE, stream="profile")], {"wanted": wanted})


def proceed(desk: Desk, _names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The page, then what stands beside, then the ids."""
    visit, route = _Visit(desk, task, step), route_of(exchange.url)
    call = route.call if route else None
    if route is not None and "asking" in visit.state:
        visit.answered(route, exchange)
    elif call is Call.PROBE:
        visit.page(exchange)
    elif "sight" in visit.state:
        visit.sight(exchange)
    elif route is not None and call in _BESIDE:
        visit.beside(route, exchange)
    elif route is not None and call is Call.COMMENTS:
        visit.beside_comments(route, exchange)
    return visit.step()


class _Visit:
    """One batch, between two answers.

    The cursor holds ``wanted`` (ids), ``page`` (its id), ``below`` (posts whose comments are still to be probed),
    ``bare`` (those of them that showed no comment), ``sees`` (some comment was readable), ``sight`` (it is asked of any
    post whether one is), ``short`` (a gap was told) and, from when the ids themselves are asked for, ``asking``.
    """

    def __init__(self, desk: Desk, task: Task, step: Step) -> None:
        self.desk, self.task = desk, task
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = state_of(step)
        self.findings: list[Finding] = []

    @property
    def wanted(self) -> list[str]:
        found: list[str] = self.state["wanted"]
        return found

    def page(self, exchange: Exchange) -> None:
        """Readable, as the verdict on this answer has told; and published?"""
        found = document(exchange)
        self.state["page"] = identifier(found.get("id")) or ""
        published = flag(found.get("is_published"))
        if not published:
            self._doubtful(UNSAID if published is None else UNPUBLISHED)
            return
        comments = [one for one in self.wanted if self._is_comment(one)]
        self.state["below"] = list(dict.fromkeys(first_part(one) or "" for one in comments))
        self.asked.append(self._list(_BESIDE[0]))

    def beside(self, route: Route, exchange: Exchange) -> None:
        """A list of the page: what is on it shows that the token sees what there is."""
        if self._refused(exchange):
            return
        if listed(exchange):
            self._next_below()
            return
        following = _BESIDE.index(route.call) + 1
        if following == len(_BESIDE):
            self._doubtful(NO_SIBLING)
        else:
            self.asked.insert(0, self._list(_BESIDE[following]))

    def beside_comments(self, route: Route, exchange: Exchange) -> None:
        """A comment beside those that are missing. Where none is counted, or the post itself is gone, others tell.

        The number before a comment's is a post's, which needs the page's before it, or a photo's, which has none.
        """
        error, number = error_of(exchange), last_part(route.id)
        if error is not None and error.fault is Fault.MISSING and number != route.id:
            self.asked.insert(0, comments_page(self.desk, number, 1))
            return
        if error is not None and error.fault is not Fault.MISSING and self._refused(exchange):
            return
        if error is None and listed(exchange):
            self.state["sees"] = True
        elif error is None and count(summary(document(exchange)).get("total_count")):
            self._unproven([number])
        else:
            self.state["bare"] = [*self.state.get("bare", []), number]
        self._next_below()

    def sight(self, exchange: Exchange) -> None:
        """Whether the token sees a comment of any post. If not, an empty list tells nothing of what was in it."""
        posts = listed(exchange) if error_of(exchange) is None else []
        self.state["sees"] = any(list(connection(post.get("comments"))) for _, post in posts)
        if not self.state["sees"]:
            self._unproven(self.state["bare"])

    def answered(self, route: Route, exchange: Exchange) -> None:
        """After a comment that is not found by its number alone, its whole id: only that answer counts.

        What the fields show to be of another kind is asked for by what all kinds have.
        """
        error = error_of(exchange)
        if error is None:
            return
        whole = next((one for one in self.wanted if self._is_comment(one) and last_part(one) == route.id), None)
        if error.fault is Fault.MISSING and route.call is Call.COMMENT and whole is not None:
            self.asked.insert(0, self.desk.ask(whole, COMMENT, stream=STREAM))
        elif error.fault is Fault.FIELD and route.call is not Call.OBJECT:
            self.asked.insert(0, self.desk.ask(whole or route.id, BARE, stream=STREAM))

    def step(self) -> Step:
        """What is asked next: the probes, then the ids."""
        if not self.asked and self.state.get("bare") and "sees" not in self.state:
            self.state["sight"] = True
            path = edge(self.state["page"], Call.PUBLISHED_POSTS)
            self.asked = [self.desk.ask(path, SIGHT, [("limit", str(SIGHTS))], stream=STREAM)]
        if not self.asked and "asking" not in self.state and "doubtful" not in self.state:
            self.state["asking"] = True
            self.asked = [self._ask(one) for one in self.wanted]
        if not self.asked and "doubtful" not in self.state and "short" not in self.state:
            self.findings.append(Covered(LEDGER, None, self.task.started_at))
        return self.desk.step(self.asked, self.state, findings=self.findings)

    def _ask(self, native_id: str) -> RequestSpec:
        if native_id == self.state["page"]:
            return self.desk.ask(native_id, PAGE, stream="profile")
        if self._is_comment(native_id):
            number = last_part(native_id)
            lasting = number if len(number) >= LASTING_DIGITS else native_id
            return self.desk.ask(lasting, COMMENT, stream=STREAM)
        return self.desk.ask(native_id, POST if "_" in native_id else BARE, stream=STREAM)

    def _is_comment(self, native_id: str) -> bool:
        """Both are two numbers; that of a post of the page begins with the page's."""
        return "_" in native_id and first_part(native_id) != self.state["page"]

    def _list(self, call: Call) -> RequestSpec:
        fields = BARE if call is Call.ALBUMS else POST
        return self.desk.ask(edge(self.state["page"], call), fields, [("limit", "1")], stream=STREAM)

    def _next_below(self) -> None:
        below: list[str] = self.state.get("below", [])
        if below:
            self.asked.append(comments_page(self.desk, f"{self.state['page']}_{below[0]}", 1))
            self.state["below"] = below[1:]

    def _unproven(self, posts: list[str]) -> None:
        """Comments of these posts are not asked for: the token may see none of them, gone or not."""
        self.state["wanted"] = [one for one in self.wanted if not (self._is_comment(one) and first_part(one) in posts)]
        if "short" not in self.state:
            self.state["short"] = True
            self.findings.append(Shortfall(LEDGER, None, self.task.started_at, NO_SIBLING))

    def _refused(self, exchange: Exchange) -> bool:
        error = error_of(exchange)
        if error is not None:
            self._doubtful(words_for(error))
        return error is not None

    def _doubtful(self, reason: str) -> None:
        self.asked = []
        self.state |= {"doubtful": True, "below": [], "bare": []}
        self.findings.append(Shortfall(LEDGER, None, self.task.started_at, reason))
