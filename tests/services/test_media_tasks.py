"""A media task knows where the file was last seen, and by which records."""

from __future__ import annotations

from pathlib import Path

from archiver.domain.exchange import Exchange
from archiver.domain.item import Attachment
from archiver.domain.task import Step, Task, TaskKind
from archiver.services.collect import Collector
from archiver.store import tasks
from tests.platforms.mastodon_world import Server
from tests.services.house import BEGINNING, CITY, built, key, sight
from tests.services.loopback import desk, served


def test_a_media_task_knows_address_and_records(tmp_path: Path) -> None:
    """The freshest address, and the keys of what shows it; other tasks have neither."""
    world, asked = Server(), list[Task]()
    with built(tmp_path / "archive.sqlite") as house:
        for number in (1, 2):
            photo = Attachment("image", f"https://cdn.example/a?oe={number}", "photo:1")
            house.show(sight("post", CITY, attachments=(photo,)))
        with house.store.begin() as conn:
            tasks.ensure(conn, "city", TaskKind.MEDIA, "photo:1", due_at=BEGINNING)
    with served(world), desk(tmp_path, world) as at_work:
        collector = Collector(at_work.parts, "city", wait=False, run=1)

        class Watching(type(collector.adapter)):  # type: ignore[misc]
            def start(self, task: Task) -> Step:
                asked.append(task)
                return Step()

            def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
                raise AssertionError(task, step, exchange)

        collector.adapter = Watching(collector.account)
        collector.due(kinds=(TaskKind.MEDIA, TaskKind.PROFILE))
    media = next(task for task in asked if task.kind is TaskKind.MEDIA)
    assert (media.subject, media.address, media.known) == ("photo:1", "https://cdn.example/a?oe=2", (key("post"),))
    profile = next(task for task in asked if task.kind is TaskKind.PROFILE)
    assert (profile.address, profile.known) == (None, ())
