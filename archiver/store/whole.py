"""All tables of the store: those of the captured half, and those that the modules of decisions bring along.

Who goes over all tables asks here: the shared `metadata` alone knows a module's tables only once that is imported, and
would leave them out of a copy without a word.
"""

from __future__ import annotations

from sqlalchemy import Table

from archiver.store import (
    decisions,  # noqa: F401 - importing it puts its tables into the metadata
    tables,
)


def all_tables() -> list[Table]:
    """In the order in which foreign keys let them be filled."""
    return tables.metadata.sorted_tables
