"""Who gives a command that decides something: ``--by``, held against the people of the configuration."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.domain.acting import Actor
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.config.settings import PersonSettings

By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", envvar="ARCHIVER_BY", help="Who decides this: your name [$ARCHIVER_BY]."),
]


def actor(settings: Settings, by: str | None) -> Actor:
    """Who acts. Raises UsageError where nobody is named, or where the name is not this person's to use."""
    if by is None or Actor(by, "").is_same_person(Actor("", "")):
        raise UsageError("Nobody is named who decides this.", advice="Add --by with your name, or set ARCHIVER_BY.")
    one = Actor(" ".join(by.split()), login())
    person = person_of(settings, one)
    if person is None:
        return one
    if person.login is not None and person.login != one.login:
        raise UsageError(
            f"{person.name} acts from the login {person.login}, and this is {one.login}.",
            advice="Log in as that person, or correct [[people]] in the configuration.",
        )
    return Actor(person.name, one.login)


def actor_or_login(settings: Settings, by: str | None) -> Actor:
    """Who does what a timer does as well, which has no name: then it is the login."""
    return actor(settings, by) if by else Actor(login(), login())


def approver(settings: Settings, by: str | None) -> Actor:
    """Who approves what another person asked for. Raises UsageError where it is not theirs to approve."""
    one = actor(settings, by)
    person = person_of(settings, one)
    if person is not None and not person.approves:
        raise UsageError(
            f"{person.name} does not approve what others ask for.",
            advice="Ask one of the people of the configuration whose `approves` is true.",
        )
    return one


def logins_count(settings: Settings) -> bool:
    """Whether the configuration tells people apart by their logins as well."""
    return any(person.login is not None for person in settings.people)


def person_of(settings: Settings, one: Actor) -> PersonSettings | None:
    """What the configuration says of a person; None where it names nobody at all. Raises UsageError for a stranger."""
    if not settings.people:
        return None
    found = next((person for person in settings.people if one.is_same_person(Actor(person.name, ""))), None)
    if found is None:
        raise UsageError(
            f'"{one.name}" is not one of the people of {settings.path}.',
            advice=f"Known: {', '.join(person.name for person in settings.people)}.",
        )
    return found


def login() -> str:
    """The account of this machine that gives the command; a number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        import os

        return str(os.getuid())
