"""What Threads' answers mean for the loop, where it is not what the table of all Meta's platforms says."""

from __future__ import annotations

import pytest

from archiver.domain.task import Meaning
from archiver.platforms.threads.answers import verdict
from tests.platforms.meta.answers import answer, error

SPENT = (("X-App-Usage", '{"call_count": 100}'),)


@pytest.mark.parametrize(
    ("sentence", "stream", "path"),
    [("about the account", "profile", "me?fields=id"), ("a list", "posts", "me/threads?fields=id,text,has_replies"),
     ("one post", "posts", "18050000000000011?fields=id")],
)  # fmt: skip
def test_a_limit_is_the_accounts_own(sentence: str, stream: str, path: str) -> None:
    """Threads counts calls by app and account: another account of the app may go on."""
    found = verdict(answer(error(4), 403, SPENT, f"https://graph.threads.net/v1.0/{path}", stream=stream))
    assert found.meaning is Meaning.WAIT, sentence
    assert found.budget is not None
    assert (found.budget.remaining, found.budget.shared, found.shared) == (0, False, False), sentence
