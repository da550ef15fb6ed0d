"""The city's life on Meta's platforms, account by account."""

from __future__ import annotations

from archiver.sandbox.city import Size, platform_of
from archiver.sandbox.meta import facebook_story, instagram_story, threads_story
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.instagram_profiles import InstagramProfiles
from archiver.sandbox.meta.model import FACEBOOK, INSTAGRAM, THREADS
from archiver.sandbox.meta.threads_profiles import ThreadsProfiles
from archiver.sandbox.meta.world import MetaWorld


def tell_meta(meta: MetaWorld, size: Size) -> None:
    """Fill Meta's platforms; the totals of a size are shared out evenly between its accounts."""
    count = len(size.accounts)
    posts, answers, pictures = size.posts // count, size.answers // count, size.pictures // count
    for name in size.accounts:
        plan = facebook_story.Plan(posts, answers, pictures, size.residents, size.years, size.oddities)
        if platform_of(name) == FACEBOOK:
            facebook_story.tell(FacebookPages(meta), name, plan)
        elif platform_of(name) == INSTAGRAM:
            instagram_story.tell(InstagramProfiles(meta), name, plan)
        elif platform_of(name) == THREADS:
            threads_story.tell(ThreadsProfiles(meta), name, plan)
