"""The tests' own guard: it must hold, or a careless test would speak to a real platform."""

from __future__ import annotations

import os
import socket
import urllib.request

import psycopg
import pytest

from tests.conftest import WayOutBlockedError


@pytest.mark.parametrize("address", [("198.51.100.7", 80), ("169.254.169.254", 80), ("10.0.0.1", 80)], ids=str)
def test_no_socket_leads_off_this_machine(address: tuple[str, int]) -> None:
    """A connection to any address but this machine's own raises before a packet is sent."""
    with socket.socket() as sock, pytest.raises(WayOutBlockedError):
        sock.connect(address)


def test_no_name_is_looked_up() -> None:
    """A host name is not even resolved."""
    with pytest.raises(WayOutBlockedError):
        urllib.request.urlopen("http://social.example/")


def test_this_machine_can_be_reached() -> None:
    """Loopback works, by name and by number."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, port), timeout=5):
                server.accept()[0].close()


def test_no_setting_of_the_person_who_runs_the_tests_reaches_them() -> None:
    """Proxies and our own variables are gone from the environment."""
    assert not [name for name in os.environ if name.upper().endswith("_PROXY") or name == "ARCHIVER_CONFIG"]


def test_a_postgres_database_is_empty_and_utf8(postgres_url: str) -> None:
    """The database that a test is given has no tables and holds any text."""
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        encoding = connection.execute("SHOW server_encoding").fetchone()
    assert (tables, encoding) == ((0,), ("UTF8",))
