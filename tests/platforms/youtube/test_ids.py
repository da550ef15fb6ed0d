"""Names and ids: by their form, and in keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.platforms.youtube import ids
from archiver.platforms.youtube.ids import CaptionTrack, Names
from tests.platforms.youtube.recorded import ACCOUNT, CITY, NAMES

NATIVE = st.text("ABab01_-", min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("native_id", "kind"),
    [
        ("UC_x5XG1OV2P6uZZ5FSM9Ttw", "channel"),
        ("UU_x5XG1OV2P6uZZ5FSM9Ttw", "playlist"),
        ("PLOU2XLYxmsIJXsH2htG1g0NUjHGq62Q7i", "playlist"),
        ("PL123456789012345A", "playlist"),
        ("D-lhorsDlUQ", "video"),
        ("PLabcdefghi", "video"),
        ("Ugw5zYU6n9pmIgAZWvN4AaABAg", "comment"),
        ("Ugw5zYU6n9pmIgAZWvN4AaABAg.91zT3cYb5B291za6voUoRh", "comment"),
        ("z12ztxlghnmgjlvx004ch5oz1vyedlxbvi4", "comment"),
        ("LCC.EhwKGkNPZnVxTlNYMl9ZQ0ZiUUtmUW9kMEV4YW1w", "message"),
        ("UgwShort11a", "video"),
        ("UgkxPost0000000001", "post"),
        ("", "message"),
    ],
)
def test_an_id_tells_by_its_form_what_it_is_of(native_id: str, kind: str) -> None:
    """Of a video, comment, playlist or channel exactly one; messages of a chat look like none of them."""
    forms = {
        "channel": ids.is_channel,
        "video": ids.is_video,
        "comment": ids.is_comment,
        "playlist": ids.is_playlist,
    }
    assert [name for name, fits in forms.items() if fits(native_id)] == ([kind] if kind in forms else [])


@given(st.sampled_from(["", "second/"]), NATIVE)
def test_a_key_leads_back_to_its_id(space: str, native_id: str) -> None:
    """With and without a second server; people too."""
    names = Names(space, "city")
    assert names.native(names.thing(native_id)) == native_id
    assert names.account_id(names.person(native_id)) == native_id


@given(st.sampled_from(["", "second/"]), NATIVE, NATIVE, st.sampled_from(["", "2026-11-10T05:12:00.123456Z"]))
def test_the_name_of_a_caption_track_leads_back_to_it(space: str, video: str, track: str, updated: str) -> None:
    """A media task asks by this name."""
    names, one = Names(space, "city"), CaptionTrack(video, track, updated)
    assert names.track(names.captions(one)) == one
    assert names.track(names.thumbnail(video)) is None
    assert names.track(names.film(video)) is None


@pytest.mark.parametrize(
    ("handle", "name", "channel"),
    [("@exampletoncity", "exampletoncity", None), ("exampletoncity ", "exampletoncity", None), (CITY, CITY, CITY)],
)
def test_the_configuration_may_name_the_channel_by_handle_or_id(handle: str, name: str, channel: str | None) -> None:
    """The handle with or without ``@``."""
    names = Names.of(replace(ACCOUNT, handle=handle))
    assert (names.handle, names.channel_id) == (name, channel)


def test_an_answer_to_a_comment_names_it() -> None:
    """By what stands before the dot."""
    assert ids.top_comment_of("Ugx.9ab") == "Ugx"
    assert ids.top_comment_of("Ugx") is None
    assert ids.top_comment_of(".9ab") is None


def test_a_channel_s_uploads_have_its_own_number() -> None:
    """``UC`` becomes ``UU``."""
    assert ids.uploads_of(CITY) == "UUexampletonCity00000000"
    assert ids.uploads_of("somebody") is None


def test_a_person_of_whom_only_the_name_is_told() -> None:
    """Is not taken for an id."""
    assert NAMES.nameless("@rowan") == NAMES.nameless("rowan") == "@rowan"
    assert Names.of(Account("city", "youtube", "x", key_space="s/")).nameless("rowan") == "s/@rowan"
