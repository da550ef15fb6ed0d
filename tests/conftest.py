"""What holds for every test: no way out of this machine, a clean environment, repeatable examples."""

from __future__ import annotations

import ipaddress
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from archiver.config import profile as profiles
from archiver.domain.profile import Profile
from tests.support import postgres as postgres_server

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=200,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

STRAY = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SOURCE_DATE_EPOCH", "FORCE_COLOR", "NO_COLOR")
"""Settings of the person who runs the tests that would change what our commands do."""


class WayOutBlockedError(RuntimeError):
    """A test wanted to leave this machine."""


def _is_here(host: object) -> bool:
    """Whether `host`, a name or an address, is this machine."""
    if host in {None, "", "localhost", "0.0.0.0", "::"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return str(host).endswith(".localhost")


def _guard(patch: pytest.MonkeyPatch) -> None:
    """Let sockets connect to, and names resolve to, this machine only."""

    def guarded(name: str) -> None:
        original = getattr(socket.socket, name)

        def connect(self: socket.socket, address: Any, /) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
                raise WayOutBlockedError(f"A test wanted to connect to {address!r}.")
            return original(self, address)

        patch.setattr(socket.socket, name, connect)

    guarded("connect")
    guarded("connect_ex")
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        try:
            ipaddress.ip_address(str(name).partition("%")[0])
        except ValueError:
            if not _is_here(name):
                raise WayOutBlockedError(f"A test wanted to look up {name!r}.") from None
        return resolve(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="session", autouse=True)
def _nothing_leaves() -> Iterator[None]:
    """No socket of the tests' process leads off this machine."""
    with pytest.MonkeyPatch.context() as patch:
        _guard(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """No proxy, configuration or colour of the person who runs the tests reaches them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            ours = name.startswith("ARCHIVER_") and not name.startswith("ARCHIVER_TEST_")
            if ours or name.upper() in STRAY:
                patch.delenv(name)
        patch.setenv("COLUMNS", "120")
        yield


@pytest.fixture(autouse=True)
def _log_as_nobody_has_set_it() -> None:
    """A command that was carried out in this process leaves its log's form behind; no later test sees that."""
    structlog.reset_defaults()


@pytest.fixture(params=profiles.names())
def profile(request: pytest.FixtureRequest) -> Profile:
    """The rules of each state that the package has: what asks for this holds under all of them (records rule R103)."""
    return profiles.load_profile(str(request.param))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server for this test process."""
    with postgres_server.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: postgres_server.Postgres) -> Iterator[str]:
    """An empty PostgreSQL database, as SQLAlchemy addresses it."""
    with postgres.database(f"test_{uuid.uuid4().hex}") as url:
        yield url


def _tool(name: str, command: str) -> Path:
    """The command of somebody else's program, which `make tools` installs beside our environment."""
    path = ROOT / f".venv-{name}" / "bin" / command
    if not path.exists():
        message = f"{name} is not installed: make tools."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def pywb_bin() -> Path:
    """The folder of pywb's commands (`wb-manager`, `wayback`)."""
    return _tool("pywb", "wayback").parent


@pytest.fixture(scope="session")
def datasette() -> Path:
    """The command `datasette`."""
    return _tool("datasette", "datasette")
