"""``demo``: the whole story on a simulated city, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.sandbox.server import SandboxCity

MARK = ".archiver-demo"
OURS = ("config.toml", "secrets", "data", "exports")
ACCOUNTS = (
    "city-facebook", "city-instagram", "city-threads", "city-x", "city-youtube", "hall-bluesky", "police-bluesky",
    "parks-mastodon",
)  # fmt: skip
WITHOUT_TOKEN = ("police-bluesky",)
"""Shows that public posts and comments need none there."""
BUDGETS = {"x": "25.00"}
"""What may be spent where reading is paid for: US dollars a month."""
README = "`archiver demo` made this folder and makes its contents anew at each call; delete it when you like.\n"


def add_to(app: typer.Typer) -> None:
    """Hang the command of this module into the program."""
    app.command()(demo)


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where the demonstration shall be; made anew each time.")
    ] = Path("archiver-demo"),
) -> None:
    """A simulated city, archived end to end, without an account, a token or the internet; under two minutes.

    Examples: `archiver demo`, `archiver demo --dir /tmp/maple-ford`
    """
    from archiver.cli.demo_commands import Commands
    from archiver.cli.demo_story import Story
    from archiver.sandbox.city import Size
    from archiver.sandbox.server import SandboxCity

    began = time.monotonic()
    prepare(folder)
    size = Size(ACCOUNTS, posts=120, answers=667, pictures=32, residents=30, years=4.0)
    with SandboxCity(seed=1, size=size) as city:
        config = configure(folder, city)
        with Commands(config) as commands:
            Story(city, commands, folder).tell()
    typer.echo(f"The demonstration took {time.monotonic() - began:.0f} seconds.")


def prepare(folder: Path) -> None:
    """Make the folder, or empty it of what an earlier demonstration left; a folder of anybody else is refused."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is there and is no folder.", advice="Choose another with --dir.")
    if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} holds something that `archiver demo` did not make.", advice="Choose another folder with --dir."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(README, encoding="utf-8")
    for name in OURS:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def configure(folder: Path, city: SandboxCity) -> Path:
    """Write config.toml and the tokens as the city's administrator would; where the configuration is."""
    lines = [
        "# Made by `archiver demo`. The city's servers are gone when it has ended: status, coverage, search, show,",
        "# export, verify and rebuild work on what it captured; collect and backfill find nobody who answers.",
        '[archive]\nname = "City of Maple Ford"\ndata_dir = "data"\ntimezone = "America/Chicago"\n',
        "[capture]\nrequests_per_second = 1000    # the simulated servers don't mind; leave it out for real ones",
    ]
    (folder / "secrets").mkdir(mode=0o700)
    for name in ACCOUNTS:
        account = city.world.accounts[name]
        lines.append(f'\n[[accounts]]\nid = "{name}"\nplatform = "{account.platform}"\nhandle = "{account.handle}"')
        lines.append(f'department = "{account.department}"\nbase_url = "{city.base_url(name)}"')
        if account.platform in BUDGETS:
            lines.append(f"budget = {BUDGETS[account.platform]}")
        for setting, value in city.secrets(name, authenticated=name not in WITHOUT_TOKEN).items():
            file_name = name if setting == "token" else f"{name}-{setting}"
            lines.append(f'{setting} = {{ file = "secrets/{file_name}" }}')
            descriptor = os.open(folder / "secrets" / file_name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(value)
    config = folder / "config.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config
