"""A city's account on a platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

NO_FACTS: Mapping[str, str] = MappingProxyType({})


class Capacity(StrEnum):
    """In which capacity an account is used (records rule R1)."""

    OFFICIAL = "official"
    MIXED = "mixed"
    PERSONAL = "personal"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Account:
    """A city account that is collected.

    ``native_id`` is the platform's permanent id, None until the profile was read once.
    ``facts`` are what the platform told about the account and later calls need (Bluesky: ``pds``).
    ``authenticated`` says whether a credential is configured, never which; ``secrets`` are the names of all secrets
    that are (``token app_id app_secret client_id client_secret refresh_token``).
    ``api_version`` takes the place of the adapter's own version of the API. ``messages``: private messages are
    collected, too, where the platform gives them (records rule R12: they may be private data).
    ``key_space`` stands before native ids where a second server of the platform is collected too.
    """

    id: str
    platform: str
    handle: str
    capacity: Capacity = Capacity.OFFICIAL
    department: str | None = None
    series: str | None = None
    base_url: str | None = None
    since: date | None = None
    authenticated: bool = False
    secrets: frozenset[str] = frozenset()
    api_version: str | None = None
    messages: bool = False
    native_id: str | None = None
    key_space: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)
