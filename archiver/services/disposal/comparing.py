"""Whether the archive without some records is in all else the archive that it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from archiver.domain.expungement import Marks
from archiver.store.compare import Difference, Values, differences
from archiver.store.disposing import Orphans
from archiver.store.engine import Store

_PLACE = frozenset({"warc_file", "warc_offset", "warc_length", "payload_digest", "block_digest"})
_WANTED = frozenset({"wanted_at", "url"})
_SEEN = frozenset({"observed_at", "exchange"})
Reason = Callable[[Difference, "Leaving"], bool]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is meant to go: records by key, media, and captures by id."""

    records: Collection[str]
    media: Orphans
    exchanges: Collection[str]


def unexpected(store: Store, second: Store, leaving: Leaving, marks: Marks | None = None) -> Iterator[Difference]:
    """The differences between the store and what was read out of the new WARC files that nothing explains.

    When somebody was first seen, and under which name, is told by what stays; where captures lie may change. ``marks``
    stand where something was named that a court had expunged.
    """
    found = (one for one in differences(store, second) if not _explained(one, leaving))
    return found if marks is None else _but_for_names(list(found), leaving, marks)


def _but_for_names(found: list[Difference], leaving: Leaving, marks: Marks) -> Iterator[Difference]:
    """Those that are none when the names in the first store's rows give way to the marks."""
    new = {(one.table, one.key): one for one in found if one.ours is None}
    for one in found:
        if one.ours is None:
            continue
        ours, key = marks.value(one.ours), marks.value(one.key)
        if one.theirs is not None:
            yield from _left(one, ours, one.theirs, leaving)
        elif key != one.key and (other := new.pop((one.table, key), None)) is not None and other.theirs is not None:
            yield from _left(replace(one, key=key, theirs=other.theirs), ours, other.theirs, leaving)
        else:
            yield one
    yield from (one for one in new.values() if not _explained(one, leaving))


def _left(one: Difference, ours: Values, theirs: Values, leaving: Leaving) -> Iterator[Difference]:
    """What still differs of a row whose names are marks now; its digest may, as its words, and who began its thread."""
    unlike = [place for place in range(len(ours)) if ours[place] != theirs[place]]
    told = one.ours is not None and ours != one.ours
    with_it = {"digest", "names"} | ({"thread_author"} if "thread" in one.columns else set())
    unlike = [place for place in unlike if not (told and one.columns[place] in with_it)]
    if not unlike:
        return
    assert one.ours is not None
    rest = Difference(
        one.table, one.key, tuple(one.columns[place] for place in unlike), tuple(ours[place] for place in unlike),
        tuple(theirs[place] for place in unlike),
    )  # fmt: skip
    if not _explained(rest, leaving):
        yield rest


def _explained(one: Difference, leaving: Leaving) -> bool:
    explains = _REASONS.get(one.table)
    return explains is not None and explains(one, leaving)


def _is_of_a_record(one: Difference, leaving: Leaving) -> bool:
    return one.key[0] in leaving.records


def _is_a_capture(one: Difference, leaving: Leaving) -> bool:
    return one.key[0] in leaving.exchanges if one.theirs is None else _only(one, _PLACE)


def _is_a_source(one: Difference, leaving: Leaving) -> bool:
    return (one.key[0], one.key[1]) in leaving.media.shown or _only(one, _PLACE | _WANTED)


def _is_a_content(one: Difference, leaving: Leaving) -> bool:
    return one.theirs is None and one.key[0] in leaving.media.contents


def _names_a_record(place: int) -> Reason:
    return lambda one, leaving: one.theirs is None and one.key[place] in leaving.records


def _is_another_name(one: Difference, leaving: Leaving) -> bool:
    return any(row[0] in leaving.records for row in (one.ours, one.theirs) if row is not None)


def _is_of_a_capture(one: Difference, leaving: Leaving) -> bool:
    return one.theirs is None and one.ours is not None and one.ours[-1] in leaving.exchanges


def _is_a_list(one: Difference, _leaving: Leaving) -> bool:
    """A list on which only what goes stood is not there any more, or not changed since; its members are compared."""
    return one.theirs is None or _only(one, _SEEN)


def _always(_one: Difference, _leaving: Leaving) -> bool:
    return True


def _only(one: Difference, columns: frozenset[str]) -> bool:
    return one.ours is not None and one.theirs is not None and columns.issuperset(one.columns)


_REASONS: dict[str, Reason] = {
    **dict.fromkeys(("records", "versions", "events", "attachments", "links", "polls", "metrics"), _is_of_a_record),
    **dict.fromkeys(("people", "person_versions", "residue", "download_files"), _always),
    "aliases": _is_another_name,
    "exchanges": _is_a_capture,
    "media_sources": _is_a_source,
    "media": _is_a_content,
    "gates": _is_a_list,
    "gate_members": _names_a_record(2),
    "download_entries": _names_a_record(3),
    "validators": _is_of_a_capture,
}
