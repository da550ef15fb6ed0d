"""All tables of the store, for whoever copies, counts, moves or wipes it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

NAMES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'fulltext%' AND name NOT LIKE 'sqlite_%'"


def test_no_table_is_left_out(empty_sqlite: Path) -> None:
    """A program that imports nothing else knows each table that a store has, those of decisions too."""
    program = "from archiver.store.whole import all_tables; print(*(table.name for table in all_tables()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    opened = sqlite3.connect(empty_sqlite)
    try:
        made = {name for (name,) in opened.execute(NAMES)} - {"alembic_version"}
    finally:
        opened.close()
    assert set(done.stdout.split()) == made
