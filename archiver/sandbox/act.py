"""The second act of the demonstration: what happens in the city after the first capture.

``Act(city).play()`` does all steps; ``step()`` one at a time and says in a sentence what happened. Each returns
what a watcher may point at: the name of the account and the posts that it was about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.faults import Faults, silent_end
from archiver.sandbox.images import picture
from archiver.sandbox.model import BLUESKY, MASTODON, Post, Standing
from archiver.sandbox.world import CityAccount, World


@dataclass(frozen=True, slots=True)
class Scene:
    """What just happened: a name, a sentence for the audience, the account and the posts."""

    name: str
    told: str
    account: str
    posts: tuple[Post, ...] = ()


class Act:
    """The steps, in order. Times are the city's present; nothing is dated back."""

    def __init__(self, world: World, bluesky: Faults, revoke: Callable[[str], None]) -> None:
        self.world = world
        self._bluesky = bluesky
        self._revoke = revoke
        self._rng = Random(f"second act {world.seed}")
        self._steps: list[Callable[[], Scene | None]] = [
            self.a_new_post_with_a_picture,
            self.an_edit_on_mastodon,
            self.an_overwritten_record,
            self.a_hidden_comment,
            self.a_comment_shown_again,
            self.a_removed_comment,
            self.a_removed_post,
            self.a_burst_of_comments,
            self.a_resident_leaves,
            self.a_new_name,
            self.a_listing_that_ends_early,
            self.a_revoked_token,
        ]

    def step(self, number: int) -> Scene | None:
        """Play one step (from 0); None when this city has nothing it could happen to."""
        return self._steps[number]()

    def play(self) -> Iterator[Scene]:
        """Play all steps."""
        for step in self._steps:
            scene = step()
            if scene is not None:
                yield scene

    def __len__(self) -> int:
        return len(self._steps)

    # --- the scenes

    def a_new_post_with_a_picture(self) -> Scene | None:
        """The first account posts."""
        account = self._account(BLUESKY) or self._account(MASTODON)
        if account is None:
            return None
        shot = picture(self._rng.randrange(1 << 30), "The new crosswalk, freshly painted")
        post = self.world.post(account.person, "The crosswalk is open. #MapleFord", pictures=[shot], tags=["MapleFord"])
        return Scene("new post", "A new post with a picture.", account.name, (post,))

    def an_edit_on_mastodon(self) -> Scene | None:
        """A status is edited twice within a minute."""
        account, post = self._latest(MASTODON)
        if account is None or post is None:
            return None
        self.world.edit(post, post.latest.text + " Correction: Thursday.")
        self.world.edit(post, post.latest.text + " Sorry for the mix-up.", at=self.world.now() + timedelta(seconds=1))
        return Scene("edit", "A post is edited, twice.", account.name, (post,))

    def an_overwritten_record(self) -> Scene | None:
        """Bluesky has no edits, but a record can be overwritten."""
        account, post = self._latest(BLUESKY)
        if account is None or post is None:
            return None
        self.world.edit(post, post.latest.text + " (edited)")
        return Scene("overwritten", "A record is overwritten under the same address.", account.name, (post,))

    def a_hidden_comment(self) -> Scene | None:
        """The city hides a comment."""
        comment = self._comment(BLUESKY, lambda reply: not reply.hidden)
        if comment is None:
            return None
        self.world.hide(comment)
        return Scene("hidden", "The city hides a comment.", self._name(comment), (comment,))

    def a_comment_shown_again(self) -> Scene | None:
        """The city thinks again about an older decision."""
        comment = self._comment(BLUESKY, lambda reply: reply.hidden)
        if comment is None:
            return None
        self.world.unhide(comment)
        return Scene("unhidden", "The city shows a hidden comment again.", self._name(comment), (comment,))

    def a_removed_comment(self) -> Scene | None:
        """A resident removes a comment that others answered."""
        comment = self._comment(BLUESKY, lambda reply: bool(reply.replies)) or self._comment(MASTODON, bool)
        if comment is None:
            return None
        self.world.delete(comment)
        return Scene("comment removed", "A resident removes a comment.", self._name(comment), (comment,))

    def a_removed_post(self) -> Scene | None:
        """The city removes a post of its own that has comments."""
        roots = [post for post in self._roots(BLUESKY) if len(post.replies) > 2]
        if not roots:
            return None
        post = self._rng.choice(roots)
        self.world.delete(post)
        return Scene("post removed", "The city removes a post; its comments stay.", self._name(post), (post,))

    def a_burst_of_comments(self) -> Scene | None:
        """Something is suddenly on everybody's mind."""
        account, post = self._latest(BLUESKY)
        if account is None or post is None:
            return None
        residents = [p for (platform, _), p in self.world.people.items() if platform == BLUESKY and not p.official]
        active = [person for person in residents if person.active]
        made: list[Post] = []
        for number in range(40):
            author = active[number % len(active)]
            text = self._rng.choice(texts.RUDE if number % 3 else texts.ANSWERS)
            text = text.replace("{street}", "Cedar Street").replace("{n}", str(number)).replace("{day}", "Friday")
            text = text.replace("{domain}", self.world.domain)
            parent = post if number % 4 else self._rng.choice([post, *made])
            made.append(self.world.reply(author, parent, text))
        return Scene("burst", "Forty comments within a minute.", account.name, (post, *made))

    def a_resident_leaves(self) -> Scene | None:
        """An account is deleted with all that it said."""
        comment = self._comment(BLUESKY, lambda reply: not reply.author.official)
        if comment is None:
            return None
        self.world.suspend(comment.author, Standing.DELETED)
        return Scene("left", "A resident's account is deleted.", self._name(comment), (comment,))

    def a_new_name(self) -> Scene | None:
        """An account gets a new display name; its old records keep their author's old name."""
        account = self._account(BLUESKY)
        if account is None:
            return None
        self.world.rename(account.person, display_name=account.person.profile.display_name + " (official)")
        return Scene("renamed", "An account gets a new display name.", account.name)

    def a_listing_that_ends_early(self) -> Scene | None:
        """The feed ends without a cursor although there is more: seen in production."""
        account = self._account(BLUESKY)
        if account is None:
            return None
        self._bluesky.add(silent_end(keep=3), matching="getAuthorFeed", times=1)
        return Scene("gap", "The platform's feed ends early, without saying so.", account.name)

    def a_revoked_token(self) -> Scene | None:
        """Somebody ends the archive's access to one account."""
        account = self._account(MASTODON)
        if account is None:
            return None
        self._revoke(account.name)
        return Scene("token revoked", "An access token is revoked.", account.name)

    # --- choosing

    def _account(self, platform: str) -> CityAccount | None:
        return next((a for a in self.world.accounts.values() if a.platform == platform), None)

    def _roots(self, platform: str) -> list[Post]:
        people = [a.person for a in self.world.accounts.values() if a.platform == platform]
        posts = [post for person in people for post in person.posts if post.available and post.shares is None]
        return [post for post in posts if post.parent is None and post.created_at <= self.world.now()]

    def _latest(self, platform: str) -> tuple[CityAccount | None, Post | None]:
        account = self._account(platform)
        if account is None:
            return None, None
        mine = [post for post in self._roots(platform) if post.author is account.person and post.poll is None]
        return account, max(mine, key=lambda post: post.created_at, default=None)

    def _comment(self, platform: str, wanted: Callable[[Post], bool]) -> Post | None:
        replies = [reply for root in self._roots(platform) for reply in root.replies]
        found = [r for r in replies if r.available and not r.author.official and not r.breaks_gate and wanted(r)]
        return self._rng.choice(found) if found else None

    def _name(self, post: Post) -> str:
        owner = post.top.author
        return next(account.name for account in self.world.accounts.values() if account.person is owner)
