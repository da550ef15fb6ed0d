"""An account on X that is logged in: its access ends after two hours, and its refresh token is good once."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.x import faults
from archiver.sandbox.x.tokens import Tokens
from tests.acceptance.children import Children
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

ACCOUNT = "city-x"
SMALL = Size((ACCOUNT,), posts=6, answers=12, pictures=2, residents=4, years=0.2)
SECRETS = ("token", "refresh_token", "client_id")


@dataclass
class Place:
    """A city with one account, and an archive that is logged in as it."""

    city: SandboxCity
    archive: Installation

    @property
    def tokens(self) -> Tokens:
        """All tokens of the simulated X."""
        return self.city.x.served.api.tokens

    def secret(self, name: str) -> str:
        """A secret as it stands in its file."""
        return (self.archive.home / name).read_text().strip()

    def let_sessions_end(self) -> None:
        """Two hours pass."""
        for token in self.tokens._tokens.values():
            if token.refresh is not None:
                token.ends_at = self.tokens.clock.now() - timedelta(minutes=1)

    def state(self) -> str:
        """The account's state."""
        return str(self.archive.status()[ACCOUNT]["state"])


@pytest.fixture
def place(tmp_path: Path, children: Children) -> Iterator[Place]:
    """A login that was just made."""
    city = SandboxCity(seed=7, size=SMALL).start()
    archive = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, children=children)
    archive.configure()
    made = Place(city, archive)
    session = made.tokens.grant(city.world.accounts[ACCOUNT].person)
    brought = dict(zip(SECRETS, (session.value, session.refresh or "", made.tokens.app.client_id), strict=True))
    for name, value in brought.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(value)
    config = tmp_path / "config.toml"
    lines = [line for line in config.read_text(encoding="utf-8").splitlines() if not line.startswith("token")]
    config.write_text("\n".join([*lines, *(f'{name} = {{ file = "{name}" }}' for name in SECRETS)]), encoding="utf-8")
    yield made
    city.stop()


def test_a_session_is_renewed_and_each_refresh_token_used_once(place: Place) -> None:
    """What was captured is the truth, and no token of any session is in what was kept."""
    first = {name: place.secret(name) for name in SECRETS}
    place.archive.collect(codes=(0,))
    assert place.tokens.renewals == 0
    place.let_sessions_end()
    place.archive.collect(codes=(0,))
    assert place.tokens.renewals == 1
    second = {name: place.secret(name) for name in SECRETS}
    assert second["refresh_token"] != first["refresh_token"]
    assert second["token"] != first["token"]
    assert place.state() == "ok"
    assert differences(place.archive.export(), place.city.truth(ACCOUNT, authenticated=True)) == []
    kept = b"".join(_unpacked(path.read_bytes()) for path in place.archive.data.rglob("*") if path.is_file())
    spoken = [secret for one in (first, second) for name, secret in one.items() if name != "client_id"]
    assert [secret for secret in spoken if secret.encode() in kept] == []
    assert b"oauth2/token" in kept


def test_good_tokens_that_are_refused_for_a_moment(place: Place) -> None:
    """The session is renewed, which does not help; then it is asked again, and nobody is alarmed."""
    place.city.x.served.faults.add(
        faults.unauthorized(), matching=lambda asked: asked.method == "GET", after=2, times=3
    )
    place.archive.collect(codes=(0,))
    assert place.state() == "ok"


def test_a_refresh_token_that_somebody_else_used(place: Place) -> None:
    """The account needs a person; after a new login all that was missed is there."""
    place.let_sessions_end()
    place.tokens._refresh.clear()
    place.archive.collect(codes=(3,))
    assert place.state() == "attention"
    session = place.tokens.grant(place.city.world.accounts[ACCOUNT].person)
    (place.archive.home / "refresh_token").write_text(session.refresh or "")
    (place.archive.home / "token").write_text(session.value)
    place.archive.run("check", codes=(0, 1, 3))
    place.archive.collect(codes=(0,))
    assert place.state() == "ok"
    assert differences(place.archive.export(), place.city.truth(ACCOUNT, authenticated=True)) == []


def _unpacked(content: bytes) -> bytes:
    """A file's content; of a WARC file what is in its members."""
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
