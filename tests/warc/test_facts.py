"""The names of the metadata fields, and the page that explains them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.warc import facts as fact
from archiver.warc.event import Redaction
from tests.warc.captures import event

NAMES = {value for name, value in vars(fact).items() if name.isupper() and isinstance(value, str)}


def test_every_field_is_explained(root: Path) -> None:
    """The reference page names each field that we may write."""
    page = (root / "docs/reference/warc-files.md").read_text(encoding="utf-8")
    assert [name for name in sorted(NAMES) if f"`{name}`" not in page] == []


def test_what_an_event_tells() -> None:
    """Purpose, time, what was removed and replaced; the caller's word goes first."""
    one = event(
        redactions=(
            Redaction("request-header Authorization", 1),
            Redaction("response-header set-cookie", 2),
            Redaction("url", 1),
            Redaction("response-body", 3, "sha256:00"),
        )
    )
    assert fact.complete(one, {fact.FETCH_TIME_MS: "99", fact.RATE_LIMIT: ["A: 1", "B: 2"]}, account="mayor") == {
        "purpose": ["api"],
        "fetchTimeMs": ["99"],
        "removed-header": ["authorization", "set-cookie"],
        "redacted": ["url; count=1", "response-body; count=3; received=sha256:00"],
        "account": ["mayor"],
        "rate-limit": ["A: 1", "B: 2"],
    }


def test_a_failed_event_tells_why() -> None:
    """The failure, its detail, and the method that no request record holds."""
    told = fact.of_event(event(None, failure="tls", failure_detail="expired", method="POST"))
    assert (told["failure"], told["failure-detail"], told["method"]) == (["tls"], ["expired"], ["POST"])
    assert fact.of_event(event(None))["failure"] == ["disconnect"]


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "a\r\n"])
def test_impossible_names(name: str) -> None:
    """A field's name is a token."""
    with pytest.raises(ValueError, match="can't be the name of a field"):
        fact.to_block({name: "x"})


def test_lines_that_are_no_fields_are_passed_over() -> None:
    """Somebody else's metadata does no harm."""
    assert fact.from_block(b'a: 1\r\nhello\r\n: x\r\nb: "no end\r\nc: "1" 2\r\n\xff: y\r\n')["b"] == ['"no end']
