"""What a perfect archive of an account on X holds now and has held, to be compared with an export.

Each ``look`` is the moment of a perfect capture. All versions of a post can be read as long as it is there, so nothing
that was edited between two looks is lost. That an answer is hidden, nothing tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archiver.sandbox.model import Person, Standing
from archiver.sandbox.truth import TrueAttachment, TrueProfile, TrueRecord, TrueVersion, Truth
from archiver.sandbox.world import CityAccount
from archiver.sandbox.x.model import Media, Wording, X, XPost
from archiver.sandbox.x.objects import referred
from archiver.sandbox.x.quirks import Quirks
from archiver.sandbox.x.reach import kind_of, nearby, reachable
from archiver.sandbox.x.wording import seen
from archiver.sandbox.x.world import XWorld


class XObserver:
    """Remembers what each perfect capture saw, by account and by whose token it had."""

    def __init__(self, x: XWorld, quirks: Quirks) -> None:
        self._x = x
        self._quirks = quirks
        self._truths: dict[tuple[str, bool], Truth] = {}
        self._posts: dict[str, XPost] = {}

    def look(self, name: str, *, authenticated: bool, full_archive: bool | None = None) -> Truth:
        """A perfect capture happened just now; what the archive holds after it.

        ``authenticated``: with the user's token; else with the application's, which alone reaches the full archive
        (unless ``full_archive`` says otherwise).
        """
        x = self._x
        with x.world.lock:
            account = x.world.accounts[name]
            truth = self._truths.setdefault((name, authenticated), _empty(account))
            person, viewer = account.person, account.person if authenticated else None
            _see_profile(truth, person)
            whole = not authenticated if full_archive is None else full_archive
            found = reachable(x, person, self._quirks, full_archive=whole, viewer=viewer)
            around = {post for post in nearby(x, person, viewer=viewer) - found if post.key not in truth.records}
            self._see_all(truth, truth.records, found, person)
            self._see_all(truth, truth.optional, around, person)
            present = {post.key for post in found}
            for key in truth.records.keys() - present:
                self._ask(truth.records[key], self._posts[key], viewer)
            return truth

    def _see_all(self, truth: Truth, records: dict[str, TrueRecord], posts: Iterable[XPost], owner: Person) -> None:
        for post in sorted(posts, key=lambda one: (one.created_at, int(one.id))):
            self._posts[post.key] = post
            if post.key not in records:
                known = truth.optional.pop(post.key, None)
                records[post.key] = known or _record(post, owner)
            _sighted(records[post.key], post)

    def _ask(self, record: TrueRecord, post: XPost, viewer: Person | None) -> None:
        """What is known but can't be found any more is asked for by its number."""
        if self._x.visible(post, viewer):
            _sighted(record, post)
        elif post.there:
            _not_shown(record)
        elif record.state != "gone":
            record.state = "gone"
            record.events.append("gone")
            suspended = post.author.standing is Standing.TAKEN_DOWN
            record.causes = frozenset({None, "author_suspended"}) if suspended else frozenset({None})


def _empty(account: CityAccount) -> Truth:
    return Truth(account.name, X, f"{X}:user/{account.person.id}", [], {})


def _see_profile(truth: Truth, person: Person) -> None:
    if not person.active:
        return
    now = person.profile
    profile = TrueProfile(now.display_name, now.description, now.avatar.sha256 if now.avatar else None)
    if not truth.profiles or truth.profiles[-1] != profile:
        truth.profiles.append(profile)


def _record(post: XPost, owner: Person) -> TrueRecord:
    return TrueRecord(
        key=post.key,
        native_id=post.id,
        kind=kind_of(post, owner),
        parent=post.parent.key if post.parent is not None else None,
        thread=post.top.key,
        quotes=post.quote.key if post.quote is not None else None,
        author_id=post.author.id,
        author_handle=post.author.handle,
        author_name=post.author.profile.display_name,
        created_at=post.created_at,
        visibility="public",
    )


def _sighted(record: TrueRecord, post: XPost) -> None:
    """It is there, with all of its versions."""
    shown = [_version(one, wording) for one, wording in _wordings(post)]
    before = record.versions[-1] if record.versions else None
    if before is None:
        record.events.append("seen")
    elif record.state == "gone":
        record.events.append("restored")
    if before is not None and before.state != "live":
        record.events.append("unhidden")
    known = {version.native for version in record.versions}
    fresh = [version for version in shown if version.native not in known]
    if before is not None and before.state != "live" and not fresh:
        record.versions.append(replace(before, state="live"))
    for version in fresh:
        if record.versions:
            record.events.append("edited")
        record.versions.append(version)
    record.state, record.causes = "live", frozenset({None})


def _not_shown(record: TrueRecord) -> None:
    """X does not show it to this reader: its author protects their posts, or has blocked the reader."""
    if record.state == "live":
        record.events.append("hidden")
        record.versions.append(replace(record.versions[-1], state="hidden"))
        record.state = "hidden"
    record.causes = frozenset({None, "author_protected"}) if record.state == "hidden" else record.causes


def _wordings(post: XPost) -> list[tuple[XPost, Wording]]:
    """The versions of a post; of a repost the one of the original that it repeats."""
    if post.shares is None:
        return [(post, version) for version in post.versions]
    return [shown for how, shown in referred(post) if how == "retweeted"]


def _version(post: XPost, version: Wording) -> TrueVersion:
    files = tuple(_file(one) for one in version.media)
    return TrueVersion(seen(post, version), "", files, "live", version.at, version.id)


def _file(media: Media) -> TrueAttachment:
    one = media.picture
    return TrueAttachment(one.kind, one.mime, one.alt, one.sha256, len(one.data), one.width, one.height)


__all__ = ["XObserver"]
