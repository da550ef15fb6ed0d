"""Private messages, which Facebook and Instagram write alike; ``message_1.json`` holds the newest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.account import Account
from archiver.domain.item import Body, Form, Link, Metrics, Person
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.platforms.fields import mapping, objects, text
from archiver.takeouts.meta.parts import Namer, attachment, files_of, moment, words
from archiver.takeouts.protocol import Entry, Files, NotUnderstood
from archiver.takeouts.repair import repaired
from archiver.takeouts.streams import Unreadable, elements

_FILES = ("photos", "videos", "audio_files", "files", "gifs")


def read_messages(files: Files, path: str, account: Account, namer: Namer) -> Iterator[Entry | NotUnderstood]:
    """The messages of one file, where they are wanted."""
    if not account.messages:
        yield NotUnderstood(path, "private messages are not collected for this account")
        return
    folder = path.rpartition("/")[0]
    conversation = namer.named("conversation", folder.rpartition("/")[2] or path)
    try:
        with files.open(path) as stream:
            for pointer, found in elements(stream, "messages"):
                yield from _message(path, pointer, mapping(found), account, namer, conversation)
    except Unreadable as error:
        yield NotUnderstood(path, str(error))


def _message(
    path: str, pointer: str, found: Mapping[str, Any], account: Account, namer: Namer, conversation: Key
) -> Iterator[Entry | NotUnderstood]:
    at = moment(found.get("timestamp_ms"), per_second=1000)
    sender = repaired(text(found.get("sender_name")) or "")
    if at is None:
        yield NotUnderstood(path, "a message without a time", pointer)
        return
    media = [one for name in _FILES for _place, one in objects(found.get(name))]
    media += [mapping(found["sticker"])] if "sticker" in found else []
    attachments = tuple(one for one in map(attachment, media) if one is not None)
    share = mapping(found.get("share"))
    address = text(share.get("link"))
    key = namer.key("message", at, sender)
    seen = ItemSeen(
        key=key,
        form=Form.MESSAGE,
        author=Person(f"{account.key_space}name:{sender}", display_name=sender) if sender else None,
        body=Body(
            text=words(found.get("content")),
            attachments=attachments,
            links=(Link(address, title=words(share.get("share_text"))),) if address else (),
        ),
        created_at=at,
        thread=conversation,
        metrics=_reactions(found.get("reactions")),
    )
    yield Entry(seen, path, pointer, files_of(attachments), sure=False)
    if found.get("is_unsent") is True:
        yield Entry(
            GoneSeen(key, f"the platform's own download says that it was unsent ({path})"), path, pointer, sure=False
        )


def _reactions(value: Any) -> Metrics | None:
    kinds = Counter(repaired(text(one.get("reaction")) or "") for _place, one in objects(value))
    kinds.pop("", None)
    return Metrics(likes=kinds.total(), reactions=tuple(kinds.items())) if kinds else None
