"""Facebook's ids: many ways to write one thing, one key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.platforms.facebook.ids import Names, comment_id, first_part, last_part

NAMES = Names.of(Account("city", "facebook", "@ElmbrookCity", base_url="https://graph.example/"))
PAGE, POST, COMMENT = "104000000000101", "910000000000321", "555000000000001"

numbers = st.integers(10**13, 10**17).map(str)


@pytest.mark.parametrize(
    ("written", "post", "page"),
    [
        pytest.param(f"{POST}_{COMMENT}", None, None, id="as lists have it"),
        pytest.param(f"{POST}_{COMMENT}", f"{PAGE}_{POST}", PAGE, id="with its post, too"),
        pytest.param(f"{PAGE}_{POST}_{COMMENT}", None, None, id="three parts, inside an expanded post"),
        pytest.param(COMMENT, f"{PAGE}_{POST}", None, id="bare, below a post"),
        pytest.param(COMMENT, POST, None, id="bare, below a bare post"),
        pytest.param(f"{PAGE}_{COMMENT}", f"{PAGE}_{POST}", PAGE, id="behind the page's id, in pushed events"),
    ],
)
def test_a_comment_has_one_key_however_its_id_is_written(written: str, post: str | None, page: str | None) -> None:
    """All forms are ``POSTID_COMMENTID``."""
    assert NAMES.comment(written, post, page) == f"facebook:{POST}_{COMMENT}"


def test_a_bare_comment_of_an_unknown_post_keeps_its_number() -> None:
    """What it stands below is not guessed."""
    assert NAMES.comment(COMMENT) == f"facebook:{COMMENT}"


@given(page=numbers, post=numbers, comment=numbers)
def test_normalising_an_id_twice_changes_nothing(page: str, post: str, comment: str) -> None:
    """Normalising is idempotent, and three parts give what two do."""
    once = comment_id(f"{page}_{post}_{comment}")
    assert once == comment_id(once) == comment_id(once, f"{page}_{post}") == f"{post}_{comment}"
    assert NAMES.native(NAMES.comment(once)) == once


@given(first=numbers, second=numbers, comment=numbers)
def test_a_comment_is_known_by_its_own_number_wherever_it_was_seen(first: str, second: str, comment: str) -> None:
    """Below a photo and below its post a comment has two ids and one alias."""
    assert NAMES.comment_aliases(f"{first}_{comment}") == NAMES.comment_aliases(f"{second}_{comment}")
    assert NAMES.comment_aliases(comment) == ()


def test_small_numbers_of_the_first_years_are_no_names_of_their_own() -> None:
    """Comments were counted in each post once; such a number says nothing without the post."""
    assert NAMES.comment_aliases("547822715231468_6796480") == ()


def test_a_post_is_found_by_the_second_half_of_its_id() -> None:
    """Comments name their post by it, and so do reels and stories."""
    assert NAMES.post_aliases(f"{PAGE}_{POST}") == (f"facebook:{POST}",)
    assert NAMES.post_aliases(POST) == ()
    assert NAMES.post(POST, PAGE) == NAMES.post(f"{PAGE}_{POST}", "999") == f"facebook:{PAGE}_{POST}"
    assert NAMES.post(POST) == f"facebook:{POST}"


def test_parts_of_an_id() -> None:
    """The number itself, and what stands before it."""
    assert (last_part("1_2_3"), first_part("1_2_3")) == ("3", "2")
    assert (last_part("3"), first_part("3")) == ("3", None)


def test_a_second_server_gets_a_space_of_its_own() -> None:
    """Keys and people carry it, and lose it again."""
    names = Names.of(Account("city", "facebook", "104", key_space="graph.test/"))
    assert names.profile("104") == "facebook:graph.test/104"
    assert names.native(names.post("104_9")) == "104_9"
    assert names.person_id(names.person("7")) == "7"


def test_the_base_is_the_operators_or_the_platforms() -> None:
    """Without a closing slash, so that paths can be put behind it."""
    assert NAMES.base == "https://graph.example"
    assert NAMES.handle == "ElmbrookCity"
    assert Names.of(Account("city", "facebook", "104")).base == "https://graph.facebook.com"
