"""JSON from outside, as a value that can be stored, hashed and put into an address.

JSON can spell half of a surrogate pair (RFC 8259, section 8.2): a text that was cut in the middle of an emoji does. No
UTF-8 can hold that half, so rows have U+FFFD in its place (design 5.4); the WARC has the answer as it came.
"""

from __future__ import annotations

import json
import re
from typing import Any


def parse_json(content: bytes | str) -> Any:
    """The document, each broken surrogate replaced by U+FFFD; raises ValueError or RecursionError where it is none."""
    text = content if isinstance(content, str) else content.decode(json.detect_encoding(content), "surrogatepass")
    value = json.loads(text)
    return _mended(value) if _SUSPECT.search(text) else value


def without_surrogates(text: str) -> str:
    """The text with each broken surrogate replaced by U+FFFD."""
    return _BROKEN.sub("\ufffd", text)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {without_surrogates(name): _mended(one) for name, one in value.items()}
    return value


_BROKEN = re.compile("[\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")  # whole pairs too: to look at each value is fast enough
