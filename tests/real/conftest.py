"""One network for all tests here; each test has a town of its own on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.real import gateway, network
from tests.real.story import Story


@pytest.fixture(scope="session")
def bluesky() -> Iterator[network.Network]:
    """A real network; where it can't be started the tests fail and say in one sentence what is missing."""
    with ExitStack() as stack:
        running, missing = None, ""
        try:
            running = stack.enter_context(network.running())
        except network.NetworkUnavailableError as error:
            missing = str(error)
        if running is None:
            pytest.fail(missing, pytrace=False)
        yield running


@pytest.fixture
def public(bluesky: network.Network) -> Iterator[gateway.Gateway]:
    """The network as somebody without a token sees it, at one address."""
    with gateway.running(bluesky.pds, bluesky.appview) as running:
        yield running


@pytest.fixture
def found(bluesky: network.Network) -> Iterator[Callable[[str], Story]]:
    """Found a town of that name; names are used once."""
    with ExitStack() as stack:
        yield lambda place: stack.enter_context(closing(Story(bluesky, place)))
