"""Where the tasks of one account are carried out: its desk, its names, its fields, and who it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Cursor, Finding, FollowUp, Step
from archiver.platforms.instagram.flavours import LISTS, Flavour, Lists, Who
from archiver.platforms.instagram.ids import Names
from archiver.platforms.meta.requests import Desk
from archiver.platforms.meta.version import GRAPH_VERSION

WHO = "who"
"""Where a cursor keeps what must be known, so that it is asked for once in a task."""


@dataclass(frozen=True, slots=True)
class Office:
    """What the tasks of one account share."""

    desk: Desk
    names: Names
    who: Who
    lists: Lists

    @classmethod
    def of(cls, account: Account, who: Who) -> Office:
        """The office of an account of which is known who it is."""
        names = Names.of(account)
        who = replace(who, user_id=names.account_id(who.user_id))
        return cls(desk_of(account, who.flavour), names, who, LISTS[who.flavour])

    def knowing(self, cursor: Cursor | None) -> Office:
        """With what the task of this cursor has learned."""
        return replace(self, desk=self.desk.knowing(cursor))

    def step(
        self,
        requests: Sequence[RequestSpec],
        state: Cursor | None = None,
        *,
        findings: Sequence[Finding] = (),
        follow_ups: Sequence[FollowUp] = (),
    ) -> Step:
        """What is to be sent, with a cursor that knows who the account is."""
        state = {**(state or {}), WHO: self.who.saved()}
        return self.desk.step(requests, state, findings=findings, follow_ups=follow_ups)


def desk_of(account: Account, flavour: Flavour) -> Desk:
    """Where requests to one flavour's host are written."""
    return Desk.of(account, flavour.host, GRAPH_VERSION, LISTS[flavour].all)
