"""Runs the suite on every registered platform."""

from __future__ import annotations

from importlib import import_module

import pytest

from archiver.platforms.registry import platforms
from tests.platforms.contract.server import Provided

_PROVIDED: dict[str, Provided] = {}


@pytest.fixture(params=platforms())
def provided(request: pytest.FixtureRequest) -> Provided:
    """A platform's world; made once, since nothing changes in it."""
    platform: str = request.param
    if platform not in _PROVIDED:
        _PROVIDED[platform] = import_module(f"tests.platforms.contract.{platform}").provide()
    return _PROVIDED[platform]
