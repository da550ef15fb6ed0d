"""Somebody with an account on the network, who acts as their app would: by XRPC calls to their PDS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from archiver.sandbox.images import Picture
from tests.real.network import Network

POST = "app.bsky.feed.post"


@dataclass(frozen=True)
class Ref:
    """A record as others refer to it. ``root`` is the ref of its thread's root, itself for a root."""

    uri: str
    cid: str
    root: Ref | None = None

    @property
    def strong(self) -> dict[str, str]:
        """The lexicon's ``com.atproto.repo.strongRef``."""
        return {"uri": self.uri, "cid": self.cid}

    @property
    def top(self) -> Ref:
        """The root of its thread."""
        return self.root or self

    @property
    def rkey(self) -> str:
        """The last part of the address."""
        return self.uri.rpartition("/")[2]


@dataclass
class Person:
    """An account with its session."""

    handle: str
    did: str
    password: str
    _http: httpx.Client = field(repr=False)

    @classmethod
    def joins(cls, network: Network, handle: str) -> Person:
        """Open an account. Close it with ``leave``."""
        http = httpx.Client(
            base_url=f"{network.pds}/xrpc/", headers={"x-ratelimit-bypass": network.bypass}, timeout=30, trust_env=False
        )
        person = cls(handle, "", f"password of {handle}", http)
        session = person.call(
            "com.atproto.server.createAccount",
            {"handle": handle, "email": f"{handle}@example.com", "password": person.password},
        )
        person.did = session["did"]
        http.headers["authorization"] = f"Bearer {session['accessJwt']}"
        return person

    def leave(self) -> None:
        """Close the connection."""
        self._http.close()

    def call(self, method: str, body: dict[str, Any] | None = None) -> Any:
        """A procedure; its answer as JSON, None when there is none."""
        return _answer(self._http.post(method, json=body) if body is not None else self._http.post(method))

    def ask(self, method: str, **params: Any) -> Any:
        """A query; its answer as JSON."""
        return _answer(self._http.get(method, params=params))

    def upload(self, picture: Picture) -> dict[str, Any]:
        """Upload a file; the blob as records refer to it."""
        headers = {"content-type": picture.mime}
        answer = _answer(self._http.post("com.atproto.repo.uploadBlob", content=picture.data, headers=headers))
        blob: dict[str, Any] = answer["blob"]
        assert blob["ref"]["$link"] == picture.cid
        return blob

    def create(self, collection: str, record: dict[str, Any], rkey: str | None = None) -> Ref:
        """Write a new record."""
        body = {"repo": self.did, "collection": collection, "record": {"$type": collection, **record}}
        made = self.call("com.atproto.repo.createRecord", body | ({"rkey": rkey} if rkey else {}))
        return Ref(made["uri"], made["cid"])

    def put(self, collection: str, rkey: str, record: dict[str, Any]) -> Ref:
        """Write a record in the place of the one that may be there."""
        body = {"repo": self.did, "collection": collection, "rkey": rkey, "record": {"$type": collection, **record}}
        made = self.call("com.atproto.repo.putRecord", body)
        return Ref(made["uri"], made["cid"])

    def delete(self, uri: str) -> None:
        """Remove a record."""
        _, _, did, collection, rkey = uri.split("/")
        assert did == self.did, "nobody removes what is another's"
        self.call("com.atproto.repo.deleteRecord", {"repo": did, "collection": collection, "rkey": rkey})

    def app_password(self, name: str) -> str:
        """A password for a program."""
        answer = self.call("com.atproto.server.createAppPassword", {"name": name})
        password: str = answer["password"]
        return password


def _answer(response: httpx.Response) -> Any:
    assert response.status_code == 200, f"{response.request.url}: {response.status_code} {response.text}"
    return response.json() if response.content else None
