"""The life of the city's channels: council meetings and short films, what people said below, and what befell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from archiver.sandbox.city import Size
from archiver.sandbox.images import picture
from archiver.sandbox.meta.facebook_story import TITLES, Plan
from archiver.sandbox.meta.voice import Voice, shares, spread
from archiver.sandbox.model import Person, Standing
from archiver.sandbox.youtube.model import Comment, Moderation, Privacy, Video
from archiver.sandbox.youtube.world import YouTubeWorld

MEETING = "City Council meeting of {at:%-d %B %Y}"
FILMS = (
    "What happens to {street}?",
    "Ride along: snow plow {n}",
    "Mayor's minute, {day}",
    "Planning commission & zoning board, {at:%-d %B %Y}",
    "How your water gets to {street} 💧",
    "Groundbreaking <live> at {street}",
    "¿Cómo se vota en Maple Ford? / Sidee loo codeeyaa?",
    "Budget {year}, line by line: part {n}",
)
CHAPTERS = "\n\n0:00 Call to order\n4:10 Public comment\n1:02:10 Item 7"
MINUTES = (
    (0.0, 3.2, "Good evening, I call this meeting to order."),
    (3.2, 6.0, "The clerk will call the roll."),
    (6.0, 9.75, "Thank you — we have a quorum."),
)
FEWEST_FOR_ODDITIES = 12
"""Videos that it takes for all of it to happen."""


def tell_youtube(youtube: YouTubeWorld, size: Size) -> None:
    """Make the city's channels; the totals of a size are shared out evenly between them."""
    count = len(size.accounts)
    posts, answers, pictures = size.posts // count, size.answers // count, size.pictures // count
    for name in size.accounts:
        tell(youtube, name, Plan(posts, answers, pictures, size.residents, size.years, size.oddities))


def tell(youtube: YouTubeWorld, name: str, plan: Plan) -> None:
    """Make an account of the city (``city-youtube``) and its channel's life."""
    _Life(youtube, name, plan).tell()


class _Life:
    def __init__(self, youtube: YouTubeWorld, name: str, plan: Plan) -> None:
        self.youtube = youtube
        self.plan = plan
        self.rng = Random(f"youtube {youtube.world.seed} {name}")
        self.now = youtube.now()
        self.begin = self.now - timedelta(days=365 * plan.years)
        office = name.split("-", maxsplit=1)[0]
        title, department, self.office = TITLES.get(office, TITLES["city"])
        self.account = youtube.add_account(
            name,
            f"mapleford{office}",
            title,
            department=department,
            description=f"Official channel of {title}. Comments are public records.",
            joined_at=self.begin - timedelta(days=30),
            avatar=picture(len(name) * 7919 + 5, None),
            followers=self.rng.randrange(200, 9000),
        ).person
        self.voice = Voice(youtube.world, self.rng)
        self.people = [self._resident(number) for number in range(plan.residents)]

    def _resident(self, number: int) -> Person:
        handle, name = self.voice.resident(number)
        return self.youtube.add_person(handle, name, joined_at=self.begin - timedelta(days=400))

    def tell(self) -> None:
        videos = self._publish()
        counts = shares(self.rng, self.plan.comments, len(videos)) if videos else []
        for video, count in zip(videos, counts, strict=True):
            self._discuss(video, count)
        if self.plan.oddities and len(videos) >= FEWEST_FOR_ODDITIES:
            self._befall(videos)

    # --- videos

    def _publish(self) -> list[Video]:
        if not self.plan.posts:
            return []
        moments = spread(self.rng, self.begin, self.now - timedelta(hours=2), self.plan.posts)
        return [self._one(number, at) for number, at in enumerate(moments)]

    def _one(self, number: int, at: datetime) -> Video:
        meeting = number % 3 == 0
        title = self._filled(MEETING if meeting else self.rng.choice(FILMS), at)
        text = self.voice.announcement(self.office, at)
        return self.youtube.upload(
            self.account,
            title,
            text + (CHAPTERS if meeting else ""),
            at=at,
            tags=("council", "Maple Ford") if meeting else (),
            duration_s=self.rng.randrange(3600, 9000) if meeting else self.rng.randrange(20, 900),
            likes=self.rng.choice((None, 0, 4, 12)),
            views=self.rng.randrange(10, 4000),
        )

    def _filled(self, title: str, at: datetime) -> str:
        return self.voice.fill(title.replace("{at:%-d %B %Y}", f"{at.day} {at:%B %Y}"), at)

    # --- comments

    def _discuss(self, video: Video, count: int) -> None:
        """Some say something, and below a few of them a conversation begins."""
        rng, at = self.rng, video.published_at
        tops: list[Comment] = []
        for number in range(count):
            at = min(at + timedelta(seconds=int(rng.expovariate(1 / 900)) + 1), self.now - timedelta(seconds=60))
            at = max(at, video.published_at)
            below = rng.choice(tops[:3] + tops[-3:]) if tops and rng.random() < 0.45 else None
            made = self._say(video, below, at, number)
            if below is None:
                tops.append(made)

    def _say(self, video: Video, below: Comment | None, at: datetime, number: int) -> Comment:
        rng, odd = self.rng, self.plan.oddities
        if below is not None and rng.random() < 0.15:
            return self.youtube.comment(self.account, below, self.voice.official(at), at=at)
        text = self.voice.answer(at)
        if below is not None and below.replies and rng.random() < 0.3:
            # There is one level of answers; whom somebody means stands in the text.
            text = f"@{below.replies[-1].author.handle} {text}"
        return self.youtube.comment(
            rng.choice(self.people),
            below or video,
            text,
            at=at,
            likes=rng.choice((0, 0, 1, 3)),
            image=self.voice.shot() if odd and number % 41 == 17 else None,
        )

    # --- what befell it

    def _befall(self, videos: list[Video]) -> None:
        self._places(videos)
        self._moderate(videos)
        self._compile(videos)
        self._stream()
        for video in videos[-3:]:
            self.youtube.subtitle(video, MINUTES, name="Corrected", at=video.published_at + timedelta(hours=6))
        self.youtube.subtitle(videos[-1], MINUTES[:2], kind="asr", at=videos[-1].published_at + timedelta(hours=1))
        self.youtube.subtitle(videos[-2], MINUTES, language="es", at=videos[-2].published_at).draft = True

    def _places(self, videos: list[Video]) -> None:
        """Published long after the upload, unlisted, private, scheduled, removed, silent."""
        youtube, day = self.youtube, timedelta(days=1)
        # Uploaded first of all, public since yesterday: it stands at the very end of the list.
        late = youtube.upload(self.account, "From the vault: the flood of 1997", at=self.begin - day)
        late.published_at = (self.now - day).replace(microsecond=0)
        youtube.comment(self.people[0], late, "I was there.", at=self.now - timedelta(hours=3))
        youtube.upload(self.account, "For the school board", at=self.now - 9 * day, privacy=Privacy.UNLISTED)
        draft = youtube.upload(self.account, "Draft of the budget film", at=self.now - 8 * day, privacy=Privacy.PRIVATE)
        youtube.comment(self.account, draft, "Cut at 0:40, please.", at=self.now - 7 * day)
        soon = self.now + 3 * day
        youtube.upload(self.account, "Embargoed until Friday", at=self.now - 2 * day, publish_at=soon)
        youtube.remove(videos[5], at=videos[5].published_at + 2 * day)
        youtube.allow_comments(videos[6], allowed=False)
        youtube.count(videos[7], extra=2)
        youtube.rewrite(
            videos[8], description=videos[8].latest.description + " (corrected)", at=videos[8].published_at + day
        )

    def _moderate(self, videos: list[Video]) -> None:
        """Held, marked as spam, rejected, removed, edited, shadowed; and somebody left the site."""
        youtube, rng = self.youtube, self.rng
        said = [one for video in videos[7:] for one in video.comments if not one.author.official]
        alone = [one for one in said if not one.replies]
        chosen = rng.sample(alone, min(8, len(alone)))
        words = (Moderation.HELD, Moderation.HELD, Moderation.SPAM, Moderation.REJECTED)
        for one, word in zip(chosen, words, strict=False):
            youtube.moderate(one, word)
        for one in chosen[4:6]:
            youtube.withdraw(one, at=one.published_at + timedelta(days=1))
        for one in chosen[6:8]:
            youtube.reword(one, one.text + " EDIT: spelling", at=one.published_at + timedelta(minutes=7))
        gone = self.people[-1]
        theirs = youtube.comment(gone, videos[7], "I am leaving this site.", at=videos[7].published_at)
        youtube.comment(self.people[0], theirs, "Take care!", at=videos[7].published_at + timedelta(minutes=1))
        youtube.world.suspend(gone, Standing.DELETED)
        youtube.comment(self.people[1], videos[8], "Nobody sees this.", at=videos[8].published_at, shadowed=True)

    def _compile(self, videos: list[Video]) -> None:
        """Playlists: with a video that was removed in it, an empty one, and one that is nobody else's business."""
        youtube = self.youtube
        meetings = [video for video in videos if video.latest.title.startswith("City Council")]
        youtube.compile(
            self.account,
            "Council meetings",
            [*meetings[:4], videos[5]],
            description="All meetings of the council.",
            at=self.begin,
        )
        youtube.compile(self.account, "Summer 🌞", at=self.begin)
        youtube.compile(self.account, "Internal", videos[:2], privacy=Privacy.PRIVATE, at=self.begin)

    def _stream(self) -> None:
        """A meeting that was streamed: its chat can no longer be had."""
        youtube = self.youtube
        began = self.now - timedelta(days=20)
        title = self._filled(MEETING, began)
        video = youtube.upload(self.account, f"LIVE: {title}", CHAPTERS.strip(), at=began, scheduled_at=began)
        youtube.go_live(video, at=began)
        youtube.say(self.people[0], video, "Can you turn up the sound?", at=began + timedelta(minutes=5))
        youtube.end(video, at=began + timedelta(hours=2))
        video.duration_s = 7200
        youtube.comment(self.people[1], video, "Item 7 begins at 1:02:10", at=began + timedelta(hours=4))
