"""What each answer shows, routed by the address that was asked."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from archiver.domain.exchange import Exchange
from archiver.domain.item import Cause, Person
from archiver.domain.keys import Key
from archiver.domain.observation import OWN_POSTS_WITHOUT_SHARES, AccountSeen, GoneSeen, Observation, TotalSeen
from archiver.domain.task import TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.bluesky import records
from archiver.platforms.bluesky.addresses import Addresses, Call, call_of
from archiver.platforms.bluesky.answers import JSON, document, listing, stated, text_of
from archiver.platforms.bluesky.documents import handle_of, pds_of
from archiver.platforms.bluesky.errors import MISSING_REPO, error_of
from archiver.platforms.bluesky.proof import read_proof
from archiver.platforms.bluesky.records import envelope, post_view, profile_view
from archiver.platforms.bluesky.syntax import POSTGATE, PROFILE, REPOST, THREADGATE, AtUri, at_uri, is_did, owner

Reader = Callable[[Exchange, Call, Addresses], Iterator[Observation]]

OWN = "profile"
"""The stream of requests about the account itself; only those tell who the account is."""
NO_HANDLE = "handle.invalid"
"""Shown in place of a handle that does not lead back to the account (https://atproto.com/specs/handle)."""
OWN_RECORDS = "posts"
"""The stream of requests for the account's own records; what others wrote is asked for in other streams."""


def read(exchange: Exchange, addresses: Addresses) -> Iterator[Observation]:
    """Everything that one answer shows, in its order. Raises ShapeChanged."""
    call = call_of(exchange.url)
    if exchange.ok:
        reader = _READERS.get(call.method)
        if reader is not None:
            yield from (
                _at_strangers(reader, exchange, call, addresses)
                if _is_strange(exchange, call)
                else reader(exchange, call, addresses)
            )
    elif exchange.status == 400 and call.method in _RECORD_METHODS:
        yield from _refused_record(exchange, call, addresses)


def _is_strange(exchange: Exchange, call: Call) -> bool:
    """Whether another person's server may have answered: any software, well or badly run."""
    return call.method in _RECORD_METHODS and exchange.stream not in {OWN, OWN_RECORDS}


def _at_strangers(reader: Reader, exchange: Exchange, call: Call, addresses: Addresses) -> Iterator[Observation]:
    """What another person's server says badly it does not say; nothing else waits for it."""
    try:
        yield from list(reader(exchange, call, addresses))
    except ShapeChanged:
        return


def thread_nodes(exchange: Exchange) -> Iterator[tuple[str, JSON]]:
    """All nodes of a thread from its root down, each with its pointer. No recursion: it can be a thousand deep."""
    root = document(exchange).get("thread")
    if not isinstance(root, dict):
        raise ShapeChanged(f"{exchange.url} answered without a thread.")
    todo: list[tuple[str, JSON]] = [("/thread", root)]
    while todo:
        pointer, node = todo.pop()
        yield pointer, node
        replies = node.get("replies", [])
        if not isinstance(replies, list) or not all(isinstance(reply, dict) for reply in replies):
            raise ShapeChanged(f"The replies at {pointer} of {exchange.url} are no list of posts.")
        todo += [(f"{pointer}/replies/{n}", reply) for n, reply in reversed(list(enumerate(replies)))]


def _profile(exchange: Exchange, _call: Call, addresses: Addresses) -> Iterator[Observation]:
    """The account's own profile: who it is, how it describes itself, how many posts it has."""
    view = document(exchange)
    seen = profile_view(view, addresses)
    if exchange.stream != OWN or seen.author is None:
        return
    did, handle = seen.author.native_id, seen.author.handle
    if handle is not None and handle != NO_HANDLE:
        yield AccountSeen(did, handle, seen.author.display_name, {"did": did})
    yield seen
    total = view.get("postsCount")
    if isinstance(total, int) and not isinstance(total, bool) and total >= 0:
        yield TotalSeen(OWN_POSTS_WITHOUT_SHARES, total)


def _did_document(exchange: Exchange, call: Call, addresses: Addresses) -> Iterator[Observation]:
    """The account's own DID document, alone or inside ``describeRepo``: its handle and where its repository is."""
    body = document(exchange)
    described = call.method == "com.atproto.repo.describeRepo"
    did = body.get("did") if described else body.get("id")
    if exchange.stream != OWN or not isinstance(did, str) or not is_did(did):
        return
    paper = stated(body.get("didDoc")) if described else body
    handle = body.get("handle") if described else handle_of(paper)
    pds = addresses.base_url or pds_of(paper)
    facts = {"did": did} | ({"pds": pds} if pds else {})
    if isinstance(handle, str) and handle != NO_HANDLE:
        yield AccountSeen(did, handle, facts=facts)


def _author_feed(exchange: Exchange, call: Call, addresses: Addresses) -> Iterator[Observation]:
    """Posts, reposts and pins. Of what others wrote only the reposts, as shares, and what names the account."""
    whose = call.one("actor")
    for n, item in enumerate(listing(exchange, "feed")):
        entry, pointer = stated(item), f"/feed/{n}"
        reason = stated(entry.get("reason"))
        if str(reason.get("$type", "")).endswith("#reasonRepost"):
            if "uri" in reason:
                yield records.share_view(entry, addresses, pointer)
            continue
        seen = post_view(entry.get("post"), addresses, pointer + "/post")
        if seen.author is not None and whose in {seen.author.native_id, seen.author.handle}:
            yield seen
        reply = stated(entry.get("reply"))
        for name in ("parent", "root"):
            yield from _naming(stated(reply.get(name)), whose, addresses, f"{pointer}/reply/{name}")


def _posts(exchange: Exchange, call: Call, addresses: Addresses) -> Iterator[Observation]:
    """Posts by their addresses, or quotes.

    A poll asks for the originals of reposts, and names each repost before its original: the platform leaves out what is
    no post, and the answer can be read without knowing what was asked before.
    """
    shares = _shares(call.params.get("uris", []), addresses)
    for n, view in enumerate(listing(exchange, "posts")):
        seen = post_view(view, addresses, f"/posts/{n}")
        if seen.key not in shares:
            yield seen
        for uri in shares.get(seen.key, ()):
            yield records.share_of(seen, uri, Person(uri.authority), addresses)


def _shares(uris: list[str], addresses: Addresses) -> dict[Key, list[AtUri]]:
    """By the key of an original, the reposts of it that were asked for."""
    found: dict[Key, list[AtUri]] = {}
    for uri, original in itertools.pairwise(map(at_uri, uris)):
        if uri is not None and original is not None and uri.collection == REPOST:
            found.setdefault(addresses.key(str(original)), []).append(uri)
    return found


def _thread(exchange: Exchange, _call: Call, addresses: Addresses) -> Iterator[Observation]:
    """The post asked for and all below it. What is above it belongs to other threads, unless it names the account."""
    whose = owner(addresses.uri(exchange.subject)) if exchange.subject and ":" in exchange.subject else None
    for pointer, node in thread_nodes(exchange):
        if "post" in node:
            yield post_view(node["post"], addresses, pointer + "/post")
    above, pointer = stated(document(exchange)["thread"].get("parent")), "/thread/parent"
    while above and whose is not None:
        yield from _naming(stated(above.get("post")), whose, addresses, pointer + "/post")
        above, pointer = stated(above.get("parent")), pointer + "/parent"


def _naming(view: JSON, did: str, addresses: Addresses, pointer: str) -> Iterator[Observation]:
    """A post by somebody else that names the account; context that is not shown whole is passed over."""
    if "record" not in view or owner(view.get("uri")) is None or records.person(view.get("author")) is None:
        return
    seen = post_view(view, addresses, pointer)
    if did in seen.mentions:
        yield seen


def _notifications(exchange: Exchange, _call: Call, addresses: Addresses) -> Iterator[Observation]:
    """Posts that mention, quote or answer the account; likes and follows are no records."""
    for n, entry in enumerate(listing(exchange, "notifications")):
        if stated(entry).get("reason") in {"mention", "quote", "reply"}:
            yield post_view(entry, addresses, f"/notifications/{n}")


def _records(exchange: Exchange, _call: Call, addresses: Addresses) -> Iterator[Observation]:
    for n, entry in enumerate(listing(exchange, "records")):
        yield from _record(entry, addresses, f"/records/{n}")


def _one_record(exchange: Exchange, _call: Call, addresses: Addresses) -> Iterator[Observation]:
    yield from _record(document(exchange), addresses, "")


def _record(entry: object, addresses: Addresses, pointer: str) -> Iterator[Observation]:
    uri, whole = envelope(entry, "record")
    value = whole.get("value")
    if not isinstance(value, dict):
        raise ShapeChanged(f"The record {uri} has no value.")
    seen = records.record(uri, value, text_of(whole.get("cid")) or None, addresses, pointer)
    if seen is not None:
        yield seen


def _refused_record(exchange: Exchange, call: Call, addresses: Addresses) -> Iterator[Observation]:
    """The server's own answer that it does not hold this very record.

    ``RecordNotFound`` alone proves no cause: a server says it of a record that it took down, too, and of one in a
    deactivated repository; the proof that is asked for next tells them apart. A server that was set by ``base_url`` may
    not be the author's, so that it does not know their repository says nothing of their account.
    """
    uri, error = _asked_record(call), error_of(exchange)
    if uri is None:
        return
    if uri.collection in {THREADGATE, POSTGATE}:
        if error.name == "RecordNotFound":
            yield records.no_gate(uri, addresses)
    elif uri.collection != PROFILE:
        key = addresses.key(str(uri))
        if error.name in _CLOSED:
            elsewhere = error.name == "RepoNotFound" and addresses.base_url is not None
            yield GoneSeen(key, error.name, None if elsewhere else _CLOSED[error.name])
        elif error.name == "RecordNotFound":
            yield GoneSeen(key, error.name)
        elif error.message.startswith(MISSING_REPO):
            yield GoneSeen(key, error.message)


def _proof(exchange: Exchange, call: Call, addresses: Addresses) -> Iterator[Observation]:
    """The signed state of the repository: without the record its author took it out.

    A confirmation asks for it once the server has said that it does not have the record. If the repository holds it all
    the same, somebody keeps the server from showing it.
    """
    uri = _asked_record(call)
    if uri is None or uri.collection in {THREADGATE, POSTGATE, PROFILE}:
        return
    proof = read_proof(exchange.body, f"{uri.collection}/{uri.rkey}")
    if proof.did != uri.authority:
        raise ShapeChanged(f"{exchange.url} answered with the repository of {proof.did}.")
    if proof.present and exchange.task_kind == TaskKind.CONFIRM:
        basis = f"the server does not show it, though the repository holds it (rev {proof.rev})"
        yield GoneSeen(addresses.key(str(uri)), basis, Cause.BY_PLATFORM)
    elif not proof.present:
        basis = f"not in the signed repository (rev {proof.rev})"
        cause = Cause.BY_CITY if exchange.stream == OWN_RECORDS else Cause.BY_AUTHOR
        yield GoneSeen(addresses.key(str(uri)), basis, cause)


def _asked_record(call: Call) -> AtUri | None:
    did = call.one("repo") or call.one("did")
    uri = AtUri(did, call.one("collection"), call.one("rkey"))
    return uri if is_did(did) and uri.collection and uri.rkey else None


_CLOSED = {
    "RepoNotFound": Cause.ACCOUNT_CLOSED,
    "RepoDeactivated": Cause.ACCOUNT_CLOSED,
    "RepoTakendown": Cause.AUTHOR_SUSPENDED,
    "RepoSuspended": Cause.AUTHOR_SUSPENDED,
}
_RECORD_METHODS = {"com.atproto.repo.getRecord", "com.atproto.sync.getRecord"}
_READERS: dict[str, Reader] = {
    "app.bsky.actor.getProfile": _profile,
    "app.bsky.feed.getAuthorFeed": _author_feed,
    "app.bsky.feed.getPosts": _posts,
    "app.bsky.feed.getPostThread": _thread,
    "app.bsky.feed.getQuotes": _posts,
    "app.bsky.notification.listNotifications": _notifications,
    "com.atproto.repo.describeRepo": _did_document,
    "com.atproto.repo.getRecord": _one_record,
    "com.atproto.repo.listRecords": _records,
    "com.atproto.sync.getRecord": _proof,
    "did": _did_document,
}
