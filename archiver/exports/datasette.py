"""Datasette's ``metadata.json``: titles, and what each table and column means (records rule R93)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from archiver.exports import schema
from archiver.exports.dictionary import SEARCH, columns_of, view_columns
from archiver.exports.schema import Column
from archiver.exports.views import VIEWS


def metadata(about: Mapping[str, str], database: str) -> str:
    """The file's text. ``database`` is the export's name in Datasette: its file name without the ending."""
    tables: dict[str, Any] = {
        table.name: _described(table.meaning, columns_of(table))
        for table in (schema.ABOUT, schema.COLUMNS, *schema.TABLES)
    }
    tables |= {view.name: _described(view.meaning, view_columns(view)) for view in VIEWS}
    tables |= {name: {"description": meaning} for name, meaning in SEARCH.items()}
    tables[schema.RECORDS.name] |= {"fts_table": "search", "sort_desc": "created_at", "label_column": "text"}
    tables[schema.ACCOUNTS.name]["label_column"] = "account"
    document = {
        "title": f"Social media records of {about.get('archive', 'a city')}",
        "description": f"Exported {about.get('made_at', '')}; filter: {about.get('filter', '')}",
        "source": about.get("archive", ""),
        "databases": {database: {"tables": tables}},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _described(meaning: str, columns: tuple[Column, ...] | list[Column]) -> dict[str, Any]:
    return {"description": meaning, "columns": {column.name: column.meaning for column in columns}}
