"""Text of Meta's downloads becomes what its author wrote, whichever way the platform spelled it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.takeouts.repair import repaired, repaired_deeply

CASES = {
    "a dash that was taken apart": ("Leaf \u00e2\u0080\u0093 zones", "Leaf – zones"),
    "a picture of a leaf": ("map \u00f0\u009f\u008d\u0081", "map 🍁"),
    "French that was taken apart": ("\u00c3\u0080 quelle heure ?", "À quelle heure ?"),
    "French that is right already": ("À quelle heure ?", "À quelle heure ?"),
    "German that is right already": ("Müll für Größe", "Müll für Größe"),
    "a dash that is right already": ("Leaf – zones", "Leaf – zones"),
    "plain ASCII": ("Snow", "Snow"),
    "nothing": ("", ""),
    "a broken half of a character": ("\u00f0\u009f", "\u00f0\u009f"),
    "right and wrong in one string": ("– \u00e2\u0080\u0093", "– \u00e2\u0080\u0093"),
}


@pytest.mark.parametrize(("found", "meant"), CASES.values(), ids=CASES)
def test_each_string_is_repaired_by_itself(found: str, meant: str) -> None:
    """A string is repaired where all of it is broken, and stays as it is anywhere else."""
    assert repaired(found) == meant


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_a_download_breaks_is_repaired(text: str) -> None:
    """Whatever a person wrote comes back out of the platform's spelling of it."""
    assert repaired(text.encode().decode("latin-1")) == text


def test_all_strings_of_a_document_are_repaired() -> None:
    """Names of reactions and of members are repaired where they stand, and numbers are left alone."""
    found = {"r\u00c3\u00a9action": [{"reaction": "\u00f0\u009f\u0091\u008d", "n": 1, "no": None}]}
    assert repaired_deeply(found) == {"réaction": [{"reaction": "👍", "n": 1, "no": None}]}
