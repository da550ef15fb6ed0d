"""The language of searches: operators joined by blanks (and), ``OR``, brackets and ``-``. An unknown one is a 400.

A query is parsed into a tree that can tell whether it fits a post, and, so that not every post need be tried, which
posts it can fit at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from archiver.sandbox.x.model import XPost
from archiver.sandbox.x.problems import Refusal, invalid
from archiver.sandbox.x.world import XWorld

_TOKEN = re.compile(r'\s*(?P<sign>-?)(?:(?P<open>\()|(?P<close>\))|(?P<quoted>"[^"]*")|(?P<word>[^\s()"]+))')
_OPERATOR = re.compile(r"(?P<name>[a-z_]+):(?P<value>\S+)")
_KINDS: dict[str, Callable[[XPost], bool]] = {
    "is:reply": lambda post: post.parent is not None,
    "is:quote": lambda post: post.quote is not None,
    "is:retweet": lambda post: post.shares is not None,
    "has:media": lambda post: bool(post.latest.media),
    "has:links": lambda post: "://" in post.text,
    "has:mentions": lambda post: bool(post.latest.named),
    "has:hashtags": lambda post: "#" in post.text,
}


class Node(Protocol):
    """A part of a query."""

    def fits(self, post: XPost) -> bool:
        """Whether a post, in its newest version, is meant."""
        ...

    def candidates(self, x: XWorld) -> Iterable[XPost] | None:
        """A few posts among which all are that fit; None: it may be any."""
        ...


@dataclass(frozen=True, slots=True)
class _Word:
    word: str

    def fits(self, post: XPost) -> bool:
        return self.word.lower() in post.text.lower()

    def candidates(self, _x: XWorld) -> Iterable[XPost] | None:
        return None


@dataclass(frozen=True, slots=True)
class _Kind:
    test: Callable[[XPost], bool]

    def fits(self, post: XPost) -> bool:
        return self.test(post)

    def candidates(self, _x: XWorld) -> Iterable[XPost] | None:
        return None


@dataclass(frozen=True, slots=True)
class _Conversation:
    """The root is not in it."""

    root: str

    def fits(self, post: XPost) -> bool:
        return post.parent is not None and post.top.id == self.root

    def candidates(self, x: XWorld) -> Iterable[XPost]:
        return x.conversation(self.root)


@dataclass(frozen=True, slots=True)
class _Referring:
    """``in_reply_to_tweet_id quotes_of_tweet_id retweets_of_tweet_id``."""

    how: str
    native: str

    def fits(self, post: XPost) -> bool:
        other = getattr(post, self.how)
        return other is not None and any(version.id == self.native for version in other.versions)

    def candidates(self, x: XWorld) -> Iterable[XPost]:
        found = x.find(self.native)
        lists = {"parent": "replies", "quote": "quotes", "shares": "reposts"}
        return getattr(found[0], lists[self.how]) if found is not None else ()


@dataclass(frozen=True, slots=True)
class _From:
    name: str

    def fits(self, post: XPost) -> bool:
        return self.name.lower() in {post.author.handle.lower(), post.author.id}

    def candidates(self, x: XWorld) -> Iterable[XPost]:
        person = x.named(self.name) or x.person(self.name)
        return x.of(person) if person is not None else ()


@dataclass(frozen=True, slots=True)
class _To:
    name: str

    def fits(self, post: XPost) -> bool:
        return post.parent is not None and self.name.lower() in {
            post.parent.author.handle.lower(),
            post.parent.author.id,
        }

    def candidates(self, x: XWorld) -> Iterable[XPost]:
        person = x.named(self.name) or x.person(self.name)
        return [reply for post in x.of(person) for reply in post.replies] if person is not None else ()


@dataclass(frozen=True, slots=True)
class _Naming:
    name: str

    def fits(self, post: XPost) -> bool:
        return any(person.handle.lower() == self.name.lower() for person in post.mentions)

    def candidates(self, x: XWorld) -> Iterable[XPost]:
        person = x.named(self.name)
        return x.naming(person) if person is not None else ()


@dataclass(frozen=True, slots=True)
class _Not:
    part: Node

    def fits(self, post: XPost) -> bool:
        return not self.part.fits(post)

    def candidates(self, _x: XWorld) -> Iterable[XPost] | None:
        return None


@dataclass(frozen=True, slots=True)
class _All:
    parts: tuple[Node, ...]

    def fits(self, post: XPost) -> bool:
        return all(part.fits(post) for part in self.parts)

    def candidates(self, x: XWorld) -> Iterable[XPost] | None:
        found = (part.candidates(x) for part in self.parts)
        return next((one for one in found if one is not None), None)


@dataclass(frozen=True, slots=True)
class _Any:
    parts: tuple[Node, ...]

    def fits(self, post: XPost) -> bool:
        return any(part.fits(post) for part in self.parts)

    def candidates(self, x: XWorld) -> Iterable[XPost] | None:
        every: list[XPost] = []
        for part in self.parts:
            found = part.candidates(x)
            if found is None:
                return None
            every += found
        return every


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search. ``reposts``: it asks for reposts by what they repeat, the only way to find any."""

    node: Node
    reposts: bool

    def find(self, x: XWorld) -> list[XPost]:
        """All posts that fit, in no order, gone ones too."""
        found = self.node.candidates(x)
        every = dict.fromkeys(x.posts() if found is None else found)
        return [post for post in every if (self.reposts or post.shares is None) and self.node.fits(post)]


def parse(text: str, longest: int) -> Query:
    """A query; raises the `Refusal` that X would give."""
    if len(text) > longest:
        raise _wrong(text, f"Invalid 'query':'{text[:40]}…'. 'query' must be {longest} characters or fewer")
    parser = _Parser(text)
    return Query(parser.whole(), "retweets_of_tweet_id:" in text)


def _wrong(text: str, message: str) -> Refusal:
    return invalid(("query", text, message))


class _Parser:
    """Recursive descent: any := all (OR all)*; all := part+; part := -? ( bracket | operator | word )."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._plain = False

    def whole(self) -> Node:
        node = self._any()
        if self._text[self._at :].strip():
            raise self._error()
        if not self._plain:
            raise _wrong(self._text, "There must be at least one positive, standalone operator in a query")
        return node

    def _any(self) -> Node:
        parts = [self._all()]
        while self._next_word() == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else _Any(tuple(parts))

    def _all(self) -> Node:
        parts: list[Node] = []
        while (found := self._peek()) is not None and not found["close"] and self._next_word() != "OR":
            parts.append(self._part())
        if not parts:
            raise self._error()
        return parts[0] if len(parts) == 1 else _All(tuple(parts))

    def _part(self) -> Node:
        found = self._take()
        if found["open"]:
            node = self._any()
            closing = self._peek()
            if closing is None or not closing["close"]:
                raise self._error()
            self._take()
        else:
            node = self._leaf(found)
        if found["sign"]:
            return _Not(node)
        self._plain = self._plain or not isinstance(node, _Kind)
        return node

    def _leaf(self, found: re.Match[str]) -> Node:
        if found["quoted"]:
            return _Word(found["quoted"].strip('"'))
        word = found["word"]
        if word in _KINDS:
            return _Kind(_KINDS[word])
        if word.startswith("@"):
            return _Naming(word[1:])
        operator = _OPERATOR.fullmatch(word)
        if operator is None:
            return _Word(word)
        made = _OPERATORS.get(operator["name"])
        if made is None:
            raise _wrong(self._text, f"Reference to invalid operator '{operator['name']}'. Operator is not available")
        return made(operator["value"])

    def _peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self._text, self._at)

    def _next_word(self) -> str | None:
        found = self._peek()
        return found["word"] if found is not None and not found["sign"] else None

    def _take(self) -> re.Match[str]:
        found = self._peek()
        if found is None:
            raise self._error()
        self._at = found.end()
        return found

    def _error(self) -> Refusal:
        return _wrong(self._text, f"mismatched input at position {self._at + 1}")


_OPERATORS: dict[str, Callable[[str], Node]] = {
    "conversation_id": _Conversation,
    "from": _From,
    "to": _To,
    "in_reply_to_tweet_id": lambda value: _Referring("parent", value),
    "quotes_of_tweet_id": lambda value: _Referring("quote", value),
    "retweets_of_tweet_id": lambda value: _Referring("shares", value),
    "lang": lambda value: _Kind(lambda post: post.latest.lang == value),
}
