"""What happens on a page or profile after the first capture: one scene at a time, for any of Meta's platforms.

Nothing is dated back. A scene that this account has nothing for is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.images import picture
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.instagram_profiles import InstagramProfiles
from archiver.sandbox.meta.model import FACEBOOK, INSTAGRAM, THREADS, Thing
from archiver.sandbox.meta.threads_profiles import ThreadsProfiles
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person


@dataclass(frozen=True, slots=True)
class MetaScene:
    """What just happened: a name, a sentence for the audience, the account and the things."""

    name: str
    told: str
    account: str
    things: tuple[Thing, ...] = ()

    @property
    def posts(self) -> tuple[Thing, ...]:
        """The same under the name that scenes of the other platforms have for it."""
        return self.things


class MetaAct:
    """The scenes of one account, in order."""

    def __init__(self, meta: MetaWorld, account: str) -> None:
        self.meta = meta
        self.account = account
        self.person = meta.world.person(account)
        self.platform = meta.world.accounts[account].platform
        self._rng = Random(f"second act {meta.world.seed} {account}")
        self._touched: set[Thing] = set()
        self._scenes: tuple[Callable[[], MetaScene | None], ...] = (
            self.a_new_post,
            self.a_corrected_post,
            self.an_edited_comment,
            self.a_hidden_comment,
            self.a_comment_shown_again,
            self.a_removed_comment,
            self.a_removed_post,
            self.a_burst_of_comments,
        )

    def play(self) -> Iterator[MetaScene]:
        """All scenes that this account has something for; no two are about the same thing."""
        for scene in self._scenes:
            played = scene()
            if played is not None:
                self._touched.update(played.things)
                yield played

    # --- the scenes

    def a_new_post(self) -> MetaScene:
        """The account publishes a picture."""
        shot = picture(self._rng.randrange(1 << 30), "The new crosswalk, freshly painted")
        text = "The crosswalk is open."
        if self.platform == FACEBOOK:
            made = FacebookPages(self.meta).post(self.person, text, pictures=[shot])
        elif self.platform == INSTAGRAM:
            made = InstagramProfiles(self.meta).post(self.person, text, [shot])
        else:
            made = ThreadsProfiles(self.meta).post(self.person, text, pictures=[shot])
        return MetaScene("new post", "A new post with a picture.", self.account, (made,))

    def a_corrected_post(self) -> MetaScene | None:
        """A post is edited; the platform shows no mark."""
        post = self._choice([post for post in self.posts() if post.text])
        if post is None:
            return None
        self.meta.edit(post, post.text + " Correction: Thursday.")
        return MetaScene("edit", "A post is edited; nothing on it says so.", self.account, (post,))

    def an_edited_comment(self) -> MetaScene | None:
        """A resident changes a comment, where that is possible."""
        comment = self._choice([one for one in self.comments() if not one.hidden and not one.author.official])
        if comment is None or self.platform == INSTAGRAM:
            return None
        self.meta.edit(comment, comment.text + " And another thing!")
        return MetaScene("comment edited", "A resident edits a comment.", self.account, (comment,))

    def a_hidden_comment(self) -> MetaScene | None:
        """The city hides a comment."""
        comment = self._choice([one for one in self.comments() if not one.hidden and not one.author.official])
        if comment is None:
            return None
        self.hide(comment)
        return MetaScene("hidden", "The city hides a comment.", self.account, (comment,))

    def a_comment_shown_again(self) -> MetaScene | None:
        """The city thinks again about an older decision."""
        comment = self._choice([one for one in self.comments() if one.hidden])
        if comment is None:
            return None
        self.unhide(comment)
        return MetaScene("unhidden", "The city shows a hidden comment again.", self.account, (comment,))

    def a_removed_comment(self) -> MetaScene | None:
        """A comment disappears; by whom, nobody can tell."""
        wanted = [one for one in self.comments() if not one.replies and not one.author.official and not one.hidden]
        comment = self._choice(wanted)
        if comment is None:
            return None
        self.meta.delete(comment)
        return MetaScene("comment removed", "A comment is removed.", self.account, (comment,))

    def a_removed_post(self) -> MetaScene | None:
        """The city removes a post, one with as few answers as there are: they go with it."""
        about = {one.top for one in self._touched}
        posts = [post for post in self.posts() if post not in about]
        fewest = min((sum(1 for _ in _living(post)) for post in posts), default=0)
        post = self._choice([post for post in posts if sum(1 for _ in _living(post)) == fewest])
        if post is None:
            return None
        self.meta.delete(post)
        return MetaScene("post removed", "The city removes a post.", self.account, (post,))

    def a_burst_of_comments(self) -> MetaScene | None:
        """Something is suddenly on everybody's mind."""
        post = max(self.posts(), key=lambda one: one.created_at, default=None)
        people = [one for one in self._residents() if one.active]
        if post is None or not people:
            return None
        made: list[Thing] = []
        for number in range(40):
            text = self._rng.choice(texts.RUDE if number % 3 else texts.ANSWERS)
            text = text.replace("{street}", "Cedar Street").replace("{n}", str(number)).replace("{day}", "Friday")
            text = text.replace("{domain}", self.meta.world.domain)
            below = post if number % 4 or not made else made[-1]
            made.append(self.answer(people[number % len(people)], below, text))
        return MetaScene("burst", "Forty comments within a minute.", self.account, (post, *made))

    # --- what a test may want, too

    def posts(self) -> list[Thing]:
        """The account's own posts that can be seen, oldest first."""
        found = self.meta.of(self.person, "post")
        return [
            one
            for one in found
            if one.author is self.person
            and one.shares is None
            and one.published
            and not one.hidden
            and one.available(self.meta.now())
        ]

    def comments(self) -> list[Thing]:
        """What can be seen below the account's posts."""
        return [one for post in self.posts() for one in _living(post) if self._shown(one)]

    def _shown(self, one: Thing) -> bool:
        above = one
        while above.parent is not None:
            if above.unlisted or "approval" in above.facts:
                return False
            above = above.parent
        return one.available(self.meta.now())

    def hide(self, comment: Thing) -> None:
        """As the account does it on its platform."""
        if self.platform == THREADS:
            ThreadsProfiles(self.meta).hush(comment)
        else:
            self.meta.hide(comment)

    def unhide(self, comment: Thing) -> None:
        """The same undone."""
        if self.platform == THREADS:
            ThreadsProfiles(self.meta).unhush(comment)
        else:
            self.meta.unhide(comment)

    def answer(self, author: Person | str, below: Thing, text: str) -> Thing:
        """An answer to a post or an answer."""
        if self.platform == FACEBOOK:
            return FacebookPages(self.meta).comment(author, below, text)
        if self.platform == INSTAGRAM:
            return InstagramProfiles(self.meta).comment(author, below, text)
        return ThreadsProfiles(self.meta).reply(author, below, text)

    def _residents(self) -> list[Person]:
        people = self.meta.world.people.items()
        return [one for (platform, _), one in people if platform == self.platform and not one.official]

    def _choice(self, found: list[Thing]) -> Thing | None:
        fresh = [one for one in found if one not in self._touched and one.top not in self._touched]
        return self._rng.choice(fresh) if fresh else None


def _living(post: Thing) -> Iterator[Thing]:
    for one in post.replies:
        if one.gone_at is None:
            yield one
        yield from _living(one)
