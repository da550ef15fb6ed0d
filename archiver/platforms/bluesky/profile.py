"""Who the account is, where its repository lives, how it describes itself, and its identity's history as evidence."""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import NotOffered
from archiver.platforms.bluesky.addresses import PLC
from archiver.platforms.bluesky.errand import Errand, Op
from archiver.platforms.bluesky.reading import OWN
from archiver.platforms.bluesky.syntax import PROFILE

NO_EDITS = "Bluesky keeps no earlier versions of a post; an overwritten one shows when it is seen again."


class Profile(Errand):
    """One look at the account itself. The DID document is read anew each time, since a repository can move."""

    def begin(self) -> None:
        """Identity first, then the view, then the record, whose word is the newer one."""
        self.identify()
        moved_or_new = [["document"]] if ["document"] not in self.todo else []
        self.last(*moved_or_new, ["view"], ["record"], ["status"])
        if self.addresses.base_url is None:
            self.last(["log"])
        self.findings.append(NotOffered("edits", NO_EDITS))

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        match op:
            case ["view"]:
                return self.call(self.addresses.appview, "app.bsky.actor.getProfile", [("actor", self.did)], OWN)
            case ["record"]:
                params = [("repo", self.did), ("collection", PROFILE), ("rkey", "self")]
                return self.call(self.pds, "com.atproto.repo.getRecord", params, OWN, follow=True)
            case ["status"]:
                return self.call(self.pds, "com.atproto.sync.getRepoStatus", [("did", self.did)], OWN, follow=True)
            case ["log"]:
                return RequestSpec(f"{PLC}/{self.did}/log/audit", OWN)
        return super().ask(op)

    def take(self, op: Op, exchange: Exchange) -> None:
        """Nothing follows from most of these answers; what they show is in their reading."""
        match op:
            case ["view"]:
                if self.wants_login(exchange):
                    self.first(["view"])
            case ["record"] | ["status"] | ["log"]:
                pass
            case _:
                super().take(op, exchange)
