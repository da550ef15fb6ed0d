"""The one place that reads configuration and builds everything."""

from __future__ import annotations

import platform
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from filelock import FileLock, Timeout

from archiver import __version__
from archiver.capture import notify
from archiver.capture.client import Client, MediaLimits, Network
from archiver.capture.clock import Clock
from archiver.capture.pace import Pacer
from archiver.capture.secrets import SecretRef, Secrets, read
from archiver.config import AccountSettings, MailSettings, SecretSetting, Settings, load_profile
from archiver.domain.access import in_use
from archiver.domain.acting import Actor
from archiver.errors import (
    ArchiverError,
    ConfigError,
    EvidenceDamaged,
    InstanceRunning,
    OperatorError,
    StorageFull,
    TokenMissing,
)
from archiver.ledger import keys
from archiver.ledger.notes import Signer
from archiver.listener.signature import SIGNING, has_signed
from archiver.listener.websub import path_of, secret_of
from archiver.platforms.registry import adapter_class, adapter_for
from archiver.platforms.websub import HUB_SECRET
from archiver.services import left_behind, recurring
from archiver.services.adoption import Adopter
from archiver.services.alerts import Alerts, Channel, Message
from archiver.services.backup.layout import MARK
from archiver.services.backup.making import Places
from archiver.services.checkup import NOTHING_KNOWN, Known
from archiver.services.collect import Parts, Progress
from archiver.services.connecting import Connecting
from archiver.services.disposal import finishing
from archiver.services.disposal.running import Workshop
from archiver.services.films import Films
from archiver.services.journal import Journal
from archiver.services.noticing import Office
from archiver.services.rebuild import Progress as Counted
from archiver.services.register import Said, register
from archiver.services.replay import recover
from archiver.services.retention.eligibility import terms_of
from archiver.services.schedule import Rhythm
from archiver.services.seal import enter_missed, enter_sealed
from archiver.services.spending import Bounds, Budget, bounds_of, take_up_affordable
from archiver.store import access, accounts
from archiver.store.decisions import register as entries
from archiver.store.engine import Store, open_store, revision, shown, upgrade
from archiver.warc.names import PUSHED
from archiver.warc.writer import Segments, WarcInfo

log = structlog.get_logger()

USER_AGENT = f"city-records-archiver/{__version__}"


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that this process may write to; everything that a use case needs."""

    settings: Settings
    store: Store
    segments: Segments
    secrets: Secrets
    client: Client
    journal: Journal
    signer: Signer
    clock: Clock
    stop: threading.Event

    def parts(self, progress: Progress) -> Parts:
        """What a collector works with."""
        return Parts(
            store=self.store, journal=self.journal, client=self.client,
            pacer=Pacer(min_interval_s=1 / self.settings.capture.requests_per_second),
            clock=self.clock, stop=self.stop, attempts=self.settings.capture.attempts,
            rhythm=self.rhythm, progress=progress, budget=budgets_of(self.settings), callback=self._callback,
            films=self._films,
        )  # fmt: skip

    def _films(self, account: str) -> Films | None:
        """What fetches an account's video files, where its settings say so."""
        own = next((one for one in self.settings.accounts if one.id == account), None)
        if own is None or not own.video_files:
            return None
        capture, spool = self.settings.capture, self.settings.data_dir / "spool"
        return Films(self.journal, self.clock, self.stop, spool, int(capture.media_max_bytes), capture.proxy)

    def _callback(self, account: str, topic: str) -> str | None:
        """Where what a hub pushes is received; what it is to sign that with is held for the request that says so."""
        listen = self.settings.listen
        if listen is None or listen.public_url is None:
            return None
        word = read(secret_ref(listen.verify_token, self.settings.home), "listen.verify_token").strip()
        path = path_of(word, account, topic)
        self.secrets.hold(account, HUB_SECRET, secret_of(word, path))
        return f"{listen.public_url}{path}"

    def adopter(self) -> Adopter:
        """What reads deliveries that came."""
        return Adopter(self.store, self.journal, self.settings.storage, self.stop, self._signs)

    def _signs(self, account: str, request: bytes) -> bool:
        """Whether one of the account's present secrets signed a delivery. Raises TokenMissing."""
        secrets = (self.secrets.get(account, name) for name in SIGNING)
        return any(secret and has_signed(secret, request) for secret in secrets)

    def rhythm(self, account_id: str) -> Rhythm:
        """An account's intervals: its own, else the schedule's."""
        defaults = self.settings.schedule
        own = next((one for one in self.settings.accounts if one.id == account_id), None)
        threads = own.threads if own and own.threads is not None else defaults.threads
        return Rhythm(
            poll=own.poll if own and own.poll is not None else defaults.poll,
            threads=threads if isinstance(threads, timedelta) else None,
            confirm=defaults.confirm,
            profile=defaults.profile,
        )


def _finish_disposals(settings: Settings, store: Store, clock: Clock) -> None:
    """What a disposal that was stopped left to be done comes before all else, so that nothing reads what it took."""
    try:
        finishing.finish(store, settings.storage, settings.data_dir, clock.now(), backups=settings.backups)
    except StorageFull:
        raise
    except (OperatorError, EvidenceDamaged) as error:  # the next start tries again
        log.warning("a disposal is not finished", why=str(error))


def workshop_of(archive: Archive, progress: Counted = lambda _done, _total: None) -> Workshop:
    """What a disposal works with."""
    settings = archive.settings
    return Workshop(
        store=archive.store, warc=archive.segments, storage=settings.storage, data_dir=settings.data_dir,
        signer=archive.signer, info=warc_info(settings), archive=settings.archive.name, terms=terms_of(settings),
        backups=settings.backups, progress=progress,
    )  # fmt: skip


def budgets_of(settings: Settings) -> Budget:
    """What each account may spend."""
    return {one.id: one.budget for one in settings.accounts}.get


def bounds(settings: Settings, secrets: Secrets) -> dict[str, Bounds]:
    """What binds the accounts whose platforms count."""
    return {
        one.id: bounds_of(tariff, one.id, budgets_of(settings), partial(secrets.sharing, one.id))
        for one in settings.accounts
        if (tariff := adapter_class(one.platform).tariff) is not None
    }


@contextmanager
def open_archive(
    settings: Settings, *, stop: threading.Event | None = None, clock: Clock | None = None, restoring: bool = False
) -> Iterator[Archive]:
    """Open an archive for writing: one process per data folder; makes the store, recovers what a crash left behind.

    ``restoring`` is for the restore itself: nobody else may open an archive that is half restored.
    """
    stop, clock = stop or threading.Event(), clock or Clock()
    if not restoring:
        require_whole(settings)
    with alone(settings), _opened(settings, stop, clock) as archive:
        yield archive


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """One process for each data folder, which is made where there is none. Raises InstanceRunning."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(settings.data_dir / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InstanceRunning(f"Another archiver process works on {settings.data_dir}.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _opened(settings: Settings, stop: threading.Event, clock: Clock) -> Iterator[Archive]:
    signer = keys.signer(settings.keys, settings.archive.name)
    store = open_for_writing(settings)
    _finish_disposals(settings, store, clock)
    segments = Segments(
        settings.storage, info=warc_info(settings), now=clock.now, size_limit=int(settings.capture.segment_size),
        ours=lambda key: key.klass != PUSHED,  # those are the receiver's, which may be another process
    )  # fmt: skip
    secrets = secrets_of(settings)
    spool = settings.data_dir / "spool"
    client = Client(network_of(settings), secrets, spool, clock, stop)
    try:
        enter_configured(settings, store, clock.now())
        recover(store, segments)
        take_up_affordable(store, bounds(settings, secrets), clock.now())
        enter_sealed(store, segments, clock.now(), signer=signer)
        enter_missed(store, segments, clock.now(), signer=signer)
        yield Archive(settings, store, segments, secrets, client, Journal(store, segments), signer, clock, stop)
        enter_sealed(store, segments, clock.now(), signer=signer)
    finally:
        client.close()
        segments.close()
        store.dispose()


def places_of(settings: Settings) -> Places:
    """Where the parts of the archive lie that a backup holds."""
    return Places(settings.path, settings.data_dir, settings.storage, settings.keys, settings.database)


def require_whole(settings: Settings) -> None:
    """Raises OperatorError where a restore into the data folder was not finished, or the store was moved away."""
    left_behind.require_not_left(settings.data_dir, shown(settings.database))
    mark = settings.data_dir / MARK
    if mark.exists():
        raise OperatorError(
            f"The restore of {mark.read_text(encoding='utf-8').strip()} into {settings.data_dir} was not finished.",
            advice="Run the same `archiver restore` again; it goes on where it stopped.",
        )


def open_for_writing(settings: Settings) -> Store:
    """The store, made when there is none yet; an older one is refused with advice."""
    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    if revision(settings.database) is None:
        upgrade(settings.database)
    return open_store(settings.database)


@contextmanager
def open_for_reading(settings: Settings) -> Iterator[Store]:
    """The store for commands that only report; it must be there."""
    require_whole(settings)
    path = Path(settings.database.removeprefix("sqlite:///"))
    if settings.database.startswith("sqlite:///") and not path.exists():
        raise OperatorError(
            f"There is no archive at {path} yet.", advice="Run `archiver collect` or `archiver backfill` first."
        )
    store = open_store(settings.database)
    try:
        yield store
    finally:
        store.dispose()


@contextmanager
def open_for_deciding(settings: Settings) -> Iterator[Store]:
    """The store for what people decide, beside a daemon that collects: no lock of the data folder, commits on disk.

    The accounts of the configuration are in the register afterwards; makes the store where there is none yet.
    """
    require_whole(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    open_for_writing(settings).dispose()
    store = open_store(settings.database, durable=True)
    try:
        enter_configured(settings, store, Clock().now())
        yield store
    finally:
        store.dispose()


def enter_configured(settings: Settings, store: Store, now: datetime) -> None:
    """Take over what the configuration says of the accounts."""
    said = {one.id: Said(one.collect_reason, one.paused) for one in settings.accounts}
    register(store, settings.account_values(), now, said=said, zone=ZoneInfo(settings.archive.timezone))


def known_of(settings: Settings) -> dict[str, Known]:
    """What the store knows of the accounts; nothing where there is no store that can be read. It is only read."""
    try:
        if revision(settings.database) is None:
            return {}
        store = open_store(settings.database)
    except ArchiverError:
        return {}
    secrets = secrets_of(settings)
    try:
        with store.read() as conn:
            found = ((one.id, accounts.find(conn, one.id), access.known(conn, one.id)) for one in settings.accounts)
            return {
                name: Known(
                    account.native_id,
                    seen[0] if seen and in_use(seen[1], secrets.changed_at(name)) else None,
                    entries.refusal(conn, name),
                )
                for name, account, seen in found
                if account is not None
            }
    finally:
        store.dispose()


def recurring_of(settings: Settings, now: datetime) -> list[recurring.Standing]:
    """How it stands with what the law asks for again and again; as never done where no store can be read."""
    profile = load_profile(settings.archive.profile)
    today = now.astimezone(ZoneInfo(settings.archive.timezone)).date()
    try:
        store = open_store(settings.database) if profile.recurring and revision(settings.database) else None
    except ArchiverError:
        store = None
    if store is None:
        return recurring.never(profile)
    try:
        return recurring.standing(store, profile, today)
    finally:
        store.dispose()


@contextmanager
def connecting(settings: Settings, account_id: str) -> Iterator[tuple[Connecting, datetime]]:
    """What gets an account a token: a client of its own that knows the configured secrets, but not the old token."""
    account = next(one for one in settings.account_values() if one.id == account_id)
    setting = settings.chosen([account_id])[0]
    refs = {name: ref for name, ref in _refs(setting, settings.home).items() if name != "token"}
    secrets, clock = Secrets({account_id: refs}, keep=False), Clock()
    known = Known(known_of(settings).get(account_id, NOTHING_KNOWN).native_id)
    with tempfile.TemporaryDirectory(prefix="archiver-connect-") as spool:
        client = Client(network_of(settings), secrets, Path(spool), clock, threading.Event())
        try:
            yield Connecting(account, adapter_for(account), client, secrets, known), clock.now()
        finally:
            client.close()


def network_of(settings: Settings) -> Network:
    """How the network may be used."""
    capture = settings.capture
    return Network(
        user_agent=f"{USER_AGENT} ({capture.contact})" if capture.contact else USER_AGENT,
        connect_timeout_s=capture.connect_timeout.total_seconds(),
        read_timeout_s=capture.read_timeout.total_seconds(),
        proxy=capture.proxy,
        ca_bundle=settings.home / capture.ca_bundle if capture.ca_bundle else None,
        allow_networks=capture.networks,
        media=MediaLimits(
            max_bytes=int(capture.media_max_bytes),
            max_seconds=capture.media_max_time.total_seconds(),
            types=capture.media_types,
        ),
    )


def secrets_of(settings: Settings, *, keep: bool = True) -> Secrets:
    """Where each account's secrets are; without ``keep`` new ones are not stored there."""
    return Secrets({one.id: _refs(one, settings.home) for one in settings.accounts}, keep=keep)


def secret_ref(setting: SecretSetting, home: Path) -> SecretRef:
    """A reference with its path made absolute."""
    return SecretRef(env=setting.env, file=home / setting.file if setting.file else None)


def _refs(account: AccountSettings, home: Path) -> dict[str, SecretRef]:
    return {name: secret_ref(setting, home) for name, setting in account.secrets.items()}


def require_secrets(settings: Settings) -> None:
    """Raises ConfigError with each secret that the configuration refers to and that can't be read; touches nothing."""
    secrets, faults = secrets_of(settings), []
    for index, account in enumerate(settings.accounts):
        for name in account.secrets:
            try:
                secrets.get(account.id, name)
            except TokenMissing as error:
                faults.append(f"{settings.place(f'accounts.{index}.{name}')}{error}")
    mail, listen = settings.alerts.mail, settings.listen
    for name, setting in (
        ("alerts.webhook", settings.alerts.webhook),
        ("alerts.mail.password", mail.password if mail else None),
        ("listen.verify_token", listen.verify_token if listen else None),
    ):
        try:
            _secret(setting, settings, name)
        except TokenMissing as error:
            faults.append(f"{settings.place(name)}{error}")
    if faults:
        raise ConfigError(faults, path=str(settings.path))


def alerts_of(settings: Settings) -> Alerts:
    """Who is told of what only a person can mend."""
    channels: list[Channel] = []
    if settings.alerts.webhook is not None:
        channels.append(lambda message: _call_webhook(settings, message))
    if (mail := settings.alerts.mail) is not None:
        channels.append(lambda message: _send_mail(settings, mail, message))
    return Alerts(
        archive=settings.archive.name,
        zone=ZoneInfo(settings.archive.timezone),
        repeat=settings.alerts.repeat,
        paused={one.id: one.paused for one in settings.accounts},
        free_bytes=lambda: min(_free_bytes(settings.data_dir), _free_bytes(settings.storage)),
        channels=channels,
    )


def _free_bytes(folder: Path) -> int:
    """What is left where a folder is, or will be."""
    return shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists())).free


def _call_webhook(settings: Settings, message: Message) -> None:
    network = network_of(settings)
    url = _secret(settings.alerts.webhook, settings, "alerts.webhook") or ""
    notify.send_webhook(url, message.payload, proxy=network.proxy, ca_bundle=network.ca_bundle)


@contextmanager
def noticing(settings: Settings, by: Actor) -> Iterator[Office]:
    """What tells the custodians of a hold; by mail where alerts go out by mail."""
    mail = settings.alerts.mail
    send = None if mail is None else partial(_mail_to, settings, mail)
    with open_for_deciding(settings) as store:
        zone = ZoneInfo(settings.archive.timezone)
        yield Office(store, settings.archive.name, zone, by, Clock().now(), send)


def _mail_to(settings: Settings, mail: MailSettings, address: str, subject: str, text: str) -> None:
    _send_mail(settings, mail.model_copy(update={"to": (address,)}), Message(subject, text, {}))


def _send_mail(settings: Settings, mail: MailSettings, message: Message) -> None:
    smtp = notify.Smtp(
        host=mail.host, sender=mail.sender, to=mail.to, port=mail.port, security=mail.security, user=mail.user,
        password=_secret(mail.password, settings, "alerts.mail.password"), ca_bundle=network_of(settings).ca_bundle,
    )  # fmt: skip
    notify.send_mail(smtp, notify.message(smtp, message.subject, message.text))


def _secret(setting: SecretSetting | None, settings: Settings, what: str) -> str | None:
    return None if setting is None else read(secret_ref(setting, settings.home), what).strip()


def warc_info(settings: Settings) -> WarcInfo:
    """What each WARC file says of itself (records rule R57)."""
    return WarcInfo(
        software=f"{USER_AGENT} Python/{platform.python_version()}",
        operator=settings.archive.operator or settings.archive.name,
        archive=settings.archive.name,
        user_agent=network_of(settings).user_agent,
        schedules={one.id: one.series for one in settings.accounts if one.series is not None},
    )
