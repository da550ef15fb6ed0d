"""The bytes of pictures and videos, whose addresses are signed and expire."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from archiver.domain.exchange import Purpose
from archiver.domain.keys import Key
from archiver.domain.task import Task, TaskKind
from archiver.platforms.facebook.files import GONE
from tests.platforms.facebook_world import CDN, MISSING, NOW, PAGE, Carried, Server, carry_out, stamp, task

PHOTO, VIDEO = "910000000000301", "1220000000000077"
POST = f"{PAGE}_910000000000300"


def signed(name: str, days: float) -> str:
    """An address that expires so many days from now."""
    return f"{CDN}/v/t39.30808-6/{name}?_nc_cat=101&oh=00_AfA&oe={int((NOW + timedelta(days=days)).timestamp()):X}"


def city() -> Server:
    """A photo of three sizes, a video, and a post with a sticker."""
    server = Server()
    sizes = [{"width": 100 * k, "height": 50 * k, "source": signed(f"{k}.jpg", 9)} for k in (1, 3, 2)]
    server.objects[PHOTO] = {"id": PHOTO, "created_time": stamp(NOW), "images": sizes}
    server.objects[VIDEO] = {"id": VIDEO, "created_time": stamp(NOW), "source": signed("new.mp4", 9)}
    server.post(910000000000300, attachments={"data": [
        {"type": "sticker", "target": {"id": "7"}, "media": {"image": {"src": signed("sticker.png", 9)}}},
    ]})  # fmt: skip
    return server


def wanted(identity: str, address: str | None = None, *known: str) -> Task:
    """The task of a file."""
    return task(TaskKind.MEDIA, identity, address=address, known=tuple(Key(f"facebook:{one}") for one in known))


def files(done: Carried) -> list[str]:
    """The addresses from which bytes were taken."""
    return [one.url for one in done.exchanges if one.purpose is Purpose.MEDIA]


def test_a_photo_is_asked_for_and_its_biggest_size_taken() -> None:
    """The address in the post's answer is of a scaled one."""
    done = carry_out(city(), wanted(f"facebook:photo:{PHOTO}", signed("small.jpg", 9)))
    assert done.paths[0] == PHOTO
    assert files(done) == [signed("3.jpg", 9)]
    assert done.findings == []


def test_a_video_is_asked_for_its_source() -> None:
    """Only the page's own people get it."""
    assert files(carry_out(city(), wanted(f"facebook:video:{VIDEO}"))) == [signed("new.mp4", 9)]


@pytest.mark.parametrize("answer", ["missing", "without"])
def test_where_the_object_gives_no_file_the_address_that_was_seen_is_taken(answer: str) -> None:
    """A photo of somebody else's can't be asked for; a video may have no source for this token."""
    server = city()
    if answer == "missing":
        server.refused[VIDEO] = MISSING
    else:
        del server.objects[VIDEO]["source"]
    seen = signed("old.mp4", 1)
    assert files(carry_out(server, wanted(f"facebook:video:{VIDEO}", seen))) == [seen]


def test_what_has_no_id_lies_where_it_was_seen() -> None:
    """Without a call of the API."""
    seen = signed("map.png", 1)
    done = carry_out(city(), wanted("facebook:file:map.png", seen))
    assert (files(done), len(done.exchanges)) == ([seen], 1)


@pytest.mark.parametrize("how", ["by its own date", "by the answer"])
def test_an_expired_address_is_asked_for_anew(how: str) -> None:
    """Through the record that shows the file; 403 with "URL signature expired" is what the platform says."""
    server = city()
    seen = signed("sticker.png", -1 if how == "by its own date" else 1)
    server.files[seen] = 403
    done = carry_out(server, wanted("facebook:sticker:7", seen, POST))
    assert POST in done.paths
    assert files(done)[-1] == signed("sticker.png", 9)
    assert done.findings == []


def test_a_file_that_no_address_gives_is_a_gap() -> None:
    """Asked for anew once, and no more."""
    server = city()
    for days in (1, 9):
        server.files[signed("sticker.png", days)] = 403
    done = carry_out(server, wanted("facebook:sticker:7", signed("sticker.png", 1), POST))
    assert len(files(done)) == 2
    assert done.short() == {"media": GONE}
    nowhere = carry_out(server, wanted("facebook:sticker:7", signed("sticker.png", -1)))
    assert (files(nowhere), nowhere.short()) == ([], {"media": GONE})


def test_a_page_of_the_site_is_no_file() -> None:
    """Where a list named no address, the record has a link for people."""
    server = city()
    server.refused[VIDEO] = MISSING
    done = carry_out(server, wanted(f"facebook:video:{VIDEO}", f"https://www.facebook.com/{VIDEO}"))
    assert (files(done), done.short()) == ([], {"media": GONE})


def test_a_stop_before_the_bytes_goes_on_with_them() -> None:
    """The cursor has the address; if that has expired meanwhile, it is renewed."""
    of = wanted(f"facebook:photo:{PHOTO}", None, POST)
    whole = carry_out(city(), of)
    cursor = json.loads(json.dumps(whole.cursors[1]))
    rest = carry_out(city(), task(TaskKind.MEDIA, *of.subjects, known=of.known, cursor=cursor))
    assert files(rest) == files(whole)
