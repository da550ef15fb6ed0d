"""The page of commands, made from the commands themselves: ``python -m archiver.cli.reference``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from archiver.cli.main import app

HEAD = """\
# Commands

The page is made by `python -m archiver.cli.reference`, from what `--help` shows.

The options `--config`, `--debug` and `--version` stand before the command: `archiver --config city/config.toml status`.

## Exit codes

| code | means |
|---|---|
| 0 | done |
| 1 | something failed that needs a person; one line on stderr says what, and what to do |
| 2 | wrong usage or configuration; nothing was touched |
| 3 | done, with gaps: a rate limit, or an account that must be reconnected |

With `--json` a command writes one JSON document to stdout, in the words of the [data dictionary](data-dictionary.md).
On a terminal there are tables, colours and progress bars; in a pipe plain lines, tables with tabs between the columns.
What goes wrong is on the page of [errors](errors.md).
"""


def page() -> str:
    """The page, in Markdown."""
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    parts = [HEAD, "## Options of all commands\n", *_options(program), ""]
    for name, command in _commands(program, "archiver"):
        parts += [f"## `{name}`\n", *_prose(command.help or ""), *_usage(name, command), *_options(command), ""]
    return "\n".join(parts).rstrip() + "\n"


def _commands(group: TyperGroup, prefix: str) -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{prefix} {name}")
        elif isinstance(command, TyperCommand):
            yield f"{prefix} {name}", command


def _prose(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        words = " ".join(paragraph.split())
        examples = re.fullmatch(r"Examples?: (.*)", words)
        if examples:
            yield "```console"
            yield from (f"$ {one}" for one in re.findall(r"`([^`]+)`", examples[1]))
            yield "```"
        else:
            yield words
        yield ""


def _usage(name: str, command: TyperCommand) -> Iterator[str]:
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    places = [_place(one) for one in arguments]
    yield f"Usage: `{' '.join([name, *places, '[OPTIONS]'])}`"
    yield ""


def _place(argument: TyperArgument) -> str:
    shown = (argument.metavar or argument.name or "").strip("[]").upper() + ("…" if argument.nargs == -1 else "")
    return shown if argument.required else f"[{shown}]"


def _options(command: TyperCommand | TyperGroup) -> Iterator[str]:
    rows = []
    for one in command.params:
        if isinstance(one, TyperArgument):
            rows.append((_place(one).strip("[]"), one.help))
        elif isinstance(one, TyperOption) and one.name != "help":
            rows.append((" / ".join((*one.opts, *one.secondary_opts)), one.help))
    if rows:
        yield "| | |"
        yield "|---|---|"
        yield from (
            f"| `{name}` | {' '.join((text or '').split()).replace('|', chr(92) + '|')} |" for name, text in rows
        )


if __name__ == "__main__":
    sys.stdout.write(page())
