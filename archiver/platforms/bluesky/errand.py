"""A task as a list of things to ask, kept in its cursor.

The cursor holds all that is still to be asked, as JSON, so that another process goes on exactly where this one stopped:
``proceed`` takes the list from the step's cursor, strikes out what was answered and adds what follows from the answer.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Cursor, Finding, FollowUp, Shortfall, Step, Task, TaskKind
from archiver.platforms.bluesky.addresses import Addresses, Params, xrpc
from archiver.platforms.bluesky.answers import document, stated
from archiver.platforms.bluesky.documents import pds_of
from archiver.platforms.bluesky.errors import error_of
from archiver.platforms.bluesky.reading import OWN
from archiver.platforms.bluesky.syntax import is_did

VERSION = 1
Op = list[Any]
"""One thing to ask: a word and its arguments."""


class Errand:
    """Base of all tasks: the list, the account's identity, and the words for what was found."""

    def __init__(self, task: Task, addresses: Addresses, cursor: Cursor | None) -> None:
        self.task = task
        self.addresses = addresses
        self.findings: list[Finding] = []
        self.follow_ups: list[FollowUp] = []
        self.not_before: datetime | None = None
        self.resumed = cursor is not None and cursor.get("v") == VERSION and "todo" in cursor
        self.state: Cursor = (
            json.loads(json.dumps(cursor))
            if self.resumed
            else {"v": VERSION, "todo": [], "at": task.started_at.isoformat()}
        )

    # --- what each kind of task says

    def begin(self) -> None:
        """Put the first things on the list."""
        raise NotImplementedError

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        match op:
            case ["handle"]:
                name = self.task.account.handle.removeprefix("@")
                return self.call(self.addresses.appview, "com.atproto.identity.resolveHandle", [("handle", name)], OWN)
            case ["document"] if self.addresses.base_url is not None:
                return self.call(self.addresses.base_url, "com.atproto.repo.describeRepo", [("repo", self.did)], OWN)
            case ["document"]:
                url = self.addresses.document(self.did)
                assert url is not None, "begin and take put only known DID methods on the list"
                return RequestSpec(url, OWN)
        raise ValueError(f"An unknown thing to ask: {op!r}")

    def take(self, op: Op, exchange: Exchange) -> None:
        """What follows from the answer to one thing."""
        match op:
            case ["handle"]:
                did = document(exchange).get("did") if exchange.ok else None
                if isinstance(did, str) and is_did(did):
                    self.state["did"] = did
                    self._locate_repository()
                else:
                    self.give_up("the account's handle does not lead to an account")
            case ["document"]:
                paper = document(exchange) if exchange.ok else {}
                pds = self.addresses.base_url or pds_of(stated(paper.get("didDoc", paper)))
                if pds is None:
                    self.give_up("the account's DID document names no server that may be asked")
                else:
                    self.state["pds"] = pds

    def leftover(self) -> Cursor | None:
        """What the next carrying-out of the same task wants to know of this one."""
        return None

    # --- the list

    @property
    def todo(self) -> list[Op]:
        """What is still to be asked, first things first."""
        todo: list[Op] = self.state["todo"]
        return todo

    def first(self, *ops: Op) -> None:
        """Ask these before anything else on the list, unless it is over."""
        if self.state.get("over"):
            return
        self.state["todo"] = [*ops, *self.todo]

    def last(self, *ops: Op) -> None:
        """Ask these after all that is on the list, unless it is over."""
        if self.state.get("over"):
            return
        self.state["todo"] = [*self.todo, *ops]

    def step(self) -> Step:
        """The next step of the loop."""
        told = {"findings": tuple(self.findings), "follow_ups": tuple(self.follow_ups)}
        if not self.todo:
            return Step(cursor=self.leftover(), **told)  # type: ignore[arg-type]  # two tuples by name
        return Step((self.ask(self.todo[0]),), self.state, self.not_before, **told)  # type: ignore[arg-type]  # as above

    def answered(self, exchange: Exchange) -> Step:
        """The step after the first thing on the list was answered."""
        op = self.todo[0]
        self.state["todo"] = self.todo[1:]
        self.take(op, exchange)
        return self.step()

    # --- who and where the account is

    @property
    def did(self) -> str:
        """The account's DID; known once ``identify`` has been worked off."""
        return str(self.state["did"])

    @property
    def pds(self) -> str:
        """The server of the account's repository; known as the DID is."""
        return str(self.state["pds"])

    @property
    def at(self) -> datetime:
        """The moment up to which this task speaks: its start."""
        return datetime.fromisoformat(self.state["at"])

    def identify(self) -> None:
        """Put on the list what is needed to know DID and server."""
        account = self.task.account
        did = account.native_id or (account.handle if is_did(account.handle) else None)
        pds = self.addresses.base_url or account.facts.get("pds")
        if pds is not None:
            self.state["pds"] = pds
        if did is None:
            self.last(["handle"])
            return
        self.state["did"] = did
        self._locate_repository()

    def _locate_repository(self) -> None:
        if "pds" in self.state or ["document"] in self.todo:
            return
        if self.addresses.document(self.did) is None:
            self.give_up("the account's DID is of a method that is not known")
        else:
            self.first(["document"])

    # --- requests and findings

    def wants_login(self, exchange: Exchange) -> bool:
        """Whether our own server answers ``app.bsky.*`` to nobody without a login, as a PDS does: then ask with one."""
        missing = exchange.status == 401 and error_of(exchange).name == "AuthMissing"
        if not missing or self.addresses.base_url is None or self.state.get("login"):
            return False
        self.state["login"] = True
        return True

    def call(
        self, server: str, method: str, params: Params, stream: str, *, page: int = 1, follow: bool = False
    ) -> RequestSpec:
        """An XRPC query. Where the account's own server answers nobody without a login, it gets one."""
        login = self.state.get("login") and server == self.addresses.base_url and method.startswith("app.bsky.")
        return RequestSpec(
            xrpc(server, method, params), stream, credential="token" if login else None, page=page, follow=follow
        )

    def fall_short(self, stream: str, reason: str, *, scope: Key | None = None) -> None:
        """Record a gap from the window's beginning to the task's start."""
        self.findings.append(Shortfall(stream, self.task.since, self.at, reason, scope))

    def give_up(self, reason: str) -> None:
        """Nothing more can be asked."""
        stream, scope = _STREAMS.get(self.task.kind, "posts"), None
        if self.task.kind is TaskKind.THREAD and self.task.subject is not None:
            scope = Key(self.task.subject)
        self.state["todo"] = []
        self.state["over"] = True
        self.fall_short(stream, reason, scope=scope)


_STREAMS = {
    TaskKind.PROFILE: "profile",
    TaskKind.THREAD: "comments",
    TaskKind.MENTIONS: "mentions",
    TaskKind.MEDIA: "media",
}
