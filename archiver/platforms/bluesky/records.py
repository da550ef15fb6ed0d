"""From a record, or a view of one, to what it shows.

A record is judged leniently: any client writes what it likes into its own repository, so a field of the wrong type is
as if it were absent. The envelope around it (uri, author) is the server's; if that is malformed the shape has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.domain.item import Attachment, Body, Form, Metrics, Person
from archiver.domain.keys import Key
from archiver.domain.observation import GateSeen, ItemSeen
from archiver.errors import ShapeChanged
from archiver.platforms.bluesky.addresses import Addresses, permalink, profile_link
from archiver.platforms.bluesky.answers import JSON, stated, text_of
from archiver.platforms.bluesky.embeds import BLOB, embedded, picture
from archiver.platforms.bluesky.richtext import rich_text
from archiver.platforms.bluesky.syntax import (
    POST,
    POSTGATE,
    PROFILE,
    REPOST,
    THREADGATE,
    AtUri,
    at_uri,
    is_did,
    moment,
)


def envelope(value: object, what: str) -> tuple[AtUri, JSON]:
    """A record or view that must name itself; raises ShapeChanged when it doesn't."""
    uri = at_uri(value.get("uri")) if isinstance(value, dict) else None
    if uri is None or not isinstance(value, dict) or not is_did(uri.authority):
        raise ShapeChanged(f"A {what} has no address of its own (uri).")
    return uri, value


def person(view: object) -> Person | None:
    """The author as a view shows them; None without a DID."""
    seen = stated(view)
    did = seen.get("did")
    if not isinstance(did, str) or not is_did(did):
        return None
    name = text_of(seen.get("displayName"))
    return Person(did, text_of(seen.get("handle")), name, text_of(seen.get("avatar")))


def post_view(value: object, addresses: Addresses, pointer: str) -> ItemSeen:
    """A ``postView``, or a notification, which has the same members: the record with author, counts and labels.

    A cached view: it lags behind the repository, and may keep the first version of a record that was overwritten.
    """
    uri, view = envelope(value, "post")
    author = person(view.get("author"))
    if author is None:
        raise ShapeChanged(f"A post ({uri}) has no author.")
    value, cid = stated(view.get("record")), text_of(view.get("cid")) or None
    return _post(uri, value, addresses, author=author, cid=cid, view=view, pointer=pointer)


def record(uri: AtUri, value: JSON, cid: str | None, addresses: Addresses, pointer: str) -> ItemSeen | GateSeen | None:
    """A record as its repository holds it; None for collections that are not kept as records."""
    if uri.collection == POST:
        author = Person(uri.authority)
        return _post(uri, value, addresses, author=author, cid=cid, view=None, pointer=pointer)
    if uri.collection == REPOST:
        return share(uri, value, cid, addresses, pointer)
    if uri.collection == PROFILE:
        return profile_record(uri, value, cid, addresses, pointer)
    if uri.collection in _GATES:
        return gate(uri, value, addresses)
    return None


def share(uri: AtUri, value: JSON, cid: str | None, addresses: Addresses, pointer: str) -> ItemSeen:
    """A repost's record names what it repeats and says nothing of its text."""
    original = at_uri(stated(value.get("subject")).get("uri"))
    return ItemSeen(
        key=addresses.key(str(uri)),
        form=Form.SHARE,
        author=Person(uri.authority),
        body=Body(),
        created_at=moment(value.get("createdAt")),
        thread=addresses.key(str(uri)),
        shares=addresses.key(str(original)) if original else None,
        permalink=permalink(original.authority, original.rkey) if original else None,
        native_version=cid,
        pointer=pointer,
    )


def share_view(item: JSON, addresses: Addresses, pointer: str) -> ItemSeen:
    """A repost in a feed: named by its reason, spoken by the sharer, with the original's whole text and pictures.

    ``post.author`` is then somebody else; the words are not the account's own.
    """
    uri, reason = envelope(item.get("reason"), "repost")
    original = post_view(item.get("post"), addresses, pointer + "/post")
    sharer = person(reason.get("by")) or Person(uri.authority)
    seen = share_of(original, uri, sharer, addresses)
    cid, shared_at = text_of(reason.get("cid")) or None, moment(reason.get("indexedAt"))
    return replace(seen, created_at=shared_at, native_version=cid, pointer=pointer)


def share_of(original: ItemSeen, uri: AtUri, sharer: Person, addresses: Addresses) -> ItemSeen:
    """The share ``uri`` of a post that was seen."""
    return ItemSeen(
        key=addresses.key(str(uri)),
        form=Form.SHARE,
        author=sharer,
        body=replace(original.body, quotes=None),
        thread=addresses.key(str(uri)),
        shares=original.key,
        mentions=original.mentions,
        permalink=original.permalink,
        origin=False,
        pointer=original.pointer,
    )


def profile_record(uri: AtUri, value: JSON, cid: str | None, addresses: Addresses, pointer: str) -> ItemSeen:
    """A profile as its owner wrote it. What is not there was taken out, so it is empty and not unknown."""
    attachments = [
        *picture("avatar", value.get("avatar"), uri.authority, addresses, preset="avatar"),
        *picture("banner", value.get("banner"), uri.authority, addresses, preset="banner"),
    ]
    return ItemSeen(
        key=addresses.key(str(uri)),
        form=Form.PROFILE,
        author=Person(uri.authority, display_name=text_of(value.get("displayName"))),
        body=Body(
            text=text_of(value.get("description")) or "",
            title=text_of(value.get("displayName")) or "",
            attachments=tuple(attachments),
            links=(),
            labels=tuple(_self_labels(value)),
        ),
        created_at=moment(value.get("createdAt")),
        thread=addresses.key(str(uri)),
        permalink=profile_link(uri.authority),
        native_version=cid,
        pointer=pointer,
    )


def profile_view(view: JSON, addresses: Addresses) -> ItemSeen:
    """A profile as the AppView shows it; what it leaves out stays unknown."""
    author = person(view)
    if author is None:
        raise ShapeChanged("A profile has no DID.")
    pictures = [
        *_shown_picture("avatar", view.get("avatar"), author.native_id, addresses),
        *_shown_picture("banner", view.get("banner"), author.native_id, addresses),
    ]
    key = addresses.key(f"at://{author.native_id}/{PROFILE}/self")
    return ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=author,
        body=Body(
            text=text_of(view.get("description")),
            title=author.display_name,
            attachments=tuple(pictures) or None,
            labels=tuple(_labels(view, author.native_id)),
            partial=frozenset({"attachments"}),
        ),
        thread=key,
        permalink=profile_link(author.native_id),
        origin=False,
    )


def gate(uri: AtUri, value: JSON, addresses: Addresses) -> GateSeen:
    """Which replies are hidden, or which quotes detached, according to the record that says so."""
    name, member = _GATES[uri.collection]
    listed = value.get(member)
    members = [at_uri(one) for one in listed] if isinstance(listed, list) else []
    return GateSeen(
        gated_post(uri, addresses, value),
        name,
        frozenset(addresses.key(str(one)) for one in members if one is not None),
        f"{uri.collection.rpartition('.')[2]} record",
    )


def no_gate(uri: AtUri, addresses: Addresses) -> GateSeen:
    """The repository says that there is no such record: nothing is hidden or detached there."""
    name, _ = _GATES[uri.collection]
    return GateSeen(gated_post(uri, addresses, {}), name, frozenset(), "RecordNotFound")


def gated_post(uri: AtUri, addresses: Addresses, value: JSON) -> Key:
    """The post that a gate governs: the one it names, whose record key it shares (``app.bsky.feed.threadgate``)."""
    named = at_uri(value.get("post"))
    return addresses.key(str(named or AtUri(uri.authority, POST, uri.rkey)))


_GATES = {THREADGATE: ("hidden", "hiddenReplies"), POSTGATE: ("detached", "detachedEmbeddingUris")}


def _post(
    uri: AtUri, value: JSON, addresses: Addresses, *, author: Person, cid: str | None, view: JSON | None, pointer: str
) -> ItemSeen:
    text, langs = text_of(value.get("text")), value.get("langs")
    rich = rich_text(text, value.get("facets"))
    hangs = embedded(value.get("embed"), uri.authority, addresses)
    reply = stated(value.get("reply"))
    parent, root = (at_uri(stated(reply.get(name)).get("uri")) for name in ("parent", "root"))
    own = addresses.key(str(uri))
    labels = _self_labels(value) if view is None else [*_self_labels(value), *_labels(view, uri.authority)]
    return ItemSeen(
        key=own,
        form=Form.POST,
        author=author,
        body=Body(
            text=text,
            lang=",".join(one for one in langs if isinstance(one, str)) or None if isinstance(langs, list) else None,
            attachments=hangs.attachments,
            links=(*rich.links, *hangs.links),
            quotes=hangs.quotes,
            tags=tuple(dict.fromkeys((*rich.tags, *_tags(value)))),
            labels=tuple(dict.fromkeys(labels)),
        ),
        created_at=moment(value.get("createdAt")),
        parent=addresses.key(str(parent)) if parent else None,
        thread=addresses.key(str(root)) if root else None if parent else own,
        thread_author=root.did if root else None if parent else uri.authority,
        parent_author=parent.did if parent else None,
        mentions=rich.mentions,
        permalink=permalink(uri.authority, uri.rkey),
        metrics=_metrics(view) if view is not None else None,
        native_version=cid,
        origin=view is None,
        pointer=pointer,
    )


def _metrics(view: JSON) -> Metrics | None:
    likes, replies, shares = (_count(view.get(name)) for name in ("likeCount", "replyCount", "repostCount"))
    return Metrics(likes, replies, shares) if (likes, replies, shares) != (None, None, None) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _tags(value: JSON) -> Iterator[str]:
    """Hashtags beside the text."""
    listed = value.get("tags")
    return (tag for tag in listed if isinstance(tag, str)) if isinstance(listed, list) else iter(())


def _self_labels(value: JSON) -> Iterator[str]:
    """What the author says of the record (``com.atproto.label.defs#selfLabels``)."""
    listed = stated(value.get("labels")).get("values")
    for label in listed if isinstance(listed, list) else ():
        name = stated(label).get("val")
        if isinstance(name, str):
            yield name


def _labels(view: JSON, did: str) -> Iterator[str]:
    """What labelers say of a record or its author. A labeler's word is told apart from the author's own by its DID.

    ``!no-unauthenticated`` of the author asks apps not to show this to people without a login: kept with the record, so
    that exports can heed it.
    """
    author = stated(view.get("author")).get("labels")
    for listed, prefix in ((view.get("labels"), ""), (author, "author:")):
        for label in listed if isinstance(listed, list) else ():
            name, source = stated(label).get("val"), stated(label).get("src")
            if isinstance(name, str) and not stated(label).get("neg"):
                yield prefix + name if source == did else f"{prefix}{name} ({source})"


def _shown_picture(kind: str, url: object, did: str, addresses: Addresses) -> Iterator[Attachment]:
    """The blob behind a picture of the CDN, whose address ends in ``/DID/CID`` with or without ``@jpeg``."""
    cid = url.rpartition("/")[2].partition("@")[0] if isinstance(url, str) else ""
    if cid.isalnum():
        yield Attachment(kind, addresses.image(did, cid, kind), f"{BLOB}{did}/{cid}")
