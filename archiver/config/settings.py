"""The sections of the configuration, typed: what each setting is called, may be, and is when it is not written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ByteSize, ConfigDict, Field, field_validator, model_validator

from archiver.config import profile as profiles
from archiver.config.lines import line_of, lines_of
from archiver.domain.account import Account, Capacity
from archiver.domain.durations import parse_duration
from archiver.errors import UsageError

SECRETS = ("token", "app_id", "app_secret", "client_id", "client_secret", "refresh_token")
"""The names of an account's secrets."""
API_VERSION = re.compile(r"v?[0-9]{1,3}(\.[0-9]{1,3})?")
SERIES = re.compile(r"[^/@]+@[0-9]{4}-[0-9]{2}-[0-9]{2}/.+")
ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _duration(value: object) -> object:
    if isinstance(value, str) and value != "adaptive":
        return parse_duration(value)
    if isinstance(value, timedelta | str):
        return value
    msg = f'{value!r} is not a duration; write a whole number and a unit in quotes, like "15m"'
    raise ValueError(msg)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Cadence = Annotated[timedelta | Literal["adaptive"], BeforeValidator(_duration)]


class Section(BaseModel):
    """A table of the configuration; a key that it does not have is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class SecretSetting(Section):
    """Where a secret is: the name of an environment variable, or a file; never the secret itself."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> SecretSetting:
        if (self.env is None) == (self.file is None):
            msg = 'names one place: { env = "NAME" } or { file = "path" }'
            raise ValueError(msg)
        return self


class ArchiveSettings(Section):
    """What the archive is and where it lies."""

    name: str = Field(min_length=1)
    data_dir: Path = Path("data")
    database: str = ""
    storage: str = ""
    timezone: str = "UTC"
    profile: str = Field(default_factory=profiles.default_name)
    fiscal_year_begins: int = Field(default=1, ge=1, le=12)
    operator: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f'"{value}" is not a time zone; write one like "America/Chicago"'
            raise ValueError(msg) from error
        return value

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str) -> str:
        if value not in profiles.names():
            msg = f'"{value}" is not a state profile; known: {", ".join(profiles.names())}'
            raise ValueError(msg)
        return value

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            msg = 'is "sqlite:///path" or "postgresql+psycopg://user@host/name"'
            raise ValueError(msg)
        return value

    @field_validator("storage")
    @classmethod
    def _folder(cls, value: str) -> str:
        if "://" in value:
            msg = "is a folder; other kinds of storage are not supported by this version"
            raise ValueError(msg)
        return value


class ScheduleSettings(Section):
    """How often the accounts are looked at."""

    poll: Duration = timedelta(minutes=15)
    threads: Cadence = "adaptive"
    confirm: Duration = timedelta(days=1)
    profile: Duration = timedelta(days=1)


class CaptureSettings(Section):
    """How the network is used."""

    allow_networks: tuple[str, ...] = ()
    proxy: str | None = None
    ca_bundle: Path | None = None
    contact: str | None = None
    requests_per_second: float = Field(default=5.0, gt=0, le=1000)
    connect_timeout: Duration = timedelta(seconds=10)
    read_timeout: Duration = timedelta(seconds=60)
    media_max_bytes: ByteSize = ByteSize(500 * 10**6)
    media_max_time: Duration = timedelta(minutes=15)
    media_types: tuple[str, ...] = (
        "image/*",
        "video/*",
        "audio/*",
        "text/vtt",
        "application/pdf",
        "application/octet-stream",
    )
    segment_size: ByteSize = ByteSize(10**9)
    attempts: int = Field(default=5, ge=1, le=20)

    @field_validator("allow_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network)
            except ValueError as error:
                msg = f'"{network}" is not a network like "10.1.2.0/24"'
                raise ValueError(msg) from error
        return value

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme != "http":
            msg = 'is an address like "http://proxy.example.gov:3128"'
            raise ValueError(msg)
        return value

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The allowed networks, parsed."""
        return tuple(ip_network(network) for network in self.allow_networks)


class MailSettings(Section):
    """Where alert mails go out."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretSetting | None = None
    sender: str
    to: tuple[str, ...] = Field(min_length=1)


class ListenSettings(Section):
    """Where `archiver listen` waits for what platforms push, and the word that proves this receiver to them.

    ``public_url`` is its address as the platforms call it.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8480, ge=0, le=65535)
    verify_token: SecretSetting
    public_url: str | None = None

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            msg = f'"{value}" is not an address like "https://records.example.gov"'
            raise ValueError(msg)
        return value.rstrip("/")


class BackupSettings(Section):
    """Where backups go, how old they may become, and when `archiver status` reminds of the next one and of a drill."""

    folder: Path
    keep: Duration = timedelta(days=90)
    remind: Duration = timedelta(days=7)
    drill: Duration = timedelta(days=365)

    @field_validator("keep", "remind", "drill")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if value <= timedelta():
            msg = "is longer than nothing"
            raise ValueError(msg)
        return value


class AlertSettings(Section):
    """Who is told when an account needs a person, and how often until it is solved."""

    repeat: Duration = timedelta(days=1)
    webhook: SecretSetting | None = None
    mail: MailSettings | None = None


class TermsSettings(Section):
    """What the city decided where a platform's terms and records law collide (R11), and who said so."""

    platform: str
    decision: str = Field(min_length=1)
    decided_by: str = Field(min_length=1)
    decided_on: date
    counsel: str | None = None


class PersonSettings(Section):
    """Someone who decides. Where people are configured, nobody else can; ``login`` binds the name to one login.

    ``sees`` are the classes of data beyond public ones that their work assignment opens to them (R14), ``accounts``
    and ``series`` those whose data that is about; all where it is not written.
    """

    name: str = Field(min_length=1)
    login: str | None = None
    sees: tuple[str, ...] = ()
    accounts: tuple[str, ...] | None = None
    series: tuple[str, ...] | None = None
    approves: bool = True

    @field_validator("series")
    @classmethod
    def _series(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in value or ():
            if not SERIES.fullmatch(name):
                msg = f'"{name}" is not a series of an edition, like "cities@2021-03-01/GS-0101"'
                raise ValueError(msg)
        return value


class AccountSettings(Section):
    """A city account to collect."""

    id: str
    platform: str
    handle: str = Field(min_length=1)
    capacity: Capacity = Capacity.OFFICIAL
    collect_reason: str | None = None
    department: str | None = None
    series: str | None = None
    base_url: str | None = None
    since: date | None = None
    api_version: str | None = None
    messages: bool = False
    video_files: bool = False
    budget: Decimal | None = Field(default=None, gt=0)
    token: SecretSetting | None = None
    app_id: SecretSetting | None = None
    app_secret: SecretSetting | None = None
    client_id: SecretSetting | None = None
    client_secret: SecretSetting | None = None
    refresh_token: SecretSetting | None = None
    poll: Duration | None = None
    threads: Cadence | None = None
    paused: bool = False

    @field_validator("id")
    @classmethod
    def _plain_id(cls, value: str) -> str:
        if not ACCOUNT_ID.fullmatch(value):
            msg = f'"{value}" may only have a-z, 0-9 and "-", and begins with a letter or digit'
            raise ValueError(msg)
        return value

    @property
    def secrets(self) -> dict[str, SecretSetting]:
        """Where the account's secrets are, by name; only those that are configured."""
        return {name: setting for name in SECRETS if (setting := getattr(self, name)) is not None}

    @field_validator("api_version")
    @classmethod
    def _version(cls, value: str | None) -> str | None:
        if value is not None and not API_VERSION.fullmatch(value):
            msg = f'"{value}" is not a version like "v26.0"'
            raise ValueError(msg)
        return value

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
        ):
            msg = f'"{value}" is not an address like "https://social.example.gov"'
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _capacity_needs_reason(self) -> AccountSettings:
        if self.capacity in {Capacity.PERSONAL, Capacity.CAMPAIGN} and not self.collect_reason:
            msg = (
                f"collecting a {self.capacity} account makes it government data: "
                "set collect_reason to who decided it and why (R1)"
            )
            raise ValueError(msg)
        return self


class Settings(Section):
    """The whole configuration, as written in config.toml."""

    archive: ArchiveSettings
    schedule: ScheduleSettings = ScheduleSettings()
    capture: CaptureSettings = CaptureSettings()
    alerts: AlertSettings = AlertSettings()
    listen: ListenSettings | None = None
    backup: BackupSettings | None = None
    terms: tuple[TermsSettings, ...] = ()
    people: tuple[PersonSettings, ...] = ()
    accounts: tuple[AccountSettings, ...] = Field(min_length=1)
    path: Path = Field(exclude=True)

    @property
    def home(self) -> Path:
        """The folder that relative paths are relative to."""
        return self.path.parent

    @property
    def data_dir(self) -> Path:
        """The data folder, absolute."""
        return (self.home / self.archive.data_dir).resolve()

    @property
    def storage(self) -> Path:
        """The folder of the WARC files, absolute."""
        return (self.home / self.archive.storage).resolve() if self.archive.storage else self.data_dir / "warc"

    @property
    def keys(self) -> Path:
        """The folder of the archive's key, absolute."""
        return self.data_dir / "keys"

    @property
    def database(self) -> str:
        """The database's URL, its path absolute."""
        url = self.archive.database
        return self.located(url) if url else f"sqlite:///{self.data_dir / 'archive.sqlite'}"

    def located(self, url: str) -> str:
        """A database's URL with its path absolute; it counts from the configuration's folder."""
        if url.startswith("sqlite:///") and url != "sqlite:///":
            return f"sqlite:///{(self.home / url.removeprefix('sqlite:///')).resolve()}"
        return url

    @property
    def backups(self) -> Path | None:
        """The folder of the backups, absolute; None where none is configured."""
        return (self.home / self.backup.folder).resolve() if self.backup is not None else None

    def place(self, key: str) -> str:
        """The line of a key (``accounts.0.token``) as faults begin: ``line 7: ``; empty where it is not found."""
        try:
            line = line_of(key.split("."), lines_of(self.path.read_text(encoding="utf-8")))
        except OSError:
            return ""
        return f"line {line}: " if line else ""

    def chosen(self, names: Sequence[str]) -> list[AccountSettings]:
        """The named accounts; all that are not paused when none is named. Raises UsageError for an unknown name."""
        by_id = {account.id: account for account in self.accounts}
        for name in names:
            if name not in by_id:
                raise UsageError(f'There is no account "{name}" in {self.path}.', advice=f"Known: {', '.join(by_id)}.")
        return [by_id[name] for name in names] if names else [one for one in self.accounts if not one.paused]

    def account_values(self) -> list[Account]:
        """The accounts as the domain knows them."""
        return [_account(setting) for setting in self.accounts]


def _account(setting: AccountSettings) -> Account:
    return Account(
        id=setting.id,
        platform=setting.platform,
        handle=setting.handle.removeprefix("@"),
        capacity=setting.capacity,
        department=setting.department,
        series=setting.series,
        base_url=setting.base_url,
        since=setting.since,
        authenticated=setting.token is not None or setting.refresh_token is not None,
        secrets=frozenset(setting.secrets),
        api_version=setting.api_version,
        messages=setting.messages,
    )
