"""A login in the browser: the person opens an address, and the browser comes back, by itself or by paste."""

from __future__ import annotations

import queue
import sys
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.services.authorization import Authorization

PATIENCE_S = 600.0
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def authorized(login: Authorization) -> dict[str, str]:
    """Show the address, and wait until the browser has come back; what the way's stages need of it.

    Raises UsageError when nobody comes, AccessLost when the login was refused or is another one.
    """
    came_back: queue.Queue[str] = queue.Queue()
    typer.echo("Open this address in a browser in which you are logged in as the account, and agree:\n")
    typer.echo(f"  {login.address}\n")
    with ExitStack() as stack:
        listening = _listen(login.redirect_uri, came_back, stack)
        where = (
            "The browser then comes back here by itself; if it shows an error" if listening else "When it has done so"
        )
        typer.echo(f"{where}, copy the address that it ended at, paste it here and press Enter.")
        Thread(target=_pasted, args=(came_back,), daemon=True).start()
        try:
            return login.given(came_back.get(timeout=PATIENCE_S))
        except queue.Empty:
            raise UsageError(
                "The browser did not come back within ten minutes.", advice="Begin again when you are ready."
            ) from None


def _listen(redirect: str, came_back: queue.Queue[str], stack: ExitStack) -> bool:
    """Whether this machine waits for the browser: where the callback address is its own, and free."""
    from archiver.listener.redirect import returning

    try:
        parts = urlsplit(redirect)
        if parts.scheme != "http" or parts.hostname not in _HERE:
            return False
        path = parts.path or "/"
        stack.enter_context(
            returning(
                parts.hostname or "",
                parts.port or 80,
                lambda asked: came_back.put(asked) if asked.partition("?")[0] == path and "?" in asked else None,
            )
        )
    except (OSError, ValueError):
        return False
    return True


def _pasted(came_back: queue.Queue[str]) -> None:
    """Lines that a person pastes; the end of the input is none."""
    for line in sys.stdin:
        if line.strip():
            came_back.put(line)
