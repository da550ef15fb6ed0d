"""X API v2 as the city's application sees it: one call in, one answer out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked, dumps
from archiver.sandbox.x import answers, bills, problems
from archiver.sandbox.x.bills import Bills, Charge
from archiver.sandbox.x.counts import counted
from archiver.sandbox.x.endpoints import APP_ONLY, USER, Endpoint, endpoint_of
from archiver.sandbox.x.files import Files
from archiver.sandbox.x.ids import opaque
from archiver.sandbox.x.limits import Limits, headers_of
from archiver.sandbox.x.lists import Lists, without_private
from archiver.sandbox.x.model import XPost
from archiver.sandbox.x.names import renamed
from archiver.sandbox.x.objects import Objects, Shown
from archiver.sandbox.x.paging import Page, Pages
from archiver.sandbox.x.parameters import Wanted, checked
from archiver.sandbox.x.problems import Missing, Refusal
from archiver.sandbox.x.quirks import Quirks
from archiver.sandbox.x.tokens import Token, Tokens, XApp
from archiver.sandbox.x.world import XWorld

MOST_IDS = 100
ACCOUNT_ID = 1_234_567_890_123_456_789
NEEDED = frozenset({"tweet.read", "users.read"})
OAUTH_PATHS = frozenset({"/2/oauth2/token", "/2/oauth2/revoke", "/oauth2/token"})


@dataclass(slots=True)
class Billed(Answer):
    """An answer that is charged when it goes out."""

    charge: Charge | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call on its way: who asks, what of, and with which checked parameters."""

    asked: Asked
    endpoint: Endpoint
    token: Token
    wanted: Wanted
    objects: Objects
    path: dict[str, str]

    @property
    def viewer(self) -> Person | None:
        """In whose name is read; None: an application's."""
        return self.token.person


@dataclass(slots=True)
class Noted:
    """What a client must not do, counted: cookies sent back."""

    cookies: list[str] = field(default_factory=list)


class XApi:
    """Answers calls about one world. ``generous``: limits so high that nobody waits, and searches without a lag."""

    def __init__(self, x: XWorld, base_url: str, app: XApp, *, generous: bool = True) -> None:
        self.x = x
        self.base_url = base_url
        self.quirks = Quirks()
        if generous:
            self.quirks.search_lag *= 0
        self.tokens = Tokens(x.world.clock, app, x.world.seed)
        self.limits = Limits(x.now, generous=generous)
        self.bills = Bills(x.now)
        self.files = Files(x)
        self.noted = Noted()
        self._pages = Pages(self.quirks)
        self._lists = Lists(x, self.quirks)
        self._lock = threading.Lock()
        self._calls = 0
        self._handlers: dict[str, Callable[[Call], answers.Told]] = {
            "posts": self._posts,
            "post": self._post,
            "quotes": self._quotes,
            "reposts": self._reposts,
            "reposted_by": self._reposted_by,
            "search_recent": self._search,
            "search_all": self._search,
            "counts_recent": self._counts,
            "counts_all": self._counts,
            "users": self._users,
            "users_by": self._users_by,
            "user_by": self._user_by,
            "user": self._user,
            "me": self._me,
            "timeline": self._timeline,
            "mentions": self._mentions,
            "usage": self._usage,
        }

    # --- what a server asks for

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """The headers of the window, and the refusal when the call is one too many; of the wrong token, too."""
        if "cookie" in asked.headers:
            self.noted.cookies.append(asked.target)
        found = endpoint_of(asked.path)
        if found is None or asked.method != "GET":
            return [], None
        endpoint, _ = found
        try:
            token = self.tokens.of(asked)
            calls = self._allowed(endpoint, token)
        except Refusal as refusal:
            return [], refusal.answer(self.quirks.problems_host)
        count, over = self.limits.take(endpoint.name, token.value, calls)
        headers = headers_of(count)
        if over or (endpoint.name == "search_all" and self.limits.too_soon(token.value)):
            return headers, problems.too_many().answer(self.quirks.problems_host)
        return headers, None

    @staticmethod
    def _allowed(endpoint: Endpoint, token: Token) -> int:
        calls = endpoint.limit(token.kind)
        if calls is None:
            if token.kind == "app":
                raise problems.unsupported(APP_ONLY, USER)
            raise problems.unsupported("OAuth 2.0 User Context", APP_ONLY)
        if token.kind == "user" and not token.scopes >= NEEDED:
            raise problems.forbidden("Your client is not permitted to perform this action: a scope is missing.")
        return calls

    @staticmethod
    def cache_key(_asked: Asked) -> str | None:
        """Nothing is kept: answers differ by token, and each is charged."""
        return None

    def answer(self, asked: Asked) -> Answer:
        """Answer one call."""
        if self.files.serves(asked):
            return self.files.answer(asked)
        try:
            answer = self.tokens.answer(asked) if asked.path in OAUTH_PATHS else self._answered(asked)
        except Refusal as refusal:
            answer = refusal.answer(self.quirks.problems_host)
        answer.headers += self._signature()
        return answer

    # --- one call

    def _answered(self, asked: Asked) -> Answer:
        found = endpoint_of(asked.path)
        if found is None or asked.method != "GET":
            raise problems.not_found(asked.path)
        endpoint, path = found
        token = self.tokens.of(asked)
        wanted = checked(asked, endpoint.shape, self.quirks)
        if endpoint.name != "usage":
            self._afforded()
        objects = Objects(self.x, self.base_url, wanted, self.quirks, self.x.now(), token.person)
        call = Call(asked, endpoint, token, wanted, objects, path)
        told = self._handlers[endpoint.name](call)
        body = told.body if self.quirks.names == "tweet" else renamed(told.body)
        missing = self.quirks.single_404 and endpoint.name == "post" and "data" not in body
        return Billed(404 if missing else 200, dumps(body), cacheable=False, gzip=True, charge=self._charge(call, told))

    def _afforded(self) -> None:
        if self.bills.depleted:
            raise problems.no_credits(ACCOUNT_ID)
        if self.bills.capped:
            raise problems.capped(ACCOUNT_ID)

    def _charge(self, call: Call, told: answers.Told) -> Charge | None:
        name = call.endpoint.name
        request = {"counts_recent": bills.COUNTS_RECENT, "counts_all": bills.COUNTS_ALL}.get(name, 0)
        if name == "usage" or not (told.data or told.included or request):
            return None
        each = bills.USER if told.data and told.data[0][0] == "user" else bills.POST
        if call.endpoint.owned and self._is_own(call):
            each = bills.OWNED
        return Charge(self.x.now(), name, each, tuple(told.data), tuple(told.included), request)

    def _is_own(self, call: Call) -> bool:
        person = call.viewer
        return person is not None and person.id == call.path["id"] and person is self.tokens.owner

    def _signature(self) -> list[tuple[str, str]]:
        with self._lock:
            self._calls += 1
            number = self._calls
        return [
            ("api-version", "2.166" if self.quirks.names != "post" else "2.167"),
            ("x-access-level", "read"),
            ("x-response-time", str(20 + number % 80)),
            ("x-transaction-id", opaque("transaction", number, length=16)),
            ("set-cookie", f"guest_id=v1%3A{number}; Max-Age=63072000; Path=/; Secure; SameSite=None"),
        ]

    # --- posts

    def _posts(self, call: Call) -> answers.Told:
        ids = call.wanted.others["ids"].split(",")
        self._check_ids(ids)
        return self._by_id(call, list(dict.fromkeys(ids)), "ids")

    @staticmethod
    def _check_ids(ids: list[str]) -> None:
        wrong = [one for one in ids if not (one.isascii() and one.isdigit() and len(one) <= 19)]
        if wrong:
            message = f"The `ids` query parameter value [{wrong[0]}] is not valid"
            raise problems.invalid(("ids", ",".join(ids), message))
        if len(ids) > MOST_IDS:
            message = f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and 100"
            raise problems.invalid(("ids", ",".join(ids), message))

    def _post(self, call: Call) -> answers.Told:
        return self._by_id(call, [call.path["id"]], "id", single=True)

    def _by_id(self, call: Call, ids: list[str], parameter: str, *, single: bool = False) -> answers.Told:
        shown: list[Shown] = []
        missing: list[Missing] = []
        for native in ids:
            found = self.x.find(native)
            if found is not None and self.x.visible(found[0], call.viewer):
                shown.append(found)
                continue
            why = "unauthorized" if found is not None and found[0].there else "gone"
            missing.append(Missing("tweet", native, parameter, why))
        return answers.of_posts(call.objects, shown, missing, single=single)

    def _listed(self, call: Call, newest_first: list[Shown], *, previous: bool = True) -> answers.Told:
        page = self._pages.cut(call.asked, call.wanted, newest_first)
        if call.wanted.private:
            left = without_private(page.shown, call.viewer, self.x.now())
            page = Page(left, page.next_token, page.previous_token)
        return answers.of_page(call.objects, page, previous=previous)

    def _quotes(self, call: Call) -> answers.Told:
        post = self._the_post(call)
        if isinstance(post, Missing):
            return answers.of_posts(call.objects, [], [post])
        return self._listed(call, self._lists.quotes(post, call.wanted, call.viewer), previous=False)

    def _reposts(self, call: Call) -> answers.Told:
        post = self._the_post(call)
        if isinstance(post, Missing):
            return answers.of_posts(call.objects, [], [post])
        return self._listed(call, self._lists.reposts(post, call.viewer), previous=False)

    def _reposted_by(self, call: Call) -> answers.Told:
        post = self._the_post(call)
        if isinstance(post, Missing):
            return answers.of_posts(call.objects, [], [post])
        page = self._pages.cut(call.asked, call.wanted, self._lists.reposts(post, call.viewer))
        told = answers.of_people(call.objects, [one.author for one, _ in page.shown])
        told.body["meta"] = {"result_count": len(page.shown)}
        if page.next_token is not None:
            told.body["meta"]["next_token"] = page.next_token
        return told

    def _the_post(self, call: Call) -> XPost | Missing:
        native = call.path["id"]
        found = self.x.find(native)
        if found is None or not found[0].there:
            return Missing("tweet", native, "id")
        return found[0] if self.x.visible(found[0], call.viewer) else Missing("tweet", native, "id", "unauthorized")

    # --- searches

    def _search(self, call: Call) -> answers.Told:
        everything = call.endpoint.name == "search_all"
        found = self._lists.search(call.wanted, call.viewer, everything=everything)
        return self._listed(call, found, previous=False)

    def _counts(self, call: Call) -> answers.Told:
        found = self._lists.search(call.wanted, call.viewer, everything=call.endpoint.name == "counts_all")
        return answers.Told(counted(found, call.wanted.others.get("granularity", "hour")))

    # --- people

    def _timeline(self, call: Call) -> answers.Told:
        return self._of_person(call, self._lists.timeline)

    def _mentions(self, call: Call) -> answers.Told:
        return self._of_person(call, self._lists.mentions)

    def _of_person(self, call: Call, listing: Callable[[Person, Wanted, Person | None], list[Shown]]) -> answers.Told:
        person = self.x.person(call.path["id"])
        if person is None or not person.active:
            return answers.of_people(call.objects, [], [self._absent(person, call.path["id"], "id")])
        if not self.x.shows(person, call.viewer):
            return answers.of_people(call.objects, [], [Missing("user", person.id, "id", "unauthorized")])
        return self._listed(call, listing(person, call.wanted, call.viewer))

    def _user(self, call: Call) -> answers.Told:
        return self._people(call, [(call.path["id"], self.x.person(call.path["id"]))], "id", single=True)

    def _user_by(self, call: Call) -> answers.Told:
        name = call.path["name"]
        return self._people(call, [(name, self.x.named(name))], "username", single=True)

    def _users(self, call: Call) -> answers.Told:
        ids = call.wanted.others["ids"].split(",")
        self._check_ids(ids)
        return self._people(call, [(native, self.x.person(native)) for native in dict.fromkeys(ids)], "ids")

    def _users_by(self, call: Call) -> answers.Told:
        names = dict.fromkeys(call.wanted.others["usernames"].split(","))
        return self._people(call, [(name, self.x.named(name)) for name in names], "usernames")

    def _me(self, call: Call) -> answers.Told:
        person = call.viewer
        if person is None or not person.active:
            raise problems.unauthorized()
        return answers.of_people(call.objects, [person], single=True)

    def _people(
        self, call: Call, asked: list[tuple[str, Person | None]], parameter: str, *, single: bool = False
    ) -> answers.Told:
        found = [person for _, person in asked if person is not None and person.active]
        absent = [(value, person) for value, person in asked if person is None or not person.active]
        missing = [self._absent(person, value, parameter) for value, person in absent]
        return answers.of_people(call.objects, found, missing, single=single)

    @staticmethod
    def _absent(person: Person | None, value: str, parameter: str) -> Missing:
        return Missing("user", value, parameter, "gone" if person is None else answers.why_absent(person))

    # --- the application

    def _usage(self, _call: Call) -> answers.Told:
        used: dict[str, Any] = {
            "cap_reset_day": 1,
            "project_cap": str(self.bills.cap),
            "project_id": "123457578435",
            "project_usage": str(self.bills.posts()),
        }
        return answers.Told({"data": used})
