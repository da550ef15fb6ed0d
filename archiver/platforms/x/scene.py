"""An answer with what its address tells: enough to place each of its posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Person
from archiver.domain.observation import OWN_ACCOUNT
from archiver.platforms.x.answer import ANSWERED, Answer, chain_of, referenced
from archiver.platforms.x.fields import NOTHING, Placed, flag, identifier, text
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call, Route
from archiver.platforms.x.texts import mentions_in

Object = Mapping[str, Any]

_OF_THE_ACCOUNT = frozenset({Call.TIMELINE, Call.MENTIONS, Call.HOME, Call.LIKED})
"""Calls that are made for the account itself, whose id is then in the path."""


def person_of(names: Names, user_id: str, user: Object) -> Person:
    """A person as shown now; ``user`` may be empty."""
    return Person(
        names.person(user_id),
        handle=text(user.get("username")),
        display_name=text(user.get("name")),
        avatar=text(user.get("profile_image_url")),
    )


def is_protected(user: Object) -> bool:
    """Whether only followers may see what a person posts."""
    return flag(user.get("protected")) is True


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known while the posts of one answer are read.

    ``asked`` are the fields that were asked for; None: whatever there is (events). ``own`` are ids of the account, as
    far as the answer tells them. ``placed`` has every post of the answer by its id, ``firsts`` the first id of the
    chain for each id of a version, ``roots`` the author's id for roots of conversations, by these themselves or by a
    post that answers them. ``listed_of`` is the id of whose posts are listed,
    ``mentions_of`` of whom all listed posts name.
    """

    names: Names
    answer: Answer
    asked: frozenset[str] | None
    own: frozenset[str]
    listed_of: str | None
    mentions_of: str | None
    placed: Mapping[str, Placed]
    firsts: Mapping[str, str]
    roots: Mapping[str, str]

    @classmethod
    def of(cls, names: Names, answer: Answer, route: Route | None) -> Scene:
        """The scene of an answer; ``route`` None: it is an event."""
        return cls._of(names, answer, route, route.fields if route is not None else None)

    @classmethod
    def of_download(cls, names: Names, answer: Answer, told: frozenset[str]) -> Scene:
        """The scene of a post of a data download, which tells of these fields."""
        return cls._of(names, answer, None, told)

    @classmethod
    def _of(cls, names: Names, answer: Answer, route: Route | None, asked: frozenset[str] | None) -> Scene:
        call = route.call if route is not None else None
        path_id = route.id if route is not None and call in _OF_THE_ACCOUNT else None
        mine = {key for key, user in answer.users.items() if names.is_own(text(user.get("username")))}
        placed = {key: one for one in reversed(answer.all_posts) if (key := identifier(one[1].get("id")))}
        chains = [chain_of(post) for _, post in placed.values()]
        return cls(
            names=names,
            answer=answer,
            asked=asked,
            own=frozenset({*mine, *filter(None, (path_id, names.handle_id))}),
            listed_of=path_id if call is Call.TIMELINE else None,
            mentions_of=path_id if call is Call.MENTIONS else None,
            placed=placed,
            firsts={version: chain[0] for chain in chains for version in chain},
            roots=dict(_roots(post for _, post in placed.values())),
        )

    def tells(self, field: str) -> bool:
        """Whether a post that lacks a field says with it that it has no value."""
        return self.asked is None or field in self.asked

    def post(self, post_id: str | None) -> Object:
        """A post of the answer; an empty one where it is not shown."""
        found = self.placed.get(post_id or "")
        return found[1] if found is not None else NOTHING

    def first(self, post_id: str) -> str:
        """The first id of a post's chain, as far as the answer tells."""
        return self.firsts.get(post_id, post_id)

    def author(self, post: Object) -> Person | None:
        """Who wrote a post, as shown now."""
        user_id = identifier(post.get("author_id")) or self.listed_of
        return self.person(user_id) if user_id is not None else None

    def person(self, user_id: str) -> Person:
        """A person by their id, with name and picture where the answer has them."""
        return person_of(self.names, user_id, self.answer.users.get(user_id, NOTHING))

    def author_of(self, post_id: str | None) -> str | None:
        """The native person id of whoever wrote a post that is in the answer."""
        user_id = identifier(self.post(post_id).get("author_id"))
        return self.names.person(user_id) if user_id is not None else None

    def root_author(self, post: Object) -> str | None:
        """The native person id of whoever began the conversation of a post, as far as the answer tells."""
        user_id = self.roots.get(identifier(post.get("conversation_id")) or "")
        return self.names.person(user_id) if user_id is not None else None

    def mentions(self, post: Object) -> frozenset[str]:
        """Whom a post names; where only the name is told, by the id that the answer has for it elsewhere."""
        found = set()
        for user_id, username in mentions_in(post):
            known = user_id or self._id_of(username)
            if known is not None:
                found.add(self.names.person(known))
            elif self.names.is_own(username):
                found.add(OWN_ACCOUNT)
            elif username:
                found.add(self.names.nameless(username))
        return frozenset(found)

    def is_protected(self, post: Object) -> bool:
        """Whether the author lets only followers see what they post, of whom the account is one."""
        return is_protected(self.answer.users.get(identifier(post.get("author_id")) or "", NOTHING))

    def is_own(self, post: Object) -> bool:
        """Whether the account wrote a post, as far as the answer tells."""
        return identifier(post.get("author_id")) in self.own

    def speaks_to_account(self, post: Object) -> bool:
        """Whether a post names the account, answers it, or stands in a thread that the account began."""
        if identifier(post.get("in_reply_to_user_id")) in self.own:
            return True
        if self.mentions(post) & {OWN_ACCOUNT, *map(self.names.person, self.own)}:
            return True
        root = identifier(post.get("conversation_id"))
        return root is not None and self.roots.get(root) in self.own

    def _id_of(self, username: str | None) -> str | None:
        if username is None:
            return None
        wanted = username.lower()
        users = self.answer.users.items()
        return next((key for key, user in users if (text(user.get("username")) or "").lower() == wanted), None)


def _roots(posts: Iterable[Object]) -> Iterator[tuple[str, str]]:
    """Who began which conversation."""
    for post in posts:
        root = identifier(post.get("conversation_id"))
        if root is None:
            continue
        wrote, answered = identifier(post.get("author_id")), identifier(post.get("in_reply_to_user_id"))
        if root in chain_of(post) and wrote is not None:
            yield root, wrote
        elif referenced(post, ANSWERED) == root and answered is not None:
            yield root, answered
