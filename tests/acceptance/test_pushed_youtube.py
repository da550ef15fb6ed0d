"""What Google's hub pushes of a channel, from the simulated city to the archive: subscribed, received, looked at."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from tests.acceptance.channels import differences_of_channel
from tests.acceptance.children import Children
from tests.acceptance.conftest import Installation
from tests.acceptance.test_pushed_story import receiving

pytestmark = pytest.mark.slow

ACCOUNT = "city-youtube"
FEW = Size((ACCOUNT,), posts=4, answers=12, pictures=0, residents=4, years=1.0, oddities=False)


@pytest.fixture
def city() -> Iterator[SandboxCity]:
    """A small city with a channel."""
    with SandboxCity(seed=7, size=FEW) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path, city: SandboxCity, children: Children) -> Iterator[Installation]:
    """An archive of the channel that receives; it was collected once, and so subscribed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = f'[listen]\nport = {port}\nverify_token = {{ env = "VERIFY" }}\npublic_url = "http://127.0.0.1:{port}"\n'
    made = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, settings=settings, children=children)
    made.secrets["VERIFY"] = "maple-ford-verifies"
    made.configure()
    with receiving(made, port):
        made.collect(codes=(0,))
        city.youtube.api.hub.settle()
        city.youtube.api.hub.skip()
        yield made


def _records(archive: Installation) -> dict[str, Any]:
    rows = archive.export().execute("SELECT record, title, state FROM records WHERE kind = 'post'")
    return {row["record"]: (row["title"], row["state"]) for row in rows}


def test_a_push_brings_what_is_new_changed_and_removed(archive: Installation, city: SandboxCity) -> None:
    """Signed pushes are answered and looked at by the next round, forged ones are neither; each thing is once."""
    hub, world = city.youtube.api.hub, city.youtube.world
    assert [one.lease.total_seconds() for one in hub.subscriptions.values()] == [432_000]
    forged = world.upload(ACCOUNT, "Pushed by nobody")
    assert {one.status // 100 for one in hub.flush(signature="wrong")} <= {2, 4}
    assert archive.status()[ACCOUNT]["last_delivery_at"] is None
    first, *_ = world.uploads(ACCOUNT)
    city.look(ACCOUNT, authenticated=True)
    made = world.upload(ACCOUNT, "Pushed at once")
    world.rewrite(first, title="Changed and pushed")
    world.remove(world.uploads(ACCOUNT)[1])
    assert {one.status // 100 for one in hub.flush(twice=True)} == {2}
    archive.run("collect", codes=(0,))
    assert archive.status()[ACCOUNT]["last_delivery_at"] is not None
    found = _records(archive)
    assert found[made.key] == ("Pushed at once", "live")
    assert found[first.key] == ("Changed and pushed", "live")
    archive.collect(codes=(0,))
    truth = city.youtube.look(ACCOUNT, authenticated=True)
    assert differences_of_channel(archive.export(), truth) == []
    assert forged.key in truth.records
    archive.assert_sound()
