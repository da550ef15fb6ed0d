"""State law lives in data: every profile is whole, and no state stands in the code (records rule R103)."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from archiver.config import profile as profiles
from archiver.domain.profile import Profile
from archiver.errors import ConfigError

STATES = re.findall(
    r"\w+",
    """Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Hawaii Idaho Illinois
Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana
Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington Wisconsin Wyoming""",
)
"""Names of one word that name nothing else (Georgia is a typeface); others are found by how statutes are cited."""

CODES = ("Minn", "Stat", "RCW", "WAC", "TAC", "OAR", "FOIA")
"""How statutes and codes are cited."""

GOOD = """
title   = "State"
version = "1"
law     = "Its law"
[[classes]]
name = "open"
label = "Open"
data = "all"
public = true
subject = true
staff = true
citation = "Law 1"
[[classes]]
name = "closed"
label = "Closed"
data = "all"
public = false
subject = false
staff = true
citation = "Law 2"
[[special]]
name = "number"
label = "A number"
citation = "Law 3"
class = "closed"
hints = ['\\d+']
[[recurring]]
name = "look"
label = "A look"
citation = "Law 5"
years = 1
[disposal]
archival_body = "State Archives"
appraisal_before_disposal = false
clock_starts_on_removal = false
destruction_list = "Law 4"
"""

FAULTS = {
    "a class without a citation": ('citation = "Law 2"\n', "", "classes.1.citation: Field required"),
    "an empty citation": ('citation = "Law 3"', 'citation = ""', "special.0.citation: String should have"),
    "watched data without a citation": ('citation = "Law 3"\n', "", "special.0.citation: Field required"),
    "a recurring duty without a citation": ('citation = "Law 5"\n', "", "recurring.0.citation: Field required"),
    "an unknown key": ("[disposal]", "[disposal]\nfee = 1", "disposal.fee: Extra inputs"),
    "a class that is not there": ('class = "closed"', 'class = "secret"', "not there, or public: secret"),
    "watched data that is public": ('class = "closed"', 'class = "open"', "not there, or public: open"),
    "two public classes": ("public = false", "public = true", "the first class, and no other, is public"),
    "a name used twice": ('name = "closed"', 'name = "open"', "a name is used twice"),
    "a hint that is no pattern": (r"'\d+'", "'('", "'(' is not a pattern"),
    "a hint that finds nothing everywhere": (r"'\d+'", r"'\d*'", "finds what is not there"),
    "no TOML": ("[disposal]", "[disposal", "This is not TOML"),
}


@pytest.mark.parametrize(("old", "new", "sentence"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_profile_is_refused(old: str, new: str, sentence: str) -> None:
    """A profile in which a citation is missing (R17), or that contradicts itself, does not load."""
    assert profiles.parse_profile("xx", GOOD).class_names == ("open", "closed")
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        profiles.parse_profile("xx", GOOD.replace(old, new))


def test_one_profile_is_the_default() -> None:
    """Where the configuration names no state, exactly one of the files says that it holds."""
    assert profiles.default_name() in profiles.names()
    assert len(profiles.names()) >= 2


def test_a_profile_that_is_not_there() -> None:
    """An unknown name is a sentence with the known ones."""
    with pytest.raises(ConfigError, match="known: " + ", ".join(profiles.names())):
        profiles.load_profile("../secrets")


def test_a_profile_stands_on_its_own(profile: Profile) -> None:
    """Every profile has a public class first, laws for all that it says, and hints that find what they are for."""
    assert profile.public.public
    assert not any(one.public for one in profile.classes[1:])
    assert profile.rule_set == f"{profile.id} {profile.version}"
    assert all(one.citation for one in profile.classes)
    assert all(one.citation for one in profile.special)
    assert {one.class_ for one in profile.special} <= {None, *profile.class_names[1:]}
    assert profile.class_of("no such class") is None
    assert profile.special_of(profile.special[0].name) is profile.special[0]


HINTED = {
    "a social security number": ("mine is 123-45-6789.", "123-45-6789"),
    "one without dashes": ("SSN: 123456789", "123456789"),
    "a number that can't be one": ("order 000-45-6789", None),
    "a child's age": ("I'm 14 and nobody asked", "14"),
    "a distance": ("I'm 15 minutes away", None),
    "a telephone number": ("Call (612) 555-0123!", "(612) 555-0123"),
    "an address of mail": ("write to a.b+c@example.org.", "a.b+c@example.org"),
    "a code": ("the door code is 4711", "4711"),
    "nothing": ("The budget is 123,456,789 dollars, see page 12-34.", None),
}


@pytest.mark.parametrize(("words", "found"), HINTED.values(), ids=HINTED)
def test_hints(profile: Profile, words: str, found: str | None) -> None:
    """What every state watches for is hinted at, to the character; what only looks like it is not."""
    spans = {words[start:end] for one in profile.special for start, end in one.spans(words)}
    assert spans == ({found} if found else set())


def test_no_hint_runs_away(profile: Profile) -> None:
    """A stranger's text can't make a pattern take its time: the longest kind of record is read at once."""
    hostile = ("my neighbor " * 700, "a." * 5000 + "@", "555-" * 2500, "1" * 10_000, "I'm " * 2500, "@a" * 5000)
    for words in hostile:
        assert all(len(list(one.spans(words))) < 5000 for one in profile.special)


def test_no_state_in_the_code(root: Path) -> None:
    """No state's name, no statute and no way to cite one stands in a module (R103); made-up cities lie somewhere."""
    texts = [(files("archiver") / "profiles" / f"{name}.toml").read_text() for name in profiles.names()]
    statutes = {number for text in texts for number in re.findall(r"\b\d+[A-Z]?\.\d{2,}(?:\.\d{3})?\b", text)}
    postal = {name.rpartition("-")[2].upper() for name in profiles.names()}
    words = [*STATES, *CODES, *postal, *profiles.names(), *statutes]
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, words))})(?![\w-])")
    found = [
        f"{path.relative_to(root)}: {hit.group()}"
        for path in sorted((root / "archiver").rglob("*.py"))
        if "sandbox" not in path.parts
        for hit in pattern.finditer(path.read_text())
    ]
    assert not found
