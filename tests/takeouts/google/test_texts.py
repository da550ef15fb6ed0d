"""Texts as Takeout writes them, of both generations."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.takeouts.google.texts import words_of
from archiver.takeouts.streams import Unreadable

CITY = "UCexampletonCity00000000"


@pytest.mark.parametrize(
    ("sentence", "value", "text", "links", "mentions"),
    [
        ("one object", '{"text":"a"}', "a", [], ()),
        ("several, which is no JSON", '{"text":"a"},{"text":"\\n"},{"text":"b"}', "a\nb", [], ()),
        ("a list of them", '[{"text":"a"},{"text":"b"}]', "ab", [], ()),
        ("until June 2024", '{"takeoutSegments":[{"text":"a "},{"text":"b"}]}', "a b", [], ()),
        (
            "an address in a piece of its own",
            '{"text":"see "},{"text":"x.example/…","link":{"linkUrl":"https://x.example/long"}}',
            "see x.example/…",
            ["https://x.example/long"],
            (),
        ),
        ("an address as a text", '{"text":"x","link":"https://x.example"}', "x", ["https://x.example"], ()),
        ("an address in the words", '{"text":"https://x.example."}', "https://x.example.", ["https://x.example"], ()),
        ("no address", '{"text":"x","link":{"linkUrl":"javascript:1"}}', "x", [], ()),
        (
            "a channel that is named",
            '{"text":"@city","mention":{"externalChannelId":"' + CITY + '"}}',
            "@city",
            [],
            (CITY,),
        ),
        ("a piece of another kind", '{"novel":1},{"text":"a"},{"text":7}', "a", [], ()),
        ("no object at all", "just words", "just words", [], ()),
        ("nothing", "", "", [], ()),
    ],
)
def test_the_words(sentence: str, value: str, text: str, links: list[str], mentions: tuple[str, ...]) -> None:
    """Joined as they stand; what a piece leads to is kept."""
    found = words_of(value)
    assert (found.text, [link.url for link in found.links], found.mentions) == (text, links, mentions), sentence


@pytest.mark.parametrize("value", ['{"text":', '{"text":"a"},', '{"text":"a"}}', '[{"text":"a"}'])
def test_a_broken_text_is_told(value: str) -> None:
    """It is no text of somebody who wrote so."""
    with pytest.raises(Unreadable):
        words_of(value)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.booleans())
def test_words_come_out_as_they_were_written(pieces: list[str], old: bool) -> None:
    """In both forms."""
    written = [{"text": piece} for piece in pieces]
    value = json.dumps({"takeoutSegments": written}) if old else ",".join(json.dumps(piece) for piece in written)
    assert words_of(value).text == "".join(pieces)
