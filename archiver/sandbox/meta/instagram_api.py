"""Instagram for professional accounts, in both of its flavours.

``InstagramApi`` is ``graph.instagram.com`` (and ``api.instagram.com``, whose one path it has, too): the owner logs in
with Instagram, tokens last sixty days and are renewed, ``me`` is the account. ``InstagramOnFacebookApi`` is
``graph.facebook.com`` as an account sees it that belongs to a page: the page's token, and the way from the page to
the account. Field sets and the names of node types differ.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.facebook_api import SCOPES as PAGE_SCOPES
from archiver.sandbox.meta.facebook_api import FacebookApi
from archiver.sandbox.meta.facebook_page import PAGE, accounts_edge
from archiver.sandbox.meta.fields import Wanted
from archiver.sandbox.meta.graph import GraphApi
from archiver.sandbox.meta.instagram_comments import comment_type, readable, without_most_paging
from archiver.sandbox.meta.instagram_media import media_type
from archiver.sandbox.meta.instagram_messages import CONVERSATION, MESSAGE, conversations_edge
from archiver.sandbox.meta.instagram_people import MENTIONS, mentioned, page_fields, scoped_id, user_type
from archiver.sandbox.meta.instagram_quirks import Flavour, InstagramQuirks
from archiver.sandbox.meta.login import Login
from archiver.sandbox.meta.model import FACEBOOK, INSTAGRAM, Thing
from archiver.sandbox.meta.problems import Problem, missing, unknown_path
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Node, NodeType
from archiver.sandbox.meta.tokens import LONG, App, Token, Tokens
from archiver.sandbox.meta.usage import Usage
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked

INSTAGRAM_SCOPES = frozenset(
    {
        "instagram_business_basic",
        "instagram_business_manage_comments",
        "instagram_business_manage_insights",
        "instagram_business_manage_messages",
    }
)
FACEBOOK_SCOPES = PAGE_SCOPES | {
    "instagram_basic",
    "instagram_manage_comments",
    "instagram_manage_insights",
    "instagram_manage_messages",
}
_MEDIA = frozenset({"post", "reel", "story", "live", "child"})
_COMMENTS = frozenset({"comments", "replies"})
_LEFT_OUT_WHEN_EMPTY = frozenset({"children", "collaborators", "replies", "comments"})


class _InstagramNodes(GraphApi):
    """What both flavours have in common: the node types, who may read what, and how lists end."""

    flavour: Flavour

    def _make_types(self) -> None:
        comment = comment_type(self.flavour)
        media = media_type(self.flavour, comment)
        self.types: dict[str, NodeType] = {"comment": comment, "media": media}
        self.types["user"] = user_type(self.flavour, media)

    def found(self, native: str, call: Call, people: list[Person]) -> Node | None:
        """An account of these people, or anything of theirs."""
        for person in people:
            if native == person.id or (self.flavour == "instagram" and native == scoped_id(person)):
                return Node(self.types["user"], person) if person.active else None
        thing = self.meta.find(INSTAGRAM, native)
        if thing is None or thing.owner not in people or not thing.owner.active or not thing.available(call.now):
            return None
        return self._node(thing, call)

    def _node(self, thing: Thing, call: Call) -> Node | None:
        if thing.form in _MEDIA:
            return Node(self.types["media"], thing)
        if thing.form == "comment":
            return Node(self.types["comment"], thing) if readable(thing, call) else None
        return {"conversation": Node(CONVERSATION, thing), "message": Node(MESSAGE, thing)}.get(thing.form)

    def _member(self, node: Node, one: Wanted, call: Call) -> Any:
        """Mentions are members with arguments; connections without anything in them are left out."""
        if one.name in MENTIONS and node.type is self.types["user"] and self.flavour == "facebook":
            arguments = Arguments(one.arguments)
            return self._object(mentioned(one.name, node.thing, arguments, call, self.types), one.children or (), call)
        value = super()._member(node, one, call)
        if one.name in _LEFT_OUT_WHEN_EMPTY and isinstance(value, dict) and value.get("data") == []:
            return LEFT_OUT
        return value

    def _connection(
        self,
        node: Node,
        name: str,
        edge: Edge,
        parameters: dict[str, str],
        wanted: tuple[Wanted, ...],
        call: Call,
        *,
        top: bool = False,
    ) -> dict[str, Any]:
        value = super()._connection(node, name, edge, parameters, wanted, call, top=top)
        return without_most_paging(value) if name in _COMMENTS else value


class InstagramApi(_InstagramNodes):
    """The Instagram login."""

    flavour = "instagram"

    def __init__(self, meta: MetaWorld, base_url: str, app: App, *, calls: int = 1_000_000) -> None:
        tokens = Tokens(meta.world.clock, app, prefix="IGAA", seed=meta.world.seed)
        super().__init__(meta, base_url, tokens, Usage(meta.now, kind="instagram", code=80002, calls=calls))
        self.quirks: InstagramQuirks = InstagramQuirks()
        self._make_types()
        self.login = Login(tokens, meta.world.clock, "ig")
        self.paths |= self.login.paths()

    def accept(self, person: Person, secret: str, *, life: timedelta = LONG) -> Token:
        """Let an account's token be good."""
        return self.login.issue(person, INSTAGRAM_SCOPES, life=life, value=secret)

    def me(self, call: Call) -> Node:
        """The account."""
        if call.token.page is None or not call.token.page.active:
            raise missing("me", kind="IGApiException")
        return Node(self.types["user"], call.token.page)

    def find(self, native: str, call: Call) -> Node | None:
        """Whatever is the account's."""
        return self.found(native, call, [call.token.page] if call.token.page is not None else [])

    def absent(self, native: str, method: str) -> Problem:
        """Without the advice to read the documentation."""
        if not native.isdigit() and native != "me":
            return unknown_path(f"/{native}")
        problem = missing(native, method.lower(), kind="IGApiException")
        problem.message = problem.message.partition(". Please read")[0]
        return problem

    def debug_token(self, asked: Asked, form: dict[str, str]) -> Answer:  # noqa: ARG002 - as the path has it
        """This host has no such path; what is known of a token came with it."""
        raise unknown_path("/debug_token")

    def _dispatch(self, asked: Asked, version: str, parts: list[str]) -> Answer:
        try:
            return super()._dispatch(asked, version, parts)
        except Problem as problem:
            if problem.code != 190 and problem.kind == "OAuthException":
                problem.kind = "IGApiException"
            raise


class InstagramOnFacebookApi(_InstagramNodes, FacebookApi):
    """The Facebook login: pages, and the accounts that belong to them."""

    flavour = "facebook"

    def __init__(self, meta: MetaWorld, base_url: str, app: App, *, calls: int = 1_000_000) -> None:
        FacebookApi.__init__(self, meta, base_url, app, calls=calls)
        self.usage.kind, self.usage.code = "instagram", 80002
        self.quirks: InstagramQuirks = InstagramQuirks()
        self._make_types()
        self._profiles: dict[str, Person] = {}
        more = page_fields(lambda page: self._profiles.get(page.id), self.types["user"])
        conversations = conversations_edge("facebook")
        of_page = replace(
            conversations, list=lambda page, arguments, call: conversations.list(self.profile(page), arguments, call)
        )
        self._user = replace(self._user, edges={"accounts": accounts_edge(self._page_token, more)})
        self.page_type = replace(PAGE, fields={**PAGE.fields, **more}, edges={**PAGE.edges, "conversations": of_page})

    def profile(self, page: Person) -> Person:
        """The account of a page."""
        return self._profiles.get(page.id, page)

    def link(self, page: Person, person: Person) -> None:
        """An account belongs to a page from now on."""
        self._profiles[page.id] = person

    def unlink(self, page: Person) -> None:
        """The account no longer belongs to the page: nothing of it can be read."""
        self._profiles.pop(page.id, None)

    def accept_profile(self, person: Person, secret: str) -> Token:
        """Let a page's token be good for an account; the page is made."""
        page = self.meta.add_person(FACEBOOK, f"{person.handle}.page", person.profile.display_name)
        page.official = True
        self.link(page, person)
        token = self.accept(page, secret)
        token.scopes |= FACEBOOK_SCOPES
        if token.parent is not None:
            token.parent.scopes |= FACEBOOK_SCOPES
        return token

    def subject(self, token: Token | None) -> tuple[str, bool]:
        """Counted by account."""
        if token is None or token.page is None:
            return "", False
        return self.profile(token.page).id, True

    def me(self, call: Call) -> Node:
        """The page of a page token, else the person."""
        return self._shown_as(FacebookApi.me(self, call))

    def find(self, native: str, call: Call) -> Node | None:
        """Whatever belongs to the accounts of the token's pages, or what Facebook has."""
        token = call.token
        pages = [token.page] if token.page is not None else token.operator.pages if token.operator is not None else []
        node = self.found(native, call, [self._profiles[page.id] for page in pages if page.id in self._profiles])
        if node is not None:
            return node
        other = FacebookApi.find(self, native, call)
        return self._shown_as(other) if other is not None else None

    def _shown_as(self, node: Node) -> Node:
        return replace(node, type=self.page_type) if node.type is PAGE else node


__all__ = ["FACEBOOK_SCOPES", "INSTAGRAM_SCOPES", "InstagramApi", "InstagramOnFacebookApi"]
