"""How the network may be used: the operator's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from archiver.capture.guard import IPNetwork
from archiver.capture.media import AnswerLimits, MediaLimits


@dataclass(frozen=True, slots=True)
class Network:
    """Who we say that we are, how long we wait, which way we go.

    ``proxy`` is an ``http://`` address; environment variables about proxies are not read. ``ca_bundle`` holds further
    authorities (PEM), beside the public ones. ``allow_networks`` may be connected to although they are not public.
    """

    user_agent: str
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    allow_networks: tuple[IPNetwork, ...] = ()
    media: MediaLimits = field(default_factory=MediaLimits)
    api: AnswerLimits = field(default_factory=AnswerLimits)
