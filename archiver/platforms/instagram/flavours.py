"""Instagram's two logins: through a Facebook page, or with Instagram itself. Other hosts, other fields, other ids.

Fields are kept apart, because one that a host does not know fails the whole call. The dearest expansions stand last.
(instagram.md, sections 1, 3, 4 and 5; November 2026.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from archiver.domain.account import Account
from archiver.platforms.meta.fieldlists import FieldList

FLAVOUR, PAGE, SCOPED = "flavour", "page", "app-scoped id"
"""Names of an account's facts."""
REPLIES = 50
"""So many answers come along with a comment; those of a longer row have pages of their own."""


class Flavour(StrEnum):
    """How the account's token was made."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"

    @property
    def host(self) -> str:
        """Where it is valid."""
        return f"https://graph.{self.value}.com"


@dataclass(frozen=True, slots=True)
class Who:
    """What must be known to ask anything: the flavour, the account's id, and its page (Facebook login only)."""

    flavour: Flavour
    user_id: str
    page: str | None = None

    @classmethod
    def of(cls, account: Account) -> Who | None:
        """From what was learned of an account; None as long as that is not enough."""
        return cls.saved_as(
            {FLAVOUR: account.facts.get(FLAVOUR), "id": account.native_id, PAGE: account.facts.get(PAGE)}
        )

    @classmethod
    def saved_as(cls, saved: Any) -> Who | None:
        """From a cursor."""
        if not isinstance(saved, Mapping):
            return None
        flavour, user_id = saved.get(FLAVOUR), saved.get("id")
        if flavour not in set(Flavour) or not isinstance(user_id, str) or not user_id:
            return None
        return cls(Flavour(flavour), user_id, saved.get(PAGE) or None)

    def saved(self) -> dict[str, Any]:
        """For a cursor."""
        return {FLAVOUR: str(self.flavour), "id": self.user_id, PAGE: self.page}


def told_by(base_url: str | None) -> Flavour | None:
    """The flavour that an address names; None for a gateway's or none."""
    host = urlsplit(base_url or "").hostname or ""
    return next((one for one in Flavour if host == f"graph.{one.value}.com"), None)


@dataclass(frozen=True, slots=True)
class Lists:
    """The fields of one flavour, by what they describe."""

    profile: FieldList
    media: FieldList
    tagged: FieldList
    comment: FieldList
    reply: FieldList
    conversation: FieldList

    @property
    def all(self) -> tuple[FieldList, ...]:
        """For the desk, which remembers what was refused of each."""
        return (self.profile, self.media, self.tagged, self.comment, self.reply, self.conversation)


ALIVE = FieldList.of("alive", "user_id,username")
HELD: Mapping[Flavour, FieldList] = {
    Flavour.FACEBOOK: FieldList.of("held", "id,username,media_count"),
    Flavour.INSTAGRAM: FieldList.of("held", "user_id,username,media_count"),
}
LINKED = FieldList.of("page", "id,name,instagram_business_account{id,username}")
"""The professional account of a page."""
FILE = FieldList.of("file", "id,media_type,media_url,thumbnail_url")
SIGN_OF_LIFE = FieldList.of("life", "id,comments_count,comments.limit(1){id}")
CONVERSATIONS = FieldList.of("conversations", "id,updated_time")

_PERSON = "username,name,profile_picture_url,followers_count,follows_count,media_count,biography,website"
_MEDIA = (
    "id,media_type,media_product_type,timestamp,permalink,shortcode,username,owner,caption,alt_text,media_url,"
    "thumbnail_url,like_count,comments_count,is_comment_enabled"
)
_TAGGED = "id,media_type,media_url,permalink,timestamp,username,caption,like_count,comments_count"
_REPLY = "id,text,timestamp,username,from{id,username},like_count,hidden,parent_id"
_CHILDREN = "children{id,media_type,media_url,thumbnail_url}"
_COMMENT = f"{_REPLY},user,media{{id,media_product_type}},replies.limit({REPLIES}){{{_REPLY}}}"
_CONVERSATION = (
    "id,updated_time,participants,messages.limit(20){id,created_time,from,to,message,is_unsupported,attachments,shares,"
    "story}"
)
_OF_FACEBOOK = "ig_id,shares_count,is_ai_generated,collaborators{id,username,invite_status}"

LISTS: Mapping[Flavour, Lists] = {
    Flavour.FACEBOOK: Lists(
        FieldList.of("profile", f"id,ig_id,{_PERSON}"),
        FieldList.of("media", f"{_MEDIA},{_OF_FACEBOOK},{_CHILDREN}"),
        FieldList.of("tagged", _TAGGED),
        FieldList.of("comment", _COMMENT),
        FieldList.of("reply", f"{_REPLY},user,media{{id}}"),
        FieldList.of("conversation", _CONVERSATION),
    ),
    Flavour.INSTAGRAM: Lists(
        FieldList.of("profile", f"user_id,id,account_type,{_PERSON}"),
        FieldList.of("media", f"{_MEDIA},{_CHILDREN}"),
        FieldList.of("tagged", _TAGGED),
        FieldList.of("comment", _COMMENT),
        FieldList.of("reply", f"{_REPLY},user,media{{id}}"),
        FieldList.of("conversation", _CONVERSATION),
    ),
}
MENTIONED = FieldList.of("mentioned", "caption,comments_count,like_count,media_type,media_url,owner,timestamp,username")
MENTIONED_COMMENT = FieldList.of("mentioned comment", "id,text,timestamp,like_count,username,media{id,media_url}")
