"""From page to page: RFC 8288 Link headers, which belong to strangers, and the signs of a listing's end.

A next page is asked for at the address of this one: only the parameters are taken from the ``Link``. So a server that
writes another scheme, host or path into it (behind a proxy, or to be told a token) changes nothing, and a fork that
forgets a filter (Takahē: ``types[]``) doesn't lose it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from archiver.domain.exchange import Exchange
from archiver.platforms.mastodon.routes import query_of

_ENTRY = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)

EMPTY_PAGES = 20
"""How many empty pages in a row are followed: some servers filter after their query."""


def links_of(exchange: Exchange) -> dict[str, str]:
    """The targets of the ``Link`` headers by relation; the first of each counts."""
    found: dict[str, str] = {}
    for name, value in exchange.headers:
        if name.lower() != "link":
            continue
        for target, parameters in _ENTRY.findall(value):
            for quoted, bare in _REL.findall(parameters):
                for relation in (quoted or bare).lower().split():
                    found.setdefault(relation, target)
    return found


def next_page(exchange: Exchange, ids: Sequence[str], *, by_id: bool) -> str | None:
    """The address of the page after this one, None at the end.

    ``by_id``: the listing is paged by the ids of its entries. Then a page whose ``Link`` headers were lost on the way
    (a proxy, an odd fork) is followed by ``max_id``, instead of passing for the last one.
    """
    links = links_of(exchange)
    target = links.get("next")
    if target is not None:
        return _with_parameters(exchange.url, query_of(target))
    if by_id and ids and not links:
        return _with_parameters(exchange.url, [("max_id", ids[-1])])
    return None


def _with_parameters(url: str, changed: Sequence[tuple[str, str]]) -> str:
    names = {name for name, _ in changed}
    kept = [(name, value) for name, value in query_of(url) if name not in names and name not in _PLACES]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode([*kept, *changed])}"


_PLACES = frozenset({"max_id", "min_id", "since_id", "page", "offset"})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a listing has come, as JSON fits it into a cursor.

    ``mark`` is the print of an earlier page, renewed at each power of two (Brent's cycle search): a listing that goes
    round in circles is noticed within twice the circle, at the cost of one print.
    """

    page: int = 1
    empty: int = 0
    mark: str = ""
    renew_at: int = 1

    @classmethod
    def of(cls, saved: Any) -> Progress:
        """From a cursor."""
        return cls(*saved) if isinstance(saved, list) else cls()

    def saved(self) -> list[Any]:
        """For a cursor."""
        return [self.page, self.empty, self.mark, self.renew_at]

    def after(self, ids: Sequence[str], following: str) -> tuple[Progress, bool]:
        """The progress with one more page, and whether that page was here before."""
        words = "\n".join(ids) if ids else following
        seen = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        repeated = seen == self.mark
        empty = 0 if ids else self.empty + 1
        grown = replace(self, page=self.page + 1, empty=empty)
        if self.page >= self.renew_at:
            grown = replace(grown, mark=seen, renew_at=self.renew_at * 2)
        return grown, repeated
