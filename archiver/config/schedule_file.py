"""A records schedule from its file: TOML as docs/reference/schedule-file.md tells, or a CSV table of its series (R21).

The form is closed: a key that it does not have is a fault. All faults are told at once, each with its line.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from archiver.config.lines import line_of, lines_of
from archiver.domain.retention import Archival, Disposition, Edition, Period, Series, Trigger
from archiver.errors import ConfigError

COLUMNS = (
    "code", "title", "section", "description", "trigger", "period", "disposition", "archival", "classes", "statute",
)  # fmt: skip
"""The columns of a CSV table. In those that hold several values these stand with a semicolon between them."""

_LISTS = {"trigger", "classes", "statute"}
_SHORTENS = {Disposition.DESTROY}


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A schedule, and the SHA-256 of the file that it was read from, as 64 hexadecimal digits."""

    edition: Edition
    sha256: str


def read_schedule(path: Path, given: Mapping[str, Any] | None = None) -> ScheduleFile:
    """Read a file; ``given`` says of a CSV table what stands in ``[schedule]`` of TOML. Raises ConfigError."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(["There is no such file."], path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"The file can't be read: {error}."], path=str(path)) from error
    digest = hashlib.sha256(content).hexdigest()
    if path.suffix.casefold() == ".csv":
        return ScheduleFile(parse_csv(text, given or {}, str(path)), digest)
    if given:
        raise ConfigError(
            ["--schedule, --edition and --title are for CSV; a TOML file says these itself."], path=str(path)
        )
    return ScheduleFile(parse_schedule(text, str(path)), digest)


def parse_schedule(text: str, path: str) -> Edition:
    """A schedule from the text of a TOML file. Raises ConfigError with every fault."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"This is not TOML: {error}."], path=path) from error
    return _edition(raw, path, lines_of(text))


def parse_csv(text: str, given: Mapping[str, Any], path: str) -> Edition:
    """A schedule from a table with a line for each series. Raises ConfigError with every fault."""
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    lines: dict[str, int] = {}
    series = []
    try:
        unknown = [name for name in table.fieldnames or [] if name not in COLUMNS]
        if unknown:
            known = ", ".join(COLUMNS)
            raise ConfigError([f'line 1: "{unknown[0]}" is not a column; known: {known}.'], path=path)
        for index, row in enumerate(table):
            lines[f"series.{index}"] = table.line_num
            if None in row:
                raise ConfigError([f"line {table.line_num}: there are more cells than columns."], path=path)
            series.append({name: _cell(name, value) for name, value in row.items() if value})
    except csv.Error as error:
        raise ConfigError([f"line {table.line_num}: this is not CSV: {error}."], path=path) from error
    return _edition({"schedule": dict(given), "series": series}, path, lines)


def example_schedule(profile: str) -> str:
    """The text of the example that the package has for a state. It exercises the software and is no law."""
    return (files("archiver") / "profiles" / f"{profile}.schedule.toml").read_text(encoding="utf-8")


def _cell(name: str, value: str) -> str | list[str]:
    return [one.strip() for one in value.split(";") if one.strip()] if name in _LISTS else value.strip()


def _plain(words: str) -> str:
    return " ".join(words.split())


def _period(value: object) -> Period:
    if not isinstance(value, str):
        raise ValueError('is a text like "3 years", "90 days" or "permanent"')  # noqa: TRY004 - pydantic's way to say so
    return Period.parse(value)


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1), AfterValidator(_plain)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Authority(_Table):
    body: str | None = None
    reference: str | None = None
    source_url: str | None = None


class _Schedule(_Table):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    title: Text
    edition: date
    example: bool = False
    authority: _Authority = _Authority()


class _Series(_Table):
    code: Text
    title: Text
    section: Text | None = None
    description: Text | None = None
    trigger: Annotated[tuple[Trigger, ...], BeforeValidator(_several)] = ()
    period: Annotated[Period, BeforeValidator(_period)]
    disposition: Disposition
    archival: Archival = Archival.NO
    classes: Annotated[tuple[Text, ...], BeforeValidator(_several)] = ()
    statute: Annotated[tuple[Text, ...], BeforeValidator(_several)] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> _Series:
        if self.period.ends and not self.trigger:
            raise ValueError("trigger is missing: without the event that starts the clock the period never ends")
        if self.archival is not Archival.NO and self.disposition in _SHORTENS:
            raise ValueError(f"what is archival ({self.archival}) is not destroyed before the archives saw it: "
                             "make the disposition transfer, transfer_then_destroy, review or retain")  # fmt: skip
        if not self.period.ends and self.disposition in _SHORTENS:
            raise ValueError(f"what is kept {self.period} is not destroyed: make the disposition retain or transfer")
        return self

    def value(self) -> Series:
        return Series(
            self.code, self.title, tuple(dict.fromkeys(self.trigger)), self.period, self.disposition, self.archival,
            self.section, self.description, self.classes, self.statute,
        )  # fmt: skip


class _File(_Table):
    schedule: _Schedule
    series: Annotated[tuple[_Series, ...], Field(min_length=1)]


def _edition(raw: Mapping[str, Any], path: str, lines: Mapping[str, int]) -> Edition:
    try:
        found = _File.model_validate(raw)
    except ValidationError as error:
        errors = error.errors()
        inner = any(one["loc"][:1] == ("series",) and len(one["loc"]) > 1 for one in errors)
        faults = sorted({_fault(one, lines) for one in errors if not (inner and one["loc"] == ("series",))})
        raise ConfigError([sentence for _, sentence in faults], path=path) from error
    codes = [one.code for one in found.series]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ConfigError([f"The code {code} is used twice; a code names one series." for code in twice], path=path)
    head, authority = found.schedule, found.schedule.authority
    return Edition(
        head.id, head.edition, head.title, tuple(one.value() for one in found.series), head.example,
        authority.body or None, authority.reference or None, authority.source_url or None,
    )  # fmt: skip


_RIGHT = {
    "missing": "is missing",
    "extra_forbidden": "is not a key of a schedule",
    "string_pattern_mismatch": "is a short name of a-z, 0-9, dots and hyphens",
    "string_too_short": "is empty",
    "string_type": "is a text in quotes",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
    "date_type": "is a day like 2021-03-01",
    "date_from_datetime_parsing": "is a day like 2021-03-01",
    "date_from_datetime_inexact": "is a day like 2021-03-01",
    "date_parsing": "is a day like 2021-03-01",
    "too_short": "needs one entry at least",
    "tuple_type": "is a list in brackets",
    "model_type": "is a table",
    "model_attributes_type": "is a table",
}


def _fault(error: Any, lines: Mapping[str, int]) -> tuple[int, str]:
    """A fault of the file as one sentence, and its line (0: none)."""
    where = [str(part) for part in error["loc"]]
    line = line_of(where, lines)
    shown = ".".join(part for part in where if not part.isdigit()) or "the file"
    if error["type"] == "enum":
        right = f"is one of {error['ctx']['expected'].replace(chr(39), '').replace(' or ', ', ')}"
    else:
        right = _RIGHT.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    joint = " " if right.startswith(("is ", "needs ")) else ": "
    return line, f"{f'line {line}: ' if line else ''}{shown}{joint}{right}."
