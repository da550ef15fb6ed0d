"""How text becomes words: the same when indexed and when asked for."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.fulltext import (
    FIELD_BREAK,
    INDEX_LIMIT,
    TERM_LIMIT,
    TOKEN_LIMIT,
    Term,
    document,
    fold,
    index_text,
    query_terms,
)

INDEXED = [
    ("nothing", "", ""),
    ("punctuation alone", "?! …", ""),
    ("words", "Hello, World!", "hello world"),
    ("a number with a comma", "$1,250.00", "1 250 00"),
    ("accents", "Peña Łódź ß İstanbul", "pena lodz ss istanbul"),
    ("a hashtag, as a word in its place and as such at the end", "a #Snow b", "a snow b #snow"),
    ("a hashtag with an underscore", "#main_st now", "main st now #main_st"),
    ("an emoji between words without spaces", "go👍go", "go 👍 go"),
    ("an emoji with skin, form and joiner", "👩🏽‍🚒 ❤️", "👩 🚒 ❤"),
    ("flags", "🇺🇸🇲🇽", "🇺🇸 🇲🇽"),
    ("Han letters by pairs, the last alone", "東京都", "東京 京都 都"),
    ("one Han letter", "都", "都"),
    ("Han beside Latin", "iPhone用です", "iphone 用で です す"),
    ("Korean", "서울시", "서울 울시 시"),
    ("half-width katakana is katakana", "ｶﾞｽ", "ガス ス"),
    ("Thai", "สวัส", "สว วั ัส ส"),
    ("Hindi keeps its vowel signs", "की का", "की का"),
    ("Arabic without its vowel signs", "مَدِينَة", "مدينة"),
    ("an underscore parts words", "snow_day", "snow day"),
]  # fmt: skip

ASKED = [
    ("nothing", "  ", []),
    ("punctuation alone", "?! \"\" ''", []),
    ("words are terms of their own", "snow main", [Term(("snow",)), Term(("main",))]),
    ("a word twice is one term", "snow SNOW", [Term(("snow",))]),
    ("a phrase", '"main street" snow', [Term(("main", "street")), Term(("snow",))]),
    ("a phrase that is never closed", '"main street', [Term(("main",)), Term(("street",))]),
    ("what punctuation joins is a phrase", "city.gov", [Term(("city", "gov"))]),
    ("a beginning", "snow*", [Term(("snow",), prefix=True)]),
    ("a beginning of a phrase", "o'bri*", [Term(("o", "bri"), prefix=True)]),
    ("a star in quotes is punctuation", '"snow*"', [Term(("snow",))]),
    ("a star alone", "*", []),
    ("a hashtag", "#Snow", [Term(("#snow",))]),
    ("a beginning of a hashtag", "#sno*", [Term(("#sno",), prefix=True)]),
    ("a hashtag in a phrase counts beside its word", '"big #snow"', [Term(("#snow",)), Term(("big", "snow"))]),
    ("Han letters are left open at the end", "東京都", [Term(("東京", "京都"))]),
    ("one Han letter is a beginning", "都", [Term(("都",), prefix=True)]),
    ("Han in front of Latin is closed", "東京a", [Term(("東京", "京", "a"))]),
    ("operators are words", "a OR b NEAR", [Term(("a",)), Term(("or",)), Term(("b",)), Term(("near",))]),
    ("an emoji", "👍🏽", [Term(("👍",))]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tokens"), [case[1:] for case in INDEXED], ids=[case[0] for case in INDEXED])
def test_index_text(text: str, tokens: str) -> None:
    """The tokens of a text."""
    assert index_text(text) == tokens


@pytest.mark.parametrize(("typed", "terms"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_query_terms(typed: str, terms: list[Term]) -> None:
    """The terms of what was typed."""
    assert query_terms(typed) == terms


def test_fields_are_kept_apart() -> None:
    """Empty fields leave no trace; names come last, as they are."""
    assert document(["a b", "", "c"], "jane doe") == f"a b {FIELD_BREAK} c {FIELD_BREAK} jane doe"
    assert document([]) == ""


def test_limits() -> None:
    """Very long texts, words and queries are cut, each at its limit."""
    assert len(document(["word " * INDEX_LIMIT])) in {INDEX_LIMIT, INDEX_LIMIT - 1}
    assert index_text("x" * (TOKEN_LIMIT + 9)) == "x" * TOKEN_LIMIT
    assert query_terms("x" * (TOKEN_LIMIT + 9)) == [Term(("x" * TOKEN_LIMIT,))]
    assert len(query_terms(" ".join(f"w{number}" for number in range(TERM_LIMIT + 9)))) == TERM_LIMIT


TEXTS = st.text(
    st.one_of(
        st.sampled_from(" #@'\"*_-.,!?\u200d\ufe0f👍🏽🇺🇸aB1éñßŁ東京都です서울สวัดकी\u0301\x00"),
        st.characters(exclude_categories=()),
    )
)


def found(term: Term, tokens: list[str]) -> bool:
    """Whether the term's tokens stand together in the indexed ones."""
    *front, last = term.tokens
    for start in range(len(tokens) - len(front)):
        end = tokens[start + len(front)]
        if tokens[start : start + len(front)] == front and (end == last or (term.prefix and end.startswith(last))):
            return True
    return False


@given(TEXTS)
def test_tokens_are_safe(text: str) -> None:
    """Tokens hold nothing that parts them or that a database's query language knows."""
    for token in index_text(text).split(" "):
        assert not set(token) & set(" \"'\\*:&|!()<>\x00\n\t")
        assert token.startswith("#") or not set(token) & set("_-")
        assert len(token) <= TOKEN_LIMIT + 1
    assert not index_text(text).startswith(" ")
    assert "  " not in index_text(text)


@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    """Folded text is folded."""
    assert fold(fold(text)) == fold(text)


@settings(max_examples=400)
@given(TEXTS, st.data())
def test_a_text_is_found_by_any_of_its_words(text: str, data: st.DataObject) -> None:
    """Whatever stands between spaces, in whatever case and form, finds the text that it was copied from."""
    tokens = index_text(text).split(" ")
    words = text.replace('"', " ").replace("*", " ").split()
    if words:
        word = data.draw(st.sampled_from(words))
        form = data.draw(
            st.sampled_from(
                [word, word.upper(), unicodedata.normalize("NFD", word), unicodedata.normalize("NFC", word)]
            )
        )
        assert all(found(term, tokens) for term in query_terms(form)), (word, form, query_terms(form), tokens)


@given(st.text("東京都天気です", min_size=1), st.data())
def test_any_part_of_a_run_is_found(run: str, data: st.DataObject) -> None:
    """In a script without spaces any piece of a sentence finds it."""
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    tokens = index_text(f"a {run} b").split(" ")
    assert all(found(term, tokens) for term in query_terms(run[start:end]))
