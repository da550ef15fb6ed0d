"""Posts that name the account without answering it: only its own notifications show them."""

from __future__ import annotations

from datetime import timedelta

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, NotOffered
from archiver.platforms.bluesky.addresses import xrpc
from archiver.platforms.bluesky.answers import document, listing, stated
from archiver.platforms.bluesky.errand import Errand, Op
from archiver.platforms.bluesky.errors import error_of
from archiver.platforms.bluesky.pages import Place, first_page, next_page
from archiver.platforms.bluesky.syntax import moment

MENTIONS = "mentions"
LIMIT = 100
SLACK = timedelta(hours=1)
WINDOW = timedelta(days=7)
"""How far back a visit looks that is given no window."""
WITHOUT_LOGIN = "Bluesky shows mentions to the account itself only; set its app password as token."


class Mentions(Errand):
    """The account's notifications, newest first, back to the window's beginning."""

    def begin(self) -> None:
        """Nothing without a login."""
        if not self.task.account.authenticated:
            self.findings.append(NotOffered(MENTIONS, WITHOUT_LOGIN))
            return
        self.identify()
        self.last(["notifications", first_page()])

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        match op:
            case ["notifications", dict(place)]:
                params: list[tuple[str, str | int]] = [("reasons", name) for name in ("mention", "quote", "reply")]
                params.append(("limit", LIMIT))
                if place["cursor"] is not None:
                    params.append(("cursor", place["cursor"]))
                url = xrpc(self.pds, "app.bsky.notification.listNotifications", params)
                return RequestSpec(url, MENTIONS, credential="token", page=place["page"])
        return super().ask(op)

    def take(self, op: Op, exchange: Exchange) -> None:
        """What follows from an answer."""
        match op:
            case ["notifications", dict(place)]:
                self._take_page(place, exchange)
            case _:
                super().take(op, exchange)

    def _take_page(self, place: Place, exchange: Exchange) -> None:
        if not exchange.ok:
            self.give_up(f"the platform refused the notifications ({error_of(exchange).name or exchange.status})")
            return
        entries = [stated(one) for one in listing(exchange, "notifications")]
        names = [f"{one.get('uri')} {one.get('reason')}" for one in entries]
        following, problem = next_page(place, document(exchange).get("cursor"), names)
        since = None if self.task.full else self.task.since or self.at - WINDOW
        times = [time for time in (moment(one.get("indexedAt")) for one in entries) if time is not None]
        reached = since is not None and bool(times) and max(times) < since - SLACK
        if problem is not None:
            self.give_up(problem)
        elif following is not None and not reached:
            self.first(["notifications", following])
        else:
            # Notifications are kept for a limited time, so even all of them are no "from the beginning".
            oldest = min(times, default=self.at)
            self.findings.append(Covered(MENTIONS, since or min(oldest, self.at - WINDOW), self.at))
