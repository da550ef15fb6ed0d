"""``graph.facebook.com``: the pages of the city, as their administrators' tokens see them.

Each page's account has a page token (``CityAccount.secret``) made from the token of a system user, so that the loss
of the latter ends the former. ``login`` gives the short token of a person, to be exchanged as in real life.
"""

from __future__ import annotations

from datetime import timedelta

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.facebook_comments import COMMENT, PERSON, thread_of
from archiver.sandbox.meta.facebook_media import ALBUM, EVENT, LIVE, PHOTO, VIDEO
from archiver.sandbox.meta.facebook_messages import CONVERSATION, MESSAGE
from archiver.sandbox.meta.facebook_page import PAGE, accounts_edge
from archiver.sandbox.meta.facebook_posts import POST
from archiver.sandbox.meta.graph import Allowance, GraphApi
from archiver.sandbox.meta.model import FACEBOOK, Thing
from archiver.sandbox.meta.problems import Problem, unknown_alias
from archiver.sandbox.meta.schema import Edge, Node, NodeType
from archiver.sandbox.meta.tokens import LONG, SHORT, App, Operator, Token, Tokens
from archiver.sandbox.meta.usage import Usage
from archiver.sandbox.meta.wire import answered
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked

SCOPES = frozenset(
    {
        "pages_show_list",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_metadata",
        "pages_messaging",
        "read_insights",
        "business_management",
        "public_profile",
    }
)
_TYPES: dict[str, NodeType] = {
    "post": POST,
    "comment": COMMENT,
    "photo": PHOTO,
    "album": ALBUM,
    "video": VIDEO,
    "reel": VIDEO,
    "live": LIVE,
    "event": EVENT,
    "conversation": CONVERSATION,
    "message": MESSAGE,
}
_PAGE_TOKEN_EDGES = frozenset(
    {"comments", "feed", "posts", "published_posts", "visitor_posts", "tagged", "conversations", "scheduled_posts"}
)
_REFUSED = "Error validating client secret."
_BEARER = {"token_type": "bearer"}


class FacebookApi(GraphApi):
    """Answers calls about one world."""

    def __init__(self, meta: MetaWorld, base_url: str, app: App, *, calls: int = 1_000_000) -> None:
        tokens = Tokens(meta.world.clock, app, prefix="EAA", seed=meta.world.seed)
        super().__init__(meta, base_url, tokens, Usage(meta.now, kind="pages", code=80001, calls=calls))
        self.quirks.holes = {"feed": (11, 3), "posts": (13, 5)}
        self.app = app
        self.page_token = self._page_token
        self.system_user = Operator("122000000000055", "Records system user")
        self.tokens.operators[self.system_user.id] = self.system_user
        self._system_token = self.tokens.issue("SYSTEM_USER", SCOPES, operator=self.system_user)
        self._codes: dict[str, Operator] = {}
        self._user = NodeType(
            "User",
            {"id": lambda one, _: one.id, "name": lambda one, _: one.name},
            {"accounts": accounts_edge(self._page_token)},
            default=("name", "id"),
        )
        self.paths["GET", "oauth/access_token"] = self.access_token
        self.paths["POST", "oauth/access_token"] = self.access_token

    # --- tokens

    def accept(self, page: Person, secret: str) -> Token:
        """Let a page's token be good: made from the system user's, without an end."""
        if page not in self.system_user.pages:
            self.system_user.pages.append(page)
        return self.tokens.issue(
            "PAGE", SCOPES, page=page, operator=self.system_user, parent=self._system_token, value=secret
        )

    def login(self, name: str, *pages: Person, scopes: frozenset[str] = SCOPES) -> Token:
        """A person with tasks on these pages logs in: a token of an hour."""
        operator = Operator(f"1220000000001{len(self.tokens.operators):02}", name, list(pages))
        self.tokens.operators[operator.id] = operator
        return self.tokens.issue("USER", scopes, operator=operator, life=SHORT)

    @property
    def system_token(self) -> Token:
        """The token of the system user, from which those of the pages were made."""
        return self._system_token

    def code(self, token: Token) -> str:
        """The code that a login dialog brings back, good once."""
        if token.operator is None:
            raise ValueError("nobody logged in with this token")
        code = f"AQ{len(self._codes):04}code"
        self._codes[code] = token.operator
        return code

    def _page_token(self, operator: Operator, page: Person) -> str:
        """Without an end from a long token; from a short one it dies with it."""
        source = max(
            (one for one in self.tokens.all() if one.operator is operator and one.kind in {"USER", "SYSTEM_USER"}),
            key=lambda one: one.expires_at.timestamp() if one.expires_at is not None else float("inf"),
        )
        for one in self.tokens.all():
            if one.kind == "PAGE" and one.page is page and one.parent is source:
                return one.value
        short = source.expires_at is not None and source.expires_at - source.issued_at <= timedelta(hours=2)
        # A long user token's own end does not end the page token; its revocation does.
        parent = source if short or source.expires_at is None else None
        made = self.tokens.issue("PAGE", source.scopes, page=page, operator=operator, parent=parent)
        return made.value

    def access_token(self, asked: Asked, form: dict[str, str]) -> Answer:
        """``oauth/access_token``: of the app, from a code, from a short token."""
        sent = {name: values[-1] for name, values in asked.params.items()} | form
        if sent.get("client_id") != self.app.id:
            raise Problem(101, "Error validating application. Cannot get application info due to a system error.")
        if sent.get("client_secret") != self.app.secret:
            raise Problem(1, _REFUSED)
        kind = sent.get("grant_type", "authorization_code")
        if kind == "client_credentials":
            return answered({"access_token": self.app.token} | _BEARER)
        if kind == "fb_exchange_token":
            token = self.tokens.known(sent.get("fb_exchange_token", ""))
            if token is None or token.operator is None:
                raise Problem(190, "Invalid OAuth access token - Cannot parse access token")
            self.tokens.check(token)
            made = self.tokens.issue("USER", token.scopes, operator=token.operator, life=LONG)
        else:
            operator = self._codes.pop(sent.get("code", ""), None)
            if operator is None:
                raise Problem(100, "This authorization code has been used.", subcode=36009)
            made = self.tokens.issue("USER", SCOPES, operator=operator, life=SHORT)
        left = int((made.expires_at - self.meta.now()).total_seconds()) if made.expires_at is not None else 0
        return answered({"access_token": made.value, "expires_in": left} | _BEARER)

    # --- who is who

    def me(self, call: Call) -> Node:
        """The page of a page token, else the person."""
        token = call.token
        if token.page is not None:
            return Node(PAGE, token.page)
        if token.operator is not None:
            return Node(self._user, token.operator)
        raise Problem(2500, "An active access token must be used to query information about the current user.")

    def find(self, native: str, call: Call) -> Node | None:
        """A page by id or name, a person with tasks, or anything on a page that the token opens."""
        page = self.meta.world.find_person(FACEBOOK, native)
        if page is not None and page.official:
            return Node(PAGE, page) if self._opens(call, page) else None
        if page is not None:
            return Node(PERSON, page) if call.token.kind == "PAGE" else None
        operator = self.tokens.operators.get(native)
        if operator is not None:
            return Node(self._user, operator) if call.token.operator is operator else None
        if not any(letter.isdigit() for letter in native):
            raise unknown_alias(native)
        return self._thing(native, call)

    def _thing(self, native: str, call: Call) -> Node | None:
        first, _, last = native.rpartition("_")
        thing = self.meta.find(FACEBOOK, native)
        if thing is None and first not in {"t", "m"}:
            thing = self._under_another_name(first, last)
        if thing is None or thing.form not in _TYPES or not thing.available(call.now):
            return None
        if thing.facts.get("reel") and not self.quirks.reel_posts:
            return None
        if thing.unlisted or not self._opens(call, thing.owner) or thing.owner.id in self.meta.unpublished:
            return None
        return Node(_TYPES[thing.form], thing, first if thing.form == "comment" and native != thing.id else "")

    def _under_another_name(self, first: str, last: str) -> Thing | None:
        """A comment by its last part alone, or behind the id of the photo or video of its post."""
        found = self.meta.find_number(FACEBOOK, last)
        if found is None or found.form != "comment":
            return None
        if not first:
            return found
        place = self.meta.find_number(FACEBOOK, first)
        return found if place is not None and thread_of(place) is found.top else None

    @staticmethod
    def _opens(call: Call, page: Person) -> bool:
        token = call.token
        if token.page is not None:
            return token.page is page
        return token.operator is not None and page in token.operator.pages

    def allowed(self, name: str, edge: Edge, call: Call) -> Allowance:
        """Lists of what people wrote want a page token: others get nothing, or on New Pages an error."""
        if name in _PAGE_TOKEN_EDGES and call.token.kind != "PAGE":
            if self.quirks.strict_user_token:
                message = "This method must be called with a Page Access Token"
                raise Problem(190, message, subcode=2069032)
            if name == "comments":
                return "silence"
        if name == "comments" and not call.has("pages_read_user_content"):
            return "silence"
        return super().allowed(name, edge, call)
