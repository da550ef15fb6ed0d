"""Addresses as Facebook writes them, and what in them lasts.

Links to other sites lead through a redirect whose signature changes with every answer; files lie at signed addresses
that expire. Neither is a name of anything (facebook.md, sections 6 and 16).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

SITE = "https://www.facebook.com"

_SHIMS = frozenset({"l.facebook.com", "lm.facebook.com", "l.instagram.com"})
_OWN_SITES = frozenset({
    "facebook.com", "www.facebook.com", "m.facebook.com", "web.facebook.com", "mbasic.facebook.com", "fb.watch",
    "fb.com", "www.fb.com", "m.me", "www.messenger.com",
})  # fmt: skip
_PHOTO_PATHS = (re.compile(r"/photos/[^/]+/([0-9]{5,})"), re.compile(r"/photos/([0-9]{5,})"))


def unshimmed(url: str) -> str:
    """Where a link really leads: what the redirect's ``u`` says, else the address itself."""
    parts = _parts(url)
    if parts.hostname in _SHIMS or (parts.hostname in {"www.facebook.com", "facebook.com"} and parts.path == "/l.php"):
        return _query(parts).get("u") or url
    return url


def is_own_site(url: str) -> bool:
    """Whether it leads to Facebook itself. Such addresses are written in more than one way."""
    return _parts(url).hostname in _OWN_SITES


def absolute(url: str | None) -> str | None:
    """A permanent link; those of videos and reels come without the host."""
    try:
        return urljoin(SITE, url) if url else None
    except ValueError:  # no address at all: kept as it came
        return url


def photo_in(url: str | None) -> str | None:
    """The photo's id in the address of its page."""
    if not url:
        return None
    parts = _parts(url)
    if not is_own_site(url):
        return None
    fbid = _query(parts).get("fbid", "")
    if fbid.isdigit():
        return fbid
    return next((found.group(1) for pattern in _PHOTO_PATHS if (found := pattern.search(parts.path))), None)


def answered_comment(permalink: str | None) -> str | None:
    """The comment that a reply stands below, by the reply's permanent link."""
    query = _query(_parts(permalink)) if permalink else {}
    return query.get("comment_id") if query.get("reply_comment_id") else None


def comment_in(permalink: str | None) -> tuple[str, str] | None:
    """The post and the comment, both bare, that a comment's permanent link leads to."""
    if not permalink:
        return None
    parts = _parts(permalink)
    query = _query(parts)
    comment = query.get("reply_comment_id") or query.get("comment_id")
    named = [query.get("story_fbid", ""), query.get("fbid", ""), *reversed(parts.path.split("/"))]
    below = next((name for name in named if name.isascii() and name.isdigit()), None)
    return (below, comment) if below and comment else None


def is_of_comment(permalink: str | None) -> bool:
    """Whether a permanent link leads to a comment."""
    return permalink is not None and "comment_id" in _query(_parts(permalink))


def file_name(url: str) -> str:
    """What lasts of a file's address: its name, without the signed query.

    Previews of other sites' pictures all have one name; theirs is the address of the picture.
    """
    parts = _parts(url)
    query = _query(parts)
    inner = query.get("url") or query.get("src")
    if inner and parts.path.endswith((".php", "/")):
        return inner
    return parts.path.rstrip("/").rpartition("/")[2] or url


def _parts(url: str) -> SplitResult:
    """An address in parts; a stranger's words may be none at all."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _query(parts: SplitResult) -> dict[str, str]:
    try:
        return dict(reversed(parse_qsl(parts.query, keep_blank_values=True)))
    except ValueError:
        return {}
