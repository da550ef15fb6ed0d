"""The state of YouTube in the city, and everything that can happen there.

``YouTubeWorld`` stands on the city's `World`: its clock, its lock, its version, its people and accounts. What the hub
tells its subscribers of is also an `Event`, in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.sandbox.images import Picture, picture
from archiver.sandbox.model import Person, ProfileVersion
from archiver.sandbox.world import CityAccount, World
from archiver.sandbox.youtube import ids
from archiver.sandbox.youtube.model import (
    YOUTUBE,
    Broadcast,
    Caption,
    ChatMessage,
    Comment,
    Entry,
    Event,
    Moderation,
    Playlist,
    Privacy,
    Video,
    Wording,
    Words,
)


class YouTubeWorld:
    """Everything by its id, gone things too. Each thing that happens takes accounts by name or as `Person`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.videos: dict[str, Video] = {}
        self.playlists: dict[str, Playlist] = {}
        self.comments: dict[str, Comment] = {}
        self.captions: dict[str, Caption] = {}
        self.chats: dict[str, Video] = {}
        self.events: list[Event] = []
        self._uploads: dict[str, list[Video]] = {}
        self._lists: dict[str, list[Playlist]] = {}
        self._made = 0

    # --- looking things up

    def now(self) -> datetime:
        """The city's present."""
        return self.world.now()

    def channel(self, native: str) -> Person | None:
        """A channel by its id."""
        return self.world.people.get((YOUTUBE, native))

    def uploads(self, who: Person | str) -> list[Video]:
        """All videos of a channel in the order of upload, gone ones too."""
        return self._uploads.get(self.world.person(who).id, [])

    def lists(self, who: Person | str) -> list[Playlist]:
        """All playlists of a channel, gone ones too."""
        return self._lists.get(self.world.person(who).id, [])

    # --- people

    def add_person(self, handle: str, name: str, *, joined_at: datetime | None = None) -> Person:
        """Somebody with a channel, who comments."""
        native = ids.channel_id(self.world.seed, self._count())
        return self._join(Person(YOUTUBE, native, handle, joined_at or self.now()), name, "", None)

    def add_account(
        self,
        name: str,
        handle: str,
        title: str,
        *,
        department: str,
        description: str = "",
        joined_at: datetime | None = None,
        avatar: Picture | None = None,
        followers: int = 0,
    ) -> CityAccount:
        """A channel of the city. ``secret`` is its owner's access token."""
        native = ids.channel_id(self.world.seed, name)
        person = Person(YOUTUBE, native, handle, joined_at or self.now(), official=True, followers=followers)
        self._join(person, title, description, avatar)
        secret = "ya29." + hashlib.sha512(f"{self.world.seed} {name}".encode()).hexdigest()
        account = CityAccount(name, YOUTUBE, person, department, secret)
        with self.world.change():
            self.world.accounts[name] = account
        return account

    def _join(self, person: Person, name: str, description: str, avatar: Picture | None) -> Person:
        person.profiles.append(ProfileVersion(person.joined_at, name, description, avatar))
        with self.world.change():
            self.world.join(person)
        return person

    # --- videos

    def upload(
        self,
        who: Person | str,
        title: str,
        description: str = "",
        *,
        at: datetime | None = None,
        published_at: datetime | None = None,
        publish_at: datetime | None = None,
        privacy: Privacy | None = None,
        thumbnail: Picture | None = None,
        tags: Sequence[str] = (),
        duration_s: int = 600,
        likes: int | None = 3,
        views: int = 40,
        scheduled_at: datetime | None = None,
    ) -> Video:
        """A new video, or a stream that begins at ``scheduled_at``. ``publish_at``: private until then."""
        channel = self.world.person(who)
        with self.world.change():
            uploaded = _whole(at or self.now())
            number = self._count()
            native = ids.video_id(self.world.seed, number)
            shot = thumbnail or picture(number * 7919 + self.world.seed, None, mime="image/jpeg")
            video = Video(
                native,
                channel,
                uploaded,
                _whole(published_at or uploaded),
                [Wording(uploaded, title, description, shot, tuple(tags))],
                privacy=privacy or (Privacy.PUBLIC if publish_at is None else Privacy.PRIVATE),
                publish_at=publish_at,
                duration_s=duration_s,
                likes=likes,
                views=views,
                number=number,
            )
            if scheduled_at is not None:
                video.live = Broadcast(ids.chat_id(channel.id, native), _whole(scheduled_at))
                self.chats[video.live.chat_id] = video
            self.videos[native] = video
            self._uploads.setdefault(channel.id, []).append(video)
            self._tell("change", video)
            return video

    def rewrite(
        self,
        video: Video,
        *,
        title: str | None = None,
        description: str | None = None,
        thumbnail: Picture | None = None,
        tags: Sequence[str] | None = None,
        at: datetime | None = None,
    ) -> Wording:
        """Another title, description, picture or tags; the platform keeps no trace of the old ones."""
        with self.world.change():
            old = video.latest
            video.wordings.append(
                Wording(
                    _whole(at or self.now()),
                    old.title if title is None else title,
                    old.description if description is None else description,
                    thumbnail or old.thumbnail,
                    old.tags if tags is None else tuple(tags),
                )
            )
            self._tell("change", video)
            return video.latest

    def set_privacy(self, video: Video, privacy: Privacy) -> None:
        """Make it public, unlisted or private; what becomes public for the first time is published now."""
        with self.world.change():
            if privacy is Privacy.PUBLIC and video.publish_at is not None:
                video.published_at, video.publish_at = _whole(self.now()), None
            was, video.privacy = video.privacy, privacy
            if privacy is not was:
                self._tell("remove" if privacy is Privacy.PRIVATE else "change", video)

    def remove(self, video: Video, *, at: datetime | None = None) -> None:
        """Delete a video for good, with all comments."""
        with self.world.change():
            video.gone_at = at or self.now()
            self._tell("remove", video)

    def restore(self, video: Video) -> None:
        """It is there again: the platform takes its removal back."""
        with self.world.change():
            video.gone_at = None
            self._tell("change", video)

    def count(self, video: Video, *, views: int | None = None, likes: int | None = None, extra: int = 0) -> None:
        """State other numbers; ``extra``: so many comments are counted that nobody can list."""
        with self.world.change():
            video.views = video.views if views is None else views
            video.likes = video.likes if likes is None else likes
            video.extra_comments = extra

    # --- comments

    def comment(
        self,
        who: Person | str,
        below: Video | Comment,
        text: str,
        *,
        at: datetime | None = None,
        moderation: Moderation = Moderation.PUBLISHED,
        likes: int = 0,
        image: Picture | None = None,
        shadowed: bool = False,
    ) -> Comment:
        """Below a video, or as an answer; what answers an answer stands below the same comment, beside it."""
        author = self.world.person(who)
        with self.world.change():
            video = below if isinstance(below, Video) else below.video
            parent = None if isinstance(below, Video) else below.parent or below
            moment, number = _whole(at or self.now()), self._count()
            native = ids.comment_id(self.world.seed, number)
            made = Comment(
                ids.reply_id(parent.id, self.world.seed, number) if parent is not None else native,
                video,
                author,
                moment,
                [Words(moment, text)],
                parent=parent,
                moderation=moderation,
                likes=likes,
                picture=image,
                shadowed=shadowed,
                number=number,
            )
            (video.comments if parent is None else parent.replies).append(made)
            self.comments[made.id] = made
            return made

    def reword(self, comment: Comment, text: str, *, at: datetime | None = None) -> None:
        """Its author edits a comment; only the newest text can be had afterwards."""
        with self.world.change():
            # An edit within the second of the writing would not show.
            moment = max(_whole(at or self.now()), comment.updated_at + timedelta(seconds=1))
            comment.words.append(Words(moment, text))

    def moderate(self, comment: Comment, moderation: Moderation) -> None:
        """Hold, mark as spam, approve (`PUBLISHED`) or reject; what is rejected does not come back."""
        with self.world.change():
            comment.moderation = moderation

    def withdraw(self, comment: Comment, *, at: datetime | None = None) -> None:
        """A comment is removed with its answers, by its author or by the channel: nobody can tell which."""
        with self.world.change():
            comment.gone_at = at or self.now()

    def allow_comments(self, video: Video, *, allowed: bool) -> None:
        """Switch comments off, or on again: then they come back."""
        with self.world.change():
            video.comments_off = not allowed

    # --- playlists

    def compile(
        self,
        who: Person | str,
        title: str,
        videos: Iterable[Video] = (),
        *,
        description: str = "",
        privacy: Privacy = Privacy.PUBLIC,
        at: datetime | None = None,
    ) -> Playlist:
        """A new playlist."""
        channel = self.world.person(who)
        with self.world.change():
            native = ids.playlist_id(self.world.seed, self._count())
            made = Playlist(native, channel, _whole(at or self.now()), title, description, privacy=privacy)
            self.playlists[native] = made
            self._lists.setdefault(channel.id, []).append(made)
            for video in videos:
                self.include(made, video, at=at)
            return made

    def include(self, playlist: Playlist, video: Video, *, at: datetime | None = None) -> None:
        """Put a video at the end of a playlist."""
        with self.world.change():
            entry = Entry("UE" + ids.letters(48, playlist.id, video.id, self._count()), video, _whole(at or self.now()))
            playlist.entries.append(entry)

    def rename(self, playlist: Playlist, *, title: str | None = None, description: str | None = None) -> None:
        """Another title or description for a playlist."""
        with self.world.change():
            playlist.title = playlist.title if title is None else title
            playlist.description = playlist.description if description is None else description

    def drop(self, playlist: Playlist) -> None:
        """Delete a playlist; its videos stay."""
        with self.world.change():
            playlist.gone_at = self.now()

    # --- captions

    def subtitle(
        self,
        video: Video,
        cues: Sequence[tuple[float, float, str]],
        *,
        language: str = "en",
        name: str = "",
        kind: str = "standard",
        at: datetime | None = None,
    ) -> Caption:
        """A new track."""
        with self.world.change():
            native = ids.caption_id(self.world.seed, self._count())
            made = Caption(native, video, language, tuple(cues), at or self.now(), name=name, kind=kind)
            self.captions[native] = made
            video.captions.append(made)
            return made

    def correct(self, caption: Caption, cues: Sequence[tuple[float, float, str]]) -> None:
        """The same track with other words."""
        with self.world.change():
            caption.cues, caption.updated_at = tuple(cues), self.now()

    # --- streams

    def go_live(self, video: Video, *, at: datetime | None = None) -> None:
        """A scheduled stream begins."""
        with self.world.change():
            _stream(video).started_at = _whole(at or self.now())

    def end(self, video: Video, *, at: datetime | None = None) -> None:
        """It ends, and its chat with it."""
        with self.world.change():
            _stream(video).ended_at = _whole(at or self.now())

    def say(
        self,
        who: Person | str | None,
        video: Video,
        text: str = "",
        *,
        kind: str = "textMessageEvent",
        at: datetime | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> ChatMessage:
        """Somebody writes in the chat, or it tells of something itself (``kind``)."""
        author = self.world.person(who) if who is not None else None
        with self.world.change():
            native = ids.message_id(self.world.seed, self._count())
            made = ChatMessage(native, kind, author, at or self.now(), text, dict(facts or {}))
            _stream(video).messages.append(made)
            return made

    def silence(self, video: Video, message: ChatMessage, *, told: bool = True) -> None:
        """A message of the chat is removed.

        Who asks later for it is given a tombstone; ``told``: the chat says so to those who have read it already.
        """
        with self.world.change():
            message.removed_at = self.now()
        if told:
            self.say(None, video, kind="messageDeletedEvent", facts={"deletedMessageId": message.id})

    # --- inside

    def _tell(self, verb: str, video: Video) -> None:
        if verb == "remove" or (video.privacy is Privacy.PUBLIC and video.gone_at is None):
            self.events.append(Event(self.now(), verb, video))

    def _count(self) -> int:
        self._made += 1
        return self._made


def _stream(video: Video) -> Broadcast:
    if video.live is None:
        raise ValueError("this video is no stream")
    return video.live


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
