"""How a person gets a credential of a platform that lasts: what a platform says of it, as values.

`archiver account connect` carries it out: it asks for what a way needs, holds that in memory under its name, sends the
way's calls (each takes what it needs by `RequestSpec.credential` and `private`, and brings what the next one needs by
its `Grant`), tries the token, and stores it. Adapters see no token in this either.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.domain.exchange import RequestSpec

TOKEN = "token"  # noqa: S105 - the secret's name
GIVEN = "given"
"""What a person brings where the token itself is made of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that a person brings; held under ``name``, which may be that of one of the account's secrets.

    ``secret``: it is not shown while it is typed.
    """

    name: str
    prompt: str
    secret: bool = True


@dataclass(frozen=True, slots=True)
class Stage:
    """A call that brings something for the next one, or the token. ``missing`` says why it may bring nothing."""

    request: RequestSpec
    missing: str


@dataclass(frozen=True, slots=True)
class Authorize:
    """The person logs in at the platform's page, which sends the browser back with a code (RFC 6749, section 4.1).

    ``parameters`` are those that the page needs beside the client's id, the way back, a state and a challenge (RFC
    7636). What comes of it is held under the names ``code``, ``code_verifier`` and ``redirect_uri``.
    """

    url: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a token. ``before`` is what the person does first, a sentence each.

    Without stages, what was asked for under the name ``token`` is the token. ``authorize`` comes before them.
    """

    name: str
    title: str
    before: tuple[str, ...]
    asked: tuple[Asked, ...]
    stages: tuple[Stage, ...] = ()
    authorize: Authorize | None = None

    @property
    def brings(self) -> tuple[str, ...]:
        """The names of the secrets that it leads to."""
        grants = [stage.request.grant for stage in self.stages[-1:] if stage.request.grant is not None]
        return tuple(name for grant in grants for name, _ in grant.brings) or (TOKEN,)


@dataclass(frozen=True, slots=True)
class Connection:
    """The ways to a token of an account, the best one first."""

    ways: tuple[Way, ...]
