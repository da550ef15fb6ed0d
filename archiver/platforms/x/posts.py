"""A post as the archive's values: one's own words, an answer, a quotation, or a repost.

An edit makes a new post with a new id; all versions list the whole chain, and its first id is the record's key. Counts
and marks change without anybody editing anything, and stay out of what is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.domain.item import Body, Form, Metrics
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.x.answer import ANSWERED, QUOTED, REPOSTED, chain_of, referenced
from archiver.platforms.x.attachments import attachments_of, poll_of
from archiver.platforms.x.fields import count, flag, identifier, identifiers, mapping, moment, text
from archiver.platforms.x.ids import made_at, permalink
from archiver.platforms.x.scene import Scene
from archiver.platforms.x.texts import repost_of, words_of
from archiver.platforms.x.vocabulary import named

Object = Mapping[str, Any]

FOLLOWERS = "followers"
"""The visibility of what is shown though its author protects their posts: to followers, and to the author."""
_EVERYONE = "everyone"


def post_seen(scene: Scene, post: Object, pointer: str) -> ItemSeen | None:
    """The record that a post is, as this version of it shows it; None without an id."""
    native_id = identifier(post.get("id"))
    if native_id is None:
        return None
    seen = repost_seen if referenced(post, REPOSTED) else _post
    return seen(scene, post, native_id, pointer)


def written_at(post: Object) -> datetime | None:
    """When this version was written."""
    return moment(post.get("created_at")) or made_at(identifier(post.get("id")) or "")


def body_of(scene: Scene, post: Object) -> Body:
    """What of a version an edit can change."""
    words = words_of(post, scene.asked)
    told = scene.tells("attachments")
    attachments, whole = attachments_of(scene.names, post, scene.answer.media, told=told)
    quoted = referenced(post, QUOTED)
    cut = {"text", "links"} if words.cut else set()
    return Body(
        text=words.text,
        title=words.title,
        lang=text(post.get("lang")),
        edited_at=_edited_at(post),
        attachments=attachments,
        links=words.links,
        poll=poll_of(post, scene.answer.polls),
        quotes=scene.names.post(quoted) if quoted else None,
        tags=words.tags,
        labels=tuple(_labels(scene, post)),
        partial=frozenset(cut | (set() if whole else {"attachments"})),
    )


def _post(scene: Scene, post: Object, native_id: str, pointer: str) -> ItemSeen:
    chain = chain_of(post)
    key, parent = scene.names.post(chain[0]), referenced(post, ANSWERED)
    author, thread = scene.author(post), _thread(scene, post, key)
    answered = identifier(post.get("in_reply_to_user_id"))
    above = scene.names.post(scene.first(parent)) if parent else None
    parent_author = scene.author_of(parent) or (scene.names.person(answered) if parent and answered else None)
    writer = author.native_id if author else None
    body = replace(body_of(scene, post), visibility=FOLLOWERS if scene.is_protected(post) else None)
    return ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=body,
        created_at=_created_at(scene, post, chain[0]),
        parent=above,
        thread=thread,
        thread_author=writer if thread == key else scene.root_author(post),
        parent_author=parent_author,
        mentions=scene.mentions(post),
        permalink=permalink(native_id, author.handle if author else None),
        metrics=_metrics(post),
        native_version=native_id,
        pointer=pointer,
        aliases=tuple(scene.names.post(one) for one in chain[1:]),
        united=True,
        readable=True,
    )


def repost_seen(scene: Scene, post: Object, native_id: str, pointer: str) -> ItemSeen:
    """A repost: its own id and date, by the one who reposted, with the whole original text where that is shown.

    It is a version of its own for each version of the original. Its counts are the original's, and are left out.
    Whose post it repeats, a download does not tell.
    """
    key, author = scene.names.post(native_id), scene.author(post)
    shared = referenced(post, REPOSTED) or ""
    original = scene.post(shared)
    if original:
        body = body_of(scene, original)
    else:
        words, cut = repost_of(post)
        body = Body(
            text=words, lang=text(post.get("lang")), partial=frozenset({"text"} if cut else ()),
            labels=("original:not shown",),
        )  # fmt: skip
    return ItemSeen(
        key=key,
        form=Form.SHARE,
        author=author,
        body=body,
        created_at=written_at(post),
        thread=key,
        thread_author=author.native_id if author else None,
        shares=scene.names.post(scene.first(shared)) if shared else None,
        mentions=scene.mentions(original or post),
        permalink=permalink(native_id, author.handle if author else None),
        native_version=shared if original else None,
        pointer=pointer,
        united=True,
        readable=True,
    )


def _thread(scene: Scene, post: Object, key: Key) -> Key | None:
    """The root's key. Without the conversation's id a post that answers nothing is a root of its own."""
    root = identifier(post.get("conversation_id"))
    if root is not None:
        return scene.names.post(scene.first(root))
    answers = referenced(post, ANSWERED) is not None or identifier(post.get("in_reply_to_user_id")) is not None
    return key if not answers and scene.tells("referenced_tweets") else None


def _created_at(scene: Scene, post: Object, first: str) -> datetime | None:
    """When the first version was written: as shown, or as its id tells."""
    if first == identifier(post.get("id")):
        return written_at(post)
    return written_at(scene.post(first)) or made_at(first)


def _edited_at(post: Object) -> datetime | None:
    """When this version was written, unless it is the first."""
    chain = chain_of(post)
    return written_at(post) if chain and chain[0] != identifier(post.get("id")) else None


def _metrics(post: Object) -> Metrics | None:
    counts = mapping(post.get("public_metrics"))
    if not counts:
        return None
    return Metrics(
        likes=count(counts.get("like_count")),
        replies=count(counts.get("reply_count")),
        shares=count(named(counts, "retweet_count")),
        views=count(counts.get("impression_count")),
    )


def _labels(scene: Scene, post: Object) -> Iterator[str]:
    """Marks that are no part of the text: an open set of words, after X's own."""
    if flag(post.get("possibly_sensitive")):
        yield "sensitive"
    if flag(post.get("paid_partnership")):
        yield "paid_partnership"
    if (who := text(post.get("reply_settings"))) and who != _EVERYONE:
        yield f"replies:{who}"
    if community := identifier(post.get("community_id")):
        yield f"community:{community}"
    if card := text(post.get("card_uri")):
        yield f"card:{card}"
    yield from _place(scene, mapping(post.get("geo")))
    yield from withheld(post)


def _place(scene: Scene, geo: Object) -> Iterator[str]:
    place_id = identifier(geo.get("place_id"))
    if place_id is not None:
        place = scene.answer.places.get(place_id, {})
        yield f"place:{text(place.get('full_name')) or place_id}"
    position = mapping(geo.get("coordinates")).get("coordinates")
    if isinstance(position, list) and len(position) == 2 and all(isinstance(one, int | float) for one in position):
        longitude, latitude = position
        yield f"coordinates:{latitude},{longitude}"


def withheld(thing: Object) -> Iterator[str]:
    """Where X withholds a post or an account: in which countries, and whether for copyright."""
    told = mapping(thing.get("withheld"))
    if flag(told.get("copyright")):
        yield "withheld:copyright"
    yield from (f"withheld:{country}" for country in identifiers(told.get("country_codes")))
