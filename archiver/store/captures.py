"""Exchanges and runs: what was asked, when, and in which WARC file the answer lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

import archiver
from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.item import clean
from archiver.domain.task import TaskKind
from archiver.store import bulk
from archiver.store.bulk import chunks, reserve, settle
from archiver.store.tables import counters, exchanges, runs, segments
from archiver.store.upsert import upsert

_SEQUENCE = "sequence"
_LAST_STATUSES = (
    select(exchanges.c.status)
    .where(
        exchanges.c.account == bindparam("whose"),
        exchanges.c.purpose == str(Purpose.API),
        exchanges.c.task_kind != str(TaskKind.ACCESS),
        or_(exchanges.c.cost > 0, exchanges.c.status.is_not(None)),
    )
    .order_by(exchanges.c.sequence.desc())
    .limit(40)
)


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """An exchange and where its response lies: file below the WARC folder, offset and length of its member in bytes.

    ``run`` is None for what was read back out of a WARC. ``cost`` is in the smallest unit of the platform's tariff,
    None where nobody counts.
    """

    exchange: Exchange
    file: str
    offset: int
    length: int
    payload_digest: str | None = None
    block_digest: str | None = None
    run: int | None = None
    cost: int | None = None


def add(conn: Connection, row: ExchangeRow) -> None:
    """Index one exchange; its rows refer to it by `Exchange.id`."""
    exchange = row.exchange
    values = (
        exchange.id, exchange.sequence, exchange.account, row.run, clean(exchange.url), exchange.method,
        exchange.stream, str(exchange.purpose), exchange.task_kind,
        None if exchange.subject is None else clean(exchange.subject), exchange.status, exchange.failure,
        exchange.truncated, bulk.moments(conn)(exchange.captured_at), row.file, row.offset, row.length,
        row.payload_digest, row.block_digest, row.cost,
    )  # fmt: skip
    bulk.insert(conn, "exchanges", _EXCHANGE, [values])


_EXCHANGE = (
    "exchange", "sequence", "account", "run", "url", "method", "stream", "purpose", "task_kind", "subject", "status",
    "failure", "truncated", "captured_at", "warc_file", "warc_offset", "warc_length", "payload_digest", "block_digest",
    "cost",
)  # fmt: skip


def known_ids(conn: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the exchanges that the store has."""
    found: set[str] = set()
    for some in chunks(list(ids)):
        found.update(conn.execute(select(exchanges.c.exchange).where(exchanges.c.exchange.in_(some))).scalars())
    return found


def unanswered_of_late(conn: Connection, account: str) -> int:
    """How many of an account's last calls had no answer and were booked, back to the last that had one.

    Free looks at the credential and files do not count, nor more than some dozens.
    """
    last = conn.execute(_LAST_STATUSES, {"whose": account}).scalars()
    return len(list(takewhile(lambda status: status is None, last)))


def last_sequence(conn: Connection) -> int:
    """The highest sequence number that was given out, 0 when there is none."""
    highest: int = conn.execute(select(func.coalesce(func.max(exchanges.c.sequence), 0))).scalar_one()
    counted = conn.execute(select(counters.c.value).where(counters.c.name == _SEQUENCE)).scalar_one_or_none()
    return max(highest, int(counted or 0))


def set_sequence(conn: Connection, sequence: int) -> None:
    """A number was given to something that is no exchange."""
    statement = upsert(conn, counters).values(name=_SEQUENCE, value=sequence)
    higher = counters.c.value < statement.excluded.value
    conn.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value}, where=higher)
    )


def number_of(conn: Connection, exchange: str) -> int:
    """The row that rows of this exchange refer to; an unknown one is a bug."""
    number: int = bulk.select(conn, "SELECT id FROM exchanges WHERE exchange {among}", [exchange])[0][0]
    return number


def start_run(conn: Connection, command: str, at: datetime) -> int:
    """A command begins to collect; the number that its exchanges carry, higher than any before."""
    before = select(exchanges.c.run).where(exchanges.c.run.is_not(None)).order_by(exchanges.c.sequence.desc()).limit(1)
    captured = conn.execute(before).scalar_one_or_none() or 0
    number = next(reserve(conn, "runs", 1))
    if number <= captured:  # a store that was lost had these numbers
        number = captured + 1
        settle(conn, "runs", number)
    software = f"archiver/{archiver.__version__}"
    conn.execute(insert(runs).values(id=number, command=command, software=software, started_at=at))
    return number


def end_run(conn: Connection, run: int, at: datetime, outcome: str) -> None:
    """It has ended; that is said once."""
    conn.execute(update(runs).where(runs.c.id == run).values(ended_at=at, outcome=outcome))


def original_of(conn: Connection, account: str, payload_digest: str) -> tuple[str, datetime, str, str, int] | None:
    """URL, time, record id, file and offset of the account's first exchange with this payload, for a revisit record."""
    found = conn.execute(_ORIGINAL, {"account": account, "payload_digest": payload_digest}).one_or_none()
    return None if found is None else (found.url, found.captured_at, found.exchange, found.warc_file, found.warc_offset)


_ORIGINAL = (
    select(
        exchanges.c.url, exchanges.c.captured_at, exchanges.c.exchange, exchanges.c.warc_file, exchanges.c.warc_offset
    )
    .where(
        exchanges.c.account == bindparam("account"),
        exchanges.c.payload_digest == bindparam("payload_digest"),
        exchanges.c.truncated.is_(None),
        exchanges.c.stream != TaskKind.PUSH.value,  # its payload is a request's
        exchanges.c.stream != "import",  # no answer of a server
    )
    .order_by(exchanges.c.sequence)
    .limit(1)
)


def delivered(conn: Connection, account: str, payload_digest: str) -> bool:
    """Whether a delivery of just these bytes was read for the account."""
    c = exchanges.c
    same = (c.account == account) & (c.payload_digest == payload_digest) & (c.stream == TaskKind.PUSH.value)
    return conn.execute(select(c.id).where(same).limit(1)).first() is not None


def pushed_places(conn: Connection, file: str) -> dict[int, tuple[str | None, str | None]]:
    """Payload and block digest of the deliveries in one WARC file that were read, by their offset."""
    c = exchanges.c
    rows = conn.execute(select(c.warc_offset, c.payload_digest, c.block_digest).where(c.warc_file == file))
    return {row.warc_offset: (row.payload_digest, row.block_digest) for row in rows}


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed WARC file as it was then."""

    file: str
    sha256: str
    records: int
    size_bytes: int
    first_at: datetime | None
    last_at: datetime | None
    sealed_at: datetime
    statement: str | None = None


def add_sealed(
    conn: Connection,
    file: str,
    *,
    sha256: str,
    records: int,
    size_bytes: int,
    first_at: datetime | None,
    last_at: datetime | None,
    sealed_at: datetime,
    statement: str | None = None,
) -> None:
    """A WARC file was sealed; ``statement`` is the signed note of it.

    Said again it must be the same; a second digest for one file is refused.
    """
    known = conn.execute(select(segments.c.sha256).where(segments.c.warc_file == file)).scalar_one_or_none()
    if known == sha256:
        return
    conn.execute(
        insert(segments).values(
            warc_file=file, sha256=sha256, records=records, size_bytes=size_bytes, first_at=first_at, last_at=last_at,
            sealed_at=sealed_at, statement=statement,
        )
    )  # fmt: skip


def sealed(conn: Connection) -> dict[str, SealedRow]:
    """All sealed WARC files, by name."""
    return {row.warc_file: SealedRow(*row) for row in conn.execute(select(segments).order_by(segments.c.warc_file))}


def end_of(conn: Connection, file: str) -> int:
    """Where the last known exchange of a WARC file ends, in bytes; 0 when none is known."""
    ends = select(func.max(exchanges.c.warc_offset + exchanges.c.warc_length)).where(exchanges.c.warc_file == file)
    return conn.execute(ends).scalar_one() or 0


def cited_files(conn: Connection) -> set[str]:
    """The WARC files in which the store's exchanges lie."""
    return set(conn.execute(select(exchanges.c.warc_file).distinct()).scalars())


def places(conn: Connection, file: str) -> dict[str, tuple[int, str | None, str | None]]:
    """Offset, payload and block digest of the exchanges in one WARC file, by id."""
    c = exchanges.c
    rows = conn.execute(select(c.exchange, c.warc_offset, c.payload_digest, c.block_digest).where(c.warc_file == file))
    return {row.exchange: (row.warc_offset, row.payload_digest, row.block_digest) for row in rows}
