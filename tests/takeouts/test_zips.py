"""Zips are one tree of files, and a hostile one is refused with a sentence before anything of it is read."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import DownloadRefused
from archiver.takeouts.streams import Unreadable
from archiver.takeouts.zips import Bounds, Joined, Zip
from tests.takeouts.memory import zipped

SMALL = Bounds(files=10, directory=2000, total=100_000, ratio=20, harmless=10_000)


def joined(*parts: bytes, bounds: Bounds = SMALL) -> Joined:
    """The download of these zips."""
    return Joined([Zip(f"part-{n}.zip", io.BytesIO(data)) for n, data in enumerate(parts, start=1)], bounds)


def named(name: str) -> bytes:
    """A zip with a file of that very name, which the library would have mended."""
    stand_in = "x" * len(name.encode())
    return zipped({"a.json": b"[]", stand_in: b"evil"}).replace(stand_in.encode(), name.encode())


def with_mode(mode: int) -> bytes:
    """A zip with an entry of that kind."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        info = zipfile.ZipInfo("media/link")
        info.create_system, info.external_attr = 3, mode << 16
        archive.writestr(info, "/etc/passwd")
    return target.getvalue()


def twice() -> bytes:
    """A zip with two files of one name."""
    return zipped({"a.json": b"1", "b.json": b"2"}).replace(b"b.json", b"a.json")


def flagged(flag: int) -> bytes:
    """A zip whose file has that flag, in both of its heads."""
    data = bytearray(zipped({"a.json": b"[]"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + place
        struct.pack_into("<H", data, at, struct.unpack_from("<H", data, at)[0] | flag)
    return bytes(data)


def method(number: int) -> bytes:
    """A zip whose file says that it is packed by that method."""
    data = bytearray(zipped({"a.json": b"[]"}))
    for signature, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(signature) + place, number)
    return bytes(data)


def also_named(name: str) -> bytes:
    """A zip with a file that other programs unpack under another name."""
    target, stated, meant = io.BytesIO(), "posts/1.json", name.encode()
    with zipfile.ZipFile(target, "w") as archive:
        info = zipfile.ZipInfo(stated)
        checksum = zlib.crc32(stated.encode())
        info.extra = struct.pack("<HHHHBI", 0x9999, 0, 0x7075, 5 + len(meant), 1, checksum) + meant
        archive.writestr(info, "[]")
    return target.getvalue()


def overlapping() -> bytes:
    """A zip in which two entries are the same bytes: how small zips unfold to large ones."""
    data = bytearray(zipped({"aaaa": b"1" * 500, "bbbb": b"1" * 500}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", data, second + 42, 0)
    return bytes(data)


def long_directory() -> bytes:
    """A zip that announces a list of contents longer than any memory."""
    data = bytearray(zipped({"a": b""}))
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 12, 2_000_000_000)
    return bytes(data)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a path that leads upwards": (lambda: named("../../etc/cron.d/x"), "leads out"),
    "a path that leads upwards from below": (lambda: named("media/../../x"), "leads out"),
    "an absolute path": (lambda: named("/etc/passwd"), "leads out"),
    "a path of Windows": (lambda: named("C:/Windows/x"), "leads out"),
    "backslashes": (lambda: named("..\\..\\x"), "leads out"),
    "a name cut by a zero": (lambda: named("a.json\x00.jpg"), "control characters"),
    "a second name that leads upwards": (lambda: also_named("../../etc/x"), "leads out"),
    "a link": (lambda: with_mode(stat.S_IFLNK | 0o777), "is a link"),
    "a device": (lambda: with_mode(stat.S_IFCHR | 0o666), "is no file"),
    "two files of one name": (twice, "occurs twice"),
    "an encrypted file": (lambda: flagged(1), "is encrypted"),
    "a method that nobody has": (lambda: method(99), "method (99)"),
    "files inside each other": (overlapping, "inside another file"),
    "a bomb": (lambda: zipped({"a.json": b"0" * 90_000}), "would unfold"),
    "more than any disk": (lambda: zipped({"a": bytes(range(256)) * 500}, zipfile.ZIP_STORED), "would unfold"),
    "too many files": (lambda: zipped({str(n): b"" for n in range(11)}), "more than 10 files"),
    "a list of contents too long": (long_directory, "list of contents"),
    "no zip": (lambda: b"<html>Log in</html>", "no whole zip"),
    "nothing": (lambda: b"", "no whole zip"),
    "a zip cut at its end": (lambda: zipped({"a.json": b"[]"})[:-30], "no whole zip"),
    "a zip cut at its beginning": (lambda: zipped({"a.json": b"[]"})[20:], "part-1.zip"),
}


@pytest.mark.parametrize(("made", "why"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_zips_are_refused(made: Callable[[], bytes], why: str) -> None:
    """One sentence names the zip and what is wrong with it."""
    with pytest.raises(DownloadRefused) as caught:
        joined(made()).read_all(lambda _done, _of: None)
    assert why in caught.value.message
    assert "nothing of it was kept" in caught.value.message


def test_damage_is_found_before_anything_is_kept() -> None:
    """A flipped bit in a file shows when everything is read once, and when it is read later."""
    data = bytearray(zipped({"a.json": b"[1, 2, 3]", "b.json": b"[4]"}, zipfile.ZIP_STORED))
    data[data.index(b"[1, 2")] ^= 1
    found = joined(bytes(data))
    with pytest.raises(DownloadRefused, match="is damaged"):
        found.read_all(lambda _done, _of: None)
    with pytest.raises(Unreadable), found.open("a.json") as stream:
        stream.read()


def test_a_download_in_two_parts_is_one_tree() -> None:
    """The parts complete each other; what both hold alike is there once, what differs twice."""
    one = zipped({"index.html": b"1", "posts/1.json": b"[1]", "same.txt": b"s"})
    two = zipped({"index.html": b"2", "posts/2.json": b"[2]", "same.txt": b"s"})
    found = joined(one, two)
    assert found.paths == ["index.html", "index.html (part 2)", "posts/1.json", "posts/2.json", "same.txt"]
    assert (found.part("posts/1.json"), found.part("posts/2.json"), found.part("same.txt")) == (0, 1, 0)
    with found.open("index.html (part 2)") as stream:
        assert stream.read() == b"2"
    assert found.size("posts/2.json") == 3
    done: list[tuple[int, int]] = []
    found.read_all(lambda part, of: done.append((part, of)))
    assert done[-1] == (9, 9)


def test_names_are_utf8_though_the_zip_does_not_say_so() -> None:
    """A name without the flag for UTF-8 is read as UTF-8 where it is."""
    data = bytearray(zipped({"Kanäle/Kanal.csv": b"x"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(signature) + place, 0)
    found = joined(bytes(data))
    assert found.paths == ["Kanäle/Kanal.csv"]
    with found.open("Kanäle/Kanal.csv") as stream:
        assert stream.read() == b"x"


def test_a_harmless_second_name_does_no_harm() -> None:
    """A file that states its name in Unicode once more is read."""
    assert joined(also_named("posts/1.json")).paths == ["posts/1.json"]


def test_zip64_is_read() -> None:
    """A zip in the form for more than four gigabytes is a zip as any other."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive, archive.open("a", "w", force_zip64=True) as stream:
        stream.write(b"data")
    with joined(target.getvalue()).open("a") as stream:
        assert stream.read() == b"data"


def test_small_files_may_shrink_as_they_like() -> None:
    """An empty list with a thousand spaces is no bomb."""
    assert joined(zipped({"a.json": b" " * 9000})).paths == ["a.json"]


_FILES = st.dictionaries(
    st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}){0,2}", fullmatch=True), st.binary(max_size=200), max_size=8
)


@given(_FILES, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
def test_what_was_packed_is_read(files: dict[str, bytes], how: int) -> None:
    """Whatever a zip holds, packed by whichever method, is read as it was."""
    found = joined(zipped(files, how), bounds=Bounds())
    read = {}
    for path in found.paths:
        with found.open(path) as stream:
            read[path] = stream.read()
    assert read == files


@given(st.binary(max_size=300), st.integers(0, 400))
def test_noise_never_passes(noise: bytes, place: int) -> None:
    """Whatever is written into a zip, it is refused or read, and nothing else happens."""
    data = zipped({"a.json": b"[1]", "b/c.json": b"[2]"})
    with suppress(DownloadRefused):
        joined(data[:place] + noise + data[place + len(noise) :]).read_all(lambda _done, _of: None)


def test_what_was_let_in_once_can_be_read_again() -> None:
    """A rebuild reads what an earlier version kept, whatever this one would refuse."""
    hostile = zipped({"../../evil.js": b"evil", "data/tweets.js": b"[]"})
    with pytest.raises(DownloadRefused):
        joined(hostile)
    files = Joined([Zip("kept.zip", io.BytesIO(hostile))], SMALL, kept=True)
    assert files.paths == ["../../evil.js", "data/tweets.js"]
    with files.open("data/tweets.js") as stream:
        assert stream.read() == b"[]"
