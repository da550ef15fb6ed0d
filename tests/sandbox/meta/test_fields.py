"""Field lists: read as the platform reads them, and written again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.sandbox.meta.fields import Wanted, parse, render
from archiver.sandbox.meta.problems import Problem

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
ARGUMENTS = st.dictionaries(
    NAMES.filter(lambda name: name != "as"), st.from_regex(r"[A-Za-z0-9_]{1,6}", fullmatch=True), max_size=3
)


def levels(children: st.SearchStrategy[tuple[Wanted, ...]]) -> st.SearchStrategy[tuple[Wanted, ...]]:
    """A level of a tree, of entries with different names."""
    entry = st.builds(Wanted, NAMES, ARGUMENTS, st.none() | NAMES, st.none() | children)
    return st.lists(entry, min_size=1, max_size=4, unique_by=lambda one: one.member).map(tuple)


TREES = st.recursive(levels(st.nothing()), levels, max_leaves=10)


@given(TREES)
def test_what_is_rendered_is_read_again(tree: tuple[Wanted, ...]) -> None:
    """Modifiers, aliases and children survive."""
    assert parse(render(tree)) == tree


def test_an_expansion() -> None:
    """Each part is in its place, with spaces or without."""
    (plain, edge) = parse("id, comments.limit( 5 ).order(chronological).summary(true).as(first) { id , from{name} }")
    assert plain == Wanted("id")
    assert (edge.name, edge.member) == ("comments", "first")
    assert edge.arguments == {"limit": "5", "order": "chronological", "summary": "true"}
    assert [child.name for child in edge.children or ()] == ["id", "from"]
    assert parse("") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,,name", "Expected a field name"),
        ("id,", "Expected a field name"),
        ("from{id", 'Expected "}"'),
        ("from{}", "Expected a field name"),
        ("id}", "Expected end of string"),
        ("comments.limit", 'Expected "("'),
        ("comments.limit(5", 'Expected ")"'),
        ("id,id", "specified more than once"),
        ("likes.as(a),comments.as(a)", "specified more than once"),
        ("a{" * 20 + "b" + "}" * 20, "Too many levels"),
    ],
)
def test_what_is_no_list_is_refused(text: str, words: str) -> None:
    """With code 2500 and the place in the text."""
    with pytest.raises(Problem) as caught:
        parse(text)
    assert caught.value.code == 2500
    assert words in caught.value.message
