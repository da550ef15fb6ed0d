"""The page itself, its lists, and the people behind tokens (``me``, ``me/accounts``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from archiver.sandbox.images import picture
from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.facebook_comments import SITE, constant, without_value
from archiver.sandbox.meta.facebook_media import ALBUM, EVENT, LIVE, PHOTO, STORY, VIDEO, created, shown
from archiver.sandbox.meta.facebook_messages import CONVERSATIONS
from archiver.sandbox.meta.facebook_posts import POST
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.problems import removed_api
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Listing, Node, NodeType
from archiver.sandbox.meta.wire import answered
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer

ENGAGEMENT = "pages_read_engagement"
OTHERS = "pages_read_user_content"
TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
SILHOUETTE = picture(0, None)


# --- lists of posts


def _posts(name: str, chosen: Callable[[Person, Thing], bool]) -> Callable[[Person, Arguments, Call], Listing]:
    def listing(page: Person, arguments: Arguments, call: Call) -> Listing:
        if page.id in call.meta.unpublished:
            return Listing(())
        hole = call.quirks.holes.get(name)
        found = [
            post
            for post in call.meta.of(page, "post")
            if chosen(page, post)
            and not post.facts.get("reel")
            and post.available(call.now)
            and (post.shares is None or post.shares.available(call.now))
            and (not post.hidden or arguments.true("include_hidden"))
            and not (hole is not None and post.number % hole[0] == hole[1])
        ]
        found.sort(key=lambda post: (post.created_at, post.number), reverse=True)
        return Listing([Node(POST, post) for post in found])

    return listing


def _own(page: Person, post: Thing) -> bool:
    return post.author is page and post.published


def _feed(_page: Person, post: Thing) -> bool:
    return "scheduled" not in post.facts


def _visiting(page: Person, post: Thing) -> bool:
    return post.author is not page and not post.facts.get("tagged")


def _tagging(_page: Person, post: Thing) -> bool:
    return bool(post.facts.get("tagged"))


def _scheduled(_page: Person, post: Thing) -> bool:
    return not post.published and "scheduled" in post.facts


_SWITCHES = frozenset({"include_hidden", "show_expired", "with", "q", "include_inline"})


def _edge(name: str, chosen: Callable[[Person, Thing], bool], needs: str) -> Edge:
    return Edge(_posts(name, chosen), since=created, needs=needs, switches=_SWITCHES)


# --- lists of other things


def _of(kind: NodeType, *forms: str) -> Callable[[Person, Arguments, Call], Listing]:
    def listing(page: Person, _arguments: Arguments, call: Call) -> Listing:
        if page.id in call.meta.unpublished:
            return Listing(())
        return shown([one for one in call.meta.of(page, *forms) if not one.facts.get("story")], call, kind)

    return listing


def _photos(page: Person, arguments: Arguments, call: Call) -> Listing:
    if arguments.one("type", "profile") != "uploaded":
        return Listing(())
    return _of(PHOTO, "photo")(page, arguments, call)


def _stories(page: Person, arguments: Arguments, call: Call) -> Listing:
    """Those of the last 24 hours; the archive is off."""
    if arguments.one("status").upper() == "ARCHIVED":
        return Listing(())
    return shown(call.meta.of(page, "story"), call, STORY)


def _events(page: Person, arguments: Arguments, call: Call) -> Listing:
    wanted = arguments.one("time_filter")
    found = []
    for event in call.meta.of(page, "event"):
        past = _begins(event) < call.now
        if wanted in {"past", "upcoming"} and past is not (wanted == "past"):
            continue
        if event.facts["canceled"] and not arguments.true("include_canceled"):
            continue
        found.append(event)
    return shown(found, call, EVENT)


def _begins(event: Thing) -> datetime:
    at: datetime = event.facts["starts_at"]
    return at


def _ratings(_page: Person, _arguments: Arguments, _call: Call) -> Listing:
    raise removed_api()


def _empty(_page: Person, _arguments: Arguments, _call: Call) -> Listing:
    return Listing(())


# --- the page


def _face(page: Person, call: Call) -> dict[str, Any]:
    shown_now = page.profile.avatar or SILHOUETTE
    return {
        "height": 50,
        "is_silhouette": page.profile.avatar is None,
        "url": call.link(shown_now, f"30_{page.id}", "s50x50"),
        "width": 50,
    }


def _picture_answer(page: Person, arguments: Arguments, call: Call) -> Answer:
    face = _face(page, call)
    if arguments.one("redirect", "true").lower() in {"0", "false"}:
        return answered({"data": face})
    return Answer(302, b"", "image/jpeg", [("Location", face["url"])], cacheable=False)


def _access_token(page: Person, call: Call) -> object:
    operator = call.token.operator
    if call.token.page is page:
        return call.token.value
    if operator is None or page not in operator.pages or call.page_token is None:
        return LEFT_OUT
    return call.page_token(operator, page)


PAGE = NodeType(
    "Page",
    {
        "id": lambda page, _: page.id,
        "name": lambda page, _: page.profile.display_name,
        "username": lambda page, _: page.handle,
        "link": lambda page, _: f"{SITE}/{page.handle}",
        "about": lambda page, _: page.profile.description or LEFT_OUT,
        "picture": lambda page, call: {"data": _face(page, call)},
        "cover": lambda _page, _call: LEFT_OUT,
        "fan_count": lambda page, _: page.followers,
        "followers_count": lambda page, _: page.followers + 12,
        "is_published": lambda page, call: page.id not in call.meta.unpublished,
        "access_token": _access_token,
        "location": lambda _page, _call: {
            "city": "Maple Ford", "country": "United States", "state": "MN", "street": "1 Main Street", "zip": "55000"
        },
        "category_list": lambda _page, _call: [{"id": "1004", "name": "City Hall"}],
        "engagement": lambda page, _: {"count": page.followers, "social_sentence": f"{page.followers} like this."},
        **constant(
            category="City Hall", website="https://mapleford.example", phone="555-0100",
            single_line_address="1 Main Street, Maple Ford, MN 55000", emails=["hall@mapleford.example"],
            is_verified=True, verification_status="blue_verified", is_owned=True, is_unclaimed=False,
            is_permanently_closed=False, has_transitioned_to_new_page_experience=True, is_webhooks_subscribed=True,
            talking_about_count=4, were_here_count=0, checkins=0, rating_count=0, new_like_count=0,
            unread_message_count=0, overall_star_rating=0,
        ),
        **without_value(
            "bio", "company_overview", "connected_instagram_account", "contact_address", "country_page_likes",
            "description", "displayed_message_response_time", "featured_video", "founded", "general_info",
            "global_brand_page_name", "global_brand_root_id", "hours", "impressum", "instagram_business_account",
            "mission", "owner_business", "parent_page", "privacy_info_url", "public_transit", "start_info",
            "temporary_status", "business",
        ),
    },
    {
        "published_posts": _edge("published_posts", _own, ENGAGEMENT),
        "posts": _edge("posts", _own, ENGAGEMENT),
        "feed": _edge("feed", _feed, OTHERS),
        "visitor_posts": _edge("visitor_posts", _visiting, OTHERS),
        "tagged": _edge("tagged", _tagging, OTHERS),
        "scheduled_posts": _edge("scheduled_posts", _scheduled, ENGAGEMENT),
        "ads_posts": Edge(_empty, since=created, needs=ENGAGEMENT, switches=_SWITCHES),
        "albums": Edge(_of(ALBUM, "album"), needs=ENGAGEMENT),
        "photos": Edge(
            _photos, needs=ENGAGEMENT, since=created, choices={"type": frozenset({"profile", "tagged", "uploaded"})}
        ),
        "videos": Edge(
            _of(VIDEO, "video", "reel"), needs=ENGAGEMENT, since=created,
            choices={"type": frozenset({"TAGGED", "UPLOADED", "tagged", "uploaded"})},
        ),
        "video_reels": Edge(_of(VIDEO, "reel"), needs=ENGAGEMENT, since=created),
        "indexed_videos": Edge(_of(VIDEO, "video"), needs=ENGAGEMENT),
        "live_videos": Edge(
            _of(LIVE, "live"), needs=ENGAGEMENT, switches=frozenset({"broadcast_status", "source"})
        ),
        "events": Edge(
            _events, needs=ENGAGEMENT, since=created,
            switches=frozenset({"event_state_filter", "include_canceled", "type"}),
            choices={"time_filter": frozenset({"past", "upcoming"})},
        ),
        "stories": Edge(
            _stories, needs=ENGAGEMENT, since=created,
            choices={"status": frozenset({"ARCHIVED", "PUBLISHED", "archived", "published"})},
        ),
        "ratings": Edge(_ratings),
        "conversations": CONVERSATIONS,
        "subscribed_apps": Edge(_empty, needs="pages_manage_metadata"),
    },
    default=("name", "id"),
    needs={
        "fan_count": ENGAGEMENT, "followers_count": ENGAGEMENT, "emails": ENGAGEMENT, "about": ENGAGEMENT,
        "talking_about_count": ENGAGEMENT, "is_webhooks_subscribed": "pages_manage_metadata",
    },
    answers={"picture": _picture_answer},
)  # fmt: skip


# --- people with tasks on pages


def accounts_edge(page_token: Callable[[Any, Person], str], more: Mapping[str, Any] | None = None) -> Edge:
    """``me/accounts``: pages with their tokens; empty without ``pages_show_list``. ``more``: members beside these."""

    def of_page(member: Any) -> Any:
        return lambda entry, call: member(entry.page, call)

    kind = NodeType(
        "Page",
        {
            "access_token": lambda entry, _: page_token(entry.operator, entry.page),
            "category": lambda _entry, _call: "City Hall",
            "category_list": lambda _entry, _call: [{"id": "1004", "name": "City Hall"}],
            "name": lambda entry, _: entry.page.profile.display_name,
            "id": lambda entry, _: entry.page.id,
            "tasks": lambda _entry, _call: TASKS,
            **{name: of_page(member) for name, member in (more or {}).items()},
        },
        default=("access_token", "category", "category_list", "name", "id", "tasks"),
        identify=lambda node: str(node.thing.page.id),
    )

    def listing(operator: Any, _arguments: Arguments, _call: Call) -> Listing:
        return Listing([Node(kind, Assignment(operator, page)) for page in operator.pages])

    return Edge(listing, needs="pages_show_list", without="silence")


class Assignment:
    """One page of one operator."""

    def __init__(self, operator: Any, page: Person) -> None:
        self.operator = operator
        self.page = page
        self.id = page.id
