"""The account's profile, its settings, and what its server is, once a day; and what this server does not give."""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Finding, NotOffered, Step, Task
from archiver.platforms.mastodon import settings
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.fields import mapping, objects, text
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.mentions import UNASKED as NO_MENTIONS
from archiver.platforms.mastodon.profiles import moved_to
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call, Route, route_of
from archiver.platforms.resuming import state_of

STREAM = "profile"
ELSEWHERE = (
    "A server only has the comments that other servers sent it. An answer elsewhere that does not name the account, "
    "one from a blocked server, and edits and removals that nobody reported do not show here."
)
NO_QUOTES = "Quotations by others are listed only for a token."
NO_PRIVATE = "Followers-only and direct posts, and answers like these, are shown only for the account's token."


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The account by its id, so that a new name is noticed; by its name as long as the id is not known."""
    asked = [
        desk.ask(Call.LOOKUP, query=[("acct", names.lookup)], stream=STREAM)
        if task.account.native_id is None
        else desk.ask(Call.ACCOUNT, names.account_id(task.account.native_id), stream=STREAM)
    ]
    if desk.token:
        asked.append(desk.ask(Call.VERIFY, stream=STREAM))
    asked.append(desk.ask(Call.INSTANCE, stream=STREAM))
    return desk.step(asked, findings=_never(desk))


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """What is left to ask; where the newest description of the server is missing, an older one."""
    route = route_of(exchange.url)
    asked = list(step.rest().requests)
    findings: list[Finding] = []
    state = state_of(step)
    if route is not None and route.call in {Call.LOOKUP, Call.ACCOUNT}:
        target = moved_to(mapping(exchange.json()))
        if target is not None:
            reason = f"The account says that it has moved to {target}. Only configured accounts are captured."
            findings.append(NotOffered(STREAM, reason))
    elif route is not None and route.call is Call.VERIFY:
        asked += settings.first_requests(desk, names, task, exchange)
    elif route is not None and route.call in settings.SETTINGS:
        page = settings.after(desk, exchange, state)
        asked[:0] = page.following
        findings += page.findings
        state = page.state
    elif route is not None:
        asked += _about_server(desk, route, exchange)
    return desk.step(asked, state, findings=findings)


def _never(desk: Desk) -> list[Finding]:
    never: list[Finding] = [NotOffered("comments elsewhere", ELSEWHERE)]
    if not desk.token:
        never += [
            NotOffered("private posts", NO_PRIVATE),
            NotOffered("quotes", NO_QUOTES),
            NotOffered("mentions", NO_MENTIONS),
            NotOffered(settings.STREAM, settings.UNASKED),
        ]
    return never


def _about_server(desk: Desk, route: Route, exchange: Exchange) -> list[RequestSpec]:
    usable = exchange.ok and not is_page(exchange)
    if route.call is Call.INSTANCE and not usable:
        return [desk.ask(Call.INSTANCE_V1, stream=STREAM)]
    if route.call is Call.INSTANCE_V1 and not usable:
        return [desk.ask(Call.NODEINFO_INDEX, stream=STREAM)]
    if route.call is Call.NODEINFO_INDEX and usable:
        return _nodeinfo(desk, exchange)
    return []


def _nodeinfo(desk: Desk, exchange: Exchange) -> list[RequestSpec]:
    """The newest of the documents that the index names, on this server."""
    hrefs = [text(one.get("href")) or "" for _, one in objects(mapping(exchange.json()).get("links"))]
    versions = sorted(route.id for href in hrefs if (route := route_of(href)) and route.call is Call.NODEINFO)
    return [desk.ask(Call.NODEINFO, versions[-1], stream=STREAM)] if versions else []
