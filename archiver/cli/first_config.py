"""The first config.toml: asked for, or given as options."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import typer

from archiver.errors import UsageError


@dataclass(frozen=True, slots=True)
class Answers:
    """What ``init`` must know. ``accounts`` are ``platform:handle``."""

    name: str | None
    timezone: str | None
    accounts: tuple[str, ...]
    base_url: str | None


def ask(answers: Answers, platforms: Sequence[str]) -> Answers:
    """Fill what is missing by asking; where nobody can answer, a clear sentence says which option is missing."""
    if not sys.stdin.isatty() and not (answers.name and answers.accounts):
        raise UsageError("Nobody is here to answer.", advice="Give --name and at least one --account PLATFORM:HANDLE.")
    name = answers.name or typer.prompt("Name of the archive (like: City of Example)")
    timezone = answers.timezone or (
        typer.prompt("Time zone", default="America/Chicago") if sys.stdin.isatty() else "UTC"
    )
    accounts = list(answers.accounts)
    while not accounts or (not answers.accounts and typer.confirm("Another account?", default=False)):
        platform = typer.prompt(f"Platform ({', '.join(platforms)})", default=platforms[0])
        accounts.append(f"{platform}:{typer.prompt('Handle (without @)')}")
    for account in accounts:
        if ":" not in account:
            raise UsageError(f'"{account}" is not PLATFORM:HANDLE.', advice="Write it like bluesky:cityofexample.gov.")
    return replace(answers, name=name, timezone=timezone, accounts=tuple(accounts))


def write(answers: Answers) -> str:
    """The text of the configuration."""
    lines = [
        "# The archive of a city's social media accounts. All settings: docs/reference/configuration.md",
        "[archive]",
        f"name = {_quoted(answers.name or '')}",
        'data_dir = "data"',
        f"timezone = {_quoted(answers.timezone or 'UTC')}",
    ]
    used: set[str] = set()
    for account in answers.accounts:
        platform, _, handle = account.partition(":")
        handle = handle.removeprefix("@")
        name, words = _free_id(platform, handle, used), {"base_url": answers.base_url}
        lines += account_table({"id": name, "platform": platform, "handle": handle} | words)
    return "\n".join(lines) + "\n"


def account_table(words: Mapping[str, str | None]) -> list[str]:
    """The lines of an ``[[accounts]]`` table, with an empty one before it; settings without a value are left out."""
    name = words["id"]
    return [
        "",
        "[[accounts]]",
        *(f"{setting} = {_quoted(value)}" for setting, value in words.items() if value is not None),
        f'# token = {{ file = "secrets/{name}" }}   # then run: archiver account connect {name}',
    ]


def _free_id(platform: str, handle: str, used: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", handle.split("@", maxsplit=1)[0].split(".", maxsplit=1)[0].lower()) or ["account"]
    base = f"{'-'.join(words)[:40]}-{platform}".lower()
    found, number = base, 1
    while found in used:
        number += 1
        found = f"{base}-{number}"
    used.add(found)
    return found


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's (TOML 1.0, section String), except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
