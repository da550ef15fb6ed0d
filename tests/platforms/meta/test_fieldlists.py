"""Lists of fields in the expansion syntax, without what was refused, and lighter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.observation import FactSeen
from archiver.platforms.meta.fieldlists import Field, FieldList, closest, parse, refusals, refused
from tests.platforms.meta.answers import answer, error

POST = FieldList.of(
    "post",
    """id, message, from{id,name}, attachments{description, media{image}, subattachments},
    comments.filter(stream).summary(true).limit(0), reactions.summary(total_count).limit(0)""",
)
PHOTO = FieldList.of("photo", "id,images,name,from{id,name}")


def test_a_list_is_sent_without_blanks() -> None:
    """As the platform takes it."""
    assert PHOTO.text == "id,images,name,from{id,name}"
    assert POST.text.endswith("comments.filter(stream).summary(true).limit(0),reactions.summary(total_count).limit(0)")


_NAMES = st.text("abc_", min_size=1, max_size=4)
_FIELDS = st.recursive(
    st.builds(Field, _NAMES, st.sampled_from(["", ".limit(5)", ".order(chronological).summary(true)", ".as(love)"])),
    lambda below: st.builds(
        Field, _NAMES, st.sampled_from(["", ".limit(1)"]), st.lists(below, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


@given(st.lists(_FIELDS, min_size=1, max_size=5).map(tuple))
def test_what_is_written_is_read(fields: tuple[Field, ...]) -> None:
    """Writing and reading the syntax are each other's inverse."""
    assert parse(FieldList("any", fields).text) == fields


@given(st.text("ab,{}().", max_size=30))
def test_no_text_is_too_strange(text: str) -> None:
    """Addresses of old exchanges are read, whatever is in them; a name at the top can always be left out."""
    fields = FieldList("any", parse(text))
    for name in {field.name for field in fields.fields}:
        assert name not in {field.name for field in fields.without(name).fields}


@pytest.mark.parametrize(
    ("sentence", "names", "gone", "kept"),
    [
        ("a field at the top", ["message"], "message", "description"),
        ("one further down", ["description"], "description", "media"),
        ("an edge with its edits", ["reactions"], "reactions", "comments"),
        ("one that isn't there", ["nothing"], "nothing", "message"),
        ("all below something: that goes, too", ["image"], "media", "subattachments"),
    ],
)
def test_a_list_without_a_field(sentence: str, names: list[str], gone: str, kept: str) -> None:
    """At the top where it is there, else wherever it is."""
    text = POST.without(*names).text
    assert gone not in text, sentence
    assert kept in text, sentence


def test_a_field_of_two_places_goes_from_the_top_first() -> None:
    """The next error tells whether the other was meant."""
    both = FieldList.of("both", "id,description,attachments{description,title}")
    assert both.without("description").text == "id,attachments{description,title}"
    assert both.without("description").without("description").text == "id,attachments{title}"


def test_lists_become_lighter_from_the_end() -> None:
    """Expansions go, dearest first, but never who wrote it."""
    lists, one = [], POST
    while (lighter := one.lighter()) is not None:
        lists.append(lighter.text.rpartition("},")[2])
        one = lighter
    assert len(lists) == 3
    assert one.text == "id,message,from{id,name}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,images,name,from{id,name}", "photo"),
        ("id,message,from{id,name}", "post"),
        ("id,images", "photo"),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_list_is_recognised_by_its_fields(text: str, expected: str | None) -> None:
    """Also when some of them are gone."""
    found = closest([POST, PHOTO], text)
    assert (found.name if found else None) == expected


def test_a_refused_field_is_a_fact_for_this_version_only() -> None:
    """What the answer says is what later calls know; the next version is asked again."""
    url = f"https://graph.facebook.com/v26.0/104/photos?fields={PHOTO.text}&limit=100"
    said = error(100, None, "(#100) Tried accessing nonexisting field (images) on node type (Photo)")
    facts = list(refusals(answer(said, 400, url=url), [POST, PHOTO], "v26.0"))
    assert [type(one) for one in facts] == [FactSeen]
    known = {one.name: one.value for one in facts} | {"pds": "https://pds.example"}
    assert refused(known, "v26.0") == {("photo", "images")}
    assert refused(known, "v27.0") == frozenset()


@pytest.mark.parametrize("said", [error(100, 33), error(100, None, "nonexisting field"), {"data": []}, error(190, 463)])
def test_other_errors_refuse_no_field(said: object) -> None:
    """Nothing is dropped for good by a passing or unclear error."""
    url = f"https://graph.facebook.com/v26.0/104/photos?fields={PHOTO.text}"
    assert list(refusals(answer(said, 400, url=url), [PHOTO], "v26.0")) == []
