"""Signs of life: whether the token sees posts and comments of this account at all.

An empty list is no proof that nothing is there: a lost scope and an app that is not approved look the same. Media that
show a comment prove that comments can be seen, so what is counted and not listed elsewhere is held back there.
"""

from __future__ import annotations

from enum import StrEnum

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.platforms.instagram.flavours import SIGN_OF_LIFE
from archiver.platforms.instagram.office import Office
from archiver.platforms.meta.fields import connection, count, identifier, listed

SAMPLE = 25
"""So many of the newest media are looked at."""


class Sight(StrEnum):
    """What the newest media show."""

    NOTHING = "nothing"  # no media at all
    SILENCE = "silence"  # comments are counted, and none is shown
    UNTRIED = "untried"  # no comment is counted, so none need be shown
    COMMENTS = "comments"


def question(office: Office, stream: str) -> RequestSpec:
    """The newest media, each with one of its comments."""
    return office.desk.ask(f"{office.who.user_id}/media", SIGN_OF_LIFE, (("limit", str(SAMPLE)),), stream=stream)


def sight(exchange: Exchange) -> Sight:
    """What the answer shows."""
    media = [one for _, one in listed(exchange)]
    if not media:
        return Sight.NOTHING
    if any(identifier(one.get("id")) for medium in media for _, one in connection(medium.get("comments"))):
        return Sight.COMMENTS
    return Sight.SILENCE if any(count(one.get("comments_count")) for one in media) else Sight.UNTRIED
