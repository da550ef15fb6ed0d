"""What happens on X after the first capture: one scene at a time. Only the new post is a little older, to be corrected.

A scene that this account has nothing for is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.images import picture
from archiver.sandbox.model import Person, Standing
from archiver.sandbox.x.model import X, XPost
from archiver.sandbox.x.reach import nearby
from archiver.sandbox.x.world import XWorld


@dataclass(frozen=True, slots=True)
class XScene:
    """What just happened: a name, a sentence for the audience, the account and the posts."""

    name: str
    told: str
    account: str
    posts: tuple[XPost, ...] = ()


class XAct:
    """The scenes of one account, in order. No two are about the same conversation or the same resident."""

    def __init__(self, x: XWorld, account: str) -> None:
        self.x = x
        self.account = account
        self.person = x.world.person(account)
        self._rng = Random(f"second act {x.world.seed} {account}")
        self._touched: set[XPost] = set()
        self._scenes: tuple[Callable[[], XScene | None], ...] = (
            self.a_new_post,
            self.a_corrected_post,
            self.a_hidden_reply,
            self.a_deleted_reply,
            self.a_deleted_post,
            self.a_suspended_resident,
            self.a_protected_resident,
            self.a_resident_who_leaves,
            self.a_new_name,
            self.a_burst_of_replies,
        )

    def play(self) -> Iterator[XScene]:
        """All scenes that this account has something for."""
        for scene in self._scenes:
            played = scene()
            if played is not None:
                self._touched.update(played.posts)
                yield played

    # --- the scenes

    def a_new_post(self) -> XScene:
        """The account published a picture some minutes ago."""
        shot = picture(self._rng.randrange(1 << 30), "The new crosswalk, freshly painted")
        at = self.x.now() - timedelta(minutes=2)
        post = self.x.post(self.person, "The crosswalk is opne.", pictures=[shot], at=at)
        return XScene("new post", "A new post with a picture.", self.account, (post,))

    def a_corrected_post(self) -> XScene | None:
        """The newest post is edited, as long as X allows that: the version gets a number of its own."""
        now = self.x.now()
        posts = [post for post in self.posts() if post.editable_until is not None and post.editable_until > now]
        if not posts:
            return None
        post = posts[-1]
        self.x.edit(post, post.text.replace("opne", "open") + " Mind the paint.")
        return XScene("edit", "The post is edited within the hour that X allows.", self.account, (post,))

    def a_hidden_reply(self) -> XScene | None:
        """The city hides a reply, of which no answer tells."""
        reply = self._choice(self.replies())
        if reply is None:
            return None
        self.x.hide(reply)
        return XScene("hidden", "The city hides a reply; X's API tells nobody.", self.account, (reply,))

    def a_deleted_reply(self) -> XScene | None:
        """A resident deletes a reply."""
        reply = self._choice([one for one in self.replies() if not one.replies])
        if reply is None:
            return None
        self.x.delete(reply)
        return XScene("reply removed", "A resident deletes a reply.", self.account, (reply,))

    def a_deleted_post(self) -> XScene | None:
        """The city deletes a post; the replies stay."""
        post = self._choice([one for one in self.posts() if not one.quotes and not one.reposts and one.shares is None])
        if post is None:
            return None
        self.x.delete(post)
        return XScene("post removed", "The city deletes a post.", self.account, (post,))

    def a_suspended_resident(self) -> XScene | None:
        """X suspends somebody."""
        return self._of_resident("suspended", "X suspends a resident's account.", self._suspend)

    def a_protected_resident(self) -> XScene | None:
        """Somebody lets only followers read."""
        return self._of_resident("protected", "A resident protects their posts.", self.x.protect)

    def a_resident_who_leaves(self) -> XScene | None:
        """Somebody closes their account."""
        return self._of_resident("left", "A resident closes their account.", self._leave)

    def a_new_name(self) -> XScene:
        """The account is renamed; its number stays."""
        self.x.world.rename(self.person, display_name=self.person.profile.display_name + " (official)")
        return XScene("renamed", "The account has a new name.", self.account)

    def a_burst_of_replies(self) -> XScene | None:
        """Something is suddenly on everybody's mind."""
        post = max(self.posts(), key=lambda one: int(one.latest.id), default=None)
        people = [one for one in self._residents() if one.active and one.id not in self.x.protected]
        if post is None or not people:
            return None
        made: list[XPost] = []
        for number in range(40):
            text = self._rng.choice(texts.RUDE if number % 3 else texts.ANSWERS)
            text = text.replace("{street}", "Cedar Street").replace("{n}", str(number)).replace("{day}", "Friday")
            text = text.replace("{domain}", self.x.world.domain)
            below = post if number % 4 or not made else made[-1]
            made.append(self.x.reply(people[number % len(people)], below, text))
        return XScene("burst", "Forty replies within a minute.", self.account, (post, *made))

    # --- what a test may want, too

    def posts(self) -> list[XPost]:
        """The account's own roots that can be seen, oldest first."""
        found = [post for post in self.x.of(self.person) if post.parent is None and post.shares is None and post.there]
        return sorted(found, key=lambda one: one.created_at)

    def replies(self) -> list[XPost]:
        """What residents answered below them, and can be seen."""
        every = [one for post in self.posts() for one in self.x.thread(post)]
        return [
            one for one in every if one.author is not self.person and not one.ranked_down and self.x.visible(one, None)
        ]

    def _residents(self) -> list[Person]:
        return [one for (platform, _), one in self.x.world.people.items() if platform == X and not one.official]

    def _of_resident(self, name: str, told: str, befall: Callable[[Person], None]) -> XScene | None:
        """Something happens to somebody who has answered a little, and to all that they wrote."""
        near = sorted(nearby(self.x, self.person, viewer=None), key=lambda one: int(one.id))
        written: dict[Person, list[XPost]] = {}
        for post in near:
            if not post.author.official and self.x.visible(post, None):
                written.setdefault(post.author, []).append(post)
        fresh = [one for one, posts in written.items() if not self._touched.intersection(posts) and self._plain(posts)]
        chosen = min(fresh, key=lambda one: (len(written[one]), one.serial), default=None)
        if chosen is None:
            return None
        befall(chosen)
        return XScene(name, told, self.account, tuple(written[chosen]))

    def _suspend(self, person: Person) -> None:
        self.x.world.suspend(person, Standing.TAKEN_DOWN)

    def _leave(self, person: Person) -> None:
        self.x.world.suspend(person, Standing.DELETED)

    def _plain(self, posts: list[XPost]) -> bool:
        """Whether these are answers that name the account, and nothing hangs on them."""
        return all(
            post.parent is not None
            and self.person in post.mentions
            and not post.ranked_down
            and not post.reposts
            and not post.quotes
            for post in posts
        )

    def _choice(self, found: list[XPost]) -> XPost | None:
        touched = {one.top for one in self._touched}
        fresh = [one for one in found if one not in self._touched and one.top not in touched]
        return self._rng.choice(fresh) if fresh else None
