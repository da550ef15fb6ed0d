"""Threads' part of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.contract.server import Case, Provided, Reply
from tests.platforms.threads_world import ANN, BASE, BOB, CITY, NOW, Server, city, key, missing, picture, task

DAY = timedelta(days=1)


def provide() -> Provided:
    """A city with posts of all kinds, a thread with hidden and waiting answers, answers elsewhere, mentions, removals."""
    server = _story()
    account = city()
    known = tuple(key(native_id) for native_id in ("30", "31", "32", "33", "35"))

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        server.page_most = page_size or 100
        status, headers, body = server.answer(spec)
        return Reply(status, body, tuple(headers))

    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.ACCESS, account=account),
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.PROFILE, account=city(native_id=None)),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=city(native_id=None), since=NOW - 9 * DAY - DAY / 2),
            task(TaskKind.BACKFILL, account=account, since=NOW - 19 * DAY),
            task(TaskKind.THREAD, "30", account=account, known=known),
            task(TaskKind.THREAD, "41", account=account),
            task(TaskKind.CONFIRM, "35", "13", "14", account=account),
            task(TaskKind.MENTIONS, account=account, full=True),
            task(TaskKind.MEDIA, "media:14", account=account, address=picture("14", end="oe=1")["media_url"]),
        ),
        elsewhere=city(base_url=None),
        limits={"limit": (1, 100)},
        most_values={},
        may_hold_secret=frozenset({"graph.threads.net"}),
        meanings=_meanings(account),
        totals=False,
    )


def _story() -> Server:
    server = Server()
    for n in range(1, 9):
        server.post(str(10 + n), f"Notice {n}", at=NOW - (20 - 2 * n) * DAY)
    server.posts["14"] |= picture("14")
    server.posts["15"] |= {
        "media_type": "CAROUSEL_ALBUM",
        "children": {"data": [picture("151"), picture("152", kind="VIDEO")]},
    }
    server.post("19", None, at=NOW - 3 * DAY, media_type="REPOST_FACADE", reposted_post={"id": "900"})
    server.post("20", "For a day", at=NOW - 3 * DAY, ghost_post_status="ARCHIVED")
    server.post("30", "Hearing on Tuesday", at=NOW - 2 * DAY)
    for n, (author, parent) in enumerate(
        [(ANN, "30"), (BOB, "30"), ("cityofelmbrook", "31"), (ANN, "33"), (BOB, "30")], 31
    ):
        server.post(str(n), f"Answer {n}", author, at=NOW - DAY + n * timedelta(seconds=1), to=parent)
    server.posts["32"]["hide_status"] = "HIDDEN"
    server.post("36", "Waiting", BOB, at=NOW - DAY / 2, to="30", reply_approval_status="pending")
    server.pending["36"] = server.posts.pop("36")
    server.post("40", "Whose trees are these?", ANN, at=NOW - 5 * DAY)
    server.post("41", "The city's.", at=NOW - 5 * DAY + DAY / 24, to="40")
    server.post("42", "Thanks", ANN, at=NOW - 5 * DAY + DAY / 12, to="41")
    server.post("43", "More?", BOB, at=NOW - 5 * DAY + DAY / 8, to="42")
    server.post("50", "Hello @cityofelmbrook", ANN, at=NOW - 6 * DAY)
    server.mentions = ["50", "42"]
    server.delete("35")
    server.delete("13")
    return server


def _meanings(account: Account) -> list[Case]:
    """A few of the table; the adapter's own tests and those of Meta's machinery have the rest."""
    listing, post = f"{BASE}/v1.0/{CITY}/threads?fields=id", f"{BASE}/v1.0/30?fields=id"
    answers = f"{BASE}/v1.0/30/conversation?fields=id"

    def error(code: int, subcode: int | None = None, status: int = 400, message: str = "(#1) No") -> Reply:
        tail = f',"error_subcode":{subcode}' if subcode else ""
        return Reply(
            status, f'{{"error":{{"message":"{message}","type":"THApiException","code":{code}{tail}}}}}'.encode()
        )

    blocked = Reply(
        400,
        error(4).body,
        (
            ("X-App-Usage", '{"call_count":100}'),
            ("X-Business-Use-Case-Usage", '{"1":[{"estimated_time_to_regain_access":7}]}'),
        ),
    )
    return [
        Case("a dead token needs a person", listing, error(190, 463, 401), Meaning.ACCESS_LOST),
        Case("a post that is not there is an answer", post, error(100, 33), Meaning.PROCEED),
        Case("an account that the token is not shown needs a person", listing, error(100, 33), Meaning.ACCESS_LOST),
        Case("a scope for answers ends the answers only", answers, error(10, None, 403), Meaning.PROCEED),
        Case("a scope for all ends all", listing, error(10, None, 403), Meaning.ACCESS_LOST),
        Case("a limit ends when the header says", listing, blocked, Meaning.WAIT, until=NOW + timedelta(minutes=7)),
        Case("a limit without an end has one all the same", answers, error(17), Meaning.WAIT, until=NOW + timedelta(minutes=5)),
        Case("a passing fault passes", listing, error(2, None, 500), Meaning.RETRY),
        Case("an error in an answer of status 200 is one", listing, error(190, 460, 200), Meaning.ACCESS_LOST),
        Case("a web page from a gateway passes", listing, Reply(502, b"<html>", (("Content-Type", "text/html"),)), Meaning.RETRY),
        Case("no token at all", listing, error(104), Meaning.NEEDS_TOKEN, account=replace(account, authenticated=False)),
    ]  # fmt: skip


__all__ = ["missing", "provide"]
