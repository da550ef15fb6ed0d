"""The network as it is in production: AppView, PLC directory and several PDS hosts, each with its own address."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from tests.platforms.bluesky_world import BASE, BlueskyWorld, Reply, story

CITY_PDS = "https://oyster.us-east.host.bsky.network"
NEW_PDS = "https://new.example.net"
RESIDENTS_PDS = "https://pds.residents.example"


class Internet(BlueskyWorld):
    """Every host is the same world; ``hosts`` were asked, ``refuse`` answers for all of a host."""

    def __init__(self, *, pds: str = CITY_PDS) -> None:
        super().__init__()
        self.named = story(self)
        self.pds = pds
        self.hosts: list[str] = []
        self.refuse: dict[str, Reply] = {}

    @property
    def account(self) -> Account:
        """The city's account, without a ``base_url``."""
        return replace(super().account, base_url=None, facts={"pds": self.pds})

    def serve(self, spec: RequestSpec, page_size: int | None = None) -> Reply:
        """Each call at the host that it belongs to."""
        parts = urlsplit(spec.url)
        host = parts.netloc
        self.hosts.append(host)
        assert parts.scheme == "https", spec.url
        if host in self.refuse:
            return self.refuse[host]
        if host == "plc.directory":
            assert parts.path.startswith("/did:plc:"), spec.url
        elif host == "public.api.bsky.app":
            assert parts.path.startswith(
                ("/xrpc/app.bsky.", "/xrpc/com.atproto.identity.", "/xrpc/com.atproto.repo.getRecord")
            )
        elif host == "cdn.bsky.app":
            return Reply(200, b"", (("Content-Type", "image/jpeg"),))
        else:
            assert host in {urlsplit(self.pds).netloc, urlsplit(RESIDENTS_PDS).netloc}, spec.url
            assert parts.path.startswith(("/xrpc/com.atproto.", "/xrpc/app.bsky.notification.")), spec.url
        reply = super().serve(replace(spec, url=f"{BASE}{parts.path}?{parts.query}"), page_size)
        return self._with_servers(reply) if host == "plc.directory" and "log" not in parts.path else reply

    def _with_servers(self, reply: Reply) -> Reply:
        """DID documents that name the right host: the city's, or the residents'."""
        document = json.loads(reply.body)
        own = document.get("id") == self.city.person.id
        for service in document.get("service", []):
            service["serviceEndpoint"] = self.pds if own else RESIDENTS_PDS
        return Reply(reply.status, json.dumps(document).encode(), reply.headers)
