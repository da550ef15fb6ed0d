"""No secret in anything that is written: planted tokens are looked for everywhere, in every spelling (R19, R62)."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

from archiver.sandbox import faults
from archiver.sandbox.faults import Delivery
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.wire import Answer, Asked
from tests.acceptance.conftest import Installation
from tests.capture.spellings import SPELLINGS, leaks_of_any
from tests.support.cleared import CLEARED
from tests.support.heap import heap, pieces

Settle = Callable[..., Installation]


def _everything(archive: Installation) -> bytes:
    """The data folder and all exports, unpacked, in one heap."""
    paths = [path for path in archive.home.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    assert any(path.name.endswith(".warc.gz.open") or path.name.endswith(".warc.gz") for path in paths)
    return heap(paths)


def _echo(asked: Asked, delivery: Delivery) -> None:
    """A server that tells the caller's secret back to him, in all spellings, in head and body."""
    given = asked.bearer or str(asked.json().get("password", ""))
    if not given:
        return
    told = b"<br>".join(spell(given) for spell in SPELLINGS.values())
    headers = [("X-Token", given), ("Set-Cookie", f"session={given}"), ("WWW-Authenticate", f'Bearer token="{given}"')]
    delivery.answer = Answer(500, b"<html>No such token: " + told + b"</html>", "text/html", headers)


def test_no_secret_is_in_anything_that_is_written(settle: Settle, village: SandboxCity) -> None:
    """Good rounds, refused logins, revoked tokens, limits, servers that echo: no token in file, export or output."""
    archive = settle(authenticated=True)
    said: list[str] = []
    issued: set[str] = set()

    def run(*arguments: str) -> None:
        done = archive.run(*arguments, codes=(0, 1, 3))
        said.extend((done.stdout, done.stderr))
        issued.update(village.bluesky.api.sessions._tokens)

    run("check")
    run("--debug", "backfill", *archive.accounts)
    run("--debug", "collect", "--all")
    village.bluesky.api.sessions.expire()
    run("--debug", "collect", "--all")
    for fault in (_echo, faults.token_revoked(), faults.too_many(), faults.cut_json()):
        for server in (village.bluesky, village.mastodon):
            server.faults.add(fault, times=None)
        run("--debug", "collect", "--all")
        run("--debug", "check")
        for server in (village.bluesky, village.mastodon):
            server.faults.clear()
        archive.forget_limits()
    for account in archive.accounts:
        village.revoke(account)
    for command in (("--debug", "collect", "--all"), ("check", "--json"), ("status",), ("coverage",)):
        run(*command)
    for format_ in ("sqlite", "csv", "json"):
        run("export", format_, "-o", str(archive.home / f"export-{format_}"), *CLEARED)
    run("seal")
    run("verify", "--full")
    secrets = {village.world.accounts[name].secret for name in archive.accounts}
    assert len(issued) >= 2
    heap = _everything(archive)
    assert len(heap) > 1_000_000
    for where, data in (("files", heap), ("output", "\n".join(said).encode())):
        assert leaks_of_any(data, secrets | issued) == [], where


def test_the_search_for_secrets_finds_what_is_planted(tmp_path: Path) -> None:
    """The search itself works: plain, in a gzip member within a gzip member, and in a zip file."""
    canary = "ca-na/ry+1234567"
    packed = gzip.compress(b"head" + gzip.compress(SPELLINGS["a URL inside a URL"](canary)))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        target.writestr("inner", gzip.compress(canary.encode()))
    for data in (canary.encode(), b"before" + packed, (tmp_path / "a.zip").read_bytes()):
        assert leaks_of_any(b"\n".join(pieces(data)), {canary})
