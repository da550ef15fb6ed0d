"""A page as the archive's values: who it is, and its profile as a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Cause, Form, Link, Metrics, State
from archiver.domain.observation import AccountSeen, ItemSeen, Observation
from archiver.platforms.facebook.addresses import SITE
from archiver.platforms.facebook.attachments import loose_file, photo_name
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.people import person_of
from archiver.platforms.meta.fields import count, flag, identifier, mapping, objects, text
from archiver.platforms.meta.links import links_in

Page = Mapping[str, Any]

_WORDS = ("about", "bio", "description", "general_info", "mission", "company_overview", "impressum", "public_transit")
"""What a page says of itself, in this order. ``about`` and ``bio`` are often the same."""
_LINES = (
    ("founded", "Founded"),
    ("single_line_address", "Address"),
    ("phone", "Phone"),
    ("website", "Website"),
    ("privacy_info_url", "Privacy"),
)
_ALWAYS = frozenset({"is_published"})
"""What a page's own token is always told. Where it is asked for and left out, other fields may be withheld as well."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def page_seen(
    names: Names, page: Page, pointer: str, *, probed: bool = False, asked: frozenset[str] = frozenset()
) -> Iterator[Observation]:
    """What an answer about the account's own page shows.

    ``probed``: it was only asked whether it is there. ``asked``: the fields that were asked for, empty where the call
    does not say. Facebook leaves out a field without value and one that the token may not see in the same way. So only
    an answer that holds what the page's own token is always told counts as whole; any other takes nothing away.
    """
    native_id = identifier(page.get("id"))
    if native_id is None:
        return
    handle = text(page.get("username"))
    probed = probed or page.keys() <= {"id", "name", "username", "is_published"}
    if handle or not probed:  # not every page has a name in addresses: without one a probe tells nothing of it
        yield AccountSeen(
            native_id=names.person(native_id),
            handle=handle or names.handle or native_id,
            display_name=text(page.get("name")),
        )
    if probed:
        return
    key = names.profile(native_id)
    published = flag(page.get("is_published"))
    author = person_of(names, page)
    yield ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=author,
        body=_body(page, whole=not (_ALWAYS & asked) - page.keys()),
        thread=key,
        thread_author=names.person(native_id),
        permalink=text(page.get("link")) or f"{SITE}/{handle or native_id}",
        metrics=_metrics(page),
        state=None if published is None else State.LIVE if published else State.HIDDEN,
        cause=Cause.OWNER_PRIVATE if published is False else None,
        pointer=pointer,
    )


def is_own(names: Names, page: Page) -> bool:
    """Whether it is the page that is configured, by its id or by its name."""
    known = {(text(page.get(name)) or "").lower() for name in ("id", "username")}
    return names.handle.lower() in known


def _body(page: Page, *, whole: bool) -> Body:
    """Title, text and pictures of a profile; each of its fields is a line below the text. Counts are left out.

    Not ``whole``: what is there is a beginning, and what is not there is not stated.
    """
    words: list[str] = []
    for name in _WORDS:
        said = text(page.get(name))
        if said and said not in words:
            words.append(said)
    lines = [f"{title}: {value}" for name, title in _LINES if (value := text(page.get(name)))]
    emails = page.get("emails")
    lines += [f"Email: {one}" for one in emails if isinstance(one, str)] if isinstance(emails, list) else []
    lines += _hours(page.get("hours"))
    words += ["\n".join(lines)] if lines else []
    said_all = "\n\n".join(words)
    stated = whole and bool({*_WORDS, *(name for name, _ in _LINES)} & page.keys())
    pictures = _pictures(page)
    begun = {"text": bool(said_all), "attachments": pictures is not None} if not whole else {}
    return Body(
        text=said_all if said_all or stated else None,
        title=text(page.get("name")),
        attachments=pictures,
        links=_links(page, said_all),
        labels=_labels(page),
        partial=frozenset({"links", *(name for name, shown in begun.items() if shown)}),
    )


def _hours(stated: Any) -> list[str]:
    """Opening hours: ``mon_1_open``, ``mon_1_close``, a line a day. Some versions give a list of keys and values."""
    hours = {one.get("key"): one.get("value") for _, one in objects(stated)} or mapping(stated)
    lines = []
    for day in _DAYS:
        spans = [(text(hours.get(f"{day}_{n}_open")), text(hours.get(f"{day}_{n}_close"))) for n in (1, 2)]
        open_at = ", ".join(f"{begin} to {end}" for begin, end in spans if begin and end)
        if open_at:
            lines.append(f"Hours {day}: {open_at}")
    return lines


def _links(page: Page, whole: str) -> tuple[Link, ...] | None:
    website = text(page.get("website"))
    found = {link.url: link for link in links_in(whole)}
    if website and website.startswith(("http://", "https://")):
        found.setdefault(website, Link(website))
    return tuple(found.values()) or None


def _pictures(page: Page) -> tuple[Attachment, ...] | None:
    """The profile picture, which is named by its file alone, and the cover."""
    picture, cover = mapping(mapping(page.get("picture")).get("data")), mapping(page.get("cover"))
    found: list[Attachment] = []
    if url := text(picture.get("url")):
        found.append(loose_file(url))
    if url := text(cover.get("source")):
        native_id = identifier(cover.get("cover_id")) or identifier(cover.get("id"))
        found.append(Attachment("image", url, source=photo_name(native_id)) if native_id else loose_file(url))
    return tuple(found) if "picture" in page or "cover" in page else None


def _labels(page: Page) -> tuple[str, ...]:
    marks = [f"category:{category}"] if (category := text(page.get("category"))) else []
    verified = text(page.get("verification_status"))
    marks += [f"verified:{verified}"] if verified and verified != "not_verified" else []
    marks += ["closed"] if flag(page.get("is_permanently_closed")) else []
    return tuple(marks)


def _metrics(page: Page) -> Metrics | None:
    likes = count(page.get("fan_count"))
    return None if likes is None else Metrics(likes=likes)
