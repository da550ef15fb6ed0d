"""What a request carries is made of the account's secrets, and goes where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.capture.credentials import NOTHING, Carried, carried, names_in, proof
from archiver.capture.secrets import SecretRef, Secrets
from archiver.domain.account import Account
from archiver.domain.exchange import KeyHeader, PrivateParameter, RequestSpec
from archiver.errors import TokenMissing

CITY = Account("city", "facebook", "city", authenticated=True)
VALUES = {"token": "EAAtoken-of-the-city", "app_id": "1234567890", "app_secret": "key"}


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    """The secrets of one account, in files."""
    refs = {}
    for name, value in VALUES.items():
        path = tmp_path / name
        path.touch(0o600)
        path.write_text(value)
        refs[name] = SecretRef(file=path)
    return Secrets({"city": refs})


def spec(url: str = "https://graph.example/v1/me", **more: object) -> RequestSpec:
    """A request."""
    return RequestSpec(url, "access", **more)  # type: ignore[arg-type]


def test_proof() -> None:
    """HMAC-SHA256 in lower-case hex, the secret as key: a value that everybody can check (Wikipedia's example)."""
    text = "The quick brown fox jumps over the lazy dog"
    assert proof("key", text) == "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"


BEARERS = {
    None: None,
    "token": "EAAtoken-of-the-city",
    "refresh_token": None,
    "{app_id}|{app_secret}": "1234567890|key",
    "TH|{app_id}": "TH|1234567890",
}


@pytest.mark.parametrize("credential", BEARERS)
def test_bearers(credential: str | None, secrets: Secrets) -> None:
    """A credential is a secret by its name, or several in a template."""
    assert carried(secrets, CITY, spec(credential=credential)).bearer == BEARERS[credential]


def test_a_session_stands_in_for_the_credential(secrets: Secrets) -> None:
    """Where a session is open its token is the bearer, and the proof is made with it."""
    given = carried(secrets, CITY, spec(credential="token", private=(PROOF,)), "session-token")
    assert (given.bearer, given.private) == ("session-token", (("appsecret_proof", proof("key", "session-token")),))


PROOF = PrivateParameter("appsecret_proof", "{proof}", optional=True)
MISSING = PrivateParameter("a", "{client_secret}")


KEY = KeyHeader("X-Goog-Api-Key", tokens=("ya29.", "EAA"))
PLACES = {
    "a key goes into its own field": ("{app_id}key", None, ("X-Goog-Api-Key", "1234567890key")),
    "what begins like a token is one": ("token", None, ("Authorization", "Bearer EAAtoken-of-the-city")),
    "a session's token is no key": ("{app_id}key", "session-token", ("Authorization", "Bearer session-token")),
}


@pytest.mark.parametrize("case", PLACES)
def test_where_a_credential_goes(case: str, secrets: Secrets) -> None:
    """A platform that takes keys and tokens gets each where it looks for it."""
    credential, session, expected = PLACES[case]
    given = carried(secrets, CITY, spec(credential=credential, key_header=KEY), session)
    assert given.authorization() == (expected,)
    assert expected[1] not in repr(given)


def test_no_credential_has_no_place(secrets: Secrets) -> None:
    """Without a credential there is no field for it; without a place for keys it is a bearer's."""
    assert carried(Secrets({}), CITY, spec(credential="token", key_header=KEY)).authorization() == ()
    assert carried(secrets, CITY, spec(key_header=KEY)).authorization() == ()
    bare = KeyHeader("X-Key")
    given = carried(secrets, CITY, spec(credential="token", key_header=bare))
    assert given.authorization() == (("X-Key", VALUES["token"]),)


def test_what_is_not_configured(secrets: Secrets) -> None:
    """An optional parameter is left out; one that is needed, and a template, name what is missing."""
    assert carried(Secrets({}), CITY, spec(private=(PROOF,))) == NOTHING
    assert carried(secrets, CITY, spec(private=(PROOF,))) == NOTHING  # there is no credential to prove
    with pytest.raises(TokenMissing, match="client_secret"):
        carried(secrets, CITY, spec(private=(MISSING,)))
    with pytest.raises(TokenMissing, match="app_id, client_secret"):
        carried(secrets, CITY, spec(credential="{app_id}|{client_secret}"))


def test_what_is_known_afterwards(secrets: Secrets) -> None:
    """Everything that was handed out is to be masked, except an app's number, which stands in honest answers."""
    carried(secrets, CITY, spec(credential="token", private=(PROOF, PrivateParameter("client_id", "{app_id}"))))
    assert secrets.known("city") == {VALUES["token"], "key", proof("key", VALUES["token"])}
    carried(secrets, CITY, spec(credential="{app_id}|{app_secret}"))
    assert "1234567890|key" in secrets.known("city")
    assert "1234567890" not in secrets.known("city")


ADDRESSES = {
    "https://a.example/b": "https://a.example/b?t=x%7Cy%26",
    "https://a.example/b?c=d#e": "https://a.example/b?c=d&t=x%7Cy%26",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_addresses(url: str) -> None:
    """Private parameters come last, escaped, whatever stands before them; a fragment is not sent."""
    given = Carried(private=(("t", "x|y&"),))
    assert given.url(spec(url)) == ADDRESSES[url]
    assert given.body(spec(url), None) is None
    assert NOTHING.url(spec(url)) == url.partition("#")[0]


def test_forms() -> None:
    """A POST carries them in its body, a form."""
    given, asked = Carried(private=(("t", "x|y"),)), spec("https://a.example/b?c=d", method="POST", body=b"a=1")
    assert given.url(asked) == "https://a.example/b?c=d"
    assert given.body(asked, asked.body) == b"a=1&t=x%7Cy"
    assert given.body(asked, None) == b"t=x%7Cy"
    assert given.headers(asked) == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert NOTHING.headers(asked) == ()


def test_a_parameter_is_not_sent_twice(secrets: Secrets) -> None:
    """A redirect may have repeated it in the address."""
    parameter = PrivateParameter("input_token", "{token}")
    assert carried(secrets, CITY, spec("https://a.example/b?input_token=x", private=(parameter,))).private == ()
    assert carried(secrets, CITY, spec("http://[::1/b?input_token=x", private=(parameter,))).names == {"input_token"}


def test_nothing_shows_itself(secrets: Secrets) -> None:
    """No representation holds a value."""
    given = carried(secrets, CITY, spec(credential="token", private=(PrivateParameter("t", "{token}"),)))
    assert VALUES["token"] not in repr(given)


def test_names_in_a_template() -> None:
    """A proof needs the app's secret."""
    assert list(names_in("{app_id}|{app_secret}")) == ["app_id", "app_secret"]
    assert list(names_in("{proof}")) == ["app_secret"]
