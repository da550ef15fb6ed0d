"""What is answered to whom. No socket here: heads and messages come in, replies go out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from archiver.listener import websub
from archiver.listener.deposit import Delivery
from archiver.listener.inbox import Inbox
from archiver.listener.messages import Head, Message, Refused, Reply
from archiver.listener.signature import HEADER, Signers, challenge
from archiver.listener.tally import Tally
from archiver.listener.websub import Subscriptions, account_of

log = structlog.get_logger()

PATH = "/meta"
"""The one callback of all of Meta's applications: the signature says whose a delivery is, its body whom it is about."""

AGAIN_S = 30
_FORBIDDEN = "refused: nobody whose secret is configured has signed this"
_SECRET_ADVICE = "If these are the platform's, check app_secret of the accounts against the application's settings."  # noqa: S105 - words

Answer = Callable[[Reply], None]


def again(why: str, tally: Tally) -> Reply:
    """There is no room or no disk just now: the platform is to send the delivery again."""
    tally.count(why, "The platform sends them again. Look at disk space, and at the log above.")
    return Reply(503, headers=(("Retry-After", str(AGAIN_S)),), close=True)


class Receiver:
    """The rules of the callbacks. ``token`` gives the word of the handshake, and of which all callbacks are made."""

    def __init__(
        self,
        inbox: Inbox,
        signers: Signers,
        token: Callable[[], str],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        tally: Tally | None = None,
    ) -> None:
        self._inbox = inbox
        self._signers = signers
        self._token = token
        self.now = now
        self.tally = tally or Tally()
        self._hubs = Subscriptions(token)

    def admit(self, head: Head) -> Reply | None:
        """The answer to a head that needs no body to be refused; None: let the body come."""
        posted, subscribed = head.method == "POST", account_of(head.path) is not None
        coding = head.headers.get("content-encoding", "identity").strip().lower()
        for wrong, why, advice, reply in (
            (head.path != PATH and not subscribed, "refused: another path", "", Reply(404, close=True)),
            (
                head.method not in {"GET", "POST"},
                "refused: another method", "", Reply(405, headers=(("Allow", "GET, POST"),), close=True),
            ),
            (
                posted and bool(head.query),
                "refused: a query behind the callback", "Enter the callback URL without a question mark.",
                Reply(404, close=True),
            ),
            (
                posted and not subscribed and HEADER not in head.headers,
                _FORBIDDEN, _SECRET_ADVICE, Reply(403, close=True),
            ),
            (posted and coding != "identity", "refused: a content coding", "", Reply(415, close=True)),
        ):  # fmt: skip
            if wrong:
                self.tally.count(why, advice)
                return reply
        return None

    def take(self, message: Message, received_at: datetime, elapsed_ms: int, answer: Answer) -> None:
        """Deal with a whole request; ``answer`` is called once, perhaps later and on another thread."""
        account = account_of(message.head.path)
        if message.head.method == "GET":
            answer(self._handshake(message.head) if account is None else self._confirmation(account, message.head))
            return
        signed_for = self._signed(message) if account is None else self._pushed_by_hub(account, message)
        if not signed_for:
            answer(Reply(403, close=True) if account is None else Reply(200))
            return
        accepted = Reply(200).fixed(self.now())  # what is sent is what was written
        delivery = Delivery(message, received_at, elapsed_ms, accepted.wire, signed_for)
        if self._inbox.knows(delivery):
            answer(accepted)
            return

        def told(safe: bool) -> None:  # noqa: FBT001 - the inbox says whether it is on disk
            answer(accepted if safe else again("deliveries could not be written", self.tally))

        if not self._inbox.offer(delivery, told):
            answer(again("too many deliveries at once", self.tally))

    def refuse(self, refused: Refused) -> Reply:
        """The answer to what is no request that can be taken."""
        self.tally.count("refused: not a request that can be taken")
        return Reply(refused.status, close=True)

    def _signed(self, message: Message) -> frozenset[str]:
        """The accounts whose application signed a delivery."""
        signed_for = self._signers.accounts(message.body, message.head.headers[HEADER])
        if not signed_for:
            self.tally.count(_FORBIDDEN, _SECRET_ADVICE)
        return signed_for

    def _pushed_by_hub(self, account: str, message: Message) -> frozenset[str]:
        """For whom a hub signed a push; nobody where it did not, which the sender is not told."""
        if self._hubs.has_signed(message.head.path, message.body, message.head.headers.get(websub.HEADER, "")):
            return frozenset({account})
        self.tally.count("not kept: no subscription's secret has signed this")
        return frozenset()

    def _confirmation(self, account: str, head: Head) -> Reply:
        try:
            asked = self._hubs.confirmed(head.path, head.query)
        except ValueError:
            asked = None
        if asked is None:
            self.tally.count("refused: a subscription that nobody wants")
            return Reply(404, close=True)
        log.info("subscription confirmed", account=account)
        return Reply(200, asked)

    def _handshake(self, head: Head) -> Reply:
        try:
            word = challenge(head.query, self._token())
        except ValueError:
            word = None
        if word is None:
            self.tally.count(
                "refused: a handshake with another word", "Enter at the platform what verify_token refers to."
            )
            return Reply(403, close=True)
        log.info("callback confirmed")
        return Reply(200, word)
