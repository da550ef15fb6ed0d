"""Which kind a record is."""

from __future__ import annotations

import pytest

from archiver.domain.item import Form, Kind
from archiver.domain.keys import Key
from archiver.domain.kinds import has_thread_here, kind_after, kind_of

ROOT, ANSWER, OTHER = Key("bluesky:root"), Key("bluesky:answer"), Key("bluesky:other")

CASES: dict[str, tuple[dict[str, object], Kind]] = {
    "the account's post": ({"own": True}, Kind.POST),
    "the account's post that quotes": ({"own": True, "quotes": OTHER}, Kind.QUOTE),
    "the account's post that names itself": ({"own": True, "mentions_account": True}, Kind.POST),
    "somebody's post that quotes the account": ({"quotes": OTHER, "mentions_account": True}, Kind.QUOTE),
    "somebody's post that names the account": ({"mentions_account": True}, Kind.MENTION),
    "somebody's post, seen because the account answered it": ({}, Kind.POST),
    "an answer right below the account's post": ({"parent": ROOT, "thread_is_own": True}, Kind.COMMENT),
    "the account's own answer right below its post": ({"own": True, "parent": ROOT, "thread_is_own": True}, Kind.COMMENT),
    "an answer deeper in the account's thread": ({"parent": ANSWER, "thread_is_own": True}, Kind.REPLY),
    "the account's answer to a comment": ({"own": True, "parent": ANSWER, "thread_is_own": True}, Kind.REPLY),
    "the account's answer in somebody else's thread": ({"own": True, "parent": ROOT, "thread_is_own": False}, Kind.REPLY),
    "somebody's answer elsewhere that names the account": (
        {"parent": ROOT, "thread_is_own": False, "mentions_account": True}, Kind.MENTION,
    ),
    "somebody's answer elsewhere that does not": ({"parent": ANSWER, "thread_is_own": False}, Kind.REPLY),
    "an answer in a thread whose author is not known yet": ({"parent": ROOT, "thread_is_own": None}, Kind.REPLY),
    "an answer in a thread whose author is not known yet, that names the account": (
        {"parent": ROOT, "thread_is_own": None, "mentions_account": True}, Kind.MENTION,
    ),
    "a share, whatever it stands below": ({"form": Form.SHARE, "own": True, "quotes": OTHER}, Kind.SHARE),
    "a profile": ({"form": Form.PROFILE, "own": True}, Kind.PROFILE),
    "a story": ({"form": Form.STORY, "own": True}, Kind.STORY),
    "a direct message": ({"form": Form.MESSAGE, "mentions_account": True}, Kind.MESSAGE),
    "a review": ({"form": Form.REVIEW}, Kind.REVIEW),
    "a line of live chat": ({"form": Form.CHAT, "parent": ROOT}, Kind.CHAT),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "kind"), CASES.values(), ids=CASES)
def test_the_kind_follows_from_whose_it_is_and_where_it_stands(facts: dict[str, object], kind: Kind) -> None:
    """The table of design 5.4."""
    usual: dict[str, object] = {
        "form": Form.POST, "own": False, "parent": None, "thread": ROOT, "thread_is_own": None,
        "quotes": None, "mentions_account": False,
    }  # fmt: skip
    assert kind_of(**(usual | facts)) is kind  # type: ignore[arg-type]


AFTER: dict[str, tuple[Kind, dict[str, object], Kind]] = {
    "a mention turns out to stand right below a post of the account": (
        Kind.MENTION, {"parent": ROOT, "thread_is_own": True}, Kind.COMMENT,
    ),
    "a mention turns out to stand deeper in the account's thread": (
        Kind.MENTION, {"parent": ANSWER, "thread_is_own": True}, Kind.REPLY,
    ),
    "a mention in somebody else's thread stays one, though this source names nobody": (
        Kind.MENTION, {"parent": ANSWER, "thread_is_own": False}, Kind.MENTION,
    ),
    "a mention stays one while nobody knows whose the thread is": (
        Kind.MENTION, {"parent": ANSWER, "thread_is_own": None}, Kind.MENTION,
    ),
    "a comment whose post turns out to be an answer": (
        Kind.COMMENT, {"parent": ANSWER, "thread_is_own": None}, Kind.REPLY,
    ),
    "a reply whose parent turns out to be the account's root": (
        Kind.REPLY, {"parent": ROOT, "thread_is_own": True}, Kind.COMMENT,
    ),
    "a post turns out to be an answer": (Kind.POST, {"parent": ANSWER, "thread_is_own": True}, Kind.REPLY),
    "a post that quotes, as is seen only now": (Kind.POST, {"own": True, "quotes": OTHER}, Kind.QUOTE),
    "a share stays a share": (Kind.SHARE, {"parent": ROOT, "thread_is_own": True}, Kind.SHARE),
    "a profile stays a profile": (Kind.PROFILE, {"own": True}, Kind.PROFILE),
}  # fmt: skip


@pytest.mark.parametrize(("known", "facts", "kind"), AFTER.values(), ids=AFTER)
def test_the_kind_is_weighed_again_when_more_is_known(known: Kind, facts: dict[str, object], kind: Kind) -> None:
    """What a record was taken for gives way to what is known now, and to nothing less."""
    usual: dict[str, object] = {
        "own": False, "parent": None, "thread": ROOT, "thread_is_own": None, "quotes": None, "mentions_account": False,
    }  # fmt: skip
    assert kind_after(known, **(usual | facts)) is kind  # type: ignore[arg-type]


VISITS: dict[str, tuple[str, Kind, bool, bool | None, bool]] = {  # platform, kind, own, whose thread, visited
    "the account's post": ("bluesky", Kind.POST, True, True, True),
    "the account's answer elsewhere": ("bluesky", Kind.REPLY, True, False, True),
    "the account's answer below its own post": ("bluesky", Kind.REPLY, True, True, False),
    "a comment": ("facebook", Kind.COMMENT, False, True, False),
    "somebody's post": ("bluesky", Kind.POST, False, False, False),
    "a repetition that has no answers of its own": ("bluesky", Kind.SHARE, True, None, False),
    "a visitor's post on the page": ("facebook", Kind.POST, False, False, True),
    "a share that is a post of its own": ("facebook", Kind.SHARE, True, True, True),
    "a visitor's post that names the page": ("facebook", Kind.MENTION, False, False, True),
    "the page's answer to a visitor": ("facebook", Kind.REPLY, True, False, False),
    "a post elsewhere that names the account": ("bluesky", Kind.MENTION, False, False, False),
}


@pytest.mark.parametrize(("platform", "kind", "own", "thread_is_own", "visited"), VISITS.values(), ids=VISITS)
def test_whose_threads_are_visited(
    platform: str, kind: Kind, own: bool, thread_is_own: bool | None, visited: bool
) -> None:
    """The account's own; on Facebook all that stands on its page."""
    key = Key(f"{platform}:1")
    assert has_thread_here(key, kind, own=own, root=True, thread_is_own=thread_is_own) is visited


def test_a_comment_elsewhere_that_names_the_page_has_no_thread_of_its_own() -> None:
    """It stands in one."""
    assert not has_thread_here(Key("facebook:1_2"), Kind.MENTION, own=False, root=False, thread_is_own=False)
