"""``account connect``: get an account a token that lasts, try it, and store it where the configuration says.

The other commands of the group are in `registering`.
"""

from __future__ import annotations

import getpass
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli import registering
from archiver.cli.context import GAPS, state_of
from archiver.errors import OperatorError, UsageError

if TYPE_CHECKING:
    from archiver.capture.secrets import Secrets
    from archiver.config import AccountSettings, Settings
    from archiver.platforms.connecting import Asked, Connection, Way

account = typer.Typer(help="The register of accounts, and their tokens.", no_args_is_help=True, rich_markup_mode=None)

STDIN = "-"
CALLBACK = "http://127.0.0.1:8481/"
"""Where the browser comes back to. Platforms compare it letter by letter with what their page for the app has."""


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    registering.add_to(account)
    app.add_typer(account, name="account")


@account.command()
def connect(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id in config.toml.")],
    way: Annotated[str | None, typer.Option("--way", help="Which way to a token; asked for when not given.")] = None,
    token_file: Annotated[
        str | None,
        typer.Option("--token-file", metavar="FILE", help="What the way begins with, in a file; - is standard input."),
    ] = None,
    app_id: Annotated[str | None, typer.Option("--app-id", help="The app's id, where the way needs it.")] = None,
    app_secret_file: Annotated[
        Path | None, typer.Option("--app-secret-file", metavar="FILE", help="The app's secret, in a file.")
    ] = None,
    redirect: Annotated[
        str,
        typer.Option("--redirect", metavar="URL", help="The app's callback address, where the way is a login."),
    ] = CALLBACK,
) -> None:
    """Get a token that lasts: leads through it, tries the token, stores it in its file; shows it nowhere.

    Examples: `archiver account connect city-facebook`,
    `archiver account connect city-threads --way short --token-file - --app-secret-file secrets/threads-app`
    """
    from archiver.cli.browser import authorized
    from archiver.cli.setup import marked
    from archiver.platforms.registry import adapter_for
    from archiver.services.authorization import Authorization
    from archiver.wiring import connecting, secrets_of

    settings = state_of(context).settings()
    setting = settings.chosen([name])[0]
    secrets = secrets_of(settings)
    adapter = adapter_for(next(one for one in settings.account_values() if one.id == name))
    chosen = _chosen(adapter.connection(), way)
    for secret in chosen.brings:
        _require_place(settings, setting, secrets, secret)
    given = _Given(setting, secrets, token_file, app_id, app_secret_file).all(chosen)
    if chosen.authorize is not None:
        client = given.get("client_id") or secrets.get(name, "client_id") or ""
        given |= authorized(Authorization(chosen.authorize, client, redirect))
    with connecting(settings, name) as (service, now):
        for one in service.go(chosen, given, now):
            typer.echo(marked(one))
        if not service.good:
            typer.echo("Nothing was stored.")
            raise typer.Exit(GAPS)
        paths = service.store(secrets, chosen, given, now)
    typer.echo(f"Stored in {' and '.join(str(path) for path in paths)}, for its owner only.")
    typer.echo(f"Next: archiver collect {name} --all")


def _require_place(settings: Settings, setting: AccountSettings, secrets: Secrets, name: str) -> None:
    """Raises where the secret of that name could not be stored in the end, before anything is asked."""
    file = setting.id if name == "token" else f"{setting.id}.{name.removesuffix('_token')}"
    line, place = f'{name} = {{ file = "secrets/{file}" }}', setting.secrets.get(name)
    if place is None:
        raise UsageError(
            f"{setting.id} has no {name} in {settings.path}, so there is no place to store one.",
            advice=f"Write `{line}` into its [[accounts]] table, then run this again.",
        )
    if place.file is None:
        raise UsageError(
            f"The {name} of {setting.id} comes from the environment variable {place.env}; nothing can be stored there.",
            advice=f"Write `{line}` in its place, then run this again; or get a token by hand (docs/how-to/tokens.md) "
            "and set the variable.",
        )
    folder = (settings.home / place.file).resolve().parent
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secrets.storable(setting.id, name):
        raise OperatorError(f"{folder} can't be written to.", advice="Run this as the archiver's user.")


def _chosen(connection: Connection, name: str | None) -> Way:
    ways = {way.name: way for way in connection.ways}
    if name is not None and name not in ways:
        raise UsageError(f'"{name}" is not a way to a token of this platform.', advice=f"Known: {', '.join(ways)}.")
    if name is not None or len(ways) == 1:
        return ways[name or connection.ways[0].name]
    if not sys.stdin.isatty():
        raise UsageError("There are several ways to a token.", advice=f"Choose with --way: {', '.join(ways)}.")
    for number, way in enumerate(connection.ways, 1):
        typer.echo(f"{number}. {way.name}: {way.title}")
    while not 1 <= (number := typer.prompt("Which way", type=int, default=1)) <= len(ways):
        typer.echo(f"A number from 1 to {len(ways)}.")
    return connection.ways[number - 1]


class _Given:
    """What a way asks for: from options, from the configuration, else from the person at the keyboard."""

    def __init__(
        self, setting: AccountSettings, secrets: Secrets, token_file: str | None, app_id: str | None,
        app_secret_file: Path | None,
    ) -> None:  # fmt: skip
        self.setting = setting
        self.secrets = secrets
        self.token_file = token_file
        self.app_id = app_id
        self.app_secret_file = app_secret_file

    def all(self, way: Way) -> dict[str, str]:
        """Everything, by its name. What the configuration has is not asked for, and not among it."""
        if sys.stdin.isatty():
            typer.echo(f"The way: {way.title}.")
            for number, sentence in enumerate(way.before, 1):
                typer.echo(f"  {number}. {sentence}")
        found = {asked.name: self._one(asked) for asked in (*self._missing(way), *way.asked)}
        return {name: value for name, value in found.items() if value is not None}

    def _missing(self, way: Way) -> list[Asked]:
        """Secrets beside the token that the configuration has a place for, and that are not there yet."""
        from archiver.platforms.connecting import Asked

        known = {asked.name for asked in way.asked} | {"token", *way.brings}
        prompts = {name: f"{name} of {self.setting.id}" for name in self.setting.secrets if name not in known}
        asked = (Asked(name, prompt, secret=name not in _SHOWN) for name, prompt in prompts.items())
        return [one for one in asked if not self._configured(one)]

    def _one(self, asked: Asked) -> str | None:
        """One answer; None where the configuration has it."""
        stated = self._stated(asked)
        if stated is None and asked.name in self.setting.secrets and asked.name != "token" and self._configured(asked):
            return None
        if stated is None and sys.stdin.isatty():
            stated = _typed(asked)
        if stated is None or not (stated := "".join(stated.split())):
            raise UsageError(f"{asked.prompt}: nothing was given.", advice=_HOW.get(asked.name, _ELSE))
        if not stated.isprintable():
            raise UsageError(f"{asked.prompt}: that is no text on one line.", advice="Copy it anew.")
        return stated

    def _stated(self, asked: Asked) -> str | None:
        if asked.name == "app_id":
            return self.app_id
        if asked.name == "app_secret":
            return _read(str(self.app_secret_file)) if self.app_secret_file is not None else None
        if asked.name not in {"token", "given"}:
            return None
        if self.token_file is None and not sys.stdin.isatty():
            return sys.stdin.read()
        return _read(self.token_file) if self.token_file is not None else None

    def _configured(self, asked: Asked) -> bool:
        try:
            return self.secrets.get(self.setting.id, asked.name) is not None
        except OperatorError:
            return False


_SHOWN = {"app_id", "client_id"}
_HOW = {
    "app_id": "Give it with --app-id, or as app_id in config.toml.",
    "app_secret": "Give its file with --app-secret-file, or as app_secret in config.toml.",
    "token": "Give its file with --token-file; - is standard input.",
    "given": "Give its file with --token-file; - is standard input.",
    "client_id": "Write client_id into the account's table in config.toml, and the id into its file.",
    "client_secret": "Write client_secret into the account's table in config.toml, and the secret into its file.",
}
_ELSE = "Put it where config.toml says."


def _typed(asked: Asked) -> str:
    """What a person types; the echo is off before a secret is asked for."""
    if asked.secret:
        return getpass.getpass(f"{asked.prompt}: ")
    stated: str = typer.prompt(asked.prompt, default="", show_default=False)
    return stated


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not text.") from None
