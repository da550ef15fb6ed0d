"""Google's token endpoint: codes with their verifier, refresh tokens, an hour for an access token."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.sandbox.conftest import ask
from tests.sandbox.youtube.conftest import ACCOUNT, Tube

REDIRECT = "http://127.0.0.1:8123/"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-000"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def _post(tube: Tube, **form: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(urlsplit(tube.city.base_url(ACCOUNT)).netloc, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = {"client_id": tube.host.credentials.client_id, "client_secret": tube.host.credentials.client_secret} | form
    try:
        connection.request("POST", "/token", urlencode(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _works(tube: Tube, token: str) -> bool:
    params = {"part": "id", "mine": "true"}
    return ask(f"{tube.city.base_url(ACCOUNT)}/youtube/v3/channels", params, token=token).status == 200


def _code(tube: Tube) -> dict[str, str]:
    code = tube.host.credentials.approve(tube.channel, REDIRECT, CHALLENGE)
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}


def test_a_code_becomes_tokens_that_last(tube: Tube) -> None:
    """An access token for an hour and a refresh token, which makes others when it is over."""
    status, given = _post(tube, **_code(tube))
    assert (status, given["expires_in"], given["token_type"]) == (200, 3599, "Bearer")
    assert _works(tube, given["access_token"])
    tube.city.world.advance(timedelta(hours=1))
    assert not _works(tube, given["access_token"])
    status, renewed = _post(tube, grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert (status, "refresh_token" in renewed) == (200, False)
    assert _works(tube, renewed["access_token"])


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code": "4/0Awrong"}, "invalid_grant"),
        ({"code_verifier": "another"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9/"}, "redirect_uri_mismatch"),
        ({"client_id": "another"}, "invalid_client"),
        ({"client_secret": "another"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_codes_are_checked(tube: Tube, wrong: dict[str, str], error: str) -> None:
    """Everything must fit what the consent was given for."""
    status, answer = _post(tube, **(_code(tube) | wrong))
    assert status in {400, 401}
    assert answer["error"] == error


def test_a_code_is_good_once_and_for_ten_minutes(tube: Tube) -> None:
    """Used ones and old ones are refused."""
    form = _code(tube)
    assert _post(tube, **form)[0] == 200
    assert _post(tube, **form)[1]["error"] == "invalid_grant"
    form = _code(tube)
    tube.city.world.advance(timedelta(minutes=10))
    assert _post(tube, **form)[1]["error"] == "invalid_grant"


def test_a_revoked_refresh_token(tube: Tube) -> None:
    """In Google's own words."""
    tube.host.sessions = True
    secrets = tube.city.secrets(ACCOUNT)
    assert secrets == tube.city.secrets(ACCOUNT)
    form = {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
    assert _post(tube, **form)[0] == 200
    tube.city.revoke(ACCOUNT)
    expected = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert _post(tube, **form) == (400, expected)
