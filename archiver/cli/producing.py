"""``export``: files that others open without us."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
