"""Instagram's part of the contract suite: both logins, on servers of their own kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.contract.server import Case, Provided, Reply
from tests.platforms.instagram_world import CITY, FACEBOOK, HANDLE, NOW, Answer, Server, city, failed, key, link, task

BASE = "https://gateway.example.gov"


def provide() -> Provided:
    """A city with pictures, an album, a reel, a story, a broadcast, a thread with a removed comment, tags, messages."""
    server = _story()
    account = city(base_url=BASE, messages=True)
    unknown = city(None, base_url=BASE)

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        server.page_most = server.nested_most = page_size or 100
        status, headers, body = server.answer(spec)
        return Reply(status, body, tuple(headers))

    known = tuple(key(f"1806{n}") for n in range(1, 8))
    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.PROFILE, account=unknown),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=account, since=NOW - timedelta(days=6, hours=12)),
            task(TaskKind.BACKFILL, account=account, since=NOW - timedelta(days=19)),
            task(TaskKind.THREAD, key("1010"), account=account, known=(key("1010"), *known)),
            task(TaskKind.CONFIRM, key("18067"), key("1002"), key("18061"), key("mention/2001/2100"), account=account),
            task(TaskKind.MENTIONS, account=account, full=True),
            task(TaskKind.MEDIA, key("1003"), account=account, address=link("1003.jpg")),
            task(TaskKind.ACCESS, account=account),
        ),
        elsewhere=replace(city(None), base_url=None),
        limits={"limit": (1, 100)},
        most_values={},
        may_hold_secret=frozenset({"graph.facebook.com", "graph.instagram.com"}),
        meanings=_meanings(account),
    )


def _story() -> Server:
    server, day = Server(), timedelta(days=1)
    for n in range(1, 10):
        server.post(str(1000 + n), f"Notice {n}", at=NOW - (20 - 2 * n) * day)
    video = {"id": "1102", "media_type": "VIDEO", "media_url": link("1102.mp4"), "thumbnail_url": link("1102.jpg")}
    server.album("1010", {"id": "1101", "media_type": "IMAGE", "media_url": link("1101.jpg")}, video, at=NOW - day)
    for n in range(1, 5):
        server.comment(f"1806{n}", "1010", text=f"Comment {n}")
    for n in range(5, 7):
        server.comment(f"1806{n}", "1010", HANDLE, f"@pat.example {n}", to="18061", hidden=n == 6)
    server.comment("18067", "1010", "sam.example", "Rude")
    server.delete("18067")
    server.post("1201", None, edge="stories", media_product_type="STORY", at=NOW - timedelta(hours=3))
    server.post("90010498116233", None, edge="live_media", media_type="BROADCAST", media_product_type="LIVE",
                media_url=None, permalink=None, shortcode=None)  # fmt: skip
    server.tag("2001", "festival.example", f"With @{HANDLE}", NOW - 3 * day)
    server.tag("2002", "pat.example", "Thanks!", NOW - 5 * day)
    mentioned = server.comment("2100", "2001", "sam.example", f"@{HANDLE} look")
    mentioned["media"]["media_url"] = link("2001.jpg")
    _messages(server)
    return server


def _messages(server: Server) -> None:
    talk = {"id": "aWdfZAG06", "updated_time": "2026-11-21T10:00:00+0000", "participants": {"data": []}}
    server.things["aWdfZAG06"] = ("Conversation", talk)
    server.edges["104000000000101", "conversations"] = ["aWdfZAG06"]
    for n in range(2):
        words = {"id": f"aWdfm{n}", "created_time": f"2026-11-21T1{n}:00:00+0000", "from": {"id": "156001", "username": "pat"},
                 "to": {"data": [{"id": CITY, "username": HANDLE}]}, "message": f"Hi {n}"}  # fmt: skip
        server.things[f"aWdfm{n}"] = ("Message", words)
    server.edges["aWdfZAG06", "messages"] = ["aWdfm1", "aWdfm0"]


def _meanings(account: Account) -> list[Case]:
    """A few of the table; the adapter's own tests have the rest."""
    media = f"{BASE}/v26.0/{CITY}/media?fields=id,caption,media_type&limit=25"
    stories = f"{BASE}/v26.0/{CITY}/stories?fields=id,caption,media_type&limit=50"
    comments = f"{BASE}/v26.0/1010/comments?fields=id,text&limit=50"
    profile = f"{BASE}/v26.0/{CITY}?fields=id,username,media_count"
    usage = (
        "X-Business-Use-Case-Usage",
        f'{{"{CITY}":[{{"type":"instagram","call_count":100,"estimated_time_to_regain_access":7}}]}}',
    )
    limited = _reply(failed(80002, "(#80002) There have been too many calls to this Instagram account."), usage)
    dead = _reply(failed(190, "Error validating access token: Session has expired", subcode=463))
    lacking = _reply(failed(10, "(#10) Application does not have permission for this action"))
    missing = _reply(failed(100, "Unsupported get request. Object with ID '1' does not exist", subcode=33))
    return [
        Case("80002 waits as long as the header says", media, limited, Meaning.WAIT, until=_in(minutes=7)),
        Case("a token that expired needs a person", media, dead, Meaning.ACCESS_LOST),
        Case("a lacking permission for posts needs a person", media, lacking, Meaning.ACCESS_LOST),
        Case("one for stories ends only these", stories, lacking, Meaning.PROCEED),
        Case("one for comments ends only these", comments, lacking, Meaning.PROCEED),
        Case("an account that can't be read needs a person", profile, missing, Meaning.ACCESS_LOST),
        Case("a comment that is not there is an answer", f"{BASE}/v26.0/1?fields=id,text", missing, Meaning.PROCEED),
        Case("a passing fault is tried again", media, _reply(failed(2, "Service temporarily unavailable", status=500)), Meaning.RETRY),
        Case("a page that names no account", f"{FACEBOOK}/v26.0/me?fields=id,name,instagram_business_account{{id,username}}",
             Reply(200, b'{"id":"104"}'), Meaning.ACCESS_LOST, account=account),
    ]  # fmt: skip


def _reply(answer: Answer, *headers: tuple[str, str]) -> Reply:
    status, own, body = answer
    return Reply(status, body, (*own, *headers))


def _in(*, minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)
