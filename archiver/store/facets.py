"""What a version's digest is taken of, kept beside its columns without saying anything twice."""

from __future__ import annotations

import json
from typing import Any

from archiver.domain.history import Basis, NewVersion
from archiver.store.rows import Columns
from archiver.store.types import json_text

_COLUMNS = ("text", "title", "content_warning", "visibility", "quotes")


def rest_of(version: NewVersion, columns: Columns) -> str | None:
    """The facets that a row's columns do not tell, as JSON: lists of attachments, links and options, as a rule."""
    body = version.body
    if version.basis is Basis.FIRST and not (body.attachments or body.links or body.poll or body.partial):
        told = columns.visibility == body.visibility and columns.quotes == body.quotes
        if told:  # a text with nothing hanging on it, as most are
            return _NOTHING[body.attachments is None, body.links is None]
    parts: dict[str, Any] = json.loads(version.facets)
    named = {name: getattr(columns, name) for name in _COLUMNS}
    rest = {name: value for name, value in parts.items() if named.get(name) != value}
    return json_text(rest) if rest else None


_NOTHING = {
    (True, True): None,
    (True, False): json_text({"links": []}),
    (False, True): json_text({"attachments": []}),
    (False, False): json_text({"attachments": [], "links": []}),
}


def whole(rest: str | None, *columns: str | None) -> str:
    """The inverse: the canonical JSON of a row's facets. ``columns`` are text, title, warning, visibility, quotes."""
    parts = {name: value for name, value in zip(_COLUMNS, columns, strict=True) if value is not None}
    return json_text(parts | json.loads(rest) if rest else parts)
