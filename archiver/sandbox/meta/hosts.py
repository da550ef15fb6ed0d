"""Meta's platforms as servers of the city: one port each, one world, one app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from archiver.sandbox.city import Size
from archiver.sandbox.meta import facebook_truth, instagram_truth, threads_truth
from archiver.sandbox.meta.act import MetaAct
from archiver.sandbox.meta.facebook_api import FacebookApi
from archiver.sandbox.meta.facebook_events import change
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.instagram_api import InstagramApi, InstagramOnFacebookApi
from archiver.sandbox.meta.instagram_events import InstagramSender, by_facebook_login, by_instagram_login
from archiver.sandbox.meta.instagram_profiles import InstagramProfiles
from archiver.sandbox.meta.instagram_quirks import Flavour
from archiver.sandbox.meta.messaging import message
from archiver.sandbox.meta.model import FACEBOOK, INSTAGRAM, META, THREADS
from archiver.sandbox.meta.story import tell_meta
from archiver.sandbox.meta.threads_api import ThreadsApi
from archiver.sandbox.meta.threads_events import ThreadsSender
from archiver.sandbox.meta.threads_profiles import ThreadsProfiles
from archiver.sandbox.meta.tokens import App
from archiver.sandbox.meta.truth import MetaObserver, MetaTruth
from archiver.sandbox.meta.webhooks import Sender
from archiver.sandbox.meta.wire import SIGNATURE
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.serving import Api, PlatformServer
from archiver.sandbox.world import CityAccount

A = TypeVar("A", bound=Api)
APP_ID = "210000000000007"
INSTAGRAM_APP_ID = "310000000000008"
THREADS_APP_ID = "330000000000003"
VERIFY = "maple-ford-verifies"
"""What the city has told the platform to say at the handshake."""
CALLS = 1200
"""Calls that a page of a small city has in 24 hours, where limits are the real ones."""


class MetaHosts:
    """The servers. ``generous`` raises the limits so far that nobody waits.

    ``instagram_login``: which of Instagram's two logins the accounts have; the other server runs as well, and is empty.
    """

    platforms = META

    def __init__(self, meta: MetaWorld, *, generous: bool = True, instagram_login: Flavour = "instagram") -> None:
        self.meta = meta
        rules = {
            FACEBOOK: facebook_truth.RULES,
            INSTAGRAM: instagram_truth.RULES,
            THREADS: threads_truth.told_at(meta),
        }
        self.observer = MetaObserver(meta, rules)
        self.instagram_login: Flavour = instagram_login
        self.app = App(APP_ID, f"{meta.world.seed:032x}"[::-1], "Maple Ford Records")
        self.instagram_app = App(INSTAGRAM_APP_ID, f"{meta.world.seed + 1:032x}"[::-1], "Maple Ford Records-IG")
        self.threads_app = App(THREADS_APP_ID, f"{meta.world.seed + 2:032x}"[::-1], "Maple Ford Records-TH")
        self.pages = FacebookPages(meta)
        self.profiles = InstagramProfiles(meta)
        self.threaders = ThreadsProfiles(meta)
        calls = 1_000_000_000 if generous else CALLS
        self.facebook = self._serve(lambda url: FacebookApi(meta, url, self.app, calls=calls))
        self.instagram = self._serve(lambda url: InstagramApi(meta, url, self.instagram_app, calls=calls))
        self.instagram_on_facebook = self._serve(lambda url: InstagramOnFacebookApi(meta, url, self.app, calls=calls))
        self.threads = self._serve(lambda url: ThreadsApi(meta, url, self.threads_app, calls=calls))
        self.open()

    def _serve(self, make: Callable[[str], A]) -> PlatformServer[A]:
        return PlatformServer(self.meta.world, make, signature=SIGNATURE, etags=False)

    def tell(self, size: Size) -> None:
        """Make accounts with the life of their pages and profiles, and let their tokens be good."""
        tell_meta(self.meta, size)
        self.open()

    def open(self) -> None:
        """Let the tokens of all accounts be good that have none yet."""
        for account in list(self.meta.world.accounts.values()):
            if account.platform == FACEBOOK and self.facebook.api.tokens.known(account.secret) is None:
                self.facebook.api.accept(account.person, account.secret)
            if account.platform == THREADS and self.threads.api.tokens.known(account.secret) is None:
                self.threads.api.accept(account.person, account.secret)
            if account.platform == INSTAGRAM:
                self._open_instagram(account)

    def _open_instagram(self, account: CityAccount) -> None:
        if self.instagram_login == "instagram":
            if self.instagram.api.tokens.known(account.secret) is None:
                self.instagram.api.accept(account.person, account.secret)
            return
        if not account.secret.startswith("EAA"):
            # The token of a page looks like Facebook's, not like Instagram's.
            account = replace(account, secret="EAA" + account.secret.removeprefix("IGAA"))
            self.meta.world.accounts[account.name] = account
        if self.instagram_on_facebook.api.tokens.known(account.secret) is None:
            self.instagram_on_facebook.api.accept_profile(account.person, account.secret)

    @property
    def servers(self) -> tuple[PlatformServer[Any], ...]:
        """All of them."""
        return (self.facebook, self.instagram, self.instagram_on_facebook, self.threads)

    def server(self, account: str) -> PlatformServer[Any]:
        """The server of an account."""
        by_platform: dict[str, PlatformServer[Any]] = {
            FACEBOOK: self.facebook,
            INSTAGRAM: self.instagram if self.instagram_login == "instagram" else self.instagram_on_facebook,
            THREADS: self.threads,
        }
        return by_platform[self.meta.world.accounts[account].platform]

    def app_of(self, account: str) -> App:
        """The app whose id and secret belong into an account's configuration."""
        app: App = self.server(account).api.tokens.app
        return app

    def secrets(self, account: str, *, authenticated: bool) -> dict[str, str]:
        """Token and app; without a token nothing can be seen."""
        if not authenticated:
            return {}
        app = self.app_of(account)
        return {"token": self.meta.world.accounts[account].secret, "app_id": app.id, "app_secret": app.secret}

    def look(self, account: str, *, authenticated: bool = True) -> MetaTruth:  # noqa: ARG002 - there is one view
        """A capture with the account's own token; nothing can be seen without one."""
        return self.observer.look(account)

    def act(self, account: str) -> MetaAct:
        """The second act of a page or profile."""
        return MetaAct(self.meta, account)

    def revoke(self, account: str, subcode: int = 460) -> None:
        """End the token of an account, and those that it was renewed to."""
        tokens, secret = self.server(account).api.tokens, self.meta.world.accounts[account].secret
        page = tokens.known(secret).page
        for token in tokens.all():
            if token.value == secret or (token.kind == "USER" and token.page is page):
                tokens.end(token.value, subcode)

    def reconnect(self, account: str) -> None:
        """The same token is good again, and those that it was renewed to."""
        tokens, secret = self.server(account).api.tokens, self.meta.world.accounts[account].secret
        page = tokens.known(secret).page
        for token in tokens.all():
            if token.value == secret or (token.kind == "USER" and token.page is page):
                tokens.revive(token.value)

    # --- pushed events, from now on

    def page_events(self, callback: str) -> Sender:
        """The sender of the pages' events to a callback."""
        sender = Sender(
            self.meta, callback, self.app.secret, VERIFY, "page", change, partial(message, platform=FACEBOOK)
        )
        sender.skip()
        return sender

    def instagram_events(self, callback: str, *, direct: bool = False) -> InstagramSender:
        """The sender of the Instagram accounts' events; ``direct``: without ``changes``."""
        told = by_instagram_login if self.instagram_login == "instagram" else by_facebook_login
        secret = (self.instagram_app if self.instagram_login == "instagram" else self.app).secret
        sender = InstagramSender(
            self.meta, callback, secret, VERIFY, "instagram", told, partial(message, platform=INSTAGRAM), direct=direct
        )
        sender.skip()
        return sender

    def threads_events(self, callback: str) -> ThreadsSender:
        """The sender of the Threads accounts' events."""
        app = self.threads_app
        sender = ThreadsSender(self.meta, callback, app.secret, VERIFY, "threads", lambda _: None, app_id=app.id)
        sender.skip()
        return sender
