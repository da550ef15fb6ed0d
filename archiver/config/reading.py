"""From the text of a configuration to settings, or to all of its faults, a sentence each."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from archiver.config.lines import line_of, lines_of
from archiver.config.profile import load_profile
from archiver.config.settings import Settings
from archiver.domain.classification import UNDECIDED
from archiver.errors import ConfigError

Counts = Callable[[str], bool]
"""Whether what is asked of a platform costs something."""


def load(path: Path, *, platforms: Iterable[str], counts: Counts | None = None) -> Settings:
    """Read a configuration; raises ConfigError with every fault of it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            ["There is no such file. Run `archiver init` or name the file with --config."], path=str(path)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"The file can't be read: {error}."], path=str(path)) from error
    return parse_text(text, path, platforms=tuple(platforms), counts=counts)


def parse_text(text: str, path: Path, *, platforms: Sequence[str], counts: Counts | None = None) -> Settings:
    """Settings from the text of a configuration that lies, or shall lie, at ``path``."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"This is not TOML: {error}."], path=str(path)) from error
    return parse(raw, text, path, platforms=platforms, counts=counts)


def parse(
    raw: dict[str, Any], text: str, path: Path, *, platforms: Sequence[str], counts: Counts | None = None
) -> Settings:
    """Settings from a parsed TOML document and its text (for the line numbers)."""
    lines = lines_of(text)
    faults: list[tuple[int, str]] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate({**raw, "path": path.resolve()})
    except ValidationError as error:
        faults = [_fault(one, lines) for one in _first_causes(error.errors())]
    faults += _account_faults(raw.get("accounts"), lines, platforms)
    faults += _unknown_platforms("terms", raw.get("terms"), lines, platforms)
    if settings is not None:
        faults += _people_faults(settings, lines)
    if settings is not None and counts is not None:
        faults += _budget_faults(settings, lines, platforms, counts)
    if faults or settings is None:
        raise ConfigError([sentence for _, sentence in sorted(set(faults))], path=str(path))
    return settings


def _account_faults(accounts: object, lines: dict[str, int], platforms: Sequence[str]) -> list[tuple[int, str]]:
    faults: list[tuple[int, str]] = []
    first: dict[str, int] = {}
    for index, account in enumerate(accounts if isinstance(accounts, list) else []):
        if not isinstance(account, dict):
            continue
        identifier = account.get("id")
        if isinstance(identifier, str):
            if identifier in first:
                line = lines.get(f"accounts.{index}.id", 0)
                faults.append(
                    (line, f'line {line}: accounts.id "{identifier}" is used twice; give each account its own id.')
                )
            first.setdefault(identifier, index)
    return faults + _unknown_platforms("accounts", accounts, lines, platforms)


def _unknown_platforms(
    section: str, tables: object, lines: dict[str, int], platforms: Sequence[str]
) -> list[tuple[int, str]]:
    """The platforms in a list of tables that nobody knows."""
    faults: list[tuple[int, str]] = []
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        platform = table.get("platform") if isinstance(table, dict) else None
        if isinstance(platform, str) and platform not in platforms:
            line = lines.get(f"{section}.{index}.platform", 0)
            known = ", ".join(platforms)
            faults.append((line, f'line {line}: {section}.platform "{platform}" is not a platform; known: {known}.'))
    return faults


def _people_faults(settings: Settings, lines: dict[str, int]) -> list[tuple[int, str]]:
    """Classes of data that the state does not have, in what people may see."""
    known = (*load_profile(settings.archive.profile).class_names[1:], UNDECIDED)
    faults = []
    for index, person in enumerate(settings.people):
        line = lines.get(f"people.{index}.sees", 0)
        what = f"a class of data beyond public ones of {settings.archive.profile}; known: {', '.join(known)}"
        faults += [
            (line, f'line {line}: people.sees "{name}" is not {what}.') for name in person.sees if name not in known
        ]
    return faults


def _budget_faults(
    settings: Settings, lines: dict[str, int], platforms: Sequence[str], counts: Counts
) -> list[tuple[int, str]]:
    """Budgets of accounts whose platform counts nothing."""
    faults = []
    for index, account in enumerate(settings.accounts):
        if account.budget is not None and account.platform in platforms and not counts(account.platform):
            line = lines.get(f"accounts.{index}.budget", 0)
            faults.append(
                (line, f"line {line}: accounts.budget is not for {account.platform}: what is asked of it is free.")
            )
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
    "decimal_type": "is a number",
    "decimal_parsing": "is a number",
    "greater_than": "is a number above 0",
    "finite_number": "is a number above 0",
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
    line = line_of(where, lines)
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
