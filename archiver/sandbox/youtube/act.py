"""What happens on a channel after the first capture: one scene at a time. Nothing is dated back.

A scene that this channel has nothing for is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from archiver.sandbox import texts
from archiver.sandbox.model import Person
from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.model import YOUTUBE, Comment, Moderation, Privacy, Video
from archiver.sandbox.youtube.world import YouTubeWorld

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class YouTubeScene:
    """What just happened: a name, a sentence for the audience, the account and the videos or comments."""

    name: str
    told: str
    account: str
    posts: tuple[Video | Comment, ...] = ()


class YouTubeAct:
    """The scenes of one channel, in order. No two are about the same video."""

    def __init__(self, youtube: YouTubeWorld, account: str) -> None:
        self.youtube = youtube
        self.account = account
        self.person = youtube.world.person(account)
        self._rng = Random(f"second act {youtube.world.seed} {account}")
        self._touched: set[Video] = set()
        self._scenes: tuple[Callable[[], YouTubeScene | None], ...] = (
            self.a_new_video,
            self.a_corrected_title,
            self.an_edited_comment,
            self.a_held_comment,
            self.an_approved_comment,
            self.a_rejected_comment,
            self.a_removed_comment,
            self.a_private_video,
            self.a_removed_video,
            self.comments_switched_off,
            self.a_burst_of_comments,
        )

    def play(self) -> Iterator[YouTubeScene]:
        """All scenes that this channel has something for."""
        for scene in self._scenes:
            played = scene()
            if played is not None:
                yield played

    # --- the scenes

    def a_new_video(self) -> YouTubeScene:
        """The channel publishes a film."""
        made = self.youtube.upload(self.person, "The new crosswalk", "The crosswalk is open.", duration_s=48)
        return self._scene("new post", "A new video.", made)

    def a_corrected_title(self) -> YouTubeScene | None:
        """Title and description change; the platform keeps no trace of the old ones."""
        video = self._one_of(self.videos())
        if video is None:
            return None
        words = video.latest
        self.youtube.rewrite(
            video, title=f"{words.title} (corrected)", description=f"{words.description}\n\nCorrection: Thursday."
        )
        return self._scene("edit", "The title of a video is corrected; nothing on it says so.", video)

    def an_edited_comment(self) -> YouTubeScene | None:
        """A resident changes a comment."""
        comment = self._one_of(self.comments())
        if comment is None:
            return None
        self.youtube.reword(comment, comment.text + " And another thing!")
        return self._scene("comment edited", "A resident edits a comment.", comment)

    def a_held_comment(self) -> YouTubeScene | None:
        """The channel holds a comment back that everybody has seen."""
        comment = self._one_of(one for one in self.comments() if not one.replies)
        if comment is None:
            return None
        self.youtube.moderate(comment, Moderation.HELD)
        return self._scene("hidden", "A comment is held for review.", comment)

    def an_approved_comment(self) -> YouTubeScene | None:
        """Somebody has read a comment that waited."""
        comment = self._one_of(self.waiting())
        if comment is None:
            return None
        self.youtube.moderate(comment, Moderation.PUBLISHED)
        return self._scene("unhidden", "A comment that waited for review is approved.", comment)

    def a_rejected_comment(self) -> YouTubeScene | None:
        """Another one is turned down: it is in no list any more."""
        comment = self._one_of(self.waiting())
        if comment is None:
            return None
        self.youtube.moderate(comment, Moderation.REJECTED)
        return self._scene("comment rejected", "A comment that waited for review is rejected.", comment)

    def a_removed_comment(self) -> YouTubeScene | None:
        """A comment disappears; by whom, nobody can tell."""
        comment = self._one_of(one for one in self.comments() if not one.replies)
        if comment is None:
            return None
        self.youtube.withdraw(comment)
        return self._scene("comment removed", "A comment is removed.", comment)

    def a_private_video(self) -> YouTubeScene | None:
        """A film is taken from the public."""
        video = self._one_of(self.videos())
        if video is None:
            return None
        self.youtube.set_privacy(video, Privacy.PRIVATE)
        return self._scene("private", "A video is made private.", video)

    def a_removed_video(self) -> YouTubeScene | None:
        """The city removes a video, one with as few comments as there are: they go with it."""
        fewest = min((seen.counted_comments(video) for video in self.videos()), default=0)
        video = self._one_of(video for video in self.videos() if seen.counted_comments(video) == fewest)
        if video is None:
            return None
        self.youtube.remove(video)
        return self._scene("post removed", "The city removes a video.", video)

    def comments_switched_off(self) -> YouTubeScene | None:
        """The city wants no more comments below a video; what was said there can no longer be read."""
        video = self._one_of(video for video in self.videos() if video.comments)
        if video is None:
            return None
        self.youtube.allow_comments(video, allowed=False)
        return self._scene("switched off", "Comments are switched off below a video.", video)

    def a_burst_of_comments(self) -> YouTubeScene | None:
        """Something is suddenly on everybody's mind."""
        video = self._one_of(self.videos())
        people = self.residents()
        if video is None or not people:
            return None
        made: list[Comment] = []
        for number in range(40):
            text = self._rng.choice(texts.RUDE if number % 3 else texts.ANSWERS)
            text = text.replace("{street}", "Cedar Street").replace("{n}", str(number)).replace("{day}", "Friday")
            text = text.replace("{domain}", self.youtube.world.domain)
            below = made[0] if number % 4 and made else video
            made.append(self.youtube.comment(people[number % len(people)], below, text))
        return self._scene("burst", "Forty comments within a minute.", video, *made)

    # --- what a test may want, too

    def videos(self) -> list[Video]:
        """What everybody can see with its comments, that no scene was about: the newest upload first."""
        public = seen.uploads(self.youtube, self.person, None)
        return [video for video in public if not video.comments_off and video not in self._touched]

    def comments(self) -> list[Comment]:
        """What residents wrote at the top, in sight of everybody."""
        return [one for video in self.videos() for one in seen.threads(video) if not one.author.official]

    def waiting(self) -> list[Comment]:
        """What waits for review."""
        return [one for video in self.videos() for one in seen.threads(video, Moderation.HELD)]

    def residents(self) -> list[Person]:
        """Who comments."""
        people = self.youtube.world.people.items()
        return [one for (platform, _), one in people if platform == YOUTUBE and not one.official and one.active]

    def _one_of(self, found: Iterable[T]) -> T | None:
        listed = list(found)
        return self._rng.choice(listed) if listed else None

    def _scene(self, name: str, told: str, *about: Video | Comment) -> YouTubeScene:
        self._touched |= {one if isinstance(one, Video) else one.video for one in about}
        return YouTubeScene(name, told, self.account, about)
