"""What a DID document says: where the repository is, which handle points back (https://atproto.com/specs/did)."""

from __future__ import annotations

from typing import Any

from archiver.platforms.bluesky.addresses import server_of


def pds_of(document: dict[str, Any]) -> str | None:
    """The server of the repository; None when the document names none that may be asked.

    ``id`` may be relative or absolute, so its ending counts.
    """
    services = document.get("service")
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            return server_of(service.get("serviceEndpoint"))
    return None


def handle_of(document: dict[str, Any]) -> str | None:
    """The first handle that the document names."""
    names = document.get("alsoKnownAs")
    for name in names if isinstance(names, list) else ():
        if isinstance(name, str) and name.startswith("at://"):
            return name.removeprefix("at://")
    return None
