"""``graph.threads.net``: one version, lists without ``next``, a login of its own.

``me`` is the account. It sees what it wrote anywhere, all that stands below what it wrote, and what names it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.fields import Wanted
from archiver.sandbox.meta.graph import GraphApi
from archiver.sandbox.meta.login import Login, looked_into
from archiver.sandbox.meta.model import THREADS, Thing
from archiver.sandbox.meta.problems import Problem, missing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Getter, Listing, Node, NodeType
from archiver.sandbox.meta.threads_posts import POST, REPLIES, created, given_out, waiting
from archiver.sandbox.meta.tokens import LONG, App, Token, Tokens
from archiver.sandbox.meta.usage import Usage
from archiver.sandbox.meta.wire import answered
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked

SCOPES = frozenset(
    {
        "threads_basic",
        "threads_read_replies",
        "threads_manage_replies",
        "threads_manage_mentions",
        "threads_manage_insights",
        "threads_delete",
        "threads_location_tagging",
    }
)
WITHOUT_NEXT = frozenset({"threads", "replies", "mentions", "ghost_posts", "conversation", "pending_replies"})
EARLIEST_MENTIONS = 1_688_540_400


class ThreadsApi(GraphApi):
    """Answers calls about one world. ``quirks.without_next`` is on for all lists, as it is there."""

    def __init__(self, meta: MetaWorld, base_url: str, app: App, *, calls: int = 1_000_000) -> None:
        tokens = Tokens(meta.world.clock, app, prefix="THAA", seed=meta.world.seed)
        usage = Usage(meta.now, kind="threads", code=4, calls=calls)
        super().__init__(meta, base_url, tokens, usage, versions=("v1.0",))
        self.quirks.without_next = set(WITHOUT_NEXT)
        tokens.add(Token(f"TH|{app.token}", "APP", app, set(), meta.now()))
        self.login = Login(tokens, meta.world.clock, "th")
        self.paths |= self.login.paths()

    def accept(self, person: Person, secret: str, *, life: timedelta = LONG) -> Token:
        """Let an account's token be good."""
        return self.login.issue(person, SCOPES, life=life, value=secret)

    # --- who is who

    def me(self, call: Call) -> Node:
        """The account."""
        if call.token.page is None or not call.token.page.active:
            raise missing("me", kind="THApiException")
        return Node(USER, call.token.page)

    def find(self, native: str, call: Call) -> Node | None:
        """The account, what it may see, and places."""
        me = call.token.page
        if me is None:
            return None
        if native == me.id:
            return Node(USER, me) if me.active else None
        thing = self.meta.find(THREADS, native)
        if thing is not None:
            return Node(POST, thing) if given_out(thing, call) and _sees(me, thing) else None
        return _place(native, me, call)

    def absent(self, native: str, method: str) -> Problem:
        """Without the advice to read the documentation."""
        problem = missing(native, method.lower(), kind="THApiException")
        problem.message = problem.message.partition(". Please read")[0]
        return problem

    def debug_token(self, asked: Asked, form: dict[str, str]) -> Answer:
        """``GET /debug_token?input_token=``."""
        caller = self.tokens.of(asked, form=form)
        value = asked.one("input_token")
        return answered({"data": looked_into(self.tokens.inspect(value, caller), self.tokens.known(value or ""))})

    def _dispatch(self, asked: Asked, version: str, parts: list[str]) -> Answer:
        try:
            return super()._dispatch(asked, version, parts)
        except Problem as problem:
            if problem.code not in {10, 190} and problem.kind == "OAuthException":
                problem.kind = "THApiException"
            raise

    def _member(self, node: Node, one: Wanted, call: Call) -> Any:
        """A post without parts has no member for them."""
        value = super()._member(node, one, call)
        if one.name == "children" and isinstance(value, dict) and value.get("data") == []:
            return LEFT_OUT
        return value


def _sees(me: Person, thing: Thing) -> bool:
    whole = thing.whole or thing
    return me in {whole.author, whole.top.author} or me in whole.mentions


# --- the account's lists


def _listing(*forms: str) -> Any:
    def listing(person: Person, _arguments: Arguments, call: Call) -> Listing:
        return _newest(one for one in call.meta.of(person, *forms) if one.author is person and given_out(one, call))

    return listing


def _answers(person: Person, _arguments: Arguments, call: Call) -> Listing:
    """What the account answered anywhere."""
    everything = call.meta.things.values()
    return _newest(one for one in everything if one.form == "reply" and one.author is person and given_out(one, call))


def _mentions(person: Person, _arguments: Arguments, call: Call) -> Listing:
    everything = call.meta.things.values()
    return _newest(
        one
        for one in everything
        if one.platform == THREADS
        and person in one.mentions
        and one.author is not person
        and given_out(one, call)
        and not waiting(one)
        and created(one).timestamp() >= EARLIEST_MENTIONS
    )


def _newest(posts: Any) -> Listing:
    found = sorted(posts, key=lambda one: (one.created_at, one.number), reverse=True)
    return Listing([Node(POST, one) for one in found])


def _edge(listing: Any, needs: str) -> Edge:
    return Edge(listing, since=created, needs=needs, weight=25)


def _face(person: Person, call: Call) -> object:
    face = person.profile.avatar
    return LEFT_OUT if face is None else call.link(face, f"53_{person.id}", "s150x150")


_FIELDS: dict[str, Getter] = {
    "id": lambda person, _: person.id,
    "username": lambda person, _: person.handle,
    "name": lambda person, _: person.profile.display_name,
    "threads_profile_picture_url": _face,
    "threads_biography": lambda person, _: person.profile.description or LEFT_OUT,
    "is_verified": lambda _person, _call: True,
    "is_eligible_for_geo_gating": lambda _person, _call: False,
    "recently_searched_keywords": lambda _person, _call: LEFT_OUT,
}
USER = NodeType(
    "ThreadsUser",
    _FIELDS,
    {
        "threads": _edge(_listing("post"), "threads_basic"),
        "replies": _edge(_answers, REPLIES),
        "ghost_posts": _edge(_listing("ghost"), "threads_basic"),
        "mentions": _edge(_mentions, "threads_manage_mentions"),
    },
)


# --- places


def _place(native: str, me: Person, call: Call) -> Node | None:
    for one in call.meta.of(me, "post"):
        found = one.facts.get("location")
        if found is not None and found["id"] == native:
            return Node(PLACE, found)
    return None


def _part(name: str) -> Getter:
    return lambda place, _call: place.get(name, LEFT_OUT)


PLACE = NodeType(
    "ThreadsLocation",
    {
        name: _part(name)
        for name in ("id", "name", "address", "city", "country", "latitude", "longitude", "postal_code")
    },
    default=("id",),
    identify=lambda node: str(node.thing["id"]),
)

__all__ = ["SCOPES", "WITHOUT_NEXT", "ThreadsApi"]
