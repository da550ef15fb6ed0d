"""Trouble between us and a platform: told as a gap that a clerk understands, closed by the next good round."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from archiver.sandbox import faults
from archiver.sandbox.faults import Delivery, Fault
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.wire import Answer, Asked
from tests.acceptance.children import Harm
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

Settle = Callable[..., Installation]

LISTINGS = ("getAuthorFeed", "/statuses?")
"""What asks for the posts of an account, on either platform."""

TROUBLES: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "the server answers 500": (faults.server_error(), ("did not answer properly",)),
    "a proxy's HTML page says 502": (faults.bad_gateway(), ("did not answer properly",)),
    "the answer breaks off": (faults.truncated(), ("did not answer properly",)),
    "the JSON ends in the middle": (faults.cut_json(), ("did not answer properly", "unknown form")),
    "the connection closes without a word": (faults.disconnect(), ("broke off",)),
    "a list comes where an object was": (faults.wrong_shape(), ("unknown form",)),
    "a page for people comes": (
        faults.login_page(),
        ("did not answer properly", "refuses the account's access", "without a token"),
    ),
    "too many calls, and no word until when": (faults.too_many(), ("limit",)),
}


PAGE = "a page for people comes"


def _says(text: str, reasons: tuple[str, ...]) -> bool:
    return any(reason in text for reason in reasons)


def _trouble(city: SandboxCity, fault: Fault) -> None:
    for server in (city.bluesky, city.mastodon):
        server.faults.add(fault, times=None)


def _calm(city: SandboxCity) -> None:
    for server in (city.bluesky, city.mastodon):
        server.faults.clear()


def _gaps(rows: list[dict[str, Any]], account: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["account"] == account and row["state"] == "gap"]


def _late(rows: list[dict[str, Any]], account: str) -> list[str]:
    complete = (row for row in rows if row["account"] == account and row["state"] == "complete")
    return [row["reason"] for row in complete if "late" in (row["reason"] or "")]


@pytest.mark.parametrize("what", TROUBLES)
def test_an_outage_is_a_gap_that_the_next_good_round_closes(settle: Settle, village: SandboxCity, what: str) -> None:
    """Exit code 3, a reason in plain words; then a good round: nothing is missing, and the ledger says why it was late."""
    fault, reasons = TROUBLES[what]
    states = {"gap", "attention"} if what == PAGE else {"gap"}  # on Mastodon a login page means that access is lost
    archive = settle(authenticated=True)
    archive.collect(codes=(0,))
    village.live(0)
    _trouble(village, fault)
    archive.collect(codes=(3,))
    status, ledger = archive.status(), archive.coverage()
    for account in archive.accounts:
        assert status[account]["state"] in states
        assert _says(status[account]["last_error"], reasons)
        assert any(_says(gap["reason"], reasons) for gap in _gaps(ledger, account)), ledger
    _calm(village)
    archive.forget_limits()
    archive.collect(codes=(0,))
    ledger = archive.coverage()
    for account in archive.accounts:
        assert _gaps(ledger, account) == []
        assert any(_says(why, reasons) for why in _late(ledger, account)), ledger
        assert archive.status()[account]["state"] == "ok"
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, village.truth(account, authenticated=True)) == []
    archive.assert_sound()


def test_a_server_that_is_down_is_a_gap(settle: Settle, village: SandboxCity) -> None:
    """No connection at all: exit code 3, and the clerk is asked whether the computer is online."""
    archive = settle("hall-bluesky")
    archive.collect(codes=(0,))
    village.bluesky.stop()
    archive.collect(codes=(3,))
    assert "no connection" in archive.status()["hall-bluesky"]["last_error"]
    assert _gaps(archive.coverage(), "hall-bluesky")


def test_an_announced_limit_binds_the_next_process(settle: Settle, village: SandboxCity) -> None:
    """Until the moment that the platform named, a new process asks nothing; after it, all that was missed comes."""
    archive = settle(authenticated=True)
    archive.collect(codes=(0,))
    reset = village.world.now().timestamp() + 3600
    bluesky = [("RateLimit-Limit", "10"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", str(int(reset)))]
    moment = village.world.now().fromtimestamp(reset, tz=village.world.now().tzinfo)
    mastodon = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z"))]
    village.bluesky.faults.add(faults.too_many(bluesky), times=None)
    village.mastodon.faults.add(faults.too_many(mastodon), times=None)
    archive.collect(codes=(3,))
    _calm(village)
    for server in (village.bluesky, village.mastodon):
        server.journal.clear()
    archive.collect(codes=(3,))
    archive.run("collect", codes=(3,))
    assert (village.bluesky.journal.calls, village.mastodon.journal.calls) == ([], [])
    assert all(one["state"] == "gap" for one in archive.status().values())
    village.live(0)
    later = Harm(clock_s=3700)
    archive.run("collect", "--all", harm=later)
    ledger = archive.coverage()
    for account in archive.accounts:
        assert _gaps(ledger, account) == []
        assert any("limit" in why for why in _late(ledger, account)), ledger
    archive.assert_sound()


@pytest.mark.parametrize("account", ["hall-bluesky", "parks-mastodon"])
def test_a_revoked_token_stops_the_account_until_it_is_renewed(
    settle: Settle, village: SandboxCity, account: str
) -> None:
    """The account needs attention, nothing more is asked with the dead token; reconnected, it catches up."""
    archive = settle(account, authenticated=True)
    server = village.bluesky if account == "hall-bluesky" else village.mastodon
    archive.collect(codes=(0,))
    village.revoke(account)
    archive.collect(codes=(3,))
    assert archive.status()[account]["state"] == "attention"
    assert "reconnect" in archive.status()[account]["last_error"]
    assert _gaps(archive.coverage(), account)
    server.journal.clear()
    archive.collect(codes=(3,))
    with_it = [call for call in server.journal.calls if call.authorized or "Session" in call.target]
    assert len(with_it) <= 2, [call.target for call in with_it]
    village.reconnect(account)
    village.live(0)
    archive.collect(codes=(0,))
    assert archive.status()[account]["state"] == "ok"
    ledger = archive.coverage()
    assert _gaps(ledger, account) == []
    assert any("reconnect" in why for why in _late(ledger, account)), ledger
    assert differences(archive.export(), village.truth(account, authenticated=True)) == []
    archive.assert_sound()


@pytest.mark.parametrize("what", ["a silent end", "an empty page", "a repeated page"])
def test_what_a_listing_leaves_out_is_not_gone(settle: Settle, village: SandboxCity, what: str) -> None:
    """One absence is no deletion: the platform is asked about each record, says that it is there, and nothing changes."""
    fault = {
        "a silent end": faults.silent_end(keep=1),
        "an empty page": faults.silent_end(keep=0),
        "a repeated page": faults.repeated_page(),
    }[what]
    archive = settle(authenticated=True)
    archive.collect(codes=(0,))
    before = _counts(archive)
    for server in (village.bluesky, village.mastodon):
        for listing in LISTINGS:
            server.faults.add(fault, matching=listing, times=2)
    archive.collect()
    _calm(village)
    archive.collect()
    archive.collect(codes=(0,))
    assert _counts(archive) == before
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, village.truth(account, authenticated=True)) == []
    archive.assert_sound()


def test_a_reply_missing_once_is_not_gone_and_a_deleted_one_is_with_its_proof(
    settle: Settle, village: SandboxCity
) -> None:
    """What a thread left out once stays live; what the platform says is not there is gone, and the exchange shows it."""
    archive = settle(authenticated=True)
    archive.collect(codes=(0,))
    village.look(authenticated=True)
    comment = village.live(5)
    assert comment is not None
    village.bluesky.faults.add(_without_replies, matching="getPostThread", times=3)
    archive.collect()
    archive.collect(codes=(0,))
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, village.truth(account, authenticated=True)) == []
    gone = export.execute(
        "SELECT records.record, url, status, basis FROM events JOIN records USING (record) "
        "JOIN exchanges USING (exchange) WHERE event = 'gone'"
    ).fetchall()
    assert len(gone) == 1
    assert gone[0]["status"] in {200, 400, 404}
    assert gone[0]["basis"]
    archive.assert_sound()


def _without_replies(asked: Asked, delivery: Delivery) -> None:
    """A thread of which a cache gives only the root."""
    answer = delivery.answer
    value = json.loads(answer.body)
    if isinstance(value.get("thread"), dict) and "replies" in value["thread"]:
        value["thread"]["replies"] = []
    delivery.answer = Answer(answer.status, json.dumps(value).encode(), answer.mime, list(answer.headers))


def _counts(archive: Installation) -> dict[str, int]:
    export = archive.export()
    return {
        table: export.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("records", "versions", "events", "attachments")
    }
