"""Profiles, subtitles, files, prices, and the ways to a credential."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.observation import ItemSeen
from archiver.domain.task import FollowUp, Meaning, NotOffered, TaskKind
from archiver.platforms.tagging import Tagging
from archiver.platforms.websub import Subscribing
from archiver.platforms.youtube import YouTubeAdapter
from archiver.platforms.youtube.costs import TARIFF, cost_of
from archiver.platforms.youtube.desk import KEY_FIELD, Desk
from archiver.platforms.youtube.office import WHOSE
from archiver.platforms.youtube.rhythm import TRACKS_LAST
from tests.platforms.youtube_world import (
    ANN,
    BASE,
    CITY,
    NOW,
    OWNER,
    PLAYLIST,
    Server,
    again,
    carry_out,
    city,
    failed,
    key,
    task,
)

VIDEO, DAY = "vidMeeting1", timedelta(days=1)
API = "https://youtube.googleapis.com/youtube/v3"


def test_the_profile_is_the_channel_and_its_playlists() -> None:
    """And the videos in each; what YouTube never gives is said each time."""
    server = Server(playlists={PLAYLIST: [VIDEO], f"{PLAYLIST}b": []}, page_most=1)
    server.upload(VIDEO)
    run = carry_out(server, task(TaskKind.PROFILE))
    assert run.calls == [
        "channels id=UCexampletonCity00000000", "playlists", "playlists pageToken=1",
        f"playlistItems playlistId={PLAYLIST}", f"playlistItems playlistId={PLAYLIST}b",
    ]  # fmt: skip
    assert {"community posts", "video files", "what only the owner sees"} <= {
        found.stream for found in run.findings if isinstance(found, NotOffered)
    }
    owner = carry_out(Server(credential=OWNER), task(TaskKind.PROFILE, account=city(owner=True)))
    assert "what only the owner sees" not in {found.stream for found in owner.findings}


def test_a_token_of_another_channel_is_called_so() -> None:
    """A person who logs in as themselves sees no more than everybody."""
    run = carry_out(Server(), task(TaskKind.PROFILE, account=city(facts={WHOSE: ANN})))
    [said] = [
        found.reason
        for found in run.findings
        if isinstance(found, NotOffered) and found.stream == "what only the owner sees"
    ]
    assert said.startswith(f"The token belongs to the channel {ANN}")


def test_a_playlist_that_is_not_listed_any_more_is_asked_about() -> None:
    """Once; a list that could not be read proves nothing."""
    server = Server(playlists={PLAYLIST: [], f"{PLAYLIST}b": []})
    first = carry_out(server, task(TaskKind.PROFILE))
    del server.playlists[PLAYLIST]
    server.instead = lambda spec: failed(403, "forbidden") if "/playlists?" in spec.url else None
    refused = carry_out(server, again(task(TaskKind.PROFILE), first))
    server.instead = None
    second = carry_out(server, again(task(TaskKind.PROFILE), refused))
    assert (refused.follow_ups, second.follow_ups) == ([], [FollowUp(TaskKind.CONFIRM, key(PLAYLIST))])
    assert carry_out(server, again(task(TaskKind.PROFILE), second)).follow_ups == []


def test_a_playlist_is_listed_again_when_it_changed() -> None:
    """By its mark and its count; else weekly, and in a round of everything."""
    server = Server(playlists={PLAYLIST: [VIDEO]})
    server.upload(VIDEO)
    first = carry_out(server, task(TaskKind.PROFILE))
    items = f"playlistItems playlistId={PLAYLIST}"

    def asks(days: int, **more: Any) -> bool:
        return (
            items in carry_out(server, again(task(TaskKind.PROFILE), first, started_at=NOW + days * DAY, **more)).calls
        )

    assert [items in first.calls, asks(1), asks(1, full=True), asks(7)] == [True, False, True, True]
    server.playlists[PLAYLIST].append("vidMeeting2")
    server.upload("vidMeeting2")
    assert asks(1)


def test_a_private_playlist_stops_nothing() -> None:
    """One that can't be listed is left out; the others go on."""
    server = Server(playlists={PLAYLIST: [], f"{PLAYLIST}b": []})
    server.instead = lambda spec: (
        failed(403, "playlistItemsNotAccessible") if f"playlistId={PLAYLIST}&" in spec.url else None
    )
    assert len(carry_out(server, task(TaskKind.PROFILE)).calls) == 4


def track(updated: str) -> dict[str, Any]:
    """A track of subtitles."""
    snippet = {"videoId": VIDEO, "lastUpdated": updated, "trackKind": "standard", "language": "en", "status": "serving"}
    return {"kind": "youtube#caption", "id": "track1", "snippet": snippet}


def test_subtitles_are_looked_for_more_and_more_seldom() -> None:
    """A look costs fifty units: as long as nothing changes each comes twice as long after the last, whoever asks."""
    account, server = city(owner=True), Server(credential=OWNER, tracks={VIDEO: [track("2026-11-12T09:00:00Z")]})
    asked = task(TaskKind.CAPTIONS, key(VIDEO), account=account)
    run, looked = carry_out(server, asked), []
    for day in range(1, 260):
        run = carry_out(server, again(asked, run, started_at=NOW + day * DAY, full=True))
        looked += [day] if run.calls else []
    assert looked == [1, 3, 7, 15, 31, 63, 127, 127 + TRACKS_LAST.days, 127 + 2 * TRACKS_LAST.days]
    server.tracks[VIDEO] = [track("2027-08-20T09:00:00Z")]
    changed = carry_out(server, again(asked, run, started_at=NOW + 400 * DAY))
    files = [file for one in changed.observations if isinstance(one, ItemSeen) for file in one.body.attachments or ()]
    assert [file.kind for file in files].count("captions") == 1
    assert carry_out(server, again(asked, changed, started_at=NOW + 401 * DAY)).calls == [f"captions videoId={VIDEO}"]


def test_subtitles_are_the_owner_s() -> None:
    """A key is not asked for them; a token without the scope is told so."""
    assert carry_out(Server(), task(TaskKind.CAPTIONS, key(VIDEO))).calls == []
    run = carry_out(Server(), task(TaskKind.CAPTIONS, key(VIDEO), account=city(owner=True)))
    assert [type(found) for found in run.findings] == [NotOffered]


def test_a_track_is_a_file_that_the_owner_s_token_opens() -> None:
    """Its name leads to its call, whatever the address was; a picture is fetched by its address without a credential."""
    subject = key(f"{VIDEO}/captions/track1/2026-11-12T09:00:00.000000Z")
    for base in (None, f"{BASE}/google/"):
        run = carry_out(
            Server(credential=OWNER), task(TaskKind.MEDIA, subject, account=city(base_url=base, owner=True))
        )
        [spec] = run.specs
        expected = (base or "https://youtube.googleapis.com").rstrip("/") + "/youtube/v3/captions/track1?tfmt=vtt"
        assert (spec.url, spec.purpose, spec.credential, spec.cost) == (expected, Purpose.MEDIA, "token", 200)
    picture = task(
        TaskKind.MEDIA, key(f"{VIDEO}/thumbnail"), address="https://i.ytimg.com/vi/vidMeeting1/hqdefault.jpg"
    )
    [spec] = carry_out(Server(), picture).specs
    assert (spec.url, spec.credential, spec.cost) == (picture.address, None, 0)
    assert carry_out(Server(), task(TaskKind.MEDIA, key(f"{VIDEO}/film"))).specs == []


@pytest.mark.parametrize(
    ("url", "units"),
    [
        (f"{API}/videos?part=id&id=a", 1),
        (f"{API}/commentThreads?part=snippet&videoId=a", 1),
        (f"{API}/liveChat/messages?liveChatId=c", 5),
        (f"{API}/captions?videoId=a", 50),
        (f"{API}/captions/track1?tfmt=vtt", 200),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC", 0),
        ("https://i.ytimg.com/vi/a/default.jpg", 0),
        (f"{BASE}/prefix/youtube/v3/videos?id=a", 1),
    ],
)
def test_what_calls_cost(url: str, units: int) -> None:
    """Units of the day's quota, errors and unanswered calls too."""
    assert cost_of(url) == units
    assert TARIFF.cost(Exchange("0", 0, "city", url, "posts", NOW, failure="timeout")) == units


def test_every_request_says_what_it_costs_and_how_it_is_signed() -> None:
    """A key goes in its own header field; where nothing is configured, nothing is signed."""
    desk = Desk.of(city())
    spec = desk.again(f"{API}/videos?part=id&id=a", "posts", 1)
    assert (spec.credential, spec.key_header, spec.cost) == ("token", KEY_FIELD, 1)
    assert Desk.of(city(authenticated=False)).again(f"{API}/videos?part=id&id=a", "posts", 1).credential is None


def test_what_must_be_fresh_is_asked_without_a_validator() -> None:
    """The last look at what may be gone, a chat and a file; all else may be answered with «not modified»."""
    desk = Desk.of(city())
    fresh = (f"{API}/videos?part=id,snippet&id=a", f"{API}/liveChat/messages?liveChatId=c")
    assert [desk.again(url, "posts", 1).conditional for url in fresh] == [False, False]
    assert desk.again(f"{API}/videos?part=snippet&id=a", "posts", 1).conditional


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        (
            b'{"kind": "youtube#videoListResponse", "etag": "OenXgOCJOtjLJC6ayxjxFB3JrC0"}',
            '"OenXgOCJOtjLJC6ayxjxFB3JrC0"',
        ),
        (b'{"etag": "\\"j6x/mj6\\""}', '"j6x/mj6"'),
        (b'{"etag": ""}', None),
        (b"<feed/>", None),
        (b"[]", None),
    ],
    ids=["today's form", "the form of before 2020", "an empty one", "a feed", "no list"],
)
def test_the_mark_of_a_list_is_its_entity_tag(body: bytes, tag: str | None) -> None:
    """It stands inside of the answer, and in no header field."""
    exchange = Exchange("0", 0, "city", f"{API}/videos?part=id&id=a", "posts", NOW, status=200, body=body)
    adapter = YouTubeAdapter(city())
    assert adapter.tag_of(exchange) == tag
    assert isinstance(adapter, Tagging)


CALLBACK = "https://records.example.gov/websub/city-youtube/seal"


def test_the_hub_is_asked_daily_to_tell_what_is_new() -> None:
    """With the name that Google gives the feed; the secret stands in no part of the request that is written."""
    run = carry_out(Server(), task(TaskKind.SUBSCRIBE, callback=CALLBACK))
    [spec] = run.specs
    form = dict(parse_qsl((spec.body or b"").decode()))
    assert spec.url == "https://pubsubhubbub.appspot.com/subscribe"
    assert form["hub.topic"] == f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={CITY}"
    assert (form["hub.callback"], spec.method, spec.cost, spec.credential) == (CALLBACK, "POST", 0, None)
    assert (run.last.done, run.observations) == (True, [])
    adapter = YouTubeAdapter(city())
    assert isinstance(adapter, Subscribing)
    assert adapter.topic == form["hub.topic"]


def test_where_nobody_listens_nothing_is_subscribed_to() -> None:
    """Nor where the channel's id is not known yet."""
    assert carry_out(Server(), task(TaskKind.SUBSCRIBE)).specs == []
    unknown = city(native_id=None, facts={})
    assert carry_out(Server(), task(TaskKind.SUBSCRIBE, account=unknown, callback=CALLBACK)).specs == []
    assert YouTubeAdapter(unknown).topic is None


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (202, Meaning.PROCEED),
        (204, Meaning.PROCEED),
        (400, Meaning.SHAPE_CHANGED),
        (503, Meaning.RETRY),
        (None, Meaning.SHAPE_CHANGED),
    ],
)
def test_a_hub_that_fails_ends_no_round(status: int | None, meaning: Meaning) -> None:
    """The task fails and is tried again; polls find what no push told."""
    exchange = Exchange("0", 0, "city", "https://pubsubhubbub.appspot.com/subscribe", "push", NOW, method="POST",
                        status=status, failure=None if status else "dns", task_kind="subscribe")  # fmt: skip
    assert YouTubeAdapter(city()).judge(exchange).meaning is meaning


def test_the_ways_to_a_credential() -> None:
    """A login of the owner, which lasts and shows all; a key, which shows what everybody sees."""
    ways = YouTubeAdapter(city()).connection().ways
    assert [(way.name, way.brings) for way in ways] == [("owner", ("refresh_token", "token")), ("key", ("token",))]
    assert ways[0].authorize is not None
    assert dict(ways[0].authorize.parameters)["access_type"] == "offline"
    assert urlsplit(ways[0].authorize.url).hostname == "accounts.google.com"
    elsewhere = YouTubeAdapter(city(base_url=BASE)).connection().ways[0]
    assert elsewhere.stages[0].request.url == f"{BASE}/token"


def test_a_refresh_token_makes_a_session() -> None:
    """Without one the token is used as it is."""
    assert YouTubeAdapter(city()).login() is None
    login = YouTubeAdapter(city(secrets=frozenset({"refresh_token", "client_id", "client_secret"}))).login()
    assert login is not None
    assert login.request.url == "https://oauth2.googleapis.com/token"
