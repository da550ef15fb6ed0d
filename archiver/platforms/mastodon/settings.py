"""Whom the account has blocked or muted, and which words it filters: told to its own token only, looked at once a day.

A block keeps somebody from answering the account and from following it. Mutes and filters change what the account
itself is shown, and nothing for visitors. https://docs.joinmastodon.org/methods/blocks/ and the pages beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import Observation, SettingSeen
from archiver.domain.page_settings import Member, SettingName
from archiver.domain.task import Cursor, Finding, NotOffered, Task
from archiver.errors import ShapeChanged
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.fields import flag, identifier, mapping, objects, text
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.paging import EMPTY_PAGES, Progress, links_of, next_page
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call, query_of

STREAM = "settings"
UNASKED = "Blocks, mutes and filters are told only to the account itself; set its token to capture them."
NO_SCOPE = (
    "The token may not read all of the account's blocks, mutes and filters; renew it with read:blocks, read:mutes and "
    "read:filters to have them captured."
)
NO_CALL = "This server does not list all of an account's blocks, mutes and filters."
_LIMITS = {Call.BLOCKS: "80", Call.MUTES: "80", Call.DOMAIN_BLOCKS: "200"}
"""The most that stock Mastodon gives at once; filters come all together."""


def first_requests(desk: Desk, names: Names, task: Task, verified: Exchange) -> list[RequestSpec]:
    """What is asked once it is sure that the token is the account's own: a colleague's would show other blocks."""
    holder = mapping(verified.json()) if verified.ok and not is_page(verified) else {}
    native_id, whose = identifier(holder.get("id")), text(holder.get("acct"))
    known = task.account.native_id
    own = names.person(native_id or "") == known if known else whose is not None and names.is_own(whose)
    return [_asked(desk, call) for call in SETTINGS] if own else []


@dataclass(frozen=True, slots=True)
class Page:
    """What comes after a page of a list: the next one, or that the server, or the token, does not give it."""

    following: tuple[RequestSpec, ...] = ()
    findings: tuple[Finding, ...] = ()
    state: Cursor = field(default_factory=dict)


def after(desk: Desk, exchange: Exchange, state: Cursor) -> Page:
    """The next page. A list that goes round in circles, or is empty for too long, is left; no look came whole then."""
    if not exchange.ok or is_page(exchange):
        return Page(findings=(NotOffered(STREAM, NO_SCOPE if exchange.status == 403 else NO_CALL),), state=state)
    following = next_page(exchange, (), by_id=False)
    if following is None:
        return Page(state={name: value for name, value in state.items() if name != _PROGRESS})
    before = Progress() if _is_first(exchange) else Progress.of(state.get(_PROGRESS))
    progress, repeated = before.after([str(one) for one in _entries(exchange)], following)
    if repeated or progress.empty > EMPTY_PAGES:
        return Page(findings=(NotOffered(STREAM, NO_CALL),), state=state)
    asked = desk.next(following, stream=STREAM, page=progress.page)
    return Page((asked,), state={**state, _PROGRESS: progress.saved()})


_PROGRESS = "settings"


def _entries(exchange: Exchange) -> list[Any]:
    answer = exchange.json()
    return [one.get("id") if isinstance(one, dict) else one for one in answer] if isinstance(answer, list) else []


def _is_first(exchange: Exchange) -> bool:
    return "max_id" not in {name for name, _ in query_of(exchange.url)}


def setting_seen(call: Call, exchange: Exchange, answer: Any) -> Iterator[Observation]:
    """What an answer shows of a setting."""
    if not isinstance(answer, list):
        raise ShapeChanged(f"{exchange.url} answered with something that is not a list.")
    setting, members = SETTINGS[call]
    last = "next" not in links_of(exchange)
    yield SettingSeen(setting, tuple(members(answer)), first=_is_first(exchange), last=last)


def _asked(desk: Desk, call: Call) -> RequestSpec:
    query = [("limit", _LIMITS[call])] if call in _LIMITS else []
    return desk.ask(call, query=query, stream=STREAM)


def _people(answer: Any) -> Iterator[Member]:
    for _, account in objects(answer):
        native_id, handle = identifier(account.get("id")), text(account.get("acct"))
        if native_id is not None:
            yield Member(native_id, f"@{handle}" if handle else native_id)


def _servers(answer: Any) -> Iterator[Member]:
    return (Member(one, one) for one in answer if isinstance(one, str) and one)


def _filters(answer: Any) -> Iterator[Member]:
    """A member for each word, so that one more word is one change; and for each post that is filtered by itself."""
    for _, one in objects(answer):
        native_id = identifier(one.get("id"))
        if native_id is None:
            continue
        parts = [*_words(one), *_posts(one)]
        does = f"filter “{text(one.get('title')) or ''}”: {_effect(one)}"
        for name, words in parts or [("", "")]:
            yield Member(f"{native_id}/{name}", f"{words} in the {does}" if words else does)


def _words(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for _, keyword in objects(one.get("keywords")):
        native_id, words = identifier(keyword.get("id")), text(keyword.get("keyword"))
        if native_id is not None and words:
            yield native_id, f"“{words}”" + (" as a whole word" if flag(keyword.get("whole_word")) else "")


def _posts(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for _, status in objects(one.get("statuses")):
        native_id, post = identifier(status.get("id")), identifier(status.get("status_id"))
        if native_id is not None and post is not None:
            yield f"post {native_id}", f"post {post}"


def _effect(one: Mapping[str, Any]) -> str:
    """What it does, where, and until when."""
    places = one.get("context")
    where = ", ".join(place for place in places if isinstance(place, str)) if isinstance(places, list) else ""
    ends = text(one.get("expires_at"))
    return f"{text(one.get('filter_action')) or 'warn'} in {where or 'no place'}" + (f", until {ends}" if ends else "")


SETTINGS: Mapping[Call, tuple[SettingName, Callable[[Any], Iterable[Member]]]] = {
    Call.BLOCKS: (SettingName.BLOCKED_USERS, _people),
    Call.MUTES: (SettingName.MUTED_USERS, _people),
    Call.DOMAIN_BLOCKS: (SettingName.BLOCKED_SERVERS, _servers),
    Call.FILTERS: (SettingName.FILTERS, _filters),
}
"""The calls, in the order in which they are made."""
