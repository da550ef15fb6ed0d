"""The posts of an answer as records: each chain of edits once, with its earlier versions where these are shown.

Who asks for a post by its first id is given the words of its first version, however often it was edited. Only the last
id of the chain tells what the post says now. So an earlier version is history; by itself it proves no more than that
the post is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from archiver.domain.item import Body
from archiver.domain.observation import ItemSeen, Observation, PastSeen, PastVersion
from archiver.platforms.x.answer import REPOSTED, chain_of, referenced
from archiver.platforms.x.fields import Placed
from archiver.platforms.x.ids import made_at
from archiver.platforms.x.posts import body_of, post_seen, written_at
from archiver.platforms.x.scene import Scene

Object = Mapping[str, Any]


def records(scene: Scene, posts: Iterable[Placed], done: set[str], *, known: bool = False) -> Iterator[Observation]:
    """The records that posts are. ``done`` are the first ids of chains that were read; those read here are added.

    ``known``: the store has what was asked for, so that a sign of life is enough where no more can be told.
    """
    for pointer, post in posts:
        chain = chain_of(post)
        if not chain or chain[0] in done:
            continue
        done.add(chain[0])
        newest = scene.placed.get(chain[-1])
        if newest is not None:
            seen = post_seen(scene, newest[1], newest[0])
        else:
            seen = _earlier(post_seen(scene, post, pointer), known=known)
        if seen is not None:
            yield seen
        past = past_of(scene, chain) if len(chain) > 1 else None
        if past is not None:
            yield past


def past_of(scene: Scene, chain: tuple[str, ...]) -> PastSeen | None:
    """The versions of a chain that the answer shows, oldest first; the present one last, with nothing if not shown."""
    versions = []
    for version_id in chain:
        post = scene.post(version_id)
        at = written_at(post) if post else made_at(version_id)
        if at is not None and (post or version_id == chain[-1]):
            versions.append(PastVersion(at, body_of(scene, post) if post else Body()))
    return PastSeen(scene.names.post(chain[0]), tuple(versions)) if len(versions) > 1 else None


def is_edited(post: Object) -> bool:
    """Whether a post has earlier versions. A repost has none of its own."""
    return len(chain_of(post)) > 1 and referenced(post, REPOSTED) is None


def _earlier(seen: ItemSeen | None, *, known: bool) -> ItemSeen | None:
    """An earlier version without the present one. Dated as the earlier one it is, it can't pass for an edit."""
    if seen is None:
        return None
    if known:
        return replace(seen, body=Body(), native_version=None, metrics=None)
    body = replace(seen.body, edited_at=seen.body.edited_at or seen.created_at)
    return replace(seen, body=body, metrics=None, origin=False)
