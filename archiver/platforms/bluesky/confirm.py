"""Whether records that a complete listing did not show are still there.

The AppView's ``getPosts`` is a cached view and leaves out silently, so its omission alone never says that something is
gone, nor brings back what is gone. The author's own server is asked about each record, and for a proof when it does
not have it; the AppView adds how the record is shown.
"""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.platforms.bluesky.addresses import APPVIEW, Params
from archiver.platforms.bluesky.answers import whatever_it_says
from archiver.platforms.bluesky.documents import pds_of
from archiver.platforms.bluesky.errand import Errand, Op
from archiver.platforms.bluesky.errors import no_repository, not_found
from archiver.platforms.bluesky.reading import OWN_RECORDS
from archiver.platforms.bluesky.syntax import POST, at_uri

BATCH = 25
OTHERS_RECORDS = "comments"


class Confirm(Errand):
    """Up to ``BATCH`` records, whoever wrote them."""

    def begin(self) -> None:
        """Own records at the own server, others' in one call at the AppView."""
        self.identify()
        self.last(["sort"]) if "did" not in self.state else self._sort()

    def _sort(self) -> None:
        uris = [
            uri
            for uri in (at_uri(self.addresses.uri(key)) for key in dict.fromkeys(self.task.subjects))
            if uri is not None
        ]
        own = [str(uri) for uri in uris if uri.authority == self.did]
        others = [uri for uri in uris if uri.authority != self.did]
        views = [str(uri) for uri in others if uri.collection == POST]
        self.last(*[["posts", views[n : n + BATCH]] for n in range(0, len(views), BATCH)])
        self.last(*[["record", uri] for uri in own])
        self._ask_authors([str(uri) for uri in others])

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        match op:
            case ["posts", list(uris)]:
                params: Params = [("uris", uri) for uri in uris]
                return self.call(self.addresses.appview, "app.bsky.feed.getPosts", params, OTHERS_RECORDS)
            case ["where", str(did)]:
                return RequestSpec(self.addresses.document(did) or "", OTHERS_RECORDS)
            case ["record" | "proof" as what, str(uri)]:
                return self._ask_record(what, uri)
        return super().ask(op)

    def _ask_record(self, what: str, text: str) -> RequestSpec:
        uri = at_uri(text)
        assert uri is not None, "only addresses of records get on the list"
        stream = OWN_RECORDS if uri.authority == self.did else OTHERS_RECORDS
        place = [("collection", uri.collection), ("rkey", uri.rkey)]
        server = self._server(uri.authority) or APPVIEW
        if what == "proof":
            params: Params = [("did", uri.authority), *place]
            return self.call(server, "com.atproto.sync.getRecord", params, stream, follow=True)
        return self.call(server, "com.atproto.repo.getRecord", [("repo", uri.authority), *place], stream, follow=True)

    def take(self, op: Op, exchange: Exchange) -> None:
        """What follows from an answer."""
        match op:
            case ["posts", _]:
                if self.wants_login(exchange):
                    self.first(op)
            case ["proof", _]:
                pass
            case ["where", str(did)]:
                self.state.setdefault("servers", {})[did] = pds_of(whatever_it_says(exchange))
            case ["record", str(uri)]:
                if not_found(exchange) or no_repository(exchange):
                    self._prove(uri)
            case _:
                super().take(op, exchange)
                if op == ["handle"] and "did" in self.state:
                    self._sort()

    def _ask_authors(self, uris: list[str]) -> None:
        """Each record where it lives; where that is, is asked once for each author."""
        for did in dict.fromkeys(uri.split("/")[2] for uri in uris):
            if self.addresses.base_url is None and self.addresses.document(did) is not None:
                self.last(["where", did])
            self.last(*[["record", uri] for uri in uris if uri.startswith(f"at://{did}/")])

    def _prove(self, text: str) -> None:
        """The server of a repository can prove that a record is not in it; the AppView holds no repositories."""
        uri = at_uri(text)
        if uri is not None and self._server(uri.authority) is not None:
            self.first(["proof", text])

    def _server(self, did: str) -> str | None:
        """Where a repository is; None when nobody could say, and only the AppView's word on the record can be had."""
        if self.addresses.base_url is not None:
            return self.addresses.base_url
        if did == self.did:
            return self.pds
        known: str | None = self.state.get("servers", {}).get(did)
        return known
