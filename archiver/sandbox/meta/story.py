"""The city's life on Meta's platforms, account by account."""

from __future__ import annotations

from archiver.sandbox.city import Size, platform_of
from archiver.sandbox.meta import facebook_story
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.model import FACEBOOK
from archiver.sandbox.meta.world import MetaWorld


def tell_meta(meta: MetaWorld, size: Size) -> None:
    """Fill Meta's platforms; the totals of a size are shared out evenly between its accounts."""
    count = len(size.accounts)
    posts, answers, pictures = size.posts // count, size.answers // count, size.pictures // count
    for name in size.accounts:
        if platform_of(name) == FACEBOOK:
            plan = facebook_story.Plan(posts, answers, pictures, size.residents, size.years, size.oddities)
            facebook_story.tell(FacebookPages(meta), name, plan)
