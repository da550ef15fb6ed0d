"""The states' profiles: files of the package ``archiver/profiles``, read and checked here and nowhere else (R103)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from archiver.domain.profile import DataClass, DisposalRules, Opening, Profile, Recurring, Special
from archiver.errors import ConfigError

_ENDING = ".toml"
_OTHER = ".schedule.toml"  # example schedules lie beside the profiles

Text = Annotated[str, Field(min_length=1), AfterValidator(lambda words: " ".join(words.split()))]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Opening(_Table):
    years: int = Field(ge=1, le=200)
    citation: Text
    condition: Text | None = None


class _Class(_Table):
    name: Name
    label: Text
    data: Text
    public: bool
    subject: bool
    staff: bool
    citation: Text
    opening: _Opening | None = None

    def value(self) -> DataClass:
        opening = Opening(**self.opening.model_dump()) if self.opening else None
        return DataClass(**self.model_dump(exclude={"opening"}), opening=opening)


class _Special(_Table):
    name: Name
    label: Text
    citation: Text
    class_: Name | None = Field(default=None, alias="class")
    hints: list[str] = []
    caution: Text | None = None

    @field_validator("hints")
    @classmethod
    def _patterns(cls, value: list[str]) -> list[str]:
        for hint in value:
            try:
                empty = re.compile(hint).fullmatch("")
            except re.error as error:
                msg = f"{hint!r} is not a pattern: {error}"
                raise ValueError(msg) from error
            if empty:
                msg = f"{hint!r} finds what is not there"
                raise ValueError(msg)
        return value

    def value(self) -> Special:
        hints = tuple(re.compile(hint, re.IGNORECASE) for hint in self.hints)
        return Special(**self.model_dump(exclude={"hints"}), hints=hints)


class _Disposal(_Table):
    archival_body: Text
    appraisal_before_disposal: bool
    clock_starts_on_removal: bool
    destruction_list: Text


class _Recurring(_Table):
    name: Name
    label: Text
    citation: Text
    years: int = Field(ge=1, le=20)


class _File(_Table):
    title: Text
    version: Text
    law: Text
    default: bool = False
    classes: list[_Class] = Field(min_length=2)
    special: list[_Special] = Field(min_length=1)
    disposal: _Disposal
    recurring: list[_Recurring] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> _File:
        names = [one.name for one in self.classes]
        listed = [one.name for one in self.special]
        again = [one.name for one in self.recurring]
        if any(len(set(each)) < len(each) for each in (names, listed, again)):
            msg = "a name is used twice"
            raise ValueError(msg)
        if [one.public for one in self.classes] != [True, *[False] * (len(names) - 1)]:
            msg = "the first class, and no other, is public"
            raise ValueError(msg)
        unknown = {one.class_ for one in self.special} - {None, *names[1:]}
        if unknown:
            msg = f"special names classes that are not there, or public: {', '.join(sorted(map(str, unknown)))}"
            raise ValueError(msg)
        return self


@cache
def names() -> tuple[str, ...]:
    """The profiles that the package has, in the order of their names."""
    found = (one.name for one in (files("archiver") / "profiles").iterdir())
    return tuple(sorted(n.removesuffix(_ENDING) for n in found if n.endswith(_ENDING) and not n.endswith(_OTHER)))


@cache
def default_name() -> str:
    """The profile that holds where the configuration names none: the one whose file says so."""
    (name,) = (one for one in names() if _file(one).default)
    return name


@cache
def load_profile(name: str) -> Profile:
    """A profile of the package. Raises ConfigError for a name that it does not have."""
    if name not in names():
        raise ConfigError([f'"{name}" is not a state profile; known: {", ".join(names())}.'])
    return _value(name, _file(name))


def parse_profile(name: str, text: str) -> Profile:
    """A profile from its text. Raises ConfigError with every fault of it."""
    return _value(name, _parsed(name, text))


@cache
def _file(name: str) -> _File:
    return _parsed(name, (files("archiver") / "profiles" / f"{name}{_ENDING}").read_text(encoding="utf-8"))


def _parsed(name: str, text: str) -> _File:
    path = f"profiles/{name}{_ENDING}"
    try:
        return _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"This is not TOML: {error}."], path=path) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or 'the profile'}: {one['msg']}." for one in error.errors()]
        raise ConfigError(faults, path=path) from error


def _value(name: str, file: _File) -> Profile:
    return Profile(
        id=name,
        title=file.title,
        version=file.version,
        law=file.law,
        classes=tuple(one.value() for one in file.classes),
        special=tuple(one.value() for one in file.special),
        disposal=DisposalRules(**file.disposal.model_dump()),
        recurring=tuple(Recurring(**one.model_dump()) for one in file.recurring),
    )
