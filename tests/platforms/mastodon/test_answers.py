"""What answers mean: the table, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.task import Budget, Meaning, TaskKind, Verdict
from archiver.platforms.mastodon import MastodonAdapter
from tests.platforms.carrying import exchange_of
from tests.platforms.mastodon_world import BASE, NOW, city, task

JSON, PAGE = ("Content-Type", "application/json"), ("Content-Type", "text/html; charset=utf-8")
P, R, W = Meaning.PROCEED, Meaning.RETRY, Meaning.WAIT
CLOSED, GONE, SHAPE = "closed", Meaning.ACCOUNT_GONE, Meaning.SHAPE_CHANGED

CALLS = {
    "lookup": "/api/v1/accounts/lookup?acct=city",
    "verify": "/api/v1/accounts/verify_credentials",
    "account": "/api/v1/accounts/109",
    "listing": "/api/v1/accounts/109/statuses?limit=40",
    "status": "/api/v1/statuses/113",
    "statuses": "/api/v1/statuses?id%5B%5D=113",
    "context": "/api/v1/statuses/113/context",
    "history": "/api/v1/statuses/113/history",
    "quotes": "/api/v1/statuses/113/quotes",
    "notifications": "/api/v1/notifications?types%5B%5D=mention",
    "requests": "/api/v1/notifications/requests",
    "instance": "/api/v2/instance",
    "instance_v1": "/api/v1/instance",
    "nodeinfo": "/.well-known/nodeinfo",
}

# status, kind of body, then the meaning for: listing, status, batch look-up, history, instance
TABLE: list[tuple[int, str, Meaning | str, Meaning | str, Meaning | str, Meaning | str, Meaning | str]] = [
    (200, "json", P, P, P, P, P),
    (200, "page", CLOSED, CLOSED, P, P, P),
    (301, "page", SHAPE, SHAPE, P, P, P),
    (302, "page", CLOSED, CLOSED, P, P, P),
    (308, "page", SHAPE, SHAPE, P, P, P),
    (400, "json", SHAPE, SHAPE, P, P, P),
    (401, "json", CLOSED, CLOSED, CLOSED, CLOSED, P),
    (401, "page", CLOSED, CLOSED, CLOSED, CLOSED, P),
    (403, "json", CLOSED, CLOSED, P, P, P),
    (404, "json", GONE, P, P, P, P),
    (404, "page", SHAPE, P, P, P, P),
    (405, "json", SHAPE, SHAPE, P, P, P),
    (406, "json", SHAPE, SHAPE, P, P, P),
    (408, "page", R, R, R, R, R),
    (410, "json", GONE, P, P, P, P),
    (422, "json", CLOSED, CLOSED, P, P, P),
    (429, "json", W, W, W, W, W),
    (429, "page", W, W, W, W, W),
    (500, "json", R, R, R, R, P),
    (500, "page", R, R, R, R, P),
    (501, "json", R, R, P, P, P),
    (502, "page", R, R, R, R, R),
    (503, "page", R, R, R, R, R),
    (504, "page", R, R, R, R, R),
    (530, "page", R, R, R, R, R),
]
CASES = [
    (f"{status} as {kind} to {call}", status, kind, call, meaning)
    for status, kind, *meanings in TABLE
    for call, meaning in zip(("listing", "status", "statuses", "history", "instance"), meanings, strict=True)
]


def answer(
    status: int | None, *headers: tuple[str, str], body: bytes = b"{}", call: str = "listing", **more: object
) -> Exchange:
    """An answer to a call."""
    spec = RequestSpec(BASE + CALLS[call], stream="posts", purpose=more.pop("purpose", Purpose.API))  # type: ignore[arg-type]
    found = exchange_of((status or 0, list(headers), body), spec, task(TaskKind.POLL))
    return Exchange(**{name: getattr(found, name) for name in Exchange.__slots__} | {"status": status} | more)


def judged(exchange: Exchange, *, token: bool = False) -> Verdict:
    """What it means, with or without a token."""
    return MastodonAdapter(city(authenticated=token)).judge(exchange)


@pytest.mark.parametrize(("status", "kind", "call", "meaning"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_meaning(status: int, kind: str, call: str, meaning: Meaning | str) -> None:
    """By status, call and kind of body; what is closed is a dead token for those who have one."""
    exchange = answer(status, JSON if kind == "json" else PAGE, body=b"{}" if kind == "json" else b"<html>", call=call)
    without, with_token = (judged(exchange, token=token).meaning for token in (False, True))
    if meaning == CLOSED:
        assert (without, with_token) == (Meaning.NEEDS_TOKEN, Meaning.ACCESS_LOST)
    else:
        assert (without, with_token) == (meaning, meaning)


def test_takahes_answer_to_a_bad_token() -> None:
    """400 with bare words under an HTML content type."""
    exchange = answer(400, PAGE, body=b"Invalid Bearer token", call="verify")
    assert judged(exchange, token=True).meaning is Meaning.ACCESS_LOST


@pytest.mark.parametrize(
    "words", ["The access token was revoked", "アクセストークンは取り消されました", "Zugriffstoken widerrufen", ""]
)
def test_words_change_no_meaning(words: str) -> None:
    """Servers translate them by ``Accept-Language``; they are for a person."""
    verdict = judged(answer(401, JSON, body=f'{{"error": "{words}"}}'.encode()), token=True)
    assert verdict.meaning is Meaning.ACCESS_LOST
    assert verdict.detail == f"401 {words}".strip()


def test_the_limit_s_end_is_an_iso_time() -> None:
    """Not seconds, as on Bluesky."""
    headers = (
        ("X-RateLimit-Limit", "300"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "2026-03-10T12:05:00.608310Z"),
    )
    verdict = judged(answer(429, JSON, *headers))
    assert verdict.until == datetime(2026, 3, 10, 12, 5, 0, 608310, tzinfo=UTC)
    assert verdict.budget == Budget(300, 0, verdict.until)


def test_gotosocial_spells_the_headers_another_way() -> None:
    """Header names have no case."""
    headers = (
        ("X-Ratelimit-Limit", "300"),
        ("X-Ratelimit-Remaining", "7"),
        ("X-Ratelimit-Reset", "2026-11-22T15:47:34.000Z"),
    )
    assert judged(answer(200, JSON, *headers)).budget == Budget(300, 7, datetime(2026, 11, 22, 15, 47, 34, tzinfo=UTC))


def test_unix_seconds_are_understood_too() -> None:
    """From a fork or a proxy that counts so."""
    headers = (("X-RateLimit-Remaining", "7"), ("X-RateLimit-Reset", "1773144300"))
    budget = judged(answer(200, JSON, *headers)).budget
    assert budget is not None
    assert budget.resets_at == datetime(2026, 3, 10, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("headers", [(), (("X-RateLimit-Remaining", "many"),), (("X-RateLimit-Reset", "soon"),)])
def test_no_budget_is_none(headers: tuple[tuple[str, str], ...]) -> None:
    """Takahē sends no such headers."""
    assert judged(answer(200, JSON, *headers)).budget is None


def test_a_limit_without_a_time_lasts_five_minutes() -> None:
    """Stock Mastodon's window."""
    assert judged(answer(429, JSON)).until == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(status: int) -> None:
    """GoToSocial under load."""
    verdict = judged(answer(status, JSON, ("Retry-After", "30")))
    assert (verdict.meaning, verdict.until) == (Meaning.WAIT, NOW + timedelta(seconds=30))


def test_the_later_of_two_retry_afters_counts() -> None:
    """GoToSocial sends seconds and a date while it starts."""
    headers = (("Retry-After", "120"), ("Retry-After", "Tue, 10 Mar 2026 12:01:00 GMT"))
    assert judged(answer(503, PAGE, *headers, body=b"<html>")).until == NOW + timedelta(minutes=2)


@pytest.mark.parametrize("failure", ["dns", "connect", "tls", "timeout", "disconnect", "protocol"])
def test_no_answer_is_tried_again(failure: str) -> None:
    """Whatever broke."""
    assert judged(answer(None, failure=failure)).meaning is Meaning.RETRY


def test_half_an_answer_is_tried_again() -> None:
    """Half a page would look like the last one."""
    assert judged(answer(200, JSON, truncated="disconnect")).meaning is Meaning.RETRY


def test_a_page_is_one_whatever_it_calls_itself() -> None:
    """A challenge page may come as anything."""
    assert (
        judged(answer(200, ("Content-Type", "application/json"), body=b" \n<!DOCTYPE html>")).meaning
        is Meaning.NEEDS_TOKEN
    )


def test_json_needs_no_content_type() -> None:
    """Some proxies lose it."""
    assert judged(answer(200, body=b"[]")).meaning is Meaning.PROCEED


def test_a_suspended_account_is_gone() -> None:
    """The object is hollow; a post that quotes the word is not."""
    hollow = answer(200, JSON, body=b'{"id": "1", "acct": "city", "suspended": true}', call="account")
    assert judged(hollow).meaning is Meaning.ACCOUNT_GONE
    named = answer(200, JSON, body=b'{"id": "1", "acct": "city", "note": "\\"suspended\\""}', call="account")
    assert judged(named).meaning is Meaning.PROCEED


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(200, P), (206, P), (403, P), (404, P), (410, P), (429, W), (500, R), (503, R), (None, R)],
)
def test_media(status: int | None, meaning: Meaning) -> None:
    """A picture that is not there is an answer; a file host says nothing of the token."""
    verdict = judged(answer(status, PAGE, body=b"", purpose=Purpose.MEDIA), token=True)
    assert verdict.meaning is meaning
    assert verdict.budget is None
