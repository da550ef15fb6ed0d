"""The command line as a whole."""

from __future__ import annotations

import pytest

from archiver.cli.main import global_first


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (["--config", "a.toml", "collect"], ["--config", "a.toml", "collect"]),
        (["collect", "city", "--config", "a.toml", "--all"], ["--config", "a.toml", "collect", "city", "--all"]),
        (["db", "upgrade", "--config=a.toml"], ["--config=a.toml", "db", "upgrade"]),
        (["verify", "--debug"], ["--debug", "verify"]),
        (["search", "--", "--config"], ["search", "--", "--config"]),
        (["collect", "--config"], ["--config", "collect"]),
    ],
    ids=[
        "in front of the command",
        "behind the command's arguments",
        "behind a command of a group",
        "debug behind the command",
        "a searched word is no option",
        "without its value",
    ],
)
def test_global_options_may_stand_anywhere(given: list[str], understood: list[str]) -> None:
    """--config and --debug mean the same before and behind the command."""
    assert global_first(given) == understood
