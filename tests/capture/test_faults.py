"""No error of the libraries below is left without a word of ours."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from archiver.capture.faults import FAILURE, FOREIGN, LENGTH, OVERTIME, TRUNCATED, of_foreign

WORDS = {"dns", "connect", "tls", "timeout", "disconnect", "refused", "protocol"}
TRUNCATION_WORDS = {"length", "time", "disconnect", "unspecified"}
BUGS = {httpcore.ConnectionNotAvailable}  # never leaves the pool


def _errors() -> list[type[Exception]]:
    found = [value for value in vars(httpcore).values() if isinstance(value, type) and issubclass(value, Exception)]
    return [one for one in found if one not in BUGS]


@pytest.mark.parametrize("error", _errors(), ids=lambda error: error.__name__)
def test_every_error_of_httpcore_has_a_word(error: type[Exception]) -> None:
    """Each of httpcore's errors is one that an exchange may end with, and has a word that adapters know."""
    assert issubclass(error, FOREIGN)
    fault = of_foreign(error("why"))
    assert fault.word in WORDS
    assert fault.detail == "why"


def test_errors_of_httpx() -> None:
    """Over our transport httpx raises hardly any error of its own; a wrong URL is one."""
    assert of_foreign(httpx.InvalidURL("why")).word == "refused"
    assert of_foreign(httpcore.ReadError()).detail == "ReadError"


def test_the_words_are_known_ones() -> None:
    """Truncation and failure speak the words of WARC and of exchanges."""
    assert set(TRUNCATED.values()) <= TRUNCATION_WORDS
    assert set(FAILURE) == {LENGTH, OVERTIME}
    assert set(FAILURE.values()) <= WORDS
