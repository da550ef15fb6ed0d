"""What of a sighting is new: attachments that were known by nothing but their address."""

from __future__ import annotations

import pytest

from archiver.domain.comparison import compare, stored_facets
from archiver.domain.item import Attachment, Body, facets_of

PUSHED = Attachment("image", "https://cdn.example/a.jpg?sig=1")
NAMED = Attachment("image", "https://cdn.example/a.jpg?sig=2", source="photo:1")
OTHER = Attachment("image", "https://cdn.example/b.jpg", source="photo:2")
VIDEO = Attachment("video", "https://cdn.example/a.mp4", source="video:3")


def body(*attachments: Attachment, partial: bool = False) -> Body:
    """A body with these attachments."""
    return Body(text="a", attachments=attachments, partial=frozenset({"attachments"} if partial else ()))


@pytest.mark.parametrize(
    ("before", "now", "edited"),
    [
        pytest.param(body(PUSHED, partial=True), body(NAMED), False, id="gets its name"),
        pytest.param(body(PUSHED, partial=True), body(NAMED, OTHER), False, id="gets its name, and others follow"),
        pytest.param(body(PUSHED, partial=True), body(VIDEO), True, id="is another kind of thing"),
        pytest.param(body(PUSHED, partial=True), body(), True, id="is not there"),
        pytest.param(body(NAMED), body(PUSHED, partial=True), False, id="is shown without its name"),
        pytest.param(body(VIDEO), body(PUSHED, partial=True), True, id="is another kind of thing than was known"),
        pytest.param(body(PUSHED), body(NAMED), True, id="all was seen before, so this is another one"),
        pytest.param(body(NAMED, partial=True), body(OTHER), True, id="had another name"),
    ],
)
def test_an_attachment_known_by_its_address_may_have_a_name(before: Body, now: Body, edited: bool) -> None:
    """A source that says that it shows only a part may lack the name; that is no difference, in either order."""
    found = compare(stored_facets(facets_of(before), before.partial), now)
    assert found.edited is edited
    assert found.facets["attachments"] == facets_of(before if found.body.attachments is None else now)["attachments"]
