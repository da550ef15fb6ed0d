"""Which posts an archive can know of at one moment: what the platform's calls lead to, followed to the end.

Whatever was known once can be asked for by its id afterwards, so this is only about finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver.sandbox.bluesky_feed import notices
from archiver.sandbox.bluesky_views import Views
from archiver.sandbox.mastodon_api import anonymous_cut, descendants
from archiver.sandbox.mastodon_entities import sees
from archiver.sandbox.model import BLUESKY, Person, Post
from archiver.sandbox.world import CityAccount, World


def reachable(world: World, account: CityAccount, *, authenticated: bool) -> set[Post]:
    """All posts that belong into the account's archive and can be found now."""
    if not account.person.active:
        return set()
    if account.platform == BLUESKY:
        return set(_on_bluesky(world, account.person, authenticated=authenticated))
    return set(_on_mastodon(account.person, authenticated=authenticated))


def nearby(account: CityAccount, *, authenticated: bool) -> set[Post]:
    """What an archive may hold beside that: what the account shares, and the threads in which it answered.

    Of a long thread of its own a server shows callers without a token a part only, and more of it around each answer.
    """
    person = account.person
    viewer = person if authenticated else None
    found: set[Post] = set()
    for post in person.posts:
        found |= {other for other in (post.shares, post.quote) if other is not None}
        if post.parent is not None:
            stack = [post.top]
            while stack:
                other = stack.pop()
                found.add(other)
                stack.extend(other.replies)
    if account.platform == BLUESKY:
        return {post for post in found if post.available}
    return {post for post in found if sees(viewer, post)}


def _on_bluesky(world: World, person: Person, *, authenticated: bool) -> Iterator[Post]:
    """The repository; the threads below own roots, to any depth; the quotes of own posts; mentions with a login."""
    views = Views(world, "")
    own = [post for post in person.posts if not post.gone and not post.removed_by_admin]
    yield from own
    for post in own:
        if post.parent is None and post.shares is None:
            yield from _below(views, post)
        yield from (quote for quote in post.quotes if quote.available)
    if authenticated:
        wanted = {"reply", "mention", "quote"}
        yield from (notice.post for notice in notices(person) if notice.reason in wanted)


def _below(views: Views, root: Post) -> Iterator[Post]:
    stack = list(views.shown_replies(root))
    while stack:
        reply = stack.pop()
        yield reply
        stack.extend(views.shown_replies(reply))


def _on_mastodon(person: Person, *, authenticated: bool) -> Iterator[Post]:
    """The account's statuses and their contexts; quotes and mentions with a token."""
    viewer = person if authenticated else None
    own = [post for post in person.posts if sees(viewer, post)]
    yield from own
    for post in own:
        if post.shares is None and (post.parent is None or post.parent.gone):
            yield from _context(post, viewer)
        if viewer is not None:
            yield from (quote for quote in post.quotes if sees(viewer, quote))
    if viewer is not None:
        yield from (post for post in viewer.concerned if _named(post, viewer))


def _context(root: Post, viewer: Person | None) -> Iterator[Post]:
    """What contexts show, the cut ones continued from each status that they showed."""
    most, levels = anonymous_cut(viewer)
    done: set[Post] = set()
    stack = [root]
    while stack:
        for reply in descendants(stack.pop(), most, levels):
            if reply not in done and sees(viewer, reply):
                done.add(reply)
                stack.append(reply)
    yield from done


def _named(post: Post, viewer: Person) -> bool:
    mine = viewer in post.mentions or (post.quote is not None and post.quote.author is viewer)
    return mine and sees(viewer, post)
