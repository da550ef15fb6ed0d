"""The Graph engine: one call in, one answer out, for any platform that is described by node types.

A platform's API is a subclass: it says who the objects are (``find``, ``me``), who may see what (``allowed``), and
which paths of its own it has (``paths``). All else is here: versions, tokens, fields and their expansion, pages,
limits, errors. Calls run one at a time, under the world's lock.
"""

from __future__ import annotations

import base64
import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs

from archiver.sandbox.meta import fields as syntax
from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.cdn import Cdn
from archiver.sandbox.meta.fields import Wanted
from archiver.sandbox.meta.paging import chosen, cut, limit_of, links
from archiver.sandbox.meta.problems import (
    Problem,
    bad_parameter,
    missing,
    no_permission,
    too_much,
    unknown_field,
    unknown_path,
)
from archiver.sandbox.meta.quirks import Quirks
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Listing, Node, NodeType
from archiver.sandbox.meta.tokens import Operator, Token, Tokens
from archiver.sandbox.meta.usage import Usage
from archiver.sandbox.meta.wire import answered
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked

_VERSION = re.compile(r"v(\d+)\.(\d+)")
_ALWAYS = frozenset({"fields", "limit", "after", "before", "summary", "access_token", "appsecret_proof",
                     "appsecret_time", "locale", "__paging_token", "__previous", "filter"})  # fmt: skip
_SECRET = frozenset({"access_token", "appsecret_proof", "appsecret_time"})
_REMOVED = frozenset({"pretty", "debug", "date_format", "ids"})
Allowance = Literal["yes", "silence"]


@dataclass(slots=True)
class Noted:
    """What a careful client would not have done: for tests to look at.

    ``parameters``: names that no path knows, or that were removed. ``tokens_in_url``: tokens sent as parameter.
    ``unversioned``: paths without a version. ``secrets``: fields asked for that hold secrets (``access_token``).
    """

    parameters: set[str] = field(default_factory=set)
    tokens_in_url: int = 0
    unversioned: int = 0
    secrets: set[str] = field(default_factory=set)


class GraphApi(ABC):
    """One Graph host. ``versions`` are those alive, oldest first; ``None`` in a path means the oldest."""

    secret_fields = frozenset({"access_token", "stream_url", "secure_stream_url", "dash_ingest_url", "ingest_streams"})

    def __init__(
        self,
        meta: MetaWorld,
        base_url: str,
        tokens: Tokens,
        usage: Usage,
        *,
        versions: tuple[str, ...] = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0"),
        cdn: Cdn | None = None,
    ) -> None:
        self.meta = meta
        self.base_url = base_url
        self.tokens = tokens
        self.usage = usage
        self.versions = versions
        self.quirks = Quirks()
        self.page_token: Callable[[Operator, Person], str] | None = None
        self.cdn = cdn or Cdn(base_url, meta.now)
        self.noted = Noted()
        self.paths: dict[tuple[str, str], Callable[[Asked, dict[str, str]], Answer]] = {
            ("GET", "debug_token"): self.debug_token
        }
        self._traces = 0

    # --- what a platform adds

    @abstractmethod
    def find(self, native: str, call: Call) -> Node | None:
        """The object of an id, if it can be seen at all."""

    @abstractmethod
    def me(self, call: Call) -> Node:
        """Whose token it is. Raises Problem."""

    def allowed(self, name: str, edge: Edge, call: Call) -> Allowance:
        """Whether an edge is given out, seems empty, or is refused (raises Problem)."""
        if name in self.quirks.off:
            raise self.quirks.off[name]
        if name in self.quirks.silent:
            return "silence"
        if edge.needs and not call.has(edge.needs):
            if edge.without == "error":
                raise no_permission(edge.needs)
            return "silence"
        return "yes"

    def subject(self, token: Token | None) -> tuple[str, bool]:
        """By whom a call is counted, and whether as a business use case."""
        if token is None or token.page is None:
            return "", False
        return token.page.id, True

    def absent(self, native: str, method: str) -> Problem:
        """What is said of an id that leads to nothing."""
        return missing(native, method.lower())

    # --- the layer that all calls pass

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """Usage headers, and the refusal of a call too many."""
        if self.cdn.serves(asked):
            return [], None
        try:
            value = self.tokens.value_of(asked)
        except Problem:
            value = None
        subject, business = self.subject(self.tokens.known(value) if value else None)
        headers, refusal = self.usage.take(subject, business=business)
        return headers, refusal.answer(self._trace()) if refusal is not None else None

    def cache_key(self, asked: Asked) -> str | None:  # noqa: ARG002 - the server asks for it
        """Links are signed anew at each answer, so none is kept."""
        return None

    def answer(self, asked: Asked) -> Answer:
        """Answer one call. Raises nothing: errors are answers."""
        if self.cdn.serves(asked):
            return self.cdn.answer(asked)
        version, parts = self._versioned(asked)
        try:
            answer = self._dispatch(asked, version, parts)
        except Problem as problem:
            answer = problem.answer(self._trace())
        trace = self._trace()
        answer.headers += [
            ("facebook-api-version", version),
            ("x-fb-request-id", trace),
            ("x-fb-trace-id", trace[:11]),
            ("X-FB-Debug", trace * 2 + "=="),
        ]
        return answer

    def _versioned(self, asked: Asked) -> tuple[str, list[str]]:
        parts = [part for part in asked.path.split("/") if part]
        match = _VERSION.fullmatch(parts[0]) if parts else None
        if match is None:
            self.noted.unversioned += 1
            return self.versions[0], parts
        given, oldest = parts[0], self.versions[0]
        if int(match[1]) < int(oldest[1:].split(".")[0]):
            return oldest, parts[1:]
        return given if given in self.versions else "", parts[1:]

    def _dispatch(self, asked: Asked, version: str, parts: list[str]) -> Answer:
        if not version:
            raise unknown_path(asked.path)
        form = _form(asked)
        self._watch(asked)
        own = self.paths.get((asked.method, "/".join(parts)))
        if own is not None:
            return own(asked, form)
        if not parts and "ids" in asked.params:
            raise bad_parameter("The ids parameter is not supported on the root path")
        if parts[:1] == ["me"] and self.tokens.value_of(asked, form) is None:
            message = "An active access token must be used to query information about the current user."
            raise Problem(2500, message)
        token = self.tokens.of(asked, form=form)
        call = Call(
            asked, token, version, self.base_url, self.meta.now(), self.meta, self.quirks, self.cdn, self.page_token
        )
        return self._read(call, parts)

    def _watch(self, asked: Asked) -> None:
        self.noted.tokens_in_url += "access_token" in asked.params
        self.noted.parameters |= asked.params.keys() & _REMOVED

    def _read(self, call: Call, parts: list[str]) -> Answer:
        method = call.asked.method
        if not parts:
            raise Problem(100, f"Unsupported {method.lower()} request.", kind="GraphMethodException")
        node = self.me(call) if parts[0] == "me" else self.find(parts[0], call)
        if node is None or method not in {"GET", "HEAD"}:
            raise self.absent(parts[0], method)
        parameters = {name: values[-1] for name, values in call.asked.params.items()}
        wanted = syntax.parse(parameters.get("fields", ""))
        if len(parts) == 1:
            self._unknown(parameters, _ALWAYS)
            self._weigh(_cost(wanted, node.type))
            return answered(self._object(node, wanted, call))
        name = parts[1]
        if len(parts) > 2:
            raise unknown_path("/" + "/".join(parts[2:]))
        special = node.type.answers.get(name)
        if special is not None:
            return special(node.thing, Arguments(parameters), call)
        edge = node.type.edges.get(name)
        if edge is None:
            raise unknown_field(name, node.type.name)
        self._unknown(parameters, _ALWAYS | edge.choices.keys() | edge.switches | {"since", "until"})
        return answered(self._connection(node, name, edge, parameters, wanted, call, top=True))

    def _unknown(self, parameters: Mapping[str, str], known: frozenset[str]) -> None:
        self.noted.parameters |= parameters.keys() - known

    def _weigh(self, cost: int) -> None:
        if cost > self.quirks.heaviest:
            raise too_much()

    # --- objects

    def _object(self, node: Node, wanted: tuple[Wanted, ...] | None, call: Call) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for one in wanted or tuple(Wanted(name) for name in node.type.default):
            found = self._member(node, one, call)
            if found is not LEFT_OUT:
                value[one.member] = found
        if "id" in node.type.fields and "id" not in value:
            value["id"] = node.type.identify(node)
        return value

    def _member(self, node: Node, one: Wanted, call: Call) -> Any:
        kind = node.type
        refused = self.quirks.refused
        if refused and (one.name in refused or f"{kind.name}.{one.name}" in refused):
            raise unknown_field(one.name, kind.name)
        edge = kind.edges.get(one.name)
        if edge is not None:
            arguments = dict(one.arguments)
            found = self._connection(node, one.name, edge, arguments, one.children or (), call)
            return found if found["data"] or "summary" in found or "paging" in found else LEFT_OUT
        if one.name in self.secret_fields:
            self.noted.secrets.add(one.name)
        getter = kind.fields.get(one.name)
        if getter is None:
            raise unknown_field(one.name, kind.name)
        needed = kind.needs.get(one.name)
        if needed is not None and not call.has(needed):
            return LEFT_OUT
        if one.name == "id":
            return kind.identify(node)
        return self._shown(getter(node.thing, call), one.children, call, node.via)

    def _shown(self, value: Any, children: tuple[Wanted, ...] | None, call: Call, via: str) -> Any:
        """A value with the members that were asked for."""
        if isinstance(value, Node):
            return self._object(Node(value.type, value.thing, value.via or via), children, call)
        if isinstance(value, list):
            return [self._shown(one, children, call, via) for one in value]
        if children is not None and isinstance(value, dict):
            return {one.member: self._shown(value[one.name], one.children, call, via)
                    for one in children if one.name in value}  # fmt: skip
        return value

    # --- connections

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
        if name in self.quirks.refused:
            raise unknown_field(name, node.type.name)
        arguments = Arguments(parameters)
        allowance = self.allowed(name, edge, call)
        _check_choices(arguments, edge)
        limit = limit_of(arguments, edge)
        listing = edge.list(node.thing, arguments, call)
        if allowance == "silence":
            listing = Listing((), listing.summary)
        if top:
            kind = listing.nodes[0].type if listing.nodes else None
            self._weigh(limit * _cost(wanted, kind))
        nodes = [Node(one.type, one.thing, one.via or node.via) for one in self._fresh(listing, name, edge, call)]
        page = cut(chosen(Listing(nodes), arguments, edge), arguments, name, edge, self.quirks)
        value: dict[str, Any] = {"data": [self._object(one, wanted, call) for one in page.nodes]}
        paging = links(page, self._address(node, name, call), _repeated(parameters, wanted), self._echo(call))
        if paging is not None:
            value["paging"] = paging
        asked = arguments.one("summary")
        if asked and asked not in {"false", "0"} and listing.summary:
            value["summary"] = dict(listing.summary)
        return value

    def _fresh(self, listing: Listing, name: str, edge: Edge, call: Call) -> list[Node]:
        """Without what a lagging index does not have yet."""
        late = self.quirks.lagging.get(name)
        if late is None or edge.since is None:
            return list(listing.nodes)
        moment = edge.since
        return [one for one in listing.nodes if (call.now - moment(one.thing)).total_seconds() >= late]

    def _address(self, node: Node, name: str, call: Call) -> str:
        return f"{call.base}/{call.version}/{node.type.identify(node)}/{name}"

    def _echo(self, call: Call) -> str | None:
        return call.token.value if self.quirks.echo_token else None

    # --- paths of every Graph host

    def debug_token(self, asked: Asked, form: dict[str, str]) -> Answer:
        """``GET /debug_token?input_token=``."""
        caller = self.tokens.of(asked, form=form)
        return answered({"data": self.tokens.inspect(asked.one("input_token"), caller)})

    def _trace(self) -> str:
        self._traces += 1
        digest = hashlib.sha256(f"trace {self._traces}".encode()).digest()
        return "A" + base64.urlsafe_b64encode(digest).decode()[:22].replace("-", "x")


def _cost(wanted: tuple[Wanted, ...], kind: NodeType | None) -> int:
    """Fields, those of expanded edges times their entries."""
    cost = 0
    for one in wanted:
        inner = _cost(one.children, None) if one.children else 1
        edge = kind.edges.get(one.name) if kind is not None else None
        limit = one.arguments.get("limit")
        if limit is not None and limit.isdigit():
            inner *= max(1, int(limit))
        elif edge is not None:
            inner *= edge.weight
        cost += inner
    return max(1, cost)


def _check_choices(arguments: Arguments, edge: Edge) -> None:
    for name, choices in edge.choices.items():
        value = arguments.one(name)
        if value and value not in choices:
            raise bad_parameter(f"Param {name} must be one of {{{', '.join(sorted(choices)).upper()}}}")


def _repeated(parameters: Mapping[str, str], wanted: tuple[Wanted, ...]) -> dict[str, str]:
    """What paging links repeat of the call."""
    kept = {name: value for name, value in parameters.items() if name not in _SECRET}
    if wanted:
        kept["fields"] = syntax.render(wanted)
    kept.setdefault("limit", "25")
    return kept


def _form(asked: Asked) -> dict[str, str]:
    """The fields of a form that was posted; empty when there is none."""
    if asked.method != "POST" or "urlencoded" not in asked.headers.get("content-type", ""):
        return {}
    return {name: values[-1] for name, values in parse_qs(asked.body.decode("utf-8", "replace")).items()}
