"""Google Takeout of a channel that is archived: films come to their videos, and what nobody captured to its place."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.youtube.model import Comment, Video
from tests.acceptance.children import Children
from tests.acceptance.conftest import Installation
from tests.takeouts.google.films import film
from tests.takeouts.memory import zipped

ACCOUNT = "city-youtube"
BARE = Size((ACCOUNT,), posts=0, answers=0, pictures=0, residents=3, years=1.0, oddities=False)
ROOT = "Takeout/YouTube and YouTube Music"
POST = "UgkxTownHall000000001"


def table(titles: str, rows: Iterable[Iterable[object]]) -> str:
    """A table as Takeout writes it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(titles.split(","))
    writer.writerows(rows)
    return written.getvalue()


def words(text: str) -> str:
    """A text as Takeout writes it, in two pieces."""
    return f"{json.dumps({'text': text[:3]})},{json.dumps({'text': text[3:]})}"


def download(channel: str, films: dict[str, tuple[Video, bytes]], comments: Iterable[Comment], post: str) -> bytes:
    """A download: films by the names of their files, the channel's own comments, and a post of its community tab."""
    videos = [
        (one.id, round(one.duration_s * 1000), channel, one.latest.title, "Public", "Processed", "", "",
         one.uploaded_at.isoformat(), one.published_at.isoformat())
        for one, _ in films.values()
    ]  # fmt: skip
    said = [
        (channel, one.published_at.isoformat(), 0, one.id, one.parent.id if one.parent else "", one.video.id,
         words(one.text))
        for one in comments
    ]  # fmt: skip
    files: dict[str, str | bytes] = {
        f"{ROOT}/video metadata/videos.csv": table(
            "Video ID,Approx Duration (ms),Channel ID,Video Title (Original),Privacy,Video State,Video Category,"
            "Video Audio Language,Video Create Timestamp,Video Publish Timestamp",
            videos,
        ),
        f"{ROOT}/comments/comments.csv": table(
            "Channel ID,Comment Create Timestamp,Price,Comment ID,Parent Comment ID,Video ID,Comment Text", said
        ),
        f"{ROOT}/posts/posts.csv": table(
            "Post ID,Channel ID,Post Create Timestamp,Post Text",
            [(POST, channel, "2026-11-01T12:00:00+00:00", words(post))],
        ),
        **{f"{ROOT}/videos/{name}": content for name, (_, content) in films.items()},
    }
    return zipped(files)


def test_a_takeout_completes_what_was_captured(tmp_path: Path, children: Children) -> None:
    """Each film is its video's, told apart by length where titles are alike; ids join, and nothing counts as an edit.

    What the platform answers later takes none of it away, and what no API shows is never taken for removed.
    """
    with SandboxCity(seed=11, size=BARE) as city:
        tube, channel = city.youtube.world, city.world.person(ACCOUNT)
        resident = tube.add_person("rowan", "Rowan")
        meetings = [tube.upload(channel, "Council meeting") for _ in range(2)]
        budget = tube.upload(channel, "Budget: what is new?", "Agenda: https://mapleford.example/agenda")
        for number, one in enumerate((*meetings, budget)):
            one.duration_s = 600 + 60 * number
        question = tube.comment(resident, budget, "Why was item 7 moved?")
        reply = tube.comment(channel, question, "It moved to November.")
        archive = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, children=children)
        archive.configure()
        archive.collect()
        elsewhere = tube.comment(channel, tube.upload(resident, "A walk"), "Thanks for coming!")

        films = {
            "Council meeting.mp4": (meetings[1], film(meetings[1].duration_s)),
            "Council meeting(1).mp4": (meetings[0], film(meetings[0].duration_s, late=True)),
            "Budget_ what is new_.mp4": (budget, film(budget.duration_s, wide=True)),
        }
        handed_in = tmp_path / "takeout-001.zip"
        handed_in.write_bytes(download(channel.id, films, [reply, elsewhere], "Town hall on Monday!"))
        archive.run("import", ACCOUNT, str(handed_in))
        archive.run("import", ACCOUNT, str(handed_in))  # changes nothing
        archive.collect()
        archive.collect()

        export = archive.export()
        held = {
            row["record"]: row["media"]
            for row in export.execute("SELECT record, media FROM attachments WHERE kind = 'video'")
        }
        assert held == {one.key: hashlib.sha256(content).hexdigest() for one, content in films.values()}
        events = export.execute("SELECT record, event FROM events WHERE event != 'seen'").fetchall()
        assert [tuple(row) for row in events] == []
        records = {row["record"]: row for row in export.execute("SELECT * FROM records WHERE kind != 'profile'")}
        assert set(records) == {
            *(one.key for one in (*meetings, budget)), question.key, reply.key, elsewhere.key, f"youtube:{POST}",
        }  # fmt: skip
        post, other = records[f"youtube:{POST}"], records[elsewhere.key]
        assert (post["kind"], post["text"], post["state"]) == ("post", "Town hall on Monday!", "live")
        assert (other["kind"], other["thread"], other["text"]) == ("reply", elsewhere.video.key, "Thanks for coming!")
        assert records[reply.key]["text"] == "It moved to November."
        archive.assert_sound()


def test_a_film_has_its_place_before_its_video_was_seen(tmp_path: Path, children: Children) -> None:
    """A download first, the capture after it: the video is completed, and its film stays."""
    with SandboxCity(seed=12, size=BARE) as city:
        tube, channel = city.youtube.world, city.world.person(ACCOUNT)
        meeting = tube.upload(channel, "Council meeting", "The agenda.", at=city.world.now() - timedelta(days=3))
        archive = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, children=children)
        archive.configure()
        content = film(meeting.duration_s)
        handed_in = tmp_path / "takeout-001.zip"
        handed_in.write_bytes(download(channel.id, {"Council meeting.mp4": (meeting, content)}, [], "Hello"))
        archive.run("import", ACCOUNT, str(handed_in))
        archive.collect()
        export = archive.export()
        files = export.execute(
            "SELECT a.kind, a.media FROM attachments a JOIN records r USING (record) "
            "WHERE record = ? AND a.version = r.versions ORDER BY position",
            (meeting.key,),
        ).fetchall()
        assert [tuple(row) for row in files] == [
            ("video", hashlib.sha256(content).hexdigest()),
            ("image", meeting.latest.thumbnail.sha256),
        ]
        seen = export.execute("SELECT text, versions FROM records WHERE record = ?", (meeting.key,)).fetchone()
        assert tuple(seen) == ("The agenda.", 1)
        archive.assert_sound()
