"""Posts and replies as Threads shows them: one node type, with lists of what is below."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.instagram_media import shortcode
from archiver.sandbox.meta.instagram_profiles import cover
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.problems import bad_parameter
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Getter, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment

SITE = "https://www.threads.com"
REPLIES = "threads_read_replies"
MANAGE = "threads_manage_replies"


def created(post: Thing) -> datetime:
    """By what lists are chosen with ``since`` and ``until``."""
    return post.created_at


def waiting(post: Thing) -> bool:
    """Whether it waits for approval, or was turned down: then it is in no list but that of these."""
    return "approval" in post.facts


def below(post: Thing) -> Iterator[Thing]:
    """All answers at every depth, removed ones too."""
    for reply in post.replies:
        yield reply
        yield from below(reply)


def given_out(post: Thing, call: Call) -> bool:
    """Whether it can be read by its id. An answer stays when what it answers is removed; not when the root is."""
    return there(post, call.now)


def there(post: Thing, now: datetime) -> bool:
    """The same without a call."""
    top = post.top
    for one in (post, top):
        if one.gone_at is not None or not one.author.active:
            return False
    return not post.unlisted and (post.expires_at is None or post.expires_at > now)


def kind_of(post: Thing) -> str:
    """``media_type``."""
    if post.shares is not None:
        return "REPOST_FACADE"
    pictures = post.latest.pictures
    if not pictures:
        return "TEXT_POST"
    if len(pictures) > 1 and post.form != "child":
        return "CAROUSEL_ALBUM"
    return "VIDEO" if pictures[0].kind == "video" else "IMAGE"


def permalink(post: Thing) -> str:
    """Where people read it."""
    return f"{SITE}/@{post.author.handle}/post/{shortcode(post.id)}"


# --- lists


def _ordered(posts: list[Thing], arguments: Arguments) -> Listing:
    newest_first = arguments.one("reverse", "true").lower() not in {"false", "0"}
    posts.sort(key=lambda one: (one.created_at, one.number), reverse=newest_first)
    return Listing([Node(POST, one) for one in posts])


def _replies(post: Thing, arguments: Arguments, call: Call) -> Listing:
    return _ordered([one for one in post.replies if given_out(one, call) and not waiting(one)], arguments)


def _conversation(post: Thing, arguments: Arguments, call: Call) -> Listing:
    if post.parent is not None:
        raise bad_parameter("The conversation edge is only available for root posts")
    return _ordered([one for one in below(post) if given_out(one, call) and not waiting(one)], arguments)


def _pending(post: Thing, arguments: Arguments, call: Call) -> Listing:
    wanted = arguments.one("approval_status")
    found = [one for one in below(post) if given_out(one, call) and waiting(one)]
    return _ordered([one for one in found if wanted in {"", one.facts["approval"]}], arguments)


def _children(post: Thing, _arguments: Arguments, call: Call) -> Listing:
    return Listing([Node(POST, one) for one in post.parts if one.form == "child" and given_out(one, call)])


def _edge(listing: Any, needs: str = REPLIES) -> Edge:
    return Edge(listing, needs=needs, switches=frozenset({"reverse"}), weight=10)


# --- fields


def _plain(post: Thing) -> bool:
    return post.form != "child"


def _text(post: Thing, _call: Call) -> object:
    return post.text if _plain(post) and post.text else LEFT_OUT


def _known(post: Thing, call: Call) -> bool:
    """Names of people are told of public accounts only."""
    mine = post.author is call.token.page
    return mine or not (post.nameless or call.quirks.nameless)


def _username(post: Thing, call: Call) -> object:
    return post.author.handle if _known(post, call) else LEFT_OUT


def _permalink(post: Thing, call: Call) -> object:
    return permalink(post) if _known(post, call) else LEFT_OUT


def _owner(post: Thing, call: Call) -> object:
    return {"id": post.author.id} if post.author is call.token.page else LEFT_OUT


def _name(post: Thing, part: str = "") -> str:
    return f"52_{post.id}{part}"


def _media_url(post: Thing, call: Call) -> object:
    first = post.picture
    if first is None or post.shares is not None or post.facts.get("withheld"):
        return LEFT_OUT
    shown: Picture = first
    return call.link(shown, _name(post.parts[0] if kind_of(post) == "CAROUSEL_ALBUM" and post.parts else post))


def _thumbnail(post: Thing, call: Call) -> object:
    film = post.picture
    if film is None or kind_of(post) != "VIDEO":
        return LEFT_OUT
    return call.link(cover(film), _name(post, "_cover"))


def _alt_text(post: Thing, _call: Call) -> object:
    shown = post.picture
    return shown.alt if shown is not None and shown.alt and kind_of(post) != "CAROUSEL_ALBUM" else LEFT_OUT


def _reference(post: Thing | None) -> object:
    return {"id": post.id} if post is not None else LEFT_OUT


def _poll(post: Thing, _call: Call) -> object:
    asked = post.facts.get("poll")
    if asked is None:
        return LEFT_OUT
    letters = "abcd"[: len(asked["options"])]
    shown: dict[str, Any] = {f"option_{one}": text for one, text in zip(letters, asked["options"], strict=True)}
    shown |= {f"option_{one}_votes_percentage": part for one, part in zip(letters, asked["shares"], strict=True)}
    return shown | {"total_votes": asked["votes"], "expiration_timestamp": moment(asked["ends"])}


def _attached(post: Thing, _call: Call) -> object:
    text = post.facts.get("attached")
    return {"plaintext": text} if text else LEFT_OUT


def _location(post: Thing, call: Call) -> object:
    found = post.facts.get("location")
    return found if found is not None and call.has("threads_location_tagging") else LEFT_OUT


def _location_id(post: Thing, _call: Call) -> object:
    found = post.facts.get("location")
    return found["id"] if found is not None else LEFT_OUT


def _ghost_status(post: Thing, call: Call) -> object:
    until = post.facts.get("ghost_until")
    return LEFT_OUT if until is None else "ACTIVE" if until > call.now else "ARCHIVED"


def _ghost_until(post: Thing, _call: Call) -> object:
    until = post.facts.get("ghost_until")
    return LEFT_OUT if until is None else moment(until)


def _hide_status(post: Thing, _call: Call) -> object:
    if post.parent is None:
        return LEFT_OUT
    stated = post.facts.get("hide_status")
    if post.hidden:
        return stated if stated not in {None, "UNHUSHED"} else "HIDDEN"
    return "UNHUSHED" if stated is not None else "NOT_HUSHED"


def _has_replies(post: Thing, call: Call) -> bool:
    return any(given_out(one, call) and not waiting(one) for one in post.replies)


def _face(post: Thing, call: Call) -> object:
    face = post.author.profile.avatar
    return call.link(face, f"53_{post.author.id}", "s150x150") if face is not None and _known(post, call) else LEFT_OUT


def _fact(name: str, otherwise: object = LEFT_OUT) -> Getter:
    return lambda post, _call: post.facts.get(name, otherwise)


def _mine(post: Thing, call: Call) -> object:
    return post.author is call.token.page if post.parent is not None else LEFT_OUT


POST = NodeType(
    "ThreadsMedia",
    {
        "id": lambda post, _: post.id,
        "media_product_type": lambda post, _: "THREADS" if _plain(post) else LEFT_OUT,
        "media_type": lambda post, _: kind_of(post),
        "text": _text,
        "timestamp": lambda post, _: moment(post.created_at),
        "permalink": _permalink,
        "shortcode": lambda post, _: shortcode(post.id),
        "username": _username,
        "owner": _owner,
        "media_url": _media_url,
        "thumbnail_url": _thumbnail,
        "gif_url": _fact("gif"),
        "alt_text": _alt_text,
        "is_quote_post": lambda post, _: post.facts.get("quote") is not None if _plain(post) else LEFT_OUT,
        "quoted_post": lambda post, _: _reference(post.facts.get("quote")),
        "reposted_post": lambda post, _: _reference(post.shares),
        "link_attachment_url": _fact("link"),
        "poll_attachment": _poll,
        "topic_tag": _fact("topic"),
        "is_spoiler_media": _fact("spoiler"),
        "text_entities": _fact("entities"),
        "text_attachment": _attached,
        "ghost_post_status": _ghost_status,
        "ghost_post_expiration_timestamp": _ghost_until,
        "location_id": _location_id,
        "location": _location,
        "allowlisted_country_codes": _fact("countries"),
        "is_verified": lambda post, call: post.author.official if _known(post, call) else LEFT_OUT,
        "profile_picture_url": _face,
        "has_replies": _has_replies,
        "is_reply": lambda post, _: post.parent is not None,
        "is_reply_owned_by_me": _mine,
        "root_post": lambda post, _: _reference(post.root),
        "replied_to": lambda post, _: _reference(post.parent),
        "hide_status": _hide_status,
        "reply_audience": _fact("audience", "EVERYONE"),
        "reply_approval_status": _fact("approval"),
    },
    {
        "replies": _edge(_replies),
        "conversation": _edge(_conversation),
        "pending_replies": Edge(_pending, needs=MANAGE, switches=frozenset({"reverse", "approval_status"}), weight=10),
        "children": Edge(_children, paged=False, weight=3),
    },
    needs=dict.fromkeys(
        ("has_replies", "is_reply", "is_reply_owned_by_me", "root_post", "replied_to", "hide_status"), REPLIES
    ),
)
