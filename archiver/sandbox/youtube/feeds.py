"""The Atom feed of a channel or playlist (no key, no quota), and what the hub pushes (youtube.md section 10)."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked
from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.model import Video
from archiver.sandbox.youtube.wire import offset
from archiver.sandbox.youtube.world import YouTubeWorld

ATOM = "text/xml; charset=UTF-8"
PUSHED = "application/atom+xml"
NEWEST = 15
SITE = "https://www.youtube.com"
_SPACES = (
    'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns="http://www.w3.org/2005/Atom"'
)


def feed(youtube: YouTubeWorld, asked: Asked, base: str) -> Answer:
    """The newest public videos; 404 for what is not there."""
    channel_id, playlist_id = asked.one("channel_id"), asked.one("playlist_id")
    channel = youtube.channel(channel_id or "")
    playlist = youtube.playlists.get(playlist_id or "")
    if channel is not None and channel.active:
        return _atom(channel, seen.uploads(youtube, channel, None), f"channel:{channel.id.removeprefix('UC')}", base)
    if playlist is not None and seen.playlist_there(playlist, None):
        videos = [entry.video for entry in playlist.entries if seen.video_there(entry.video, None)]
        return _atom(playlist.channel, videos, f"playlist:{playlist.id}", base)
    return Answer(404, b"<html><title>Error 404 (Not Found)!!1</title></html>", "text/html", cacheable=False)


def _atom(channel: Person, videos: list[Video], native: str, base: str) -> Answer:
    # In the feed's own head the channel's id is without its UC, as it is today.
    short = channel.id.removeprefix("UC")
    entries = "".join(_entry(video, base) for video in videos[:NEWEST])
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed {_SPACES}>
 <link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id={channel.id}"/>
 <id>yt:{native}</id>
 <yt:channelId>{short}</yt:channelId>
 <title>{escape(channel.profile.display_name)}</title>
 <link rel="alternate" href="{SITE}/channel/{channel.id}"/>
 {_author(channel)}
 <published>{_time(channel.joined_at)}</published>
{entries}</feed>
"""
    return Answer(200, body.encode("utf-8", "replace"), ATOM, cacheable=False, gzip=True)


def _entry(video: Video, base: str) -> str:
    told = video.latest
    title, picture = escape(told.title), quoteattr(f"{base}/vi/{video.id}/hqdefault.jpg")
    return f""" <entry>
  <id>yt:video:{video.id}</id>
  <yt:videoId>{video.id}</yt:videoId>
  <yt:channelId>{video.channel.id}</yt:channelId>
  <title>{title}</title>
  <link rel="alternate" href="{SITE}/watch?v={video.id}"/>
  {_author(video.channel)}
  <published>{_time(video.published_at)}</published>
  <updated>{_time(max(told.at, video.published_at))}</updated>
  <media:group>
   <media:title>{title}</media:title>
   <media:content url="{SITE}/v/{video.id}?version=3" type="application/x-shockwave-flash" width="640" height="390"/>
   <media:thumbnail url={picture} width="480" height="360"/>
   <media:description>{escape(told.description)}</media:description>
   <media:community>
    <media:starRating count="{video.likes or 0}" average="5.00" min="1" max="5"/>
    <media:statistics views="{video.views}"/>
   </media:community>
  </media:group>
 </entry>
"""


def _author(channel: Person) -> str:
    name = escape(channel.profile.display_name)
    return f"<author><name>{name}</name><uri>{SITE}/channel/{channel.id}</uri></author>"


def _time(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


# --- what is pushed


def pushed(video: Video, topic: str, at: datetime) -> bytes:
    """A new video, or one with another title or description."""
    updated = offset(at).replace("+00:00", "000+00:00")
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">\
<link rel="hub" href="https://pubsubhubbub.appspot.com"/><link rel="self" href={quoteattr(topic)}/>\
<title>YouTube video feed</title><updated>{updated}</updated><entry>
  <id>yt:video:{video.id}</id>
  <yt:videoId>{video.id}</yt:videoId>
  <yt:channelId>{video.channel.id}</yt:channelId>
  <title>{escape(video.latest.title)}</title>
  <link rel="alternate" href="{SITE}/watch?v={video.id}"/>
  {_author(video.channel)}
  <published>{_time(video.published_at)}</published>
  <updated>{updated}</updated>
 </entry></feed>
""".encode("utf-8", "replace")


def tombstone(video: Video, at: datetime) -> bytes:
    """A video was deleted or made private: which of them is not told."""
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns="http://www.w3.org/2005/Atom">\
<at:deleted-entry ref="yt:video:{video.id}" when="{offset(at)}">
  <link href="{SITE}/watch?v={video.id}"/>
  <at:by><name>{escape(video.channel.profile.display_name)}</name><uri>{SITE}/channel/{video.channel.id}</uri></at:by>
 </at:deleted-entry></feed>
""".encode("utf-8", "replace")
