"""What may leave the archive without anyone's decision.

Public is the default class (records rule R12), but with the city's own token a platform also shows posts and messages
that were meant for followers or for named people. Whether the law makes those public is for a person to decide; until
then no export has them unless it is asked for, and each is named in its list of what was withheld.
"""

from __future__ import annotations

from archiver.store.views import Record, Row

PUBLIC_VISIBILITIES = frozenset({None, "public", "unlisted"})
"""The platforms' words for what anyone may see, None where a platform knows no difference. Any other word is not."""


def is_public(record: Record) -> bool:
    """Whether anyone could see the record, in each of its versions."""
    seen = {record.row["visibility"], *(version["visibility"] for version in record.versions)}
    return seen <= PUBLIC_VISIBILITIES


def withheld_row(record: Record) -> Row:
    """The line that stands for a record in the list of what was withheld; it has none of the record's words."""
    words = sorted(
        {str(row["visibility"]) for row in (record.row, *record.versions)} - {str(one) for one in PUBLIC_VISIBILITIES}
    )
    return {
        "record": record.row["record"],
        "account": record.row["account"],
        "kind": record.row["kind"],
        "created_at": record.row["created_at"],
        "part": "record",
        "basis": f"visibility: {', '.join(words)}",
        "reason": "The platform shows it to followers or named people only, and nobody has decided yet whether it may"
        " go out. --include-private puts it in.",
    }
