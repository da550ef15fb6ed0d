"""Addresses: where a redirect leads, what of a signed address lasts, whose ids stand in a link."""

from __future__ import annotations

import pytest

from archiver.platforms.facebook.addresses import (
    absolute,
    answered_comment,
    comment_in,
    file_name,
    is_own_site,
    photo_in,
    unshimmed,
)

SITE = "https://www.facebook.com"


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&h=AT3&s=1", "https://a.example/?x=1&y"),
        ("https://lm.facebook.com/l.php?h=AT3&u=https%3A%2F%2Fa.example%2F", "https://a.example/"),
        (f"{SITE}/l.php?u=https%3A%2F%2Fa.example%2F", "https://a.example/"),
        ("https://l.facebook.com/foobar", "https://l.facebook.com/foobar"),
        ("https://a.example/l.php?u=https%3A%2F%2Fb.example", "https://a.example/l.php?u=https%3A%2F%2Fb.example"),
        ("https://[x/", "https://[x/"),
    ],
)
def test_a_redirect_is_taken_for_where_it_leads(url: str, leads_to: str) -> None:
    """Only Facebook's own redirects are; anybody may have a page of that name."""
    assert unshimmed(url) == leads_to


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/reel/1220000000000077/", f"{SITE}/reel/1220000000000077/"),
        (f"{SITE}/104/posts/9/", f"{SITE}/104/posts/9/"),
        ("https://[x/", "https://[x/"),
        (None, None),
        ("", None),
    ],
)
def test_permanent_links_are_made_whole(url: str | None, whole: str | None) -> None:
    """Those of videos and reels come without the host; what is no address stays what it is."""
    assert absolute(url) == whole


@pytest.mark.parametrize(
    ("url", "photo"),
    [
        (f"{SITE}/photo.php?fbid=910000000000301&set=a.9&type=3", "910000000000301"),
        (f"{SITE}/Page/photos/a.444082318552/10158249017468553/?type=3", "10158249017468553"),
        (f"{SITE}/349489628480201/photos/a.394882150607615.90039.349489628480201/394882153940948/", "394882153940948"),
        (f"{SITE}/104/posts/910000000000321/", None),
        ("https://a.example/photo.php?fbid=1", None),
        (None, None),
    ],
)
def test_a_photos_id_stands_in_its_link(url: str | None, photo: str | None) -> None:
    """In one of two places; and only in Facebook's own links."""
    assert photo_in(url) == photo


def test_the_name_of_a_file_is_what_lasts_of_its_address() -> None:
    """Previews of others' pictures are named by these."""
    assert file_name("https://scontent.xx.fbcdn.net/v/t39.30808-6/47_91_1_n.jpg?oh=1&oe=2") == "47_91_1_n.jpg"
    inner = "https%3A%2F%2Fa.example%2Fb.jpg"
    assert (
        file_name(f"https://external.xx.fbcdn.net/safe_image.php?d=AQ&url={inner}&_nc_hash=1")
        == "https://a.example/b.jpg"
    )


def test_a_comments_link_names_post_comment_and_what_it_answers() -> None:
    """In the three shapes that links of comments have."""
    top, reply = f"{SITE}/104/posts/9001/?comment_id=5", f"{SITE}/104/posts/9001/?comment_id=5&reply_comment_id=6"
    assert (comment_in(top), comment_in(reply)) == (("9001", "5"), ("9001", "6"))
    assert (answered_comment(top), answered_comment(reply)) == (None, "5")
    assert comment_in(f"{SITE}/permalink.php?story_fbid=9001&id=104&comment_id=5") == ("9001", "5")
    assert comment_in(f"{SITE}/Page/videos/9002/?comment_id=7") == ("9002", "7")
    assert comment_in(f"{SITE}/104/posts/9001/") is None


@pytest.mark.parametrize(
    ("url", "own"),
    [(f"{SITE}/x", True), ("https://m.facebook.com/x", True), ("https://fb.watch/x", True),
     ("https://engineering.fb.com/x", False), ("https://notfacebook.com/", False), ("https://[x/", False)],
)  # fmt: skip
def test_facebooks_own_pages_are_told_from_others(url: str, own: bool) -> None:
    """Its blogs are sites as any other."""
    assert is_own_site(url) is own
