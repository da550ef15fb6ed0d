"""The original bytes of one attachment: the blob at its owner's server, not the CDN's re-encoded copy."""

from __future__ import annotations

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.platforms.bluesky.addresses import CDN, blob_url
from archiver.platforms.bluesky.answers import whatever_it_says
from archiver.platforms.bluesky.documents import pds_of
from archiver.platforms.bluesky.embeds import BLOB
from archiver.platforms.bluesky.errand import Errand, Op

MEDIA = "media"


class Media(Errand):
    """``task.subject`` is ``blob:DID/CID``, or the address of a file elsewhere."""

    def begin(self) -> None:
        """Where the blob is, then the blob."""
        subject = self.task.subject or ""
        if not subject.startswith(BLOB):
            if subject.startswith(("https://", "http://")):
                self.last(["file", subject])
            return
        did, _, cid = subject.removeprefix(BLOB).rpartition("/")
        account = self.task.account
        server = self.addresses.base_url or (account.facts.get("pds") if did == account.native_id else None)
        if server is not None:
            self.last(["blob", server, did, cid])
        elif self.addresses.document(did) is not None:
            self.last(["where", did, cid])
        else:
            self.last(["cdn", did, cid])

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        match op:
            case ["where", str(did), str()]:
                return RequestSpec(self.addresses.document(did) or "", MEDIA)
            case ["blob", str(server), str(did), str(cid)]:
                return RequestSpec(blob_url(server, did, cid), MEDIA, purpose=Purpose.MEDIA, follow=True)
            case ["cdn", str(did), str(cid)]:
                url = f"{CDN}/img/feed_fullsize/plain/{did}/{cid}@jpeg"
                return RequestSpec(url, MEDIA, purpose=Purpose.MEDIA, follow=True)
            case ["file", str(url)]:
                return RequestSpec(url, MEDIA, purpose=Purpose.MEDIA, follow=True)
        return super().ask(op)

    def take(self, op: Op, exchange: Exchange) -> None:
        """The CDN's copy is better than nothing when the owner's server has the blob no more."""
        match op:
            case ["where", str(did), str(cid)]:
                pds = pds_of(whatever_it_says(exchange))
                self.last(["blob", pds, did, cid] if pds is not None else ["cdn", did, cid])
            case ["blob", str(), str(did), str(cid)]:
                if not exchange.ok and exchange.truncated is None and self.addresses.base_url is None:
                    self.last(["cdn", did, cid])
            case ["cdn", *_] | ["file", *_]:
                pass
            case _:
                super().take(op, exchange)
