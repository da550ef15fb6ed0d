"""What a version's digest is taken of, kept beside its columns without saying anything twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from archiver.domain.item import canonical

COLUMNS = ("text", "title", "content_warning", "visibility", "quotes")
"""The facets that are columns of a version row."""


def rest_of(facets: str, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The facets that the row's columns do not tell: lists of attachments, links and options, as a rule."""
    parts: dict[str, Any] = json.loads(facets)
    return {name: value for name, value in parts.items() if row.get(name) != value} or None


def whole(rest: Mapping[str, Any] | None, row: Mapping[str, Any] | RowMapping) -> str:
    """The inverse: the canonical JSON of all facets of a row."""
    columns: dict[str, Any] = {name: row[name] for name in COLUMNS if row[name] is not None}
    return canonical({**columns, **rest} if rest else columns)
