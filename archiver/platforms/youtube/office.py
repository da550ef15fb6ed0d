"""Where the tasks of one account are carried out: its desk, its names, its channel, and whose credential it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Cursor, Finding, FollowUp, Step
from archiver.platforms.youtube.channels import UPLOADS
from archiver.platforms.youtube.desk import Desk
from archiver.platforms.youtube.ids import Names, uploads_of
from archiver.platforms.youtube.routes import Call

WHOSE = "token_channel"
"""The fact that names the channel whose token the credential is; empty where it is a key, or of no channel."""
MEMORY = "memory"
"""Where a cursor keeps what the next visit should know."""


@dataclass(frozen=True, slots=True)
class Office:
    """What the tasks of one account share.

    ``channel`` is the id of the account's channel, None until it was told; ``uploads`` the playlist of its videos.
    ``whose`` is the channel whose token the credential is; None where it is a key, or where nothing tells yet.
    """

    desk: Desk
    names: Names
    channel: str | None
    uploads: str | None
    whose: str | None

    @classmethod
    def of(cls, account: Account) -> Office:
        """The office of an account."""
        names = Names.of(account)
        channel = names.account_id(account.native_id) if account.native_id else names.channel_id
        uploads = account.facts.get(UPLOADS) or (uploads_of(channel) if channel else None)
        return cls(Desk.of(account), names, channel, uploads, account.facts.get(WHOSE) or None)

    def of_channel(self, channel: str) -> Office:
        """The same office, now that it is known which channel it is of."""
        return replace(self, channel=channel, uploads=self.uploads or uploads_of(channel))

    def unlearned(self) -> Office:
        """Without what was learned of the credential."""
        return replace(self, desk=replace(self.desk, bearer=False), whose=None)

    @property
    def owner(self) -> bool:
        """Whether the credential is a token of the account's own channel, and shows what is not public."""
        return self.channel is not None and self.whose == self.channel

    def who(self, stream: str) -> RequestSpec:
        """The channel: by its id, so that a new handle is noticed; by its handle as long as the id is not known."""
        asked = ("id", self.channel) if self.channel is not None else ("forHandle", f"@{self.names.handle}")
        return self.desk.ask(Call.CHANNELS, asked, stream=stream)

    def step(
        self,
        requests: Sequence[RequestSpec],
        state: Cursor | None = None,
        *,
        findings: Sequence[Finding] = (),
        follow_ups: Sequence[FollowUp] = (),
    ) -> Step:
        """What is to be sent, with a cursor from which another process can go on."""
        return self.desk.step(requests, state, findings=findings, follow_ups=follow_ups)

    def suspended(self, requests: Sequence[RequestSpec], state: Cursor, until: datetime) -> Step:
        """These requests, but not before a moment; other tasks are carried out meanwhile."""
        return Step(cursor=self.desk.step(requests, state).cursor, again_at=until)


def remembered(cursor: Cursor | None) -> Cursor:
    """What the last visit left for this one; empty where it left nothing that makes sense."""
    memory = (cursor or {}).get(MEMORY)
    return memory if isinstance(memory, dict) else {}


def done(memory: Cursor, findings: Sequence[Finding] = (), follow_ups: Sequence[FollowUp] = ()) -> Step:
    """The end of a task, with what the next one should know."""
    return Step(cursor={MEMORY: memory}, findings=tuple(findings), follow_ups=tuple(follow_ups))
