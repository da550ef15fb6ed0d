"""The first schema."""

from __future__ import annotations

from alembic import op

from archiver.store import fulltext, guards
from archiver.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    metadata.create_all(op.get_bind())
    assert fulltext
    assert guards
