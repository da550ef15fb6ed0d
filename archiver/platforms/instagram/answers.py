"""What an answer means: the Graph API's table, with what may be refused by itself on Instagram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.task import Meaning, Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.instagram.access import is_renewal
from archiver.platforms.instagram.flavours import Flavour
from archiver.platforms.instagram.routes import Call, Route, route_of
from archiver.platforms.meta.errors import ALONE, BEARABLE, Fault, error_of
from archiver.platforms.meta.errors import judge as judge_graph
from archiver.platforms.meta.fields import connection, document, mapping, text
from archiver.platforms.meta.requests import query_of

USAGE = frozenset({"instagram"})
"""The kind of allowance, in ``X-Business-Use-Case-Usage``, that calls about Instagram use up."""
NOT_LINKED = (
    "The page names no professional Instagram account. Link the account to the page in Meta Business Suite, as a "
    "Business or Creator account, and give the token the scopes instagram_basic and pages_read_engagement."
)
NO_PAGE = (
    "None of the pages that this token opens has the configured Instagram account. Assign its page to the person or "
    "system user behind the token, or set the handle to the account's present name."
)
_UNREADABLE = (
    "The Instagram account can't be read: it was made a personal one, was unlinked from its page, or the token lost "
    "its rights. Look at the account's settings, then make a new token."
)
WORDS: Mapping[str, str] = {
    "100/33": _UNREADABLE,
    "missing": _UNREADABLE,
    "10": "The token lacks a permission: instagram_basic or instagram_business_basic for posts, "
    "instagram_manage_comments or instagram_business_manage_comments for comments. Make a new one with these.",
    "190/463": "The token has expired. Tokens of Instagram's own login live for sixty days; connect the account again.",
}
_PAGE_TOKEN = 2069032
_BY_ITSELF = frozenset(
    {
        Call.MEDIUM, Call.STORIES, Call.LIVE, Call.TAGS, Call.COMMENT, Call.COMMENTS, Call.REPLIES, Call.MENTIONED,
        Call.CONVERSATIONS, Call.CONVERSATION, Call.PAGES, Call.LINKED,
    }
)  # fmt: skip
"""Calls that may be refused while the account's other calls go well."""


def judge(exchange: Exchange, flavour: Flavour | None) -> Verdict:
    """What an answer means for the loop. ``flavour`` None: it is still being found out."""
    route = route_of(exchange.url)
    verdict = judge_graph(exchange, bearable=_bearable(exchange, route, flavour), usage_types=USAGE, words=WORDS)
    if verdict.meaning is Meaning.SHAPE_CHANGED and _is_missing(exchange):
        return replace(verdict, meaning=Meaning.ACCESS_LOST)
    if verdict.meaning is Meaning.PROCEED and exchange.purpose is Purpose.API and exchange.ok:
        lost = _finds_nobody(exchange, route)
        return Verdict(Meaning.ACCESS_LOST, lost, budget=verdict.budget) if lost else verdict
    return verdict


def _bearable(exchange: Exchange, route: Route, flavour: Flavour | None) -> frozenset[Fault]:
    if flavour is None and is_probe(route):
        error = error_of(exchange)
        unreadable = error is not None and error.fault is Fault.TOKEN and error.subcode is None
        return ALONE | {Fault.TOKEN, Fault.NO_TOKEN} if unreadable else ALONE | {Fault.NO_TOKEN}
    if is_renewal(exchange.url):
        return ALONE
    if route.call in {Call.CONVERSATIONS, Call.CONVERSATION} and _wants_a_page(exchange):
        return ALONE | {Fault.TOKEN}
    if route.call in _BY_ITSELF:
        return ALONE
    return BEARABLE - {Fault.MISSING}


def _wants_a_page(exchange: Exchange) -> bool:
    """Whether messages are refused because the token is a person's or system user's, good for all else."""
    error = error_of(exchange)
    return error is not None and (error.code == 210 or error.subcode == _PAGE_TOKEN)


def _is_missing(exchange: Exchange) -> bool:
    """Whether it is the account itself that is not there: what a confirmation can't find is an answer."""
    error = error_of(exchange)
    return error is not None and error.fault is Fault.MISSING


def is_probe(route: Route) -> bool:
    """Whether it is the question whose token this is, which only Instagram's own tokens answer."""
    return route.node == "me" and "user_id" in route.fields


def _finds_nobody(exchange: Exchange, route: Route) -> str:
    """Why a page's answer leads to no account; empty when it may."""
    if route.call not in {Call.LINKED, Call.PAGES} or error_of(exchange) is not None:
        return ""
    try:
        answer = document(exchange)
    except ShapeChanged:  # reading says what is wrong with it
        return ""
    if route.call is Call.LINKED:
        return "" if mapping(answer.get("instagram_business_account")) else NOT_LINKED
    more = text(mapping(answer.get("paging")).get("next")) or any(name == "after" for name, _ in query_of(exchange.url))
    linked = any(mapping(page.get("instagram_business_account")) for _, page in connection(answer))
    return "" if linked or more else NO_PAGE
