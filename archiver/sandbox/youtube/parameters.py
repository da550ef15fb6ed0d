"""What each method takes: parameters with their types and bounds, parts, filters, and what a call costs.

As in Google's description of the API of November 2026. Whatever is not in these lists is refused, as there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.sandbox.wire import Asked
from archiver.sandbox.youtube.problems import Problem, bad
from archiver.sandbox.youtube.quota import QUERIES, SEARCH

MOST_IDS = 50
_EVERYWHERE = frozenset({"key", "access_token", "oauth_token", "alt", "prettyPrint", "fields", "quotaUser", "$.xgafv",
                         "callback", "uploadType", "upload_protocol"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: a text, or as told. ``several``: it may repeat, and commas separate."""

    default: str | None = None
    among: frozenset[str] | None = None
    bounds: tuple[int, int] | None = None
    several: bool = False


TEXT = Parameter()
LIST = Parameter(several=True)
FLAG = Parameter(among=frozenset({"true", "false"}))


def _number(default: int, least: int, most: int) -> Parameter:
    return Parameter(str(default), bounds=(least, most))


def _word(*values: str, default: str | None = None) -> Parameter:
    return Parameter(default, among=frozenset(values))


FORMAT = _word("html", "plainText", "textFormatUnspecified", default="html")


@dataclass(frozen=True, slots=True)
class Method:
    """A method. ``filters``: exactly one of these is given. ``apart``: pairs that do not go together."""

    name: str
    parts: frozenset[str]
    parameters: Mapping[str, Parameter]
    filters: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    cost: int = 1
    bucket: str = QUERIES


@dataclass(frozen=True, slots=True)
class Given:
    """The parameters of a call that is well formed."""

    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str | None:
        """The value of a parameter, or what it is when it is left out."""
        values = self.values.get(name)
        return values[0] if values else None

    def text(self, name: str) -> str:
        """The same; empty where it is neither given nor has a default."""
        return self.one(name) or ""

    def number(self, name: str) -> int:
        """A number."""
        return int(self.text(name) or 0)

    def has(self, name: str) -> bool:
        """Whether it was given."""
        return bool(self.values.get(name))

    @property
    def parts(self) -> frozenset[str]:
        """What shall be told of each resource."""
        return frozenset(self.values.get("part", ()))


def check(method: Method, asked: Asked) -> Given:
    """The parameters of a call. Raises Problem for one that the method would refuse."""
    values: dict[str, tuple[str, ...]] = {}
    for name, sent in asked.params.items():
        known = method.parameters.get(name)
        if known is not None:
            values[name] = _value(name, known, sent)
        elif name == "part":
            values[name] = _split(sent)
        elif name not in _EVERYWHERE:
            raise _unknown(name)
    _check_parts(method, values.get("part", ()))
    _check_filters(method, values)
    for name, known in method.parameters.items():
        if known.default is not None and name not in values:
            values[name] = (known.default,)
    return Given(values)


def _value(name: str, known: Parameter, sent: list[str]) -> tuple[str, ...]:
    if known.several:
        found = _split(sent)
        if name == "id" and len(found) > MOST_IDS:
            raise bad("parameters.", "invalidFilters", "The request specifies an invalid filter parameter.")
        return found
    if len(sent) > 1:
        raise _invalid(name, sent[1], "It may be given once.")
    (value,) = sent
    if known.among is not None and value not in known.among:
        raise _invalid(name, value, f"Allowed values: [{', '.join(sorted(known.among))}]")
    if known.bounds is not None:
        least, most = known.bounds
        if not value.isdecimal() or not least <= int(value) <= most:
            raise _invalid(name, value, f"Values must be within the range: [{least}, {most}]")
    return (value,) if value else ()


def _split(sent: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for value in sent for part in value.split(",") if part))


def _check_parts(method: Method, parts: tuple[str, ...]) -> None:
    if not method.parts:
        return
    if not parts:
        raise bad("part", "missingRequiredParameter", "No part was given.")
    for part in parts:
        if part not in method.parts:
            raise Problem(400, "unknownPart", f"'{part}'", domain="youtube.part", where=("part", "parameter"))


def _check_filters(method: Method, values: Mapping[str, tuple[str, ...]]) -> None:
    if method.filters:
        given = [name for name in method.filters if values.get(name)]
        if not given:
            message = f"No filter selected. Expected one of: {', '.join(method.filters)}"
            raise bad("parameters.", "missingRequiredParameter", message)
        if len(given) > 1:
            raise _incompatible(given)
    for one, other in method.apart:
        if values.get(one) and values.get(other):
            raise _incompatible([one, other])


def _incompatible(names: list[str]) -> Problem:
    message = f"Incompatible parameters specified in the request: {', '.join(names)}"
    return bad("parameters.", "incompatibleParameters", message)


def _invalid(name: str, value: str, words: str) -> Problem:
    return bad(name, "invalidParameter", f"Invalid value '{value}'. {words}")


def _unknown(name: str) -> Problem:
    message = (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )
    return Problem(400, "badRequest", message, domain="global", state="INVALID_ARGUMENT")


def _parts(*names: str) -> frozenset[str]:
    return frozenset({"id", *names})


OWNERS_PARTS = frozenset({"fileDetails", "processingDetails", "suggestions"})
"""Parts of a video that are told to its owner alone; asking for them of another's video fails the call."""

METHODS: Mapping[str, Method] = {
    "channels": Method(
        "channels.list",
        _parts("snippet", "contentDetails", "statistics", "status", "brandingSettings", "localizations",
               "topicDetails", "contentOwnerDetails", "auditDetails"),
        {"id": LIST, "mine": FLAG, "forHandle": TEXT, "forUsername": TEXT, "managedByMe": FLAG, "hl": TEXT,
         "maxResults": _number(5, 0, 50), "pageToken": TEXT},
        filters=("id", "mine", "forHandle", "forUsername", "managedByMe"),
    ),
    "playlists": Method(
        "playlists.list",
        _parts("snippet", "contentDetails", "status", "localizations", "player"),
        {"id": LIST, "channelId": TEXT, "mine": FLAG, "hl": TEXT, "maxResults": _number(5, 0, 50), "pageToken": TEXT},
        filters=("id", "channelId", "mine"),
    ),
    "playlistItems": Method(
        "playlistItems.list",
        _parts("snippet", "contentDetails", "status"),
        {"id": LIST, "playlistId": TEXT, "videoId": TEXT, "maxResults": _number(5, 0, 50), "pageToken": TEXT},
        filters=("id", "playlistId"),
    ),
    "videos": Method(
        "videos.list",
        _parts("snippet", "contentDetails", "status", "statistics", "liveStreamingDetails", "recordingDetails",
               "topicDetails", "localizations", "player", "paidProductPlacementDetails", "brandPartner",
               *OWNERS_PARTS),
        {"id": LIST, "hl": TEXT, "maxHeight": _number(360, 72, 8192), "maxWidth": _number(640, 72, 8192),
         "maxResults": _number(5, 1, 50), "pageToken": TEXT},
        filters=("id",),
    ),
    "commentThreads": Method(
        "commentThreads.list",
        _parts("snippet", "replies"),
        {"id": LIST, "videoId": TEXT, "allThreadsRelatedToChannelId": TEXT, "maxResults": _number(20, 1, 100),
         "moderationStatus": _word("published", "heldForReview", "likelySpam", "rejected"),
         "order": _word("time", "relevance", "orderUnspecified"), "searchTerms": TEXT, "textFormat": FORMAT,
         "pageToken": TEXT},
        filters=("id", "videoId", "allThreadsRelatedToChannelId"),
        apart=tuple(("id", name) for name in ("maxResults", "moderationStatus", "order", "searchTerms", "pageToken")),
    ),
    "comments": Method(
        "comments.list",
        _parts("snippet"),
        {"id": LIST, "parentId": TEXT, "maxResults": _number(20, 1, 100), "textFormat": FORMAT, "pageToken": TEXT},
        filters=("id", "parentId"),
        apart=(("id", "maxResults"), ("id", "pageToken")),
    ),
    "captions": Method("captions.list", _parts("snippet"), {"id": LIST, "videoId": TEXT}, ("videoId",), cost=50),
    "captions/:id": Method(
        "captions.download",
        frozenset(),
        {"tfmt": _word("srt", "vtt", "ttml", "sbv", "scc"), "tlang": TEXT},
        cost=200,
    ),
    "liveChat/messages": Method(
        "liveChatMessages.list",
        _parts("snippet", "authorDetails"),
        {"liveChatId": TEXT, "hl": TEXT, "maxResults": _number(500, 200, 2000),
         "profileImageSize": _number(88, 16, 720), "pageToken": TEXT},
        filters=("liveChatId",),
        cost=5,
    ),
    "search": Method(
        "search.list",
        _parts("snippet"),
        {"channelId": TEXT, "type": LIST, "order": _word("date", "relevance", "title", "viewCount", "rating"),
         "q": TEXT, "publishedAfter": TEXT, "publishedBefore": TEXT, "forMine": FLAG,
         "eventType": _word("none", "upcoming", "live", "completed"), "maxResults": _number(5, 0, 50),
         "pageToken": TEXT},
        bucket=SEARCH,
    ),
}  # fmt: skip
"""By path below ``/youtube/v3/``. Of methods that an archive does not need there are none here: 404."""
