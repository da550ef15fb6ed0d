"""X as a server of the city: one port for the API, its token endpoints and its files."""

from __future__ import annotations

from archiver.sandbox.faults import Delivery
from archiver.sandbox.serving import Encoded, PlatformServer
from archiver.sandbox.wire import Asked
from archiver.sandbox.x.api import Billed, XApi
from archiver.sandbox.x.ids import opaque
from archiver.sandbox.x.tokens import XApp
from archiver.sandbox.x.world import XWorld

SIGNATURE = (
    ("cache-control", "no-cache, no-store, max-age=0"),
    ("content-disposition", "attachment; filename=json.json"),
    ("server", "tsa_b"),
)


class XServer(PlatformServer[XApi]):
    """``generous`` raises the limits so far that nobody waits."""

    def __init__(self, x: XWorld, *, generous: bool = True) -> None:
        app = application(x.world.seed)
        super().__init__(x.world, lambda url: XApi(x, url, app, generous=generous), signature=SIGNATURE, etags=False)

    def deliver(self, asked: Asked) -> tuple[Delivery, Encoded]:
        """What is given out is charged, even if it does not arrive whole; what fails is not."""
        delivery, page = super().deliver(asked)
        if isinstance(page.answer, Billed) and page.answer.charge is not None:
            self.api.bills.add(page.answer.charge)
        return delivery, page


def application(seed: int) -> XApp:
    """The application that the city has registered at X."""
    return XApp(
        client_id=opaque("client", seed, length=34),
        client_secret=opaque("client secret", seed, length=50),
        key=opaque("key", seed, length=25),
        secret=opaque("secret", seed, length=50),
        bearer="A" * 22 + opaque("bearer", seed, length=80),
    )
