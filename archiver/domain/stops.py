"""Stops on destruction: what kinds there are, and which steps end one (records rules R26 and R27)."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

StopName = NewType("StopName", str)
"""``H-1``, ``H-2`` …: by which people and the audit log name a stop."""


class StopType(StrEnum):
    """Why nothing may be destroyed. All weigh the same: one open stop of any type is enough."""

    LEGAL_HOLD = "legal_hold"
    DATA_REQUEST = "data_request"
    AUDIT = "audit"
    CLAIM = "claim"
    ARCHIVAL_APPRAISAL = "archival_appraisal"
    COURT_ORDER = "court_order"
    MANUAL = "manual"


class Basis(StrEnum):
    """Why a record is under a stop: it was named, it matched, or it is what one of these answers or passes on."""

    NAMED = "named"
    MATCHED = "matched"
    CONTEXT = "context"


class Step(StrEnum):
    """The steps of a release: one person asks for it, another one approves it."""

    ASKED = "asked"
    APPROVED = "approved"


class NoticeStep(StrEnum):
    """What happened to a custodian's notice."""

    SENT = "sent"
    REMINDED = "reminded"
    ACKNOWLEDGED = "acknowledged"
