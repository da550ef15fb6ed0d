"""A post or answer as the archive's values.

What changes by itself stays out of what an edit can change: votes, signed addresses, the author's picture. Fields that
were not asked for are not empty (records rule R3), so what is known of the request belongs to the reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Body, Form, Link, Person, Poll, PollOption
from archiver.domain.keys import Key
from archiver.domain.observation import OWN_ACCOUNT, ItemSeen
from archiver.platforms.meta.fields import connection, count, flag, identifier, mapping, moment, objects, text
from archiver.platforms.meta.links import is_address, links_in, unsigned
from archiver.platforms.threads.files import files_of
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.states import state_of

Post = Mapping[str, Any]

FACADE = "REPOST_FACADE"
_OPTIONS = ("option_a", "option_b", "option_c", "option_d")
_PLACE = ("name", "address", "city", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post was found. ``own``: among the account's own; ``root``: where only roots stand; ``below`` a root.

    ``answers`` is what it answers when it does not say so itself; ``mention``: in the list of those who name the
    account.
    ``asked`` are the fields that were asked for (None: not known, all that are there).
    """

    own: bool = False
    root: bool = False
    below: str | None = None
    answers: str | None = None
    mention: bool = False
    asked: frozenset[str] | None = None

    def asks(self, *fields: str) -> bool:
        """Whether all of these were asked for."""
        return self.asked is not None and self.asked.issuperset(fields)

    def lacks(self, *fields: str) -> bool:
        """Whether one of these was not asked for."""
        return self.asked is not None and not self.asked.issuperset(fields)


def post_id(post: Post) -> str | None:
    """The id of a post."""
    return identifier(post.get("id"))


def newest(posts: Sequence[Post]) -> str | None:
    """The id of the first post of a page, to ask for by itself."""
    return next((native_id for post in posts if (native_id := post_id(post))), None)


def replied_to(post: Post) -> str | None:
    """The id of what it answers."""
    return identifier(mapping(post.get("replied_to")).get("id"))


def root_of(post: Post) -> str | None:
    """The id of the root of its thread; of a root its own where it says that it is one."""
    stated = identifier(mapping(post.get("root_post")).get("id"))
    return stated or (post_id(post) if flag(post.get("is_reply")) is False else None)


def sighting(names: Names, post: Post, pointer: str, place: Place) -> ItemSeen | None:
    """The record that a post is."""
    native_id = post_id(post)
    if native_id is None:
        return None
    share = text(post.get("media_type")) == FACADE
    state, cause = state_of(post)
    author = author_of(names, post, own=place.own)
    parent, thread = _stands(post, native_id, place)
    shared = identifier(mapping(post.get("reposted_post")).get("id"))
    return ItemSeen(
        key=names.post(native_id),
        form=Form.SHARE if share else Form.POST,
        author=author,
        body=_body(names, post, place),
        created_at=moment(post.get("timestamp")),
        parent=names.post(parent) if parent else None,
        thread=names.post(thread) if thread else None,
        thread_author=author.native_id if author is not None and thread == native_id else None,
        shares=names.post(shared) if shared else None,
        mentions=frozenset({OWN_ACCOUNT}) if place.mention else names.named_in(text(post.get("text"))),
        permalink=text(post.get("permalink")),
        state=state,
        cause=cause,
        pointer=pointer,
        aliases=_aliases(names, post),
    )


def author_of(names: Names, post: Post, *, own: bool = False) -> Person | None:
    """Who wrote it; None where nothing tells: names are shown of public accounts and of those who are followed."""
    username, number = text(post.get("username")) or None, identifier(mapping(post.get("owner")).get("id"))
    avatar = text(post.get("profile_picture_url"))
    avatar = unsigned(avatar) if avatar else None
    mine = flag(post.get("is_reply_owned_by_me"))
    if number is not None:
        return Person(names.number(number), username, avatar=avatar)
    if mine or own:
        return Person(OWN_ACCOUNT, username or None, avatar=avatar)
    return names.somebody(username, avatar=avatar) if username is not None else None


def _stands(post: Post, native_id: str, place: Place) -> tuple[str | None, str | None]:
    """Parent and root. What stands below a root and does not say what it answers, is put right below it."""
    parent, root = replied_to(post), root_of(post)
    if place.root and parent is None:
        return None, native_id
    root = root or place.below
    if parent is None and root != native_id:
        parent = place.answers or root
    return parent, root


def _body(names: Names, post: Post, place: Place) -> Body:
    files, whole = files_of(post)
    words = _text(post)
    quoted = identifier(mapping(post.get("quoted_post")).get("id"))
    partial = {
        "text": words is not None and place.lacks("text_attachment"),
        "attachments": not whole or place.lacks("media_url", "gif_url", "children"),
        "links": place.lacks("text_attachment", "link_attachment_url"),
    }
    return Body(
        text=words,
        attachments=files,
        links=_links(post, words),
        poll=_poll(post),
        quotes=names.post(quoted) if quoted else None,
        tags=(topic,) if (topic := text(post.get("topic_tag"))) else None,
        labels=tuple(_labels(post, quoted)),
        partial=frozenset(name for name, some in partial.items() if some),
        left_out=frozenset({"text"}) if words is None and place.asks("text", "text_attachment") else frozenset(),
    )


def _text(post: Post) -> str | None:
    """What a reader sees: the text, and after a blank line the long one that is attached to it."""
    words, attached = text(post.get("text")), text(mapping(post.get("text_attachment")).get("plaintext"))
    return "\n\n".join(filter(None, (words, attached))) if attached else words


def _links(post: Post, words: str | None) -> tuple[Link, ...] | None:
    """Addresses in the text, then those of attachments that are not among them; a preview of one of them is a card."""
    found = list(links_in(words))
    known = {link.url for link in found}
    for holder in (post, mapping(post.get("text_attachment"))):
        url = text(holder.get("link_attachment_url"))
        if url and is_address(url):
            found.append(Link(url, card=url in known))
    return tuple(found) if words is not None or found else None


def _poll(post: Post) -> Poll | None:
    """A poll. Shares of the votes are told, and their number once it is not too small: both make counts."""
    poll = mapping(post.get("poll_attachment"))
    total = poll.get("total_votes")
    options = [
        PollOption(title, _votes(poll.get(f"{name}_votes_percentage"), total))
        for name in _OPTIONS
        if (title := text(poll.get(name))) is not None
    ]
    return Poll(tuple(options), moment(poll.get("expiration_timestamp")), multiple=False) if options else None


def _votes(share: Any, total: Any) -> int | None:
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        return None
    votes = count(total)
    return None if votes is None else round(share * votes)


def _labels(post: Post, quoted: str | None) -> Iterator[str]:
    """Marks that are no part of the text, in the platform's own words."""
    if flag(post.get("is_quote_post")) and quoted is None:
        yield "quote"
    if flag(post.get("is_spoiler_media")):
        yield "spoiler"
    for _, entity in objects(post.get("text_entities")):
        if (text(entity.get("entity_type")) or "").upper() == "SPOILER":
            yield f"spoiler:{entity.get('offset')}+{entity.get('length')}"[:60]
    for name in ("hide_status", "reply_approval_status", "ghost_post_status", "reply_audience"):
        word = text(post.get(name))
        if word and word not in {"NOT_HUSHED", "EVERYONE"}:
            yield f"{name}:{word}"[:60]
    countries = post.get("allowlisted_country_codes")
    if isinstance(countries, list) and countries:
        yield "countries:" + ",".join(code for code in countries if isinstance(code, str))
    yield from _places(post)


def _places(post: Post) -> Iterator[str]:
    """The place of a post: by its id, and in words where they came along, as an object or as an edge of one."""
    native_id = identifier(post.get("location_id"))
    shown = mapping(post.get("location"))
    if "data" in shown:
        shown = next((one for _, one in connection(shown)), {})
    native_id = native_id or identifier(shown.get("id"))
    if native_id is not None:
        yield f"location:{native_id}"
    words = ", ".join(word for name in _PLACE if (word := text(shown.get(name))))
    if words:
        yield f"place:{words}"


def _aliases(names: Names, post: Post) -> tuple[Key, ...]:
    code = text(post.get("shortcode"))
    return (names.post(code),) if code else ()
