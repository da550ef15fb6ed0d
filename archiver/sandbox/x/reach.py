"""Which posts an archive can find on X at one moment, by what lists and searches give.

Whatever was known once can be asked for by its number afterwards, so this is only about finding.
"""

from __future__ import annotations

from collections.abc import Iterable

from archiver.sandbox.model import Person
from archiver.sandbox.x.lists import WEEK
from archiver.sandbox.x.model import XPost
from archiver.sandbox.x.quirks import Quirks
from archiver.sandbox.x.world import XWorld


def reachable(x: XWorld, person: Person, quirks: Quirks, *, full_archive: bool, viewer: Person | None) -> set[XPost]:
    """All that belongs into an account's archive and can be found now.

    ``full_archive``: searches reach back beyond a week, as with the application's token; there are no reposts in them.
    """
    if not person.active:
        return set()
    own = _newest(post for post in x.of(person) if x.visible(post, viewer))
    found = set(own[: quirks.wall])
    since = x.now() - WEEK
    if full_archive:
        found |= {post for post in own if post.shares is None}
    for post in own:
        if post.shares is None:
            found |= {one for one in post.quotes if not one.ranked_down}
        if post.parent is None and post.shares is None:
            found |= {one for one in x.thread(post) if full_archive or one.latest.at >= since}
    naming = (post for post in x.naming(person) if post.author is not person and person in post.mentions)
    found |= set(_newest(post for post in naming if x.visible(post, viewer))[: quirks.named_wall])
    return {post for post in found if x.visible(post, viewer) and (not post.ranked_down or post.author is person)}


def nearby(x: XWorld, person: Person, *, viewer: Person | None) -> set[XPost]:
    """What an archive may hold beside that: whatever names the account, what its posts refer to, threads it is in."""
    around: set[XPost] = set(x.of(person)) | set(x.naming(person))
    for post in x.of(person):
        around |= {one for one in (post.shares, post.quote, post.parent) if one is not None}
        around |= {*post.reposts, *(again for quote in post.quotes for again in quote.reposts), *post.quotes}
        around |= {post.top, *x.thread(post.top)}
    return {post for post in around if x.visible(post, viewer)}


def _newest(posts: Iterable[XPost]) -> list[XPost]:
    return sorted(posts, key=lambda one: int(one.latest.id), reverse=True)


def kind_of(post: XPost, owner: Person) -> str:
    """The officer's word for a post in the archive of an account."""
    if post.shares is not None:
        return "share"
    mine, names = post.author is owner, owner in post.mentions
    if post.parent is None:
        return "quote" if post.quote is not None else "mention" if names and not mine else "post"
    if post.top.author is owner:
        return "comment" if post.parent is post.top else "reply"
    return "mention" if names and not mine else "reply"
