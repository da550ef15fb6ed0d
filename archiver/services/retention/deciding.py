"""Which series a record is kept under, for who asks nothing else of its retention."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from archiver.domain.keys import Key
from archiver.services.retention.eligibility import Terms, assess
from archiver.services.retention.matching import books
from archiver.store import Connection


def series_name(edition: str, code: str) -> str:
    """A series as people write it: ``schedule@2021-03-01/code``."""
    return f"{edition}/{code}"


def deciding(conn: Connection, on: date, terms: Terms, keys: Sequence[Key]) -> dict[Key, str | None]:
    """Under which series each of these records is kept on a day; None for one that no imported series matches.

    Where several hold it is the one that keeps it longest. Unknown keys are left out.
    """
    return {
        one.record: series_name(one.edition, one.code) if one.edition is not None and one.code is not None else None
        for one in assess(conn, on, terms, keys)
    }


def followed(conn: Connection, on: date, names: Collection[str]) -> frozenset[str]:
    """The series of these names, each as the one that has followed on it by a day."""
    book = books(conn, on)
    split = (name.partition("/") for name in names)
    return frozenset(series_name(*book.present((edition, code))) for edition, _, code in split)
