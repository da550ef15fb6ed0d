"""What YouTube's errors mean, and when calls go on after a limit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.task import Meaning, Verdict
from archiver.platforms.youtube.answers import judge
from archiver.platforms.youtube.errors import QUOTA_ZONE, Fault, error_in, error_of, quota_resets
from tests.platforms.youtube.answers import NOON, answer, error, items
from tests.platforms.youtube.recorded import CITY

VIDEOS, THREADS, CHANNEL = "videos?part=id&id=a", "commentThreads?part=snippet&videoId=a", f"channels?part=id&id={CITY}"


def verdict(path: str, body: Any, *, token_sent: bool = True, session: bool = False, **more: Any) -> Verdict:
    """What an answer means."""
    return judge(answer(path, body, **more), token_sent=token_sent, session=session)


def meaning(path: str, body: Any, **more: Any) -> Meaning:
    """What an answer means, in a word."""
    return verdict(path, body, **more).meaning


@pytest.mark.parametrize(
    ("sentence", "status", "body", "fault"),
    [
        ("the day's units", 403, error(403, "quotaExceeded"), Fault.QUOTA),
        ("an older word for it", 403, error(403, "dailyLimitExceeded"), Fault.QUOTA),
        ("too fast", 403, error(403, "rateLimitExceeded"), Fault.RATE),
        ("too fast, by the status", 429, error(429, "new", status="RESOURCE_EXHAUSTED"), Fault.RATE),
        (
            "a limit of the day that only its unit names",
            429,
            error(429, "rateLimitExceeded", details=[{"metadata": {"quota_unit": "1/d/{project}"}}]),
            Fault.QUOTA,
        ),
        (
            "a limit of the minute that its unit names",
            429,
            error(429, "rateLimitExceeded", details=[{"metadata": {"quota_unit": "1/min/{project}"}}]),
            Fault.RATE,
        ),
        ("comments off", 403, error(403, "commentsDisabled"), Fault.COMMENTS_OFF),
        ("the chat is over", 403, error(403, "liveChatEnded"), Fault.CHAT_OVER),
        ("a video that is not there", 404, error(404, "videoNotFound"), Fault.MISSING),
        ("no rights", 403, error(403, "forbidden"), Fault.RIGHTS),
        (
            "a bad key is a bad request, and says so beside it",
            400,
            error(400, "badRequest", details=[{"@type": "ErrorInfo", "reason": "API_KEY_INVALID"}]),
            Fault.KEY,
        ),
        (
            "a project without the API is forbidden, and says so beside it",
            403,
            error(403, "forbidden", details=[{"reason": "SERVICE_DISABLED"}]),
            Fault.KEY,
        ),
        ("a parameter that is missing", 400, error(400, "required"), Fault.REQUEST),
        ("a login that is missing", 401, error(401, "required"), Fault.TOKEN),
        ("a transient fault as a refusal", 403, error(403, "SERVICE_UNAVAILABLE"), Fault.PASSING),
        ("an unknown word, by the status in words", 403, error(403, "novel", status="PERMISSION_DENIED"), Fault.RIGHTS),
        ("an unknown word, by the number", 410, error(410, "novel"), Fault.MISSING),
        ("a fault of theirs", 503, error(503, "novel"), Fault.PASSING),
        ("the token endpoint", 400, {"error": "invalid_grant", "error_description": "revoked"}, Fault.TOKEN),
        ("no list of reasons", 400, {"error": {"code": 400, "message": "No."}}, Fault.REQUEST),
    ],
)
def test_a_reason_has_a_class(sentence: str, status: int, body: Any, fault: Fault) -> None:
    """The most exact reason decides, then the status in words, then the number."""
    found = error_in(status, body)
    assert found is not None
    assert found.fault is fault, sentence


@pytest.mark.parametrize("body", [{}, [], None, {"error": ""}, {"error": 7}, {"items": []}])
def test_what_is_no_error_has_none(body: Any) -> None:
    """An empty word is none either."""
    assert error_in(500, body) is None


def test_only_an_answer_that_failed_has_an_error() -> None:
    """A list with a member of that name has none, and a page of a proxy is no JSON."""
    assert error_of(answer(VIDEOS, error(403, "forbidden"))) is None
    assert error_of(answer(VIDEOS, b"<html>", status=502)) is None


def test_a_basis_is_in_plain_words() -> None:
    """Messages hold markup, which an officer's proof does not repeat."""
    found = error_in(403, {"error": {"message": "The <code>videoId</code> has &quot;off&quot;\n comments.", "errors": [
        {"reason": "commentsDisabled"}]}})  # fmt: skip
    assert found is not None
    assert found.basis == '403 commentsDisabled The videoId has "off" comments.'


@pytest.mark.parametrize(
    ("path", "reason", "status", "expected"),
    [
        (VIDEOS, "quotaExceeded", 403, Meaning.WAIT),
        (VIDEOS, "userRateLimitExceeded", 403, Meaning.WAIT),
        (VIDEOS, "forbidden", 403, Meaning.ACCESS_LOST),
        (THREADS, "forbidden", 403, Meaning.PROCEED),
        ("captions?part=snippet&videoId=a", "forbidden", 403, Meaning.PROCEED),
        (THREADS, "commentsDisabled", 403, Meaning.PROCEED),
        (THREADS, "videoNotFound", 404, Meaning.PROCEED),
        (THREADS, "processingFailure", 400, Meaning.PROCEED),
        (THREADS, "quotaExceeded", 403, Meaning.WAIT),
        (THREADS, "invalidPart", 400, Meaning.SHAPE_CHANGED),
        (CHANNEL, "channelSuspended", 403, Meaning.ACCOUNT_GONE),
        (CHANNEL, "channelNotFound", 404, Meaning.ACCOUNT_GONE),
        (CHANNEL, "keyInvalid", 400, Meaning.ACCESS_LOST),
        (CHANNEL, "backendError", 500, Meaning.RETRY),
    ],
)
def test_an_error_ends_only_what_it_is_about(path: str, reason: str, status: int, expected: Meaning) -> None:
    """What may be refused by itself does not end the account's round."""
    assert meaning(path, error(status, reason), status=status) is expected


def test_a_token_that_ended_is_renewed_where_it_can_be() -> None:
    """A session is renewed; a token by itself, or an account without a channel, needs a person."""
    assert meaning(CHANNEL, error(401, "authError"), status=401, session=True) is Meaning.SESSION_EXPIRED
    assert meaning(CHANNEL, error(401, "authError"), status=401, session=False) is Meaning.ACCESS_LOST
    assert meaning(CHANNEL, error(401, "youtubeSignupRequired"), status=401, session=True) is Meaning.ACCESS_LOST


def test_without_a_key_nobody_is_answered() -> None:
    """Strangers are told that they are forbidden; they need a key."""
    assert meaning(VIDEOS, error(403, "forbidden"), status=403, token_sent=False) is Meaning.NEEDS_TOKEN


def test_a_list_without_the_channel_means_that_it_is_not_there() -> None:
    """There is no error for it. Whose token has no channel is not the account's end."""
    assert meaning(CHANNEL, items()) is Meaning.ACCOUNT_GONE
    assert meaning("channels?part=id&mine=true", items()) is Meaning.ACCESS_LOST
    assert meaning(CHANNEL, items({"id": CITY})) is Meaning.PROCEED
    assert meaning(CHANNEL, b"<html>") is Meaning.PROCEED  # reading says what is wrong
    assert meaning(VIDEOS, items()) is Meaning.PROCEED


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "proceed"), (500, "proceed"), (429, "proceed"), (None, "proceed")]
)
def test_a_feed_that_fails_stops_nothing(status: int | None, expected: str) -> None:
    """It is only a hint."""
    feed = Exchange(
        "0", 0, "city", "https://www.youtube.com/feeds/videos.xml?channel_id=U", "posts", NOON, status=status
    )
    assert judge(feed, token_sent=True, session=False).meaning == expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, (), Meaning.PROCEED),
        (404, (), Meaning.PROCEED),
        (403, (), Meaning.PROCEED),
        (401, (), Meaning.SESSION_EXPIRED),
        (503, (), Meaning.RETRY),
        (503, (("Retry-After", "60"),), Meaning.WAIT),
        (None, (), Meaning.RETRY),
    ],
)
def test_a_file(status: int | None, headers: tuple[tuple[str, str], ...], expected: Meaning) -> None:
    """A picture that is not there is an answer."""
    file = Exchange("0", 0, "city", "https://i.ytimg.com/vi/a/default.jpg", "media", NOON, status=status,
                    headers=headers, purpose=Purpose.MEDIA)  # fmt: skip
    assert judge(file, token_sent=True, session=True).meaning is expected


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (502, b"<html>", (), Meaning.RETRY),
        (429, b"", (), Meaning.RETRY),
        (503, b"", (("Retry-After", "5"),), Meaning.WAIT),
        (302, b"", (("Location", "https://consent.example"),), Meaning.SHAPE_CHANGED),
        (404, b"<html>", (), Meaning.SHAPE_CHANGED),
    ],
)
def test_an_answer_that_says_nothing(
    status: int, body: bytes, headers: tuple[tuple[str, str], ...], expected: Meaning
) -> None:
    """Of a proxy, or of a server that is out of order; a page that says 404 is nobody's word."""
    assert meaning(VIDEOS, body, status=status, headers=headers) is expected


def test_an_answer_that_did_not_come_is_asked_for_again() -> None:
    """None at all, or one that broke off."""
    assert meaning(VIDEOS, b"", status=None, failure="timeout") is Meaning.RETRY
    assert meaning(VIDEOS, items(), truncated="disconnect") is Meaning.RETRY


def test_a_person_is_told_what_to_do_and_what_youtube_said() -> None:
    """Both in plain words; of an error that needs nobody only the latter."""
    lost = verdict(CHANNEL, error(403, "accessNotConfigured"), status=403)
    assert lost.detail.startswith("The API key, or the Google Cloud project")
    assert lost.detail.endswith("YouTube says: 403 accessNotConfigured No.")
    assert verdict(VIDEOS, error(500, "backendError"), status=500).detail == "500 backendError No."


def test_a_spent_day_ends_at_midnight_pacific_and_binds_the_project() -> None:
    """All accounts of the project share it; a limit of seconds is the account's own and short."""
    day = verdict(VIDEOS, error(403, "quotaExceeded"), status=403)
    assert (day.until, day.shared) == (datetime(2026, 11, 23, 8, tzinfo=UTC), True)
    short = verdict(VIDEOS, error(403, "rateLimitExceeded"), status=403)
    assert (short.until, short.shared) == (NOON + timedelta(minutes=1), False)
    named = verdict(VIDEOS, error(429, "rateLimitExceeded"), status=429, headers=(("Retry-After", "7"),))
    assert named.until == NOON + timedelta(seconds=7)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-07-01T06:59:59+00:00", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01T07:00:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-12-01T07:59:59+00:00", "2026-12-01T08:00:00+00:00"),
        ("2026-03-08T08:00:00+00:00", "2026-03-09T07:00:00+00:00"),  # a day of 23 hours
        ("2026-11-01T07:00:00+00:00", "2026-11-02T08:00:00+00:00"),  # a day of 25 hours
        ("2026-11-01T09:30:00+00:00", "2026-11-02T08:00:00+00:00"),  # in the hour that comes twice
    ],
)
def test_when_the_day_ends(at: str, expected: str) -> None:
    """Midnight where YouTube is, on days of any length."""
    assert quota_resets(datetime.fromisoformat(at)) == datetime.fromisoformat(expected)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_day_ends_at_the_next_midnight(at: datetime) -> None:
    """Later than now, at midnight there, and on the day after."""
    until = quota_resets(at)
    there, now = until.astimezone(ZoneInfo(QUOTA_ZONE)), at.astimezone(ZoneInfo(QUOTA_ZONE))
    assert until > at
    assert (there.hour, there.minute, there.second) == (0, 0, 0)
    assert there.date() - now.date() == timedelta(days=1)


@pytest.mark.parametrize(
    ("url", "reason", "expected"),
    [
        ("https://youtube.googleapis.com/youtube/v3/captions/track1?tfmt=vtt", "quotaExceeded", Meaning.WAIT),
        ("https://youtube.googleapis.com/youtube/v3/captions/track1?tfmt=vtt", "rateLimitExceeded", Meaning.WAIT),
        ("https://youtube.googleapis.com/youtube/v3/captions/track1?tfmt=vtt", "forbidden", Meaning.PROCEED),
        ("https://i.ytimg.com/vi/a/default.jpg", "quotaExceeded", Meaning.PROCEED),
    ],
)
def test_subtitles_that_the_day_has_no_units_for_wait(url: str, reason: str, expected: Meaning) -> None:
    """They are the dearest of all, so it is they that meet the end of the day's quota; others say nothing of it."""
    file = Exchange("0", 0, "city", url, "media", NOON, status=403, purpose=Purpose.MEDIA,
                    body=json.dumps(error(403, reason)).encode())  # fmt: skip
    assert judge(file, token_sent=True, session=True).meaning is expected
