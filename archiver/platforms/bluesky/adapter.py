"""The adapter: which task asks what, in one place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Login
from archiver.platforms.bluesky import confirm, errors, reading
from archiver.platforms.bluesky.addresses import ENTRYWAY, Addresses, xrpc
from archiver.platforms.bluesky.confirm import Confirm
from archiver.platforms.bluesky.errand import Errand
from archiver.platforms.bluesky.media import Media
from archiver.platforms.bluesky.mentions import Mentions
from archiver.platforms.bluesky.poll import Poll
from archiver.platforms.bluesky.profile import Profile
from archiver.platforms.bluesky.thread import Thread
from archiver.platforms.connecting import TOKEN, Asked, Connection, Way

_ERRANDS: dict[TaskKind, type[Errand]] = {
    TaskKind.PROFILE: Profile,
    TaskKind.POLL: Poll,
    TaskKind.BACKFILL: Poll,
    TaskKind.THREAD: Thread,
    TaskKind.CONFIRM: Confirm,
    TaskKind.MENTIONS: Mentions,
    TaskKind.MEDIA: Media,
}


class BlueskyAdapter:
    """One Bluesky account."""

    platform: ClassVar[str] = "bluesky"
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(_ERRANDS)
    batches: ClassVar[Mapping[TaskKind, int]] = {TaskKind.CONFIRM: confirm.BATCH}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.account = account
        self._addresses = Addresses.of(account)

    @property
    def id_server(self) -> str | None:
        """None: an at-URI names its record in the whole network."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        kind = _ERRANDS[task.kind]
        errand = kind(task, self._addresses, task.cursor)
        if errand.resumed:
            try:
                return errand.step()
            except (ValueError, TypeError, KeyError, IndexError):  # a cursor of another release: begin again
                errand = kind(task, self._addresses, None)
        errand.begin()
        return errand.step()

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next. Raises ShapeChanged when the answer lacks what the next question needs."""
        return _ERRANDS[task.kind](task, self._addresses, step.cursor).answered(exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows."""
        return reading.read(exchange, self._addresses)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means."""
        return errors.judge(exchange, self.account)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's shape
        """None: nothing is pushed."""
        return ()

    def login(self) -> Login | None:
        """An app password becomes a session at the account's own server, or at the entryway that knows it."""
        if not self.account.authenticated:
            return None
        server = self._addresses.base_url or self.account.facts.get("pds") or ENTRYWAY
        name = self.account.native_id or self.account.handle.removeprefix("@")
        session = "com.atproto.server."
        json_body = (("Content-Type", "application/json"),)
        return Login(
            request=RequestSpec(
                xrpc(server, session + "createSession"),
                "mentions",
                method="POST",
                headers=json_body,
                body=json.dumps({"identifier": name, "password": "{secret}"}).encode(),
            ),
            access_member="accessJwt",
            refresh=RequestSpec(xrpc(server, session + "refreshSession"), "mentions", method="POST"),
            refresh_member="refreshJwt",
        )

    def connection(self) -> Connection:
        """An app password is made by hand, and stays good until it is withdrawn."""
        return Connection((
            Way(
                "app-password",
                "an app password, which can be withdrawn without disturbing anybody else",
                (
                    "Sign in at bsky.app as the account and open Settings → Privacy and security → App passwords.",
                    "Add one with the name archiver; leave the access to direct messages off.",
                ),
                (Asked(TOKEN, "App password"),),
            ),
        ))  # fmt: skip
