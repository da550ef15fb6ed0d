"""YouTube's part of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archiver.domain.account import NO_FACTS, Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import About, Meaning, TaskKind
from tests.platforms.contract.server import Case, Provided, Reply
from tests.platforms.youtube_world import ANN, BASE, CITY, NOW, OWNER, PLAYLIST, Server, city, failed, key, task

VIDEO, LIVE = "vidMeeting7", "vidLiveNow1"


def provide() -> Provided:
    """A channel with videos, a private one, a stream, threads with many answers, held comments, a removed comment."""
    server, known, removed = _story()
    account = city(base_url=BASE, owner=True)
    unknown = city(base_url=BASE, native_id=None, facts=NO_FACTS)

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        server.page_most = page_size or 100
        status, headers, body = server.answer(spec)
        return Reply(status, body, tuple(headers))

    about = {removed: About(author=ANN, thread=key(VIDEO))}
    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.PROFILE, account=unknown),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=unknown, full=True),
            task(TaskKind.POLL, account=account, since=NOW - timedelta(days=6, hours=12)),
            task(TaskKind.BACKFILL, account=account, since=NOW - timedelta(days=19)),
            task(TaskKind.THREAD, key(VIDEO), account=account, known=known),
            task(TaskKind.CONFIRM, removed, key("vidGone0001"), key("vidMeeting1"), key(PLAYLIST), account=account,
                 full=True, about=about),
            task(TaskKind.CHAT, key(LIVE), account=account),
            task(TaskKind.CAPTIONS, key(VIDEO), account=account),
            task(TaskKind.MEDIA, key(f"{VIDEO}/thumbnail"), account=account, address=f"https://i.ytimg.com/vi/{VIDEO}/hqdefault.jpg"),
            task(TaskKind.ACCESS, account=account),
            task(TaskKind.SUBSCRIBE, account=account, callback="https://records.example.gov/websub/city-youtube/seal"),
        ),
        elsewhere=replace(city(), base_url=None),
        limits={"maxResults": (1, 2000)},
        most_values={},
        may_hold_secret=frozenset({"youtube.googleapis.com"}),
        meanings=_meanings(account),
    )  # fmt: skip


def _story() -> tuple[Server, tuple[Key, ...], Key]:
    server, day = Server(credential=OWNER), timedelta(days=1)
    for n in range(1, 10):
        server.upload(f"vidMeeting{n}", at=NOW - (20 - 2 * n) * day)
    server.upload("vidPrivate1", at=NOW - day)
    server.hidden.add("vidPrivate1")
    server.upload(LIVE, at=NOW - timedelta(hours=1), snippet={"liveBroadcastContent": "live"},
                  liveStreamingDetails={"activeLiveChatId": "chat1", "actualStartTime": "2026-11-22T17:58:00Z"})  # fmt: skip
    server.playlists[PLAYLIST] = ["vidMeeting1"]  # of a longer one only the first page is read
    known = [one for number in range(1, 6) for one in server.thread(number, VIDEO, replies=3 * (number - 1))]
    server.comment("Ugheld00000000000000AaABAg", VIDEO, status="heldForReview")
    removed = server.thread(9, VIDEO)[0]
    server.remove(removed)
    server.tracks[VIDEO] = [
        {"kind": "youtube#caption", "id": "track1", "snippet": {
            "videoId": VIDEO, "lastUpdated": "2026-11-12T09:00:00.000000Z", "trackKind": "standard", "language": "en",
            "name": "", "isDraft": False, "status": "serving"}},
    ]  # fmt: skip
    server.chat = [
        {"kind": "youtube#liveChatMessage", "id": f"LCC.message{n}", "snippet": {
            "type": "textMessageEvent", "liveChatId": "chat1", "authorChannelId": ANN, "hasDisplayContent": True,
            "publishedAt": "2026-11-22T17:59:00.208241+00:00", "displayMessage": f"Louder {n}",
            "textMessageDetails": {"messageText": f"Louder {n}"}},
         "authorDetails": {"channelId": ANN, "displayName": "@ann", "isChatOwner": False}}
        for n in range(3)
    ]  # fmt: skip
    return server, tuple(key(one) for one in (VIDEO, *known, removed)), key(removed)


def _meanings(account: Account) -> list[Case]:
    """A few of the table; the adapter's own tests have the rest."""
    videos = f"{BASE}/youtube/v3/videos?part=snippet&id={VIDEO}"
    threads = f"{BASE}/youtube/v3/commentThreads?part=snippet,replies&videoId={VIDEO}"
    midnight = datetime(2026, 11, 23, 8, tzinfo=UTC)
    return [
        Case("a used-up quota ends at midnight Pacific time", videos, _reply(403, "quotaExceeded"), Meaning.WAIT,
             until=midnight, account=account),
        Case("too many calls in a short time", videos, _reply(403, "rateLimitExceeded"), Meaning.WAIT, account=account),
        Case("comments that are switched off are an answer", threads, _reply(403, "commentsDisabled"), Meaning.PROCEED),
        Case("so is a video that is not there", threads, _reply(404, "videoNotFound"), Meaning.PROCEED),
        Case("a dead token needs a person", videos, _reply(401, "authError"), Meaning.ACCESS_LOST, account=account),
        Case("without a key nobody is answered", videos, _reply(403, "forbidden"), Meaning.NEEDS_TOKEN,
             account=replace(account, authenticated=False)),
        Case("a fault passes", videos, _reply(500, "backendError"), Meaning.RETRY),
        Case("a handle that finds nobody", f"{BASE}/youtube/v3/channels?part=id&forHandle=%40{CITY}",
             Reply(200, b'{"kind": "youtube#channelListResponse", "items": []}'), Meaning.ACCOUNT_GONE),
    ]  # fmt: skip


def _reply(status: int, reason: str) -> Reply:
    made, headers, body = failed(status, reason)
    return Reply(made, body, tuple(headers))
