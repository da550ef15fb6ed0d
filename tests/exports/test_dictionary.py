"""The data dictionary says what is really there."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from archiver.exports import schema
from archiver.exports.dictionary import page
from archiver.exports.views import VIEWS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "data-dictionary.md"


def test_the_page_is_up_to_date() -> None:
    """`python -m archiver.exports.dictionary > docs/reference/data-dictionary.md` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_has_the_columns_of_the_real_file_in_their_order(opened: sqlite3.Connection) -> None:
    """Read off an exported file, not off the definition that made both."""
    sections = dict(
        re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    )
    names = [row[0] for row in opened.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
    for name in names:
        if not name.startswith(("search", "sqlite_")):
            written = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
            assert written == [row[1] for row in opened.execute(f"PRAGMA table_info({name})")], name


def test_every_column_has_a_meaning_in_a_sentence() -> None:
    """No empty cell, and a full stop at the end."""
    columns = [column for table in schema.TABLES for column in table.columns]
    columns += [column for view in VIEWS for column in view.columns]
    assert [column.name for column in columns if not re.fullmatch(r".{8,}[.…)]", column.meaning)] == []
