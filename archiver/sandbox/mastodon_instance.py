"""What the server says of itself: instance documents, rules, WebFinger, NodeInfo. Open to everybody, always."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.sandbox.model import MASTODON
from archiver.sandbox.wire import Answer, Asked, json_answer
from archiver.sandbox.world import World

VERSION = "4.6.4"
_LIMITS: dict[str, Any] = {
    "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
    "polls": {
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2629746,
    },
}
_RULES = [{"id": "1", "text": "Be kind.", "hint": "", "translations": {}}]
NONE = Answer(404)
_ALL = {"local": "public", "remote": "public"}


def instance_routes(
    world: World, base_url: str, release: Callable[[], tuple[int, int]]
) -> dict[str, Callable[[Asked], Answer]]:
    """Paths and who answers them. Version 2 of the instance came with 4.0, its ``api_versions`` with 4.3."""
    host = base_url.split("//", 1)[1]

    def fixed(value: dict[str, Any] | list[Any]) -> Callable[[Asked], Answer]:
        headers = ("Cache-Control", "max-age=300, public, stale-while-revalidate=30, stale-if-error=86400")
        return lambda _: json_answer(_released(value, release()), headers=[headers])

    def webfinger(asked: Asked) -> Answer:
        resource = (asked.one("resource") or "").removeprefix("acct:")
        person = world.find_person(MASTODON, resource.split("@", maxsplit=1)[0])
        if person is None or person.domain is not None:
            return Answer(404, b"", "text/plain")
        links = [{"rel": "self", "type": "application/activity+json", "href": f"{base_url}/users/{person.handle}"}]
        body = {"subject": f"acct:{person.handle}@{world.domain}", "aliases": [], "links": links}
        return json_answer(body, mime="application/jrd+json; charset=utf-8")

    second = fixed(_version_2(world, base_url))
    software = {"name": "mastodon", "version": VERSION}
    nodeinfo = {"version": "2.0", "software": software, "protocols": ["activitypub"], "openRegistrations": False}
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return {
        "/api/v1/instance": fixed(_version_1(world, host)),
        "/api/v2/instance": lambda asked: NONE if release() < (4, 0) else second(asked),
        "/api/v1/instance/rules": fixed(_RULES),
        "/api/v1/instance/extended_description": fixed({"updated_at": None, "content": ""}),
        "/.well-known/nodeinfo": fixed({"links": [{"rel": rel, "href": f"{base_url}/nodeinfo/2.0"}]}),
        "/nodeinfo/2.0": fixed(nodeinfo),
        "/.well-known/webfinger": webfinger,
    }


def _released(value: dict[str, Any] | list[Any], release: tuple[int, int]) -> dict[str, Any] | list[Any]:
    """The document as an older release has it."""
    if not isinstance(value, dict) or "version" not in value or release == (4, 6):
        return value
    number = ".".join(map(str, release)) + ".0"
    older = (
        {**value, "version": number}
        if value["version"] == VERSION
        else {**value, "software": {"name": "mastodon", "version": number}}
    )
    if release < (4, 3):
        older.pop("api_versions", None)
    return older


def _version_1(world: World, host: str) -> dict[str, Any]:
    about = {"uri": host, "title": f"social.{world.domain}", "short_description": "", "description": "", "email": ""}
    facts = {
        "version": VERSION,
        "urls": {"streaming_api": f"ws://{host}"},
        "stats": {"user_count": 5, "status_count": 300, "domain_count": 4},
        "thumbnail": None,
        "languages": ["en"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
    }
    return about | facts | {"configuration": _LIMITS, "contact_account": None, "rules": _RULES}


def _version_2(world: World, base_url: str) -> dict[str, Any]:
    about = {"domain": f"social.{world.domain}", "title": f"social.{world.domain}", "version": VERSION}
    urls = {"streaming": base_url.replace("http", "ws", 1), "status": None, "about": f"{base_url}/about"}
    feeds = {"live_feeds": _ALL, "hashtag_feeds": _ALL, "trending_link_feeds": _ALL}
    configuration = {"urls": urls, "accounts": {"max_pinned_statuses": 5}, **_LIMITS}
    configuration |= {"timelines_access": feeds, "limited_federation": False}
    return {
        **about,
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "",
        "usage": {"users": {"active_month": 5}},
        "thumbnail": {"url": f"{base_url}/preview.png", "description": ""},
        "icon": [],
        "languages": ["en"],
        "configuration": configuration,
        "registrations": {"enabled": False, "approval_required": False, "reason_required": False, "message": None},
        "api_versions": {"mastodon": 11},
        "contact": {"email": f"it@{world.domain}", "account": None},
        "rules": _RULES,
    }
