"""Subtitles: tracks as files of their video."""

from __future__ import annotations

from typing import Any

from archiver.domain.comparison import compare
from archiver.domain.item import canonical, facets_of
from tests.platforms.youtube.answers import VIDEO, items, sightings, video

LIST = f"captions?part=snippet&videoId={VIDEO}"
TAKEN = {"thumbnails": {"maxres": {"url": f"https://i.ytimg.com/vi/{VIDEO}/maxresdefault.jpg", "width": 1280}}}


def track(native_id: str, **snippet: Any) -> dict[str, Any]:
    """A track's resource."""
    told = {
        "videoId": VIDEO, "lastUpdated": "2026-11-12T09:00:00.000000Z", "trackKind": "standard", "language": "en",
        "name": "", "isDraft": False, "status": "serving", **snippet,
    }  # fmt: skip
    return {"kind": "youtube#caption", "id": native_id, "snippet": told}


def test_tracks_are_files_beside_the_picture() -> None:
    """Their state is in their name; what they are, in words."""
    (seen,) = sightings(LIST, items(track("one", trackKind="ASR"), track("two", name="Corrected", language="es")))
    assert [(one.kind, one.identity, one.alt_text) for one in seen.body.attachments or ()] == [
        ("video", f"youtube:{VIDEO}/film", None),
        ("image", f"youtube:{VIDEO}/thumbnail", None),
        ("captions", f"youtube:{VIDEO}/captions/one/2026-11-12T09:00:00.000000Z", "en (asr)"),
        ("captions", f"youtube:{VIDEO}/captions/two/2026-11-12T09:00:00.000000Z", "es, Corrected (standard)"),
    ]
    assert seen.body.text is None


def test_what_has_no_file_or_is_not_published_is_none() -> None:
    """Drafts, and tracks that are being made or failed."""
    told = items(track("a", isDraft=True), track("b", status="syncing"), track("c", status="failed"), {"id": "d"})
    (seen,) = sightings(LIST, told)
    assert [one.kind for one in seen.body.attachments or ()] == ["video", "image"]


def test_first_sight_of_subtitles_is_detail_and_a_changed_track_is_an_edit() -> None:
    """The video's own look-up, which never lists subtitles, takes none of them away."""
    look_up = f"videos?part=snippet&id={VIDEO}"
    (shown,) = sightings(look_up, items(video(snippet=TAKEN)))
    (listed,) = sightings(LIST, items(track("one")))
    stored = canonical({**facets_of(shown.body), "partial": ["attachments"]})
    first = compare(stored, listed.body)
    assert (first.edited, first.more) == (False, True)
    again = compare(first.text, shown.body)
    assert (again.edited, again.more) == (False, False)
    assert again.text == first.text
    (changed,) = sightings(LIST, items(track("one", lastUpdated="2026-11-20T09:00:00Z")))
    assert compare(first.text, changed.body).edited
    (removed,) = sightings(LIST, items())
    assert compare(first.text, removed.body).edited


def test_some_tracks_are_not_all() -> None:
    """Asked for by id, the others are still there."""
    (seen,) = sightings(LIST + "&id=one", items(track("one")))
    assert seen.body.partial == {"attachments"}


def test_without_a_video_there_is_no_record() -> None:
    """The address does not tell whose tracks they are."""
    assert sightings("captions?part=snippet", items(track("one"))) == []
