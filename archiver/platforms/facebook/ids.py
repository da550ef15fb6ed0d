"""Names and ids of Facebook: one number space for everything, and several ways to write the same thing.

| thing | as the Graph API writes it | native id of the record |
|---|---|---|
| page, photo, video, reel, album, event | `ID` | `ID` |
| post | `PAGEID_POSTID`; bare `POSTID` in stories and in `post_id` of reels | `PAGEID_POSTID` |
| comment | `POSTID_COMMENTID`; `PAGEID_POSTID_COMMENTID` inside expanded posts; `PAGEID_COMMENTID` in pushed events; `COMMENTID` | `POSTID_COMMENTID` |
| conversation, message | `t_…`, `m_…`, `mid.…` | the same |

A reel, video post, photo post or story has an id of the post and one of the medium; which of them an answer names differs by
source. Its record has the post's where the answer tells it, and the others as aliases; but a reel goes by its own, because
its post is on no list and may be one that can't be asked for.
"""  # noqa: E501 - a table

from __future__ import annotations

from dataclasses import dataclass

from archiver.domain.account import Account
from archiver.domain.keys import Key, make_key

PLATFORM = "facebook"
GRAPH = "https://graph.facebook.com"

_LASTING = 12
"""From so many digits on a number is one of the number space that all things share. Comments of the first years were
counted in each post, by numbers of up to eight digits, so alone these say nothing."""


@dataclass(frozen=True, slots=True)
class Names:
    """How the ids of Facebook become keys, and back.

    Built from nothing but the account's configuration, so that a rebuild names things as live capture did.
    ``handle`` is the page's id, or its name in addresses.
    """

    space: str
    base: str
    handle: str

    @classmethod
    def of(cls, account: Account) -> Names:
        """The names of an account."""
        handle = account.handle.strip().removeprefix("@")
        return cls(account.key_space, (account.base_url or GRAPH).rstrip("/"), handle)

    def person(self, native_id: str) -> str:
        """The permanent id of a person or page, as people's rows hold it."""
        return f"{self.space}{native_id}"

    def person_id(self, person: str) -> str:
        """A person's id as the Graph API writes it."""
        return person.removeprefix(self.space)

    def thing(self, native_id: str) -> Key:
        """The key of what has one id only: page, photo, video, album, event, conversation, message."""
        return make_key(PLATFORM, native_id, self.space)

    def profile(self, page_id: str) -> Key:
        """The key of a page's profile."""
        return self.thing(page_id)

    def post(self, native_id: str, page: str | None = None) -> Key:
        """The key of a post. ``page`` completes a bare id, where the answer tells on whose page the post is."""
        return self.thing(f"{page}_{native_id}" if page and _is_bare(native_id) else native_id)

    def comment(self, native_id: str, post: str | None = None, page: str | None = None) -> Key:
        """The key of a comment, however its id is written. ``post`` is the id of what it stands below, in any form.

        ``page`` is the page's id: it stands before the comment's in some pushed events, in the place of the post's.
        """
        return self.thing(comment_id(native_id, post, page))

    def post_aliases(self, native_id: str) -> tuple[Key, ...]:
        """The other names of a post: the second half of its id."""
        last = last_part(native_id)
        return (self.thing(last),) if last != native_id and _is_lasting(last) else ()

    def comment_aliases(self, native_id: str) -> tuple[Key, ...]:
        """The other names of a comment: its own number, by which all ways to write it are known for one."""
        last = last_part(native_id)
        return (self.thing(last),) if last != comment_id(native_id) and _is_lasting(last) else ()

    def native(self, key: str) -> str:
        """The id that a key is made of, as the Graph API takes it."""
        return key.removeprefix(f"{PLATFORM}:").removeprefix(self.space)


def comment_id(native_id: str, post: str | None = None, page: str | None = None) -> str:
    """A comment's id as ``POSTID_COMMENTID``, as far as can be told."""
    parts = native_id.split("_")
    below = last_part(post) if post else None
    if below and (len(parts) == 1 or (len(parts) == 2 and parts[0] == page and below != parts[1])):
        return f"{below}_{parts[-1]}"
    return "_".join(parts[-2:])


def last_part(native_id: str) -> str:
    """The last number of an id: the post's own, the comment's own."""
    return native_id.rpartition("_")[2]


def first_part(native_id: str) -> str | None:
    """What stands before an id's last number; None for a bare one."""
    return native_id.split("_")[-2] if "_" in native_id else None


def _is_bare(native_id: str) -> bool:
    return "_" not in native_id


def _is_lasting(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) >= _LASTING
