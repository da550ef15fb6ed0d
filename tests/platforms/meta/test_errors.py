"""What Meta's errors mean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import Purpose
from archiver.domain.task import Meaning
from archiver.platforms.meta.errors import ALONE, Fault, error_in, error_of, judge, words_for
from tests.platforms.meta.answers import NOW, answer, error

REDUCE = "Please reduce the amount of data you're asking for, then retry your request"
GONE = (
    "Unsupported get request. Object with ID '9' does not exist, cannot be loaded due to missing permissions, or does "
    "not support this operation."
)

FAULTS: list[tuple[int | None, int | None, str, Fault]] = [
    (1, None, "An unknown error occurred", Fault.PASSING),
    (1, 99, "An unknown error occurred", Fault.PERMISSION),
    (1, None, REDUCE, Fault.HEAVY),
    (100, None, REDUCE, Fault.HEAVY),
    (None, None, REDUCE, Fault.HEAVY),
    (2, None, "Service temporarily unavailable", Fault.PASSING),
    (3, None, "Application does not have the capability to make this API call.", Fault.PERMISSION),
    (4, None, "(#4) Application request limit reached", Fault.LIMIT),
    (10, None, "(#10) This endpoint requires the 'pages_read_engagement' permission", Fault.PERMISSION),
    (12, None, "(#12) deprecate_post_ratings", Fault.REMOVED),
    (17, None, "(#17) User request limit reached", Fault.LIMIT),
    (32, None, "(#32) Page request limit reached", Fault.LIMIT),
    (341, None, "Application limit reached", Fault.LIMIT),
    (613, 1996, "Calls to this api have exceeded the rate limit.", Fault.LIMIT),
    (80001, 2446079, "(#80001) There have been too many calls to this Page account.", Fault.LIMIT),
    (80002, None, "There have been too many calls to this Instagram account.", Fault.LIMIT),
    (80006, None, "There have been too many calls to this messenger account.", Fault.LIMIT),
    (100, None, "(#100) Tried accessing nonexisting field (xyz) on node type (Page)", Fault.FIELD),
    (100, 33, GONE, Fault.MISSING),
    (100, None, ("(#100) Object does not exist, cannot be loaded due to missing permission or reviewable feature, or "
     "does not support this operation."), Fault.MISSING),
    (100, None, "(#100) The parameter limit is too high", Fault.PARAMETER),
    (100, None, "API calls from the server require an appsecret_proof argument", Fault.PROOF),
    (100, None, "Invalid appsecret_proof provided in the API argument", Fault.PROOF),
    (102, None, "Session key invalid", Fault.TOKEN),
    (104, None, "An access token is required to request this resource.", Fault.NO_TOKEN),
    (190, 463, "Error validating access token: Session has expired", Fault.TOKEN),
    (190, 2069032, "User Access Token Is Not Supported", Fault.TOKEN),
    (200, 2069030, "This endpoint is not supported in the new Pages experience", Fault.PERMISSION),
    (210, None, "(#210) A page access token is required to request this resource.", Fault.TOKEN),
    (283, None, "Requires pages_read_engagement permission", Fault.PERMISSION),
    (368, None, "The action attempted has been deemed abusive or is otherwise disallowed", Fault.BLOCKED),
    (803, None, "(#803) Some of the aliases you requested do not exist: nobody", Fault.MISSING),
    (2500, None, "Unknown path components: /xyz", Fault.PARAMETER),
    (2500, None, "An active access token must be used to query information about the current user.", Fault.NO_TOKEN),
    (4242, None, "Something new", Fault.PARAMETER),
]  # fmt: skip


@pytest.mark.parametrize(("code", "subcode", "message", "fault"), FAULTS)
def test_the_class_of_an_error(code: int | None, subcode: int | None, message: str, fault: Fault) -> None:
    """Codes and subcodes decide, words where one code has several meanings."""
    found = error_in(error(code, subcode, message))
    assert found is not None
    assert found.fault is fault


@pytest.mark.parametrize(
    ("code", "subcode"), [(4242, None), (1, 99)], ids=["an unknown code", "one that may be a missing permission"]
)
def test_an_error_that_says_it_passes_does(code: int, subcode: int | None) -> None:
    """``is_transient`` counts more than what a code may mean: nobody is told to renew a good token."""
    found = error_in(error(code, subcode, is_transient=True))
    assert found is not None
    assert found.fault is Fault.PASSING


@pytest.mark.parametrize(
    ("sentence", "body", "code", "message"),
    [
        ("nested", error(190, 463, "expired"), 190, "expired"),
        ("flat, of a token endpoint", {"error_type": "OAuthException", "code": 400, "error_message": "No"}, 400, "No"),
        ("the bare one", {"error": {"code": 1, "message": "x"}}, 1, "x"),
        ("a number as text", {"error": {"code": "190", "message": "x"}}, 190, "x"),
        ("OAuth's own", {"error": "invalid_request", "error_description": "bad"}, None, "bad"),
        ("without a message", {"error": {"code": 2}}, 2, ""),
        ("of another shape", {"error": {"code": "x", "message": ["y"]}}, None, ""),
    ],
)
def test_errors_of_all_shapes_are_found(sentence: str, body: Any, code: int | None, message: str) -> None:
    """Whatever the HTTP status."""
    for status in (200, 400, 500):
        found = error_of(answer(body, status))
        assert found is not None, sentence
        assert (found.code, found.message) == (code, message), sentence


@pytest.mark.parametrize("body", [{"data": []}, {"data": [], "error": None}, b"<html>error</html>", b'{"error', b"[]"])
def test_what_is_no_error_is_none(body: Any) -> None:
    """An answer, a page, a torn body."""
    assert error_of(answer(body)) is None


@pytest.mark.parametrize(
    ("sentence", "status", "body", "meaning"),
    [
        ("an answer", 200, {"data": []}, Meaning.PROCEED),
        ("a dead token, in HTTP 200", 200, error(190, 460), Meaning.ACCESS_LOST),
        ("a dead token", 401, error(190, 463), Meaning.ACCESS_LOST),
        ("no token", 400, error(104), Meaning.NEEDS_TOKEN),
        ("a lost permission", 403, error(10), Meaning.ACCESS_LOST),
        ("a missing signature", 400, error(100, None, "require an appsecret_proof argument"), Meaning.ACCESS_LOST),
        ("a block", 400, error(368), Meaning.ACCESS_LOST),
        ("a limit, as 403", 403, error(80001), Meaning.WAIT),
        ("a fault that passes", 500, error(2), Meaning.RETRY),
        ("a web page of a fault", 503, b"<html>Sorry, something went wrong", Meaning.RETRY),
        ("an empty fault", 500, b"", Meaning.RETRY),
        ("a web page instead of the answer", 200, b"<!DOCTYPE html>", Meaning.RETRY),
        ("too much", 500, {"error": {"code": 1, "message": REDUCE}}, Meaning.PROCEED),
        ("not there", 400, error(100, 33, GONE), Meaning.PROCEED),
        ("an unknown field", 400, error(100, None, "nonexisting field (x)"), Meaning.PROCEED),
        ("a call that was given up", 400, error(12), Meaning.PROCEED),
        ("a bad parameter", 400, error(100), Meaning.SHAPE_CHANGED),
        ("a redirect", 302, b"", Meaning.SHAPE_CHANGED),
        ("a refusal without an error", 400, b"[1]", Meaning.SHAPE_CHANGED),
    ],
)
def test_the_meaning_of_an_answer(sentence: str, status: int, body: Any, meaning: Meaning) -> None:
    """The table of facebook.md, section 12."""
    assert judge(answer(body, status)).meaning is meaning, sentence


def test_a_torn_answer_is_asked_for_again() -> None:
    """Whatever is in it."""
    assert judge(answer(b'{"data": [', truncated="disconnect")).meaning is Meaning.RETRY
    assert judge(answer(b"", None, failure="timeout")).meaning is Meaning.RETRY  # type: ignore[arg-type]


def test_a_call_that_may_be_refused_by_itself_ends_nothing_else() -> None:
    """A permission that one edge wants; a dead token still ends all."""
    assert judge(answer(error(10), 403), bearable=ALONE).meaning is Meaning.PROCEED
    assert judge(answer(error(100), 400), bearable=ALONE).meaning is Meaning.PROCEED
    assert judge(answer(error(190), 400), bearable=ALONE).meaning is Meaning.ACCESS_LOST


@pytest.mark.parametrize(
    ("sentence", "code", "header", "minutes"),
    [
        ("the header names the end", 80001, ('{"104": [{"type": "pages", "call_count": 100, '
         '"estimated_time_to_regain_access": 17}]}'), 17),
        ("of several, the last", 80001, ('{"104": [{"type": "pages", "estimated_time_to_regain_access": 3}, '
         '{"type": "messenger", "estimated_time_to_regain_access": 9}]}'), 9),
        ("nobody says", 4, None, 5),
        ("far over the limit", 17, '{"104": [{"type": "pages", "call_count": 131}]}', 36),
        ("very far over it", 17, '{"104": [{"type": "pages", "call_count": 900}]}', 60),
        ("uneven calls", 613, None, 60),
        ("an app that is limited", 341, None, 60),
        ("a header of another shape", 32, '[{"x": 1}]', 5),
    ],
)  # fmt: skip
def test_how_long_a_limit_is_heeded(sentence: str, code: int, header: str | None, minutes: int) -> None:
    """As the headers say, else from five minutes to an hour."""
    headers = (("X-Business-Use-Case-Usage", header),) if header else ()
    verdict = judge(answer(error(code), 400, headers))
    assert verdict.meaning is Meaning.WAIT
    assert verdict.until == NOW + timedelta(minutes=minutes), sentence


@pytest.mark.parametrize(
    ("code", "shared"),
    [(4, True), (341, True), (17, False), (32, False), (613, False), (80001, False), (80002, False), (2, False),
     (190, False)],
)  # fmt: skip
def test_limits_of_the_app_are_shared(code: int, shared: bool) -> None:
    """Those of a person, a page or a use case bind that account alone; so do all where calls are counted by account."""
    assert judge(answer(error(code), 400)).shared is shared
    assert not judge(answer(error(code), 400), app_wide=False).shared


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (190, 463, "expired"),
        (190, 460, "password"),
        (190, 458, "app was removed"),
        (190, 2069032, "a page's token is needed"),
        (190, 4711, "not valid"),
        (10, None, "lacks a permission"),
        (368, None, "policy"),
    ],
)
def test_words_tell_a_person_what_to_do(code: int, subcode: int | None, expected: str) -> None:
    """By subcode, else by code; the platform's own words stay with them."""
    found = error_in(error(code, subcode, "Said so"))
    assert found is not None
    assert expected in words_for(found)
    assert "Said so" in words_for(found)
    assert words_for(found, {str(code): "Ours.", found.name: "Ours."}).startswith("Ours.")


def test_the_error_inside_debug_token_has_its_subcode_under_another_name() -> None:
    """So a token that expired is told from one that was ended, here as well as anywhere else."""
    found = error_in({"error": {"code": 190, "message": "Session has expired", "subcode": 463}})
    assert found is not None
    assert (found.name, "expired" in words_for(found)) == ("190/463", True)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(200, Meaning.PROCEED), (403, Meaning.PROCEED), (404, Meaning.PROCEED), (500, Meaning.RETRY)],
)
def test_a_media_answer_by_its_status(status: int, meaning: Meaning) -> None:
    """A signature that expired (403) is an answer: the address is asked for anew."""
    assert judge(answer(b"URL signature expired", status, purpose=Purpose.MEDIA)).meaning is meaning
