"""Requests to one of Meta's APIs, and requests mended after an error.

The token goes into the header, so that it is no part of an address; ``appsecret_proof`` goes with every call where an
app secret is configured. Cursors keep addresses without the version, so that a task goes on after it has changed.
Answers are asked for uncompressed, because some repeat the token and are rewritten before they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, PrivateParameter, Purpose, RequestSpec
from archiver.domain.task import Cursor, NotOffered, Step
from archiver.platforms.meta.errors import Fault, error_of
from archiver.platforms.meta.fieldlists import FieldList, refused, refused_of
from archiver.platforms.resuming import ResumingDesk, state_of

Query = Sequence[tuple[str, str]]
PROOF = PrivateParameter("appsecret_proof", "{proof}", optional=True)
PRIVATE = frozenset({PROOF.name, "access_token", "input_token"})
"""Parameters that stand in the address of an exchange with their value removed; a call made from it has its own."""
HEADERS = (("Accept", "application/json"), ("Accept-Encoding", "identity"))
DEFAULT_LIMIT = 25
"""The size of a page that is asked for without a limit."""
_WITHOUT = "without"
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)
_GROWS_EVERY = 5
"""After so many pages a page that was made smaller may be twice as large again."""


@dataclass(frozen=True, slots=True)
class Desk(ResumingDesk):
    """Where requests to one account's server are written.

    ``base`` is what stands before the version, ``version`` may be empty, ``without`` are names of a field list and of a
    field in it that the server refused. ``signed``: the API takes an ``appsecret_proof``.
    """

    base: str
    version: str
    token: bool
    lists: tuple[FieldList, ...] = ()
    without: frozenset[tuple[str, str]] = frozenset()
    signed: bool = True

    @classmethod
    def of(
        cls, account: Account, base: str, version: str, lists: Sequence[FieldList] = (), *, signed: bool = True
    ) -> Desk:
        """The desk of an account; ``base`` and ``version`` unless it is configured otherwise."""
        version = account.api_version or version
        where = (account.base_url or base).rstrip("/")
        return cls(where, version, account.authenticated, tuple(lists), refused(account.facts, version), signed)

    def knowing(self, cursor: Cursor | None) -> Desk:
        """This desk with what the task of this cursor has learned; to be taken at the start of each ``proceed``."""
        learned = (cursor or {}).get(_WITHOUT)
        if not isinstance(learned, list):
            return self
        return replace(self, without=self.without | {(of, field) for of, field in learned})

    def ask(
        self, path: str, fields: FieldList | None = None, query: Query = (), *, stream: str, page: int = 1
    ) -> RequestSpec:
        """A call. ``path`` is all after the version, without a slash before it: ``ID/comments``."""
        known = self.allowed(fields) if fields is not None else None
        whole = [*([("fields", known.text)] if known is not None else []), *query]
        return self.again(self._address(quote(path, safe="/:_-.~"), whole), stream, page)

    def allowed(self, fields: FieldList) -> FieldList:
        """A list without what was refused."""
        return fields.without(*(field for of, field in sorted(self.without) if of == fields.name))

    def next(
        self, exchange: Exchange, place: Query, *, fields: FieldList | None, most: int, stream: str, page: int
    ) -> RequestSpec:
        """The page at ``place`` of the listing that an exchange showed a page of, with all its fields again.

        ``most`` is the usual size of its pages; one that had to be smaller grows from time to time.
        """
        changed = {name for name, _ in place}
        left_out = changed | {"fields", "limit"} | PLACES | PRIVATE
        asked = [one for one in query_of(exchange.url) if one[0] not in left_out]
        limit = limit_of(exchange.url)
        if limit < most and page % _GROWS_EVERY == 0:
            limit = min(most, limit * 2)
        path = self.place(exchange.url).partition("?")[0].lstrip("/")
        return self.ask(path, fields, [*asked, ("limit", str(min(limit, most))), *place], stream=stream, page=page)

    def media(self, url: str) -> RequestSpec:
        """The bytes of a file: no token, wherever they are."""
        return RequestSpec(url, stream="media", purpose=Purpose.MEDIA, follow=True)

    def mended(self, step: Step, exchange: Exchange) -> Step | None:
        """The step after an error that asking otherwise may mend; None when there was no such error, or no other way.

        A field that the version does not know is left out of this and all later requests, and reported. An answer that
        would be too large is asked for in half the size, down to one entry, then without the dearest fields.
        """
        error, spec = error_of(exchange), step.requests[0]
        if error is None:
            return None
        if error.fault is Fault.FIELD and error.refused_field is not None:
            of = refused_of(self.lists, _fields_of(spec.url).text, error)
            return self._without(step, error.refused_field, of) if of is not None else None
        if error.fault is Fault.HEAVY:
            smaller = self._smaller(spec)
            return self.step([smaller, *step.requests[1:]], state_of(step)) if smaller is not None else None
        return None

    def _without(self, step: Step, field: str, of: FieldList) -> Step | None:
        asked = _fields_of(step.requests[0].url)
        rest = asked.without(field)
        if rest == asked or not rest.fields:
            return None
        requests = [
            self._changed(one, fields=rest.text) if _fields_of(one.url) == asked else one for one in step.requests
        ]
        state = state_of(step)
        state[_WITHOUT] = [*(one for one in state.get(_WITHOUT, []) if one != [of.name, field]), [of.name, field]]
        reason = f"The platform's version {self.version} does not know the field {field}; records come without it."
        return self.step(requests, state, findings=[NotOffered(f"field {of.name}.{field}", reason)])

    def _smaller(self, spec: RequestSpec) -> RequestSpec | None:
        if is_listing(spec.url) and limit_of(spec.url) > 1:
            return self._changed(spec, limit=str(limit_of(spec.url) // 2))
        lighter = _fields_of(spec.url).lighter()
        return self._changed(spec, fields=lighter.text) if lighter is not None and lighter.fields else None

    def _changed(self, spec: RequestSpec, **words: str) -> RequestSpec:
        kept = [(name, words.pop(name, value)) for name, value in query_of(spec.url)]
        path, _, _ = spec.url.partition("?")
        return replace(spec, url=f"{path}?{_encoded([*kept, *words.items()])}")

    def again(self, url: str, stream: str, page: int) -> RequestSpec:
        """The token in the header, and the proof where it is taken."""
        return RequestSpec(
            url,
            stream=stream,
            headers=HEADERS,
            credential="token" if self.token else None,
            private=(PROOF,) if self.token and self.signed else (),
            page=page,
        )

    @property
    def root(self) -> str:
        """What stands before each path."""
        return f"{self.base}/{self.version}" if self.version else self.base

    def _address(self, path: str, query: Query) -> str:
        return f"{self.root}/{path}?{_encoded(query)}" if query else f"{self.root}/{path}"


PLACES = frozenset({"after", "before", "__paging_token", "__previous", "offset", "page"})
"""Parameters that say where in a listing a page is. ``since`` and ``until`` may, too, but are windows as well."""


def query_of(url: str) -> list[tuple[str, str]]:
    """The parameters of an address, in order. Those in answers are strangers' words, and may be no address at all."""
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []


def path_of(url: str) -> str:
    """The path of an address; empty for what is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def version_of(url: str) -> str:
    """The version in an address; empty where there is none."""
    return next((word for word in path_of(url).split("/") if _VERSION.fullmatch(word)), "")


def limit_of(url: str) -> int:
    """The size of the page that an address asks for."""
    value = next((value for name, value in query_of(url) if name == "limit"), "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else DEFAULT_LIMIT


def is_listing(url: str) -> bool:
    """Whether an address asks for a page of a listing, not for one object: its listings all have a limit."""
    return any(name == "limit" for name, _ in query_of(url))


def _fields_of(url: str) -> FieldList:
    text = next((value for name, value in query_of(url) if name == "fields"), "")
    return FieldList.of("", text)


def _encoded(query: Query) -> str:
    return urlencode(query, safe=",.():")
