"""The bytes of a file: from where it was seen last, else from where its id says that it lies now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import Purpose
from archiver.domain.task import TaskKind
from archiver.platforms.threads import ThreadsAdapter
from archiver.platforms.threads.fetching import GONE, WITHHELD
from tests.platforms.threads_world import CDN, CITY, LASTING, NOW, Carried, Server, carry_out, picture, task

ENDED = f"oe={int((NOW - timedelta(hours=1)).timestamp()):X}"


def made() -> Server:
    """A picture, a carousel, a GIF."""
    server = Server()
    server.post("30", "Map", **picture("30"))
    server.post("31", "GIF", gif_url="https://media2.giphy.com/31.gif")
    server.posts["32"] = server.post("32", None) | picture("32", kind="VIDEO")
    return server


def fetch(server: Server, identity: str, address: str | None = None, **more: Any) -> Carried:
    """The task of one file."""
    return carry_out(server, task(TaskKind.MEDIA, identity, address=address, **more))


def asked(server: Server) -> list[tuple[str, bool]]:
    """What was asked: which file or object, and whether with the token."""
    return [(spec.url.partition("?")[0].rpartition("/")[2], spec.credential is not None) for spec in server.asked]


def test_an_address_that_lasts_is_enough() -> None:
    """The token does not go to the CDN."""
    server = made()
    fetch(server, "media:30", picture("30")["media_url"])
    assert asked(server) == [("30_n.jpg", False)]
    assert server.asked[0].purpose is Purpose.MEDIA


def test_an_address_that_has_expired_is_not_asked() -> None:
    """It says so itself; the object's id tells the present one."""
    server = made()
    fetch(server, "media:30", picture("30", end=ENDED)["media_url"])
    assert asked(server) == [("30", True), ("30_n.jpg", False)]


def test_an_address_that_gives_nothing_any_more_is_asked_for_again() -> None:
    """``URL signature expired`` comes for other reasons, too; once, not for ever."""
    server = made()
    fetch(server, "media:30", f"{CDN}/30_n.jpg?gone=1")
    assert asked(server) == [("30_n.jpg", False), ("30", True), ("30_n.jpg", False)]
    server.asked.clear()
    server.posts["30"]["media_url"] = f"{CDN}/30_n.jpg?gone=1"
    assert fetch(server, "media:30", f"{CDN}/30_n.jpg?gone=1").short() == {"media": GONE}
    assert asked(server) == [("30_n.jpg", False), ("30", True), ("30_n.jpg", False)]


@pytest.mark.parametrize(
    ("identity", "name"), [("media:31/gif", "31.gif"), ("media:32", "32_n.mp4")], ids=["a GIF", "a video"]
)
def test_without_any_address_the_id_tells_it(identity: str, name: str) -> None:
    """A carousel that was not unfolded shows ids alone."""
    server = made()
    fetch(server, identity)
    assert asked(server)[-1] == (name, False)


def test_what_is_gone_is_asked_for_once() -> None:
    """No file, and no word about the record: that is a confirmation's."""
    server = made()
    done = fetch(server, "media:99")
    assert (asked(server), done.observations, done.short()) == ([("99", True)], [], {"media": GONE})


def test_a_file_that_is_withheld_is_not_offered() -> None:
    """The answer about a work under copyright has no address."""
    server = made()
    del server.posts["30"]["media_url"]
    assert fetch(server, "media:30").findings == [WITHHELD]


class TestProfilePictures:
    """They have no id, only a file's name."""

    def test_the_same_picture_is_found_again(self) -> None:
        """By the profile."""
        server = made()
        fetch(server, "picture:p_n.jpg", f"{CDN}/p_n.jpg?{ENDED}")
        assert asked(server) == [(CITY, True), ("p_n.jpg", False)]

    def test_another_picture_is_not_taken_for_it(self) -> None:
        """The old one is nowhere to be had any more."""
        server = made()
        server.profile["threads_profile_picture_url"] = f"{CDN}/q_n.jpg?{LASTING}"
        fetch(server, "picture:p_n.jpg", f"{CDN}/p_n.jpg?{ENDED}")
        assert asked(server) == [(CITY, True)]


def test_a_new_process_goes_on_where_the_old_one_was() -> None:
    """With the present address, without asking the id again."""
    server = made()
    adapter, what = ThreadsAdapter(task(TaskKind.MEDIA).account), task(TaskKind.MEDIA, "media:30")
    cursor = {"address": f"{CDN}/30_n.jpg?{LASTING}", "again": True}
    step = adapter.start(task(TaskKind.MEDIA, "media:30", cursor=cursor))
    assert [spec.url for spec in step.requests] == [cursor["address"]]
    assert not adapter.start(what).done
    assert server.asked == []
