"""What people decided: the half of the store that no WARC file can give back.

A module a subject, with its tables and its functions. Decisions name records by key and accounts by id, since a
rebuild numbers captured rows anew. They are added to and never changed, the latest one counts; triggers see to that.
"""

from __future__ import annotations

from archiver.store.decisions import (
    applications,
    assignments,
    audit,
    backups,
    classes,
    disposals,
    marks,
    minors,
    moderation,
    notices,
    register,
    schedules,
    searches,
    statuses,
    stops,
)

__all__ = [
    "applications",
    "assignments",
    "audit",
    "backups",
    "classes",
    "disposals",
    "marks",
    "minors",
    "moderation",
    "notices",
    "register",
    "schedules",
    "searches",
    "statuses",
    "stops",
]
