"""What every call passes: who asks, what it costs, whether it is well formed, and marks of what has not changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from archiver.sandbox.wire import Asked
from archiver.sandbox.youtube import faults
from archiver.sandbox.youtube.credentials import PROJECT, READONLY
from archiver.sandbox.youtube.parameters import METHODS, check
from archiver.sandbox.youtube.problems import Problem, processing_failure
from archiver.sandbox.youtube.quota import Quota
from tests.sandbox.conftest import ask
from tests.sandbox.youtube.conftest import ACCOUNT, Tube

# --- who asks


def test_without_any_credential(tube: Tube) -> None:
    """403, and nobody is charged."""
    answer = ask(f"{tube.city.base_url(ACCOUNT)}/youtube/v3/videos", {"part": "id", "id": "x"})
    assert (answer.status, answer.json["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert tube.host.spent == 0


def test_a_wrong_key_and_a_wrong_token(tube: Tube) -> None:
    """400 with the new reason in the details, and 401."""
    url = f"{tube.city.base_url(ACCOUNT)}/youtube/v3/videos"
    key = ask(url, {"part": "id", "id": "x"}, headers={"X-Goog-Api-Key": "AIzaWrong"}).json["error"]
    assert (key["code"], key["details"][0]["reason"]) == (400, "API_KEY_INVALID")
    token = ask(url, {"part": "id", "id": "x"}, token="ya29.wrong").json["error"]
    assert (token["code"], token["errors"][0]["reason"]) == (401, "authError")


def test_a_key_in_the_address_is_noted(tube: Tube) -> None:
    """It works, and a careful client does not do it."""
    url = f"{tube.city.base_url(ACCOUNT)}/youtube/v3/videos"
    assert ask(url, {"part": "id", "id": "x", "key": tube.host.credentials.key}).status == 200
    assert tube.host.api.noted.keys_in_url == 1


def test_revoked_and_reconnected(tube: Tube) -> None:
    """All tokens of the channel end, and are good again."""
    tube.city.revoke(ACCOUNT)
    assert tube.refused("channels", part="id", mine="true") == (401, "authError")
    assert tube.refused("channels", owner=False, part="id", mine="true") == (401, "required")
    tube.city.reconnect(ACCOUNT)
    assert tube.ids("channels", part="id", mine="true") == [tube.channel.id]


def test_a_token_without_the_scope_for_comments(tube: Tube) -> None:
    """Reading videos is one scope, reading comments as their owner another."""
    tube.host.credentials.accept(tube.channel, "ya29.readonly", scopes={READONLY})
    url = f"{tube.city.base_url(ACCOUNT)}/youtube/v3"
    assert ask(f"{url}/channels", {"part": "id", "mine": "true"}, token="ya29.readonly").status == 200
    refused = ask(f"{url}/comments", {"part": "id", "id": "x"}, token="ya29.readonly").json["error"]
    assert refused["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


# --- what it costs


@pytest.mark.parametrize(
    ("path", "params", "units"),
    [
        ("channels", {"part": "id", "mine": "true"}, 1),
        ("videos", {"part": "id", "id": "x"}, 1),
        ("playlistItems", {"part": "id", "playlistId": "PLnowhere"}, 1),
        ("commentThreads", {"part": "id", "videoId": "x"}, 1),
        ("captions", {"part": "id", "videoId": "x"}, 50),
        ("captions/nowhere", {}, 200),
        ("liveChat/messages", {"part": "id", "liveChatId": "x"}, 5),
        ("videos", {"part": "nothing", "id": "x"}, 1),
        ("search", {"part": "id"}, 0),
        ("unheardOf", {}, 0),
    ],
)
def test_units_of_a_call(tube: Tube, path: str, params: dict[str, Any], units: int) -> None:
    """Errors cost what the method costs; search is counted elsewhere, and what is no method nowhere."""
    tube.get(path, **params)
    assert tube.host.spent == units
    assert tube.host.quota.spent(PROJECT, bucket="search") == (path == "search")


def test_an_answer_that_has_not_changed_costs_as_well(tube: Tube) -> None:
    """304 for the mark of the whole answer, quoted or bare; with another mark the answer comes again."""
    first = tube.ok("channels", part="snippet", mine="true")
    for mark in (first["etag"], f'"{first["etag"]}"', f'W/"{first["etag"]}"'):
        again = tube.get("channels", part="snippet", mine="true", headers={"If-None-Match": mark})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first["etag"])
    tube.city.world.rename(ACCOUNT, display_name="Renamed")
    changed = tube.get("channels", part="snippet", mine="true", headers={"If-None-Match": first["etag"]})
    assert changed.status == 200
    assert "etag" not in changed.headers
    assert tube.host.spent == 5


def test_the_end_of_the_allowance(tube: Tube) -> None:
    """The call too many is refused and not charged, whoever of the project makes it; search goes on."""
    tube.host.quota.allowances["queries"] = 3
    for owner in (True, False, True):
        assert tube.get("videos", owner=owner, part="id", id="x").status == 200
    assert tube.refused("videos", part="id", id="x") == (403, "quotaExceeded")
    assert (tube.host.spent, tube.host.quota.refused) == (3, 1)
    assert tube.get("search", part="id", channelId=tube.channel.id).status == 200


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 1, 7, 59, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), date(2026, 12, 1)),
        # Clocks go forward on 8 March 2026 and back on 1 November 2026: days of 23 and of 25 hours.
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 3, 9, 6, 59, 59, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 3, 9, 7, 0, tzinfo=UTC), date(2026, 3, 9)),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 2, 7, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 2, 8, 0, tzinfo=UTC), date(2026, 11, 2)),
    ],
    ids=str,
)
def test_a_day_ends_at_midnight_in_california(moment: datetime, day: date) -> None:
    """Seven hours after that of UTC in summer, eight in winter."""
    ledger = Quota(lambda: moment)
    assert ledger.charge(PROJECT, 7)
    assert ledger.days(PROJECT) == {day: 7}


def test_too_many_calls_in_a_minute(tube: Tube) -> None:
    """A refusal of its own, which costs nothing and is over with the minute."""
    tube.host.api.per_minute = 2
    reasons = [tube.get("videos", part="id", id="x").status for _ in range(3)]
    assert reasons == [200, 200, 403]
    assert tube.host.spent == 2
    tube.city.world.advance(timedelta(seconds=61))
    assert tube.get("videos", part="id", id="x").status == 200


# --- whether it is well formed


@pytest.mark.parametrize(
    ("path", "params", "reason"),
    [
        ("videos", {"id": "x"}, "missingRequiredParameter"),
        ("videos", {"part": "snippet,shoeSize", "id": "x"}, "unknownPart"),
        ("videos", {"part": "id"}, "missingRequiredParameter"),
        ("videos", {"part": "id", "id": "x", "maxResult": "5"}, "badRequest"),
        ("videos", {"part": "id", "id": ",".join(map(str, range(51)))}, "invalidFilters"),
        ("channels", {"part": "id", "mine": "true", "id": "x"}, "incompatibleParameters"),
        ("channels", {"part": "id", "mine": "yes"}, "invalidParameter"),
        ("playlistItems", {"part": "id", "playlistId": "x", "maxResults": "51"}, "invalidParameter"),
        ("commentThreads", {"part": "id", "videoId": "x", "maxResults": "101"}, "invalidParameter"),
        ("commentThreads", {"part": "id", "videoId": "x", "order": "newest"}, "invalidParameter"),
        ("commentThreads", {"part": "id", "videoId": "x", "textFormat": "plaintext"}, "invalidParameter"),
        ("commentThreads", {"part": "id", "id": "x", "order": "time"}, "incompatibleParameters"),
        ("commentThreads", {"part": "id", "id": "x", "moderationStatus": "published"}, "incompatibleParameters"),
        ("comments", {"part": "id", "id": "x", "pageToken": "x"}, "incompatibleParameters"),
        ("comments", {"part": "id", "parentId": "x", "id": "x"}, "incompatibleParameters"),
        ("liveChat/messages", {"part": "id", "liveChatId": "x", "maxResults": "199"}, "invalidParameter"),
        ("captions/x", {"tfmt": "doc"}, "invalidParameter"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(tube: Tube, path: str, params: dict[str, str], reason: str) -> None:
    """400 with a reason, and noted."""
    assert tube.refused(path, **params) == (400, reason)
    assert tube.host.api.noted.refused == [reason]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_default_is_allowed(method: str) -> None:
    """What stands for a parameter that is left out is a value that could be given."""
    wanted = METHODS[method]
    for name, known in wanted.parameters.items():
        if known.default is None:
            continue
        values: dict[str, Any] = {name: [known.default], "part": sorted(wanted.parts)}
        chosen = [one for one in wanted.filters if one != "id" and wanted.parameters[one].among is None] or ["id"]
        values |= {one: ["x"] for one in chosen[:1] if wanted.filters}
        assert check(wanted, Asked("GET", "", "", values, {})).one(name) == known.default


@pytest.mark.parametrize("token", ["nonsense", "", "AAAA", "bm8gbWFyaw=="])
def test_a_page_token_fits_one_question(tube: Tube, token: str) -> None:
    """Words that are none, and tokens of another list, are refused."""
    for number in range(3):
        tube.world.upload(ACCOUNT, str(number))
    one = tube.world.compile(ACCOUNT, "One", tube.world.uploads(ACCOUNT))
    asked = {"part": "id", "maxResults": 1}
    other = tube.ok("playlistItems", playlistId=tube.uploads, **asked)["nextPageToken"]
    assert tube.ok("playlistItems", playlistId=tube.uploads, pageToken=other, **asked)["items"]
    for wrong in (token, other):
        if wrong:
            found = tube.refused("playlistItems", playlistId=one.id, pageToken=wrong, **asked)
            assert found == (400, "invalidPageToken")


def test_page_tokens_end_with_signs_that_addresses_must_not_have(tube: Tube) -> None:
    """A client that does not quote them sends another token."""
    for number in range(3):
        tube.world.upload(ACCOUNT, str(number))
    found = tube.ok("playlistItems", part="id", playlistId=tube.uploads, maxResults=1)["nextPageToken"]
    assert found.endswith("==")


# --- what goes wrong


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.backend_error(), (503, "backendError")),
        (faults.backend_error(500), (500, "internalError")),
        (faults.unavailable(), (403, "SERVICE_UNAVAILABLE")),
        (faults.rate_limited(), (403, "rateLimitExceeded")),
        (faults.token_refused(), (401, "authError")),
        (faults.page_failed(), (400, "processingFailure")),
    ],
)
def test_faults_on_purpose(tube: Tube, fault: Any, expected: tuple[int, str]) -> None:
    """Each in its own words, once; the call was charged all the same."""
    tube.host.google.faults.add(fault)
    assert tube.refused("videos", part="id", id="x") == expected
    assert tube.get("videos", part="id", id="x").status == 200
    assert tube.host.spent == 2


def test_old_forms_and_strange_fields(tube: Tube) -> None:
    """Times and marks as before 2020, no ``items``, and fields that nobody knows yet."""
    video = tube.world.upload(ACCOUNT, "Film")
    tube.quirks.old_forms = tube.quirks.strange = True
    found = tube.ok("videos", part="snippet", id=video.id)
    assert found["items"][0]["snippet"]["publishedAt"].endswith(".000Z")
    assert found["items"][0]["brandNew"]
    assert found["etag"].count("/") == 1
    tube.quirks.bare_empty = True
    assert "items" not in tube.ok("videos", part="snippet", id="gonegonegon")


def test_errors_are_said_in_googles_form() -> None:
    """Code and message twice, with domain, reason and place."""
    problem: Problem = processing_failure()
    error = problem.error()
    assert error["message"] == error["errors"][0]["message"]
    assert {"domain", "reason", "location", "locationType", "message"} == error["errors"][0].keys()
