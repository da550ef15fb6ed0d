"""Who sees what: the rules behind every answer, and behind what a perfect archive holds."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.sandbox.model import Person
from archiver.sandbox.youtube.model import Comment, Moderation, Playlist, Privacy, Video
from archiver.sandbox.youtube.world import YouTubeWorld

WAITING = frozenset({Moderation.HELD, Moderation.SPAM})
"""What only the channel itself can list."""

Viewer = Person | None
"""Whose token is used; None: an API key."""


def video_there(video: Video, viewer: Viewer) -> bool:
    """Whether a video is given out by its id."""
    if video.gone_at is not None or not video.channel.active:
        return False
    return video.privacy is not Privacy.PRIVATE or video.channel is viewer


def uploads(youtube: YouTubeWorld, channel: Person, viewer: Viewer) -> list[Video]:
    """The uploads that are listed, the newest upload first."""
    shown = [
        video
        for video in youtube.uploads(channel)
        if video_there(video, viewer) and (video.privacy is Privacy.PUBLIC or channel is viewer)
    ]
    return sorted(shown, key=lambda video: (video.uploaded_at, video.number), reverse=True)


def playlist_there(playlist: Playlist, viewer: Viewer) -> bool:
    """Whether a playlist is given out by its id."""
    if playlist.gone_at is not None or not playlist.channel.active:
        return False
    return playlist.privacy is not Privacy.PRIVATE or playlist.channel is viewer


def playlists(youtube: YouTubeWorld, channel: Person, viewer: Viewer) -> list[Playlist]:
    """The playlists of a channel that are listed."""
    found = [one for one in youtube.lists(channel) if playlist_there(one, viewer)]
    return [one for one in found if one.privacy is Privacy.PUBLIC or channel is viewer]


def exists(comment: Comment) -> bool:
    """Whether a comment is there for anybody at all: not it, not what it answers, not its author was removed."""
    above: Comment | None = comment
    while above is not None:
        if above.gone_at is not None or not above.author.active or above.moderation is Moderation.REJECTED:
            return False
        above = above.parent
    return not comment.shadowed


def comment_there(comment: Comment, viewer: Viewer) -> bool:
    """Whether a comment is given out by its id: the channel is given those that wait as well, with no word of it.

    Of a video whose comments are off there is none.
    """
    if not exists(comment) or comment.video.comments_off or not video_there(comment.video, viewer):
        return False
    return comment.video.channel is viewer or not waits(comment)


def waits(comment: Comment) -> bool:
    """Whether it, or what it answers, waits for the channel's word."""
    return comment.moderation in WAITING or (comment.parent is not None and comment.parent.moderation in WAITING)


def threads(video: Video, moderation: Moderation = Moderation.PUBLISHED) -> list[Comment]:
    """The comments at the top that are listed under one word of moderation, the newest first."""
    found = [one for one in video.comments if exists(one) and one.moderation is moderation]
    return sorted(found, key=lambda one: (one.published_at, one.number), reverse=True)


def answers(comment: Comment) -> list[Comment]:
    """What is listed below a comment, the oldest first. An answer that waits is in no list."""
    found = [one for one in comment.replies if exists(one) and one.moderation is Moderation.PUBLISHED]
    return sorted(found, key=lambda one: (one.published_at, one.number))


def counted_answers(comment: Comment) -> int:
    """``totalReplyCount``: with those that nobody can list."""
    return sum(1 for one in comment.replies if one.gone_at is None)


def counted_comments(video: Video) -> int:
    """``commentCount``: with those that nobody can list."""
    tops = [one for one in video.comments if one.gone_at is None]
    return len(tops) + sum(counted_answers(one) for one in tops) + video.extra_comments


def below(video: Video, viewer: Viewer) -> Iterator[Comment]:
    """Every comment that lists lead to."""
    if video.comments_off or not video_there(video, viewer):
        return
    words = (Moderation.PUBLISHED, *WAITING) if video.channel is viewer else (Moderation.PUBLISHED,)
    for word in words:
        for top in threads(video, word):
            yield top
            yield from answers(top)
