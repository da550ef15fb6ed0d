"""What is known of each account's credential."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archiver.domain.access import NEVER, AccessSeen, Lacking
from archiver.store import access
from archiver.store.engine import Store

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FULL = AccessSeen(
    "page", True, NEVER, NOON, NOON, frozenset({"b", "a"}), (Lacking("c", "reviews"),), "It is a person's."
)  # fmt: skip


def test_what_was_told_is_known(store: Store, city: Any) -> None:
    """With the moment at which it was told; before that nothing is."""
    with store.begin() as conn:
        assert access.known(conn, "city") is None
        access.observe(conn, "city", FULL, NOON)
        assert access.known(conn, "city") == (FULL, NOON)
        assert access.known(conn, "nobody") is None


def test_a_later_answer_takes_the_place_of_an_earlier_one(store: Store, city: Any) -> None:
    """Where it tells something."""
    with store.begin() as conn:
        access.observe(conn, "city", FULL, NOON)
        access.observe(conn, "city", AccessSeen("user", False, detail="over"), NOON)
        found = access.known(conn, "city")
    assert found is not None
    assert (found[0].kind, found[0].valid, found[0].detail) == ("user", False, "over")
    assert (found[0].scopes, found[0].lacking, found[0].expires_at) == (FULL.scopes, FULL.lacking, NEVER)


def test_as_json_and_back() -> None:
    """Nothing is lost on the way, whatever was told."""
    for one in (FULL, AccessSeen("user", False), AccessSeen("", True, scopes=frozenset(), lacking=())):
        assert access.from_json(access.to_json(one)) == one
