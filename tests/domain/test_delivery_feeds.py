"""Whom a pushed feed is about."""

from __future__ import annotations

import pytest

from archiver.domain.delivery import Address, address

CHANNEL = "UCexampletonCity00000000"
NEW = f"""<?xml version="1.0"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
<entry><id>yt:video:vidMeeting1</id><yt:videoId>vidMeeting1</yt:videoId><yt:channelId>{CHANNEL}</yt:channelId></entry></feed>"""
GONE = f"""<feed xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns="http://www.w3.org/2005/Atom">
<at:deleted-entry ref="yt:video:vidMeeting1" when="2026-11-20T16:04:11+00:00"><at:by><name>City</name>
<uri>https://www.youtube.com/channel/{CHANNEL}</uri></at:by></at:deleted-entry></feed>"""
BOMB = '<!DOCTYPE f [<!ENTITY a "UC">]><feed><a>&a;</a></feed>'


@pytest.mark.parametrize("body", [NEW, GONE])
def test_a_feed_names_its_channel(body: str) -> None:
    """In its entries, or as whoever took one away."""
    found = address(body.encode())
    assert found == Address("youtube", {CHANNEL: None})
    assert found.one == CHANNEL
    assert found.concerns("youtube", CHANNEL)
    assert not found.concerns("facebook", CHANNEL)


@pytest.mark.parametrize(
    "body", [b"<", b"<feed>", b"\xff<feed/>", b"<feed/>", BOMB.encode(), b'<?xml encoding="x"?><a/>']
)
def test_what_names_nobody(body: bytes) -> None:
    """Whatever it is, it is kept and read for nobody; nothing raises."""
    assert address(body).sent_at == {}
