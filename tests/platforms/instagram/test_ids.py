"""Keys and back, and which call an address is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.instagram.flavours import LISTS, Flavour, Who, told_by
from archiver.platforms.instagram.ids import Names
from archiver.platforms.instagram.routes import Call, Route, route_of
from archiver.platforms.meta.fieldlists import FieldList

IDS = st.text("0123456789", min_size=1, max_size=20)
SPACES = st.sampled_from(["", "elsewhere.example/"])


@given(IDS, SPACES)
def test_an_id_comes_back_from_its_key(native_id: str, space: str) -> None:
    """Whatever stands before it."""
    names = Names(space, "city")
    assert names.native(names.thing(native_id)) == native_id
    assert names.account_id(names.person(native_id)) == native_id
    assert names.mentioned(names.thing(native_id)) is None


@given(IDS, st.none() | IDS, SPACES)
def test_a_mention_comes_back_from_its_subject(medium: str, comment: str | None, space: str) -> None:
    """With or without a comment."""
    names = Names(space, "city")
    assert names.mentioned(names.mention(medium, comment)) == (medium, comment)


@given(st.sampled_from(Flavour), IDS, st.none() | IDS)
def test_who_the_account_is_comes_back_from_a_cursor(flavour: Flavour, user_id: str, page: str | None) -> None:
    """And nothing else does."""
    who = Who(flavour, user_id, page)
    assert Who.saved_as(who.saved()) == who


@pytest.mark.parametrize("saved", [None, 7, {}, {"flavour": "other", "id": "1"}, {"flavour": "facebook"}, []])
def test_a_cursor_of_another_release_tells_nobody(saved: object) -> None:
    """It is asked anew."""
    assert Who.saved_as(saved) is None


@pytest.mark.parametrize(("base_url", "flavour"), [
    ("https://graph.facebook.com", Flavour.FACEBOOK), ("https://graph.instagram.com/", Flavour.INSTAGRAM),
    ("https://gateway.example.gov", None), ("http://127.0.0.1:8443/graph.facebook.com", None), (None, None),
])  # fmt: skip
def test_only_metas_own_hosts_tell_the_login(base_url: str | None, flavour: Flavour | None) -> None:
    """A gateway's address may lead to either."""
    assert told_by(base_url) is flavour


BASES = ("https://graph.facebook.com/v26.0", "https://gateway.example.gov/meta/v26.0", "http://127.0.0.1:8443")
CALLS = (
    ("1784/media?fields=id,caption&limit=25&appsecret_proof=%5Bremoved%5D", Call.MEDIA, "1784"),
    ("me/stories", Call.STORIES, "me"),
    ("180/comments?fields=id,text", Call.COMMENTS, "180"),
    ("181?fields=id,text,timestamp", Call.COMMENT, "181"),
    ("180?fields=id,caption,media_type", Call.MEDIUM, "180"),
    ("1784?fields=id,username,media_count", Call.PROFILE, "1784"),
    ("1784?fields=mentioned_comment.comment_id(5){id,text}", Call.MENTIONED, "1784"),
    ("me?fields=id,name,instagram_business_account{id,username}", Call.LINKED, "me"),
    ("me/accounts?fields=id", Call.PAGES, "me"),
    ("aWdf=_-:1?fields=id,participants,messages.limit(20){id}", Call.CONVERSATION, "aWdf=_-:1"),
    ("debug_token?input_token=x", Call.OTHER, "debug_token"),
    ("?ids=1,2&fields=id", Call.MANY, ""),
)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("path", "call", "node"), CALLS)
def test_an_address_tells_its_call(base: str, path: str, call: Call, node: str) -> None:
    """By its path and fields alone, wherever the server stands and whatever else it was asked."""
    route = route_of(f"{base}/{path}")
    assert (route.call, route.node) == (call, node)


@given(st.text())
def test_any_text_is_some_call_or_none(url: str) -> None:
    """Addresses may be strangers' words."""
    assert isinstance(route_of(url), Route)


@pytest.mark.parametrize("flavour", Flavour)
def test_lists_of_fields_are_told_apart_by_their_calls(flavour: Flavour) -> None:
    """What was asked for tells what the answer is of, even when the dearest fields were left out."""
    lists = LISTS[flavour]
    kinds = {
        lists.profile: Call.PROFILE,
        lists.media: Call.MEDIUM,
        lists.comment: Call.COMMENT,
        lists.reply: Call.COMMENT,
    }
    for fields, call in kinds.items():
        shorter: FieldList | None = fields
        while shorter is not None:
            assert route_of(f"https://graph.facebook.com/v26.0/1?fields={shorter.text}").call is call
            shorter = shorter.lighter()
