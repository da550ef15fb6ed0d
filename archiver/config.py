"""TOML to typed settings.

The configuration is closed: a key that is not known is a fault that names the nearest known one. All faults
are reported at once, each with its key, its line and what would be right. Secrets are only referred to.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from archiver.domain.account import Account, Capacity
from archiver.domain.durations import parse_duration
from archiver.errors import ConfigError, UsageError

PROFILES = ("us-mn",)
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


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class SecretSetting(_Section):
    """Where a secret is: the name of an environment variable, or a file; never the secret itself."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> SecretSetting:
        if (self.env is None) == (self.file is None):
            msg = 'names one place: { env = "NAME" } or { file = "path" }'
            raise ValueError(msg)
        return self


class ArchiveSettings(_Section):
    """What the archive is and where it lies."""

    name: str = Field(min_length=1)
    data_dir: Path = Path("data")
    database: str = ""
    storage: str = ""
    timezone: str = "UTC"
    profile: str = "us-mn"
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
        if value not in PROFILES:
            msg = f'"{value}" is not a state profile; known: {", ".join(PROFILES)}'
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


class ScheduleSettings(_Section):
    """How often the accounts are looked at."""

    poll: Duration = timedelta(minutes=15)
    threads: Cadence = "adaptive"
    confirm: Duration = timedelta(days=1)
    profile: Duration = timedelta(days=1)


class CaptureSettings(_Section):
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


class MailSettings(_Section):
    """Where alert mails go out."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretSetting | None = None
    sender: str
    to: tuple[str, ...] = Field(min_length=1)


class AlertSettings(_Section):
    """Who is told when an account needs a person, and how often until it is solved."""

    repeat: Duration = timedelta(days=1)
    webhook: SecretSetting | None = None
    mail: MailSettings | None = None


class AccountSettings(_Section):
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
    token: SecretSetting | None = None
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


class Settings(_Section):
    """The whole configuration, as written in config.toml."""

    archive: ArchiveSettings
    schedule: ScheduleSettings = ScheduleSettings()
    capture: CaptureSettings = CaptureSettings()
    alerts: AlertSettings = AlertSettings()
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
        if not url:
            return f"sqlite:///{self.data_dir / 'archive.sqlite'}"
        if url.startswith("sqlite:///"):
            return f"sqlite:///{(self.home / url.removeprefix('sqlite:///')).resolve()}"
        return url

    def place(self, key: str) -> str:
        """The line of a key (``accounts.0.token``) as faults begin: ``line 7: ``; empty where it is not found."""
        try:
            line = _line_of(key.split("."), _lines(self.path.read_text(encoding="utf-8")))
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
        authenticated=setting.token is not None,
    )


def load(path: Path, *, platforms: Iterable[str]) -> Settings:
    """Read a configuration; raises ConfigError with every fault of it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            ["There is no such file. Run `archiver init` or name the file with --config."], path=str(path)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"The file can't be read: {error}."], path=str(path)) from error
    return parse_text(text, path, platforms=tuple(platforms))


def parse_text(text: str, path: Path, *, platforms: Sequence[str]) -> Settings:
    """Settings from the text of a configuration that lies, or shall lie, at ``path``."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"This is not TOML: {error}."], path=str(path)) from error
    return parse(raw, text, path, platforms=platforms)


def parse(raw: dict[str, Any], text: str, path: Path, *, platforms: Sequence[str]) -> Settings:
    """Settings from a parsed TOML document and its text (for the line numbers)."""
    lines = _lines(text)
    faults: list[tuple[int, str]] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate({**raw, "path": path.resolve()})
    except ValidationError as error:
        faults = [_fault(one, lines) for one in _first_causes(error.errors())]
    faults += _account_faults(raw.get("accounts"), lines, platforms)
    if faults or settings is None:
        raise ConfigError([sentence for _, sentence in sorted(set(faults))], path=str(path))
    return settings


def _account_faults(accounts: object, lines: dict[str, int], platforms: Sequence[str]) -> list[tuple[int, str]]:
    faults: list[tuple[int, str]] = []
    first: dict[str, int] = {}
    for index, account in enumerate(accounts if isinstance(accounts, list) else []):
        if not isinstance(account, dict):
            continue
        identifier, platform = account.get("id"), account.get("platform")
        if isinstance(identifier, str):
            if identifier in first:
                line = lines.get(f"accounts.{index}.id", 0)
                faults.append(
                    (line, f'line {line}: accounts.id "{identifier}" is used twice; give each account its own id.')
                )
            first.setdefault(identifier, index)
        if isinstance(platform, str) and platform not in platforms:
            line = lines.get(f"accounts.{index}.platform", 0)
            known = ", ".join(platforms)
            faults.append((line, f'line {line}: accounts.platform "{platform}" is not a platform; known: {known}.'))
    return faults


def _first_causes(errors: Sequence[Any]) -> list[Any]:
    """Without the accounts being too few when it is only that the ones there are faulty."""
    inner = any(error["loc"][:1] == ("accounts",) and len(error["loc"]) > 1 for error in errors)
    return [error for error in errors if not (inner and error["loc"] == ("accounts",))]


_WORDS = {
    "string_type": "is a text in quotes",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_from_float": "is a whole number",
    "float_type": "is a number",
    "float_parsing": "is a number",
    "tuple_type": "is a list in brackets",
    "too_short": "needs one entry at least",
    "string_too_short": "is empty",
    "path_type": "is the name of a file or folder, in quotes",
    "byte_size": 'is a size like "500 MB"',
    "byte_size_unit": 'is a size like "500 MB"',
    "date_type": "is a date like 2019-01-01",
    "date_from_datetime_parsing": "is a date like 2019-01-01",
    "date_from_datetime_inexact": "is a date like 2019-01-01",
    "date_parsing": "is a date like 2019-01-01",
}
"""What is right, by pydantic's word for what is wrong."""


def _right(error: Any) -> str:
    """What would be right in the place of an error."""
    if error["type"] in {"model_type", "dict_type", "model_attributes_type"}:
        secret = "SecretSetting" in str(error.get("ctx", {}).get("class_name", ""))
        return 'is { env = "NAME" } or { file = "path" }, never the secret itself' if secret else "is a table"
    return _WORDS.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")


def _fault(error: Any, lines: dict[str, int]) -> tuple[int, str]:
    """One sentence from one of pydantic's errors."""
    where = [str(part) for part in error["loc"] if not str(part).startswith(("function-", "timedelta", "literal["))]
    shown = ".".join(part for part in where if not part.isdigit())
    line = _line_of(where, lines)
    place = f"line {line}: " if line else ""
    kind = error["type"]
    if kind == "extra_forbidden":
        return line, f"{place}{shown} is not a setting{_nearest(where)}."
    if kind == "missing":
        return line, f"{place}{shown} is missing."
    return line, f"{place}{shown}: {_right(error)}."


def _nearest(where: list[str]) -> str:
    """Advice that names the closest known setting of the same section."""
    section: type[BaseModel] = Settings
    for part in where[:-1]:
        if part.isdigit():
            continue
        annotation: Any = section.model_fields[part].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        section = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), section)
    names = [name for name in section.model_fields if name != "path"]
    close = difflib.get_close_matches(where[-1], names, n=1)
    return f"; did you mean {close[0]}" if close else f"; known here: {', '.join(names)}"


def _line_of(where: list[str], lines: dict[str, int]) -> int:
    for length in range(len(where), 0, -1):
        line = lines.get(".".join(where[:length]))
        if line:
            return line
    return 0


_TABLE = re.compile(r"\s*\[(\[?)\s*([A-Za-z0-9_.\"-]+)\s*\]")
_SETTING = re.compile(r"\s*([A-Za-z0-9_\"-]+(?:\s*\.\s*[A-Za-z0-9_\"-]+)*)\s*=")


def _lines(text: str) -> dict[str, int]:
    """The line of each table and key (``accounts.0.handle``), as far as they stand at the start of a line."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if table := _TABLE.match(line):
            name = table[2].replace('"', "")
            if table[1]:
                counts[name] = counts.get(name, -1) + 1
                name = f"{name}.{counts[name]}"
            elif "." in name and name.split(".", 1)[0] in counts:
                head, tail = name.split(".", 1)
                name = f"{head}.{counts[head]}.{tail}"
            prefix = name + "."
            found.setdefault(name, number)
        elif key := _SETTING.match(line):
            found.setdefault(prefix + key[1].replace('"', "").replace(" ", ""), number)
    return found
