"""What was captured of the accounts that were asked about, an account at a time (records rule R6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.domain.coverage import CoverageState, Span, coverage_until, gaps
from archiver.store import views
from archiver.store.engine import Store
from archiver.store.selection import Query
from archiver.store.views import Row


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of one account, as far as it touches the time asked about.

    ``until`` is the moment up to which its streams are complete, None where one is not; ``gaps`` counts the open ones,
    those of single threads included; ``not_offered`` are the streams that the platform gives to nobody.
    """

    account: str
    until: datetime | None
    gaps: int
    not_offered: tuple[str, ...]

    def sentence(self, moment: str) -> str:
        """In words; ``moment`` is how ``until`` reads in the archive's zone."""
        if self.until is not None:
            said = f"{self.account} was captured until {moment}"
        elif self.gaps:
            said = f"{self.account} was not captured completely"
        else:
            return f"Nothing of that time was captured of {self.account}."
        if self.gaps:
            said += ", with 1 gap" if self.gaps == 1 else f", with {self.gaps} gaps"
        if self.not_offered:
            said += f"; the platform does not offer {', '.join(self.not_offered)}"
        return said + "."


def asked_about(store: Store, query: Query) -> list[str]:
    """The accounts that a query leaves in, whether they have records or not."""
    with store.read() as conn:
        return [row["account"] for row in views.account_rows(conn, query)]


def covered(accounts: Iterable[str], spans: Sequence[Row]) -> list[Covered]:
    """One for each account that was asked about, whether anything of it was captured or not."""
    return [_one(account, [row for row in spans if row["account"] == account]) for account in accounts]


def _one(account: str, rows: Sequence[Row]) -> Covered:
    found = [_span(row) for row in rows]
    streams = [span for span in found if span.scope is None]
    refused = sorted({span.stream for span in streams if span.state is CoverageState.NOT_OFFERED})
    return Covered(account, coverage_until(streams), len(gaps(found)), tuple(refused))


def _span(row: Row) -> Span:
    return Span(
        row["stream"], row["thread"], row["from_at"], row["until_at"], CoverageState(row["state"]), row["reason"],
        row["noticed_at"], row["closed_at"],
    )  # fmt: skip
