"""A wrong configuration is told in sentences, all at once, before anything is touched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from archiver import config
from archiver.errors import ConfigError
from archiver.platforms.registry import counts, platforms

GOOD = """\
[archive]
name = "City"

[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@social.example"
"""
ACCOUNT = '\n[[accounts]]\nid = "city"\nplatform = "bluesky"\nhandle = "city.example"\n'

FAULTS = {
    "a key that is nearly known": (GOOD.replace("name =", "nam = 1\nname ="), "line 2: archive.nam is not a setting; did you mean name"),
    "a section that is nearly known": (GOOD + "\n[capturing]\n", "line 9: capturing is not a setting; did you mean capture"),
    "a key like nothing known": (GOOD + "zzz = 1\n", "line 8: accounts.zzz is not a setting; known here: id, platform, handle"),
    "a needed key is missing": (GOOD.replace('name = "City"', ""), "archive.name is missing"),
    "no account": ('[archive]\nname = "City"\n', "accounts is missing"),
    "a number for a text": (GOOD.replace('"City"', "7"), "line 2: archive.name: is a text in quotes."),
    "a text for a switch": (GOOD + 'paused = "perhaps"\n', "line 8: accounts.paused: is true or false."),
    "a duration without a unit": (GOOD + "poll = 15\n", "line 8: accounts.poll: 15 is not a duration; write a whole number and a unit"),
    "a duration of another form": (GOOD + '\n[schedule]\npoll = "soon"\n', "line 10: schedule.poll: 'soon' is not a duration"),
    "an id used twice": (GOOD + ACCOUNT, 'line 10: accounts.id "city" is used twice; give each account its own id'),
    "an id with capitals": (GOOD.replace('"city"', '"City"'), 'line 5: accounts.id: "City" may only have a-z, 0-9'),
    "a platform that is not known": (GOOD.replace('"mastodon"', '"myspace"'), 'line 6: accounts.platform "myspace" is not a platform; known: '),
    "a time zone that is none": (GOOD.replace('"City"', '"City"\ntimezone = "Mars/Base"'), 'line 3: archive.timezone: "Mars/Base" is not a time zone'),
    "a state that is not known": (GOOD.replace('"City"', '"City"\nprofile = "us-zz"'), 'line 3: archive.profile: "us-zz" is not a state profile'),
    "a database of another kind": (GOOD.replace('"City"', '"City"\ndatabase = "mysql://x"'), 'line 3: archive.database: is "sqlite:///path"'),
    "storage that is no folder": (GOOD.replace('"City"', '"City"\nstorage = "s3://x"'), "line 3: archive.storage: is a folder"),
    "a token in the file itself": (GOOD + 'token = "abc"\n', "line 8: accounts.token: is { env = "),
    "a token in two places": (GOOD + 'token = { env = "A", file = "b" }\n', "line 8: accounts.token: names one place"),
    "a personal account without a reason": (GOOD + 'capacity = "personal"\n', "line 4: accounts: collecting a personal account"),
    "an address without a scheme": (GOOD + 'base_url = "social.example"\n', 'line 8: accounts.base_url: "social.example" is not an address'),
    "a network that is none": (GOOD + '\n[capture]\nallow_networks = ["10.0.0.1/8"]\n', 'line 10: capture.allow_networks: "10.0.0.1/8" is not a network'),
    "a class that the state does not have": (GOOD + '\n[[people]]\nname = "Dana"\nsees = ["secret"]\n', 'line 11: people.sees "secret" is not a class of data'),
    "a series without its edition": (GOOD + '\n[[people]]\nname = "Dana"\nseries = ["GS-1"]\n', 'line 11: people.series: "GS-1" is not a series of an edition'),
    "not TOML": ("[archive\n", "This is not TOML: "),
}  # fmt: skip


BUDGETS = {
    "for a platform that is free": (
        "mastodon",
        "5",
        "line 8: accounts.budget is not for mastodon: what is asked of it is free.",
    ),
    "nothing": ("youtube", "0", "line 8: accounts.budget: is a number above 0."),
    "no number": ("youtube", '"much"', "line 8: accounts.budget: is a number."),
    "right": ("youtube", "4000", None),
}


@pytest.mark.parametrize("case", BUDGETS)
def test_budgets(case: str, tmp_path: Path) -> None:
    """A budget is a number above nothing, of an account whose platform counts."""
    platform, budget, sentence = BUDGETS[case]
    text = GOOD.replace('"mastodon"', f'"{platform}"') + f"budget = {budget}\n"
    if sentence is None:
        settings = config.parse_text(text, tmp_path / "config.toml", platforms=platforms(), counts=counts)
        assert settings.accounts[0].budget == 4000
        return
    with pytest.raises(ConfigError) as caught:
        config.parse_text(text, tmp_path / "config.toml", platforms=platforms(), counts=counts)
    assert caught.value.faults == [sentence]


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_a_sentence(case: str, tmp_path: Path) -> None:
    """Each fault is one sentence with its line, its key, and what would be right."""
    text, sentence = FAULTS[case]
    with pytest.raises(ConfigError) as caught:
        config.parse_text(text, tmp_path / "config.toml", platforms=platforms())
    (fault,) = caught.value.faults
    assert sentence in fault
    assert fault.endswith(".")
    assert "\n" not in fault
    assert "valid" not in fault


def test_all_faults_at_once_and_nothing_touched(tmp_path: Path) -> None:
    """A command tells every fault, in the order of the lines, with exit code 2, and makes no file."""
    path = tmp_path / "config.toml"
    path.write_text(GOOD.replace("name", "nam") + 'poll = "soon"\n' + ACCOUNT)
    done = archiver("--config", path, "collect")
    assert done.returncode == 2
    lines = done.stderr.removeprefix("archiver: ").strip().splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert [part.name for part in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("command", ["collect", "run"])
def test_secrets_that_are_not_there(tmp_path: Path, command: str) -> None:
    """Every missing secret is told at once, with its line, and nothing is touched."""
    path = tmp_path / "config.toml"
    path.write_text(GOOD + 'token = { env = "NOT_SET" }\n\n[alerts]\nwebhook = { file = "nowhere" }\n')
    done = archiver("--config", path, command)
    assert done.returncode == 2, done.stderr
    first, second = done.stderr.removeprefix("archiver: ").strip().splitlines()
    assert "line 8: city: token is to come from the environment variable NOT_SET, which is not set." in first
    assert "line 11: alerts.webhook is to come from the file" in second
    assert [part.name for part in tmp_path.iterdir()] == ["config.toml"]


def test_no_such_file(tmp_path: Path) -> None:
    """A missing file is a sentence with advice."""
    done = archiver("--config", tmp_path / "none.toml", "status")
    assert done.returncode == 2
    assert "There is no such file. Run `archiver init`" in done.stderr


def test_the_example_shows_every_setting(root: Path) -> None:
    """config.example.toml loads, and has every setting that there is."""
    settings = config.load(root / "config.example.toml", platforms=platforms())
    shown = set(re.findall(r"^([a-z_]+) *=", (root / "config.example.toml").read_text(), flags=re.MULTILINE))
    missing = {name for name in names(config.Settings) if name not in shown} - {"mail", "env", "file", *SECTIONS}
    assert not missing
    assert settings.alerts.mail is not None


def test_the_reference_names_every_setting(root: Path) -> None:
    """docs/reference/configuration.md has a row for every setting, and none for one that there isn't."""
    text = (root / "docs" / "reference" / "configuration.md").read_text()
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", text, flags=re.MULTILINE))
    assert rows - set(SECTIONS) == set(names(config.Settings)) - {"env", "file", *SECTIONS}
    assert all(f"[{section}]" in text for section in SECTIONS)


SECTIONS = ("archive", "schedule", "capture", "alerts", "backup", "listen", "terms", "people", "accounts")


def names(section: type[BaseModel]) -> Iterator[str]:
    """The names of all settings of a section and those in it."""
    for name, field in section.model_fields.items():
        if field.exclude:
            continue
        yield name
        for inner in models(field.annotation):
            yield from names(inner)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The sections within a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def archiver(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does."""
    program = [sys.executable, "-c", "from archiver.cli.main import main; main()"]
    environment = os.environ | {"PYTHONPATH": str(Path(config.__file__).parent.parent)}
    return subprocess.run(
        [*program, *map(str, arguments)], capture_output=True, text=True, env=environment, check=False
    )
