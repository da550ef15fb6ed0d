"""``--clearance``: who asks to see more than what is public, for what purpose, and whether their work opens it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import actor, person_of
from archiver.errors import NotCleared, UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.domain.acting import Actor
    from archiver.domain.classification import Clearance
    from archiver.services.clearance import Access, Aim, Duty
    from archiver.store.engine import Store


class ForOption(StrEnum):
    """Who gets to see what is asked for."""

    STAFF = "staff"
    SUBJECT = "subject"
    PARENT = "parent"


ClearanceOption = Annotated[
    str | None,
    typer.Option("--clearance", metavar="CLASS[,CLASS]", help="Also data of these classes; with --by and --purpose."),
]
Purpose = Annotated[
    str | None,
    typer.Option("--purpose", help="What you need it for: the number of a request, a hold, a review."),
]
For = Annotated[
    ForOption,
    typer.Option("--for", help="Who gets to see it: staff, the subject: whom it is about, or a parent of theirs."),
]
ParentOption = Annotated[
    str | None,
    typer.Option("--parent", metavar="NAME", help="With --for parent: who it is, as `minor parent` has it."),
]


@contextmanager
def access(
    settings: Settings, clearance: str | None, by: str | None, purpose: str | None, for_: ForOption, *, way: str,
    aim: Aim | None = None, parent: str | None = None,
) -> Iterator[Access]:  # fmt: skip
    """The terms of a reading, ``way`` in words for the log (``export sqlite``), ``aim`` what it is about.

    ``parent`` is who gets it, where that is a parent: then it is about those of their children that may be given.

    Raises UsageError where something is not said, NotCleared where it is not theirs to see; that is noted.
    """
    from archiver.config import load_profile
    from archiver.domain.classification import Audience
    from archiver.services.clearance import DENIED, VIEW, Access, Asked, cleared, note_denial, noting
    from archiver.services.retention.eligibility import terms_of
    from archiver.wiring import open_for_deciding

    profile = load_profile(settings.archive.profile)
    today = datetime.now(ZoneInfo(settings.archive.timezone)).date()
    classes = tuple(dict.fromkeys(one.strip() for one in (clearance or "").split(",") if one.strip()))
    classes = tuple(one for one in classes if one != profile.public.name)
    if (for_ is ForOption.PARENT) is not (parent is not None):
        raise UsageError(
            "Data is given to a parent by name.",
            advice="Give --for parent and --parent together, to search, show or export.",
        )
    if not classes:
        yield Access(profile, today)
        return
    if purpose is None or not purpose.split():
        raise UsageError(
            "Nobody is told what the data is needed for.",
            advice="Add --purpose with the number of the request, the hold or the review.",
        )
    who = actor(settings, by)
    asked = Asked(classes, who, " ".join(purpose.split()), Audience(for_.value))
    with open_for_deciding(settings) as store:
        try:
            opened = cleared(profile, asked, _duty(settings, who))
            what = f"public and {', '.join(classes)} data{_reach(opened)}"
            note = f"{what}, for {asked.audience}; {who.name}: {asked.purpose}"
            clock = partial(datetime.now, UTC)
            noted, refused = (noting(store, asked, way, clock, act) for act in (VIEW, DENIED))
            children = _children(store, parent) if parent is not None else None
            yield Access(profile, today, opened, noted, note, refused, terms_of(settings), children)
        except NotCleared as error:  # of the classes, or of the record: of another class, or another account's
            note_denial(store, asked, way, error.message, datetime.now(UTC), aim)
            raise


def _duty(settings: Settings, who: Actor) -> Duty:
    """What the configuration opens to a person; nothing where it names nobody."""
    from archiver.services.clearance import duty_of

    person = person_of(settings, who)
    return duty_of(person.sees, person.accounts, person.series) if person is not None else duty_of((), (), ())


def _children(store: Store, parent: str) -> frozenset[str]:
    """Whose data may be given to a parent. Raises NotCleared where that can't be done."""
    from archiver.services.minors import children_of

    with store.read() as conn:
        return children_of(conn, parent)


def _reach(clearance: Clearance) -> str:
    """How far that goes, where it is not for all."""
    named = (("accounts", clearance.accounts), ("series", clearance.series))
    said = [f"{what} {', '.join(sorted(names)) or 'none'}" for what, names in named if names is not None]
    return f" of {' and '.join(said)}" if said else ""


def not_public(count: int) -> str:
    """How many records were found and are not shown, in a sentence; empty for none."""
    if not count:
        return ""
    what = "1 record is" if count == 1 else f"{count} records are"
    return f"{what} not public; --clearance, --by and --purpose show them to whom they are open."
