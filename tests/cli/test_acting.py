"""Who gives a command that decides: named by --by, held against the people of the configuration and their logins."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from archiver import config
from archiver.cli import acting
from archiver.config import Settings
from archiver.domain.acting import Actor
from archiver.errors import ConfigError, UsageError

PLAIN = """
    [archive]
    name = "City"
    [[accounts]]
    id = "city"
    platform = "mastodon"
    handle = "city@social.example"
"""
PEOPLE = """
    [[people]]
    name = "Dana Clerk"
    login = "dclerk"
    [[people]]
    name = "Lee Attorney"
"""


def settings(people: str = PEOPLE) -> Settings:
    """A configuration with these people."""
    return config.parse_text(PLAIN + people, Path("config.toml"), platforms=["mastodon"])


@pytest.fixture
def as_login(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The command is given from the account of the machine that the test names, ``dclerk`` where it names none."""
    monkeypatch.setattr(getpass, "getuser", lambda: getattr(request, "param", "dclerk"))


@pytest.mark.parametrize(
    ("people", "by", "name"),
    [
        ("", "Anybody  At All ", "Anybody At All"),
        (PEOPLE, "Dana Clerk", "Dana Clerk"),
        (PEOPLE, "  dana   CLERK", "Dana Clerk"),
        (PEOPLE, "Lee Attorney", "Lee Attorney"),
    ],
    ids=["nobody is configured", "as written", "other capitals and spaces", "any login"],
)
def test_who_acts(as_login: None, people: str, by: str, name: str) -> None:
    """The name as the configuration writes it, with the login that the command comes from."""
    assert acting.actor(settings(people), by) == Actor(name, "dclerk")


@pytest.mark.parametrize("by", [None, "", "  \t"])
@pytest.mark.parametrize("people", ["", PEOPLE], ids=["nobody is configured", "people"])
def test_nobody_is_named(by: str | None, people: str) -> None:
    """A decision without a name is refused, whoever is configured, and the sentence says where the name goes."""
    with pytest.raises(UsageError) as refused:
        acting.actor(settings(people), by)
    assert str(refused.value) == "Nobody is named who decides this. Add --by with your name, or set ARCHIVER_BY."
    assert refused.value.exit_code == 2


def test_a_stranger_is_refused(as_login: None) -> None:
    """Where people are configured, nobody else decides; the sentence names those who do."""
    with pytest.raises(UsageError) as refused:
        acting.actor(settings(), "Sam Stranger")
    assert '"Sam Stranger" is not one of the people of ' in str(refused.value)
    assert str(refused.value).endswith("config.toml. Known: Dana Clerk, Lee Attorney.")


@pytest.mark.parametrize("as_login", ["lattorney", "root"], indirect=True)
def test_a_name_from_another_login_is_refused(as_login: None) -> None:
    """A name that the configuration binds to a login is of no use to others, the administrator included."""
    with pytest.raises(
        UsageError, match=r"^Dana Clerk acts from the login dclerk, and this is (lattorney|root)\. Log in"
    ):
        acting.actor(settings(), "dana clerk")


@pytest.mark.parametrize("people", ["", PEOPLE], ids=["nobody is configured", "people"])
def test_what_the_configuration_says_of_somebody(people: str) -> None:
    """None only where it names nobody at all: then every name is as good as another."""
    found = acting.person_of(settings(people), Actor("LEE ATTORNEY", "x"))
    assert (found.name if found else None) == ("Lee Attorney" if people else None)


@pytest.mark.parametrize("error", [KeyError("getpwuid"), OSError("no user")])
def test_a_login_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """In a container the machine may not know who we are; the number is what it does know."""

    def unknown() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert acting.login() == str(os.getuid())


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ('[[people]]\nlogin = "dclerk"', "line 8: people.name is missing."),
        ('[[people]]\nname = ""', "line 9: people.name: is empty."),
        ('[[people]]\nname = "Dana"\nlogon = "x"', "line 10: people.logon is not a setting; did you mean login."),
    ],
    ids=["no name", "an empty name", "a slip"],
)
def test_people_written_wrongly(people: str, sentence: str) -> None:
    """The sentence names the line, and what would be right."""
    with pytest.raises(ConfigError) as refused:
        settings(people)
    assert [fault.strip() for fault in refused.value.faults] == [sentence]
