"""Google Takeout of a channel: its videos with their films, and what it wrote, in any language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.item import Form
from archiver.domain.observation import ItemSeen
from archiver.takeouts.google.reader import GoogleTakeout
from archiver.takeouts.keys import is_made
from archiver.takeouts.protocol import About, Entry, NotUnderstood
from archiver.takeouts.readers import reader_for, reader_named
from tests.takeouts.google.films import film
from tests.takeouts.memory import InMemory
from tests.takeouts.recorded import recorded

READER = GoogleTakeout()
CITY, OTHER = "UCexampletonCity00000000", "UCother0000000000000000a"
ACCOUNT = Account("city", "youtube", "exampletoncity", native_id=CITY)
ROOT = "Takeout/YouTube and YouTube Music"
COMMENTS, CHATS = f"{ROOT}/comments/comments.csv", f"{ROOT}/live chats/live chats.csv"
VIDEOS, CHANNEL = f"{ROOT}/video metadata/videos.csv", f"{ROOT}/channels/channel.csv"
TOP = "UgxExampleThread000000014AaABAg"
AT, MOMENT = "2026-11-10T04:30:00.123456+00:00", datetime(2026, 11, 10, 4, 30, 0, 123_456, tzinfo=UTC)
NEW = "Channel ID,Comment Create Timestamp,Price,Comment ID,Parent Comment ID,Video ID,Comment Text\r\n"
OLD = "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text\r\n"
LONG = (
    "Ah, this is the reason why Ive never seen concurrent write failures myself, python's default timeout value is 5s, "
    "so it just waits in a busy loop if I have 'concurrent writers'"
)
TITLES = (
    "Video ID,Approx Duration (ms),Video Audio Language,Video Category,Video Description (Original) Language,Channel ID,"
    "Video Title (Original),Video Title (Original) Language,Privacy,Video State,Video Create Timestamp,"
    "Video Publish Timestamp\r\n"
)


def cell(*pieces: str) -> str:
    """A text as a cell has it: pieces, each an object, with commas between them."""
    return '"' + ",".join(f'{{""text"":""{piece}""}}' for piece in pieces) + '"'


def video(native_id: str, title: str, duration_ms: int = 60_000, privacy: str = "Public") -> str:
    """A row of the videos' table."""
    return (
        f"{native_id},{duration_ms},en,Environment,en,{CITY},{title},en,{privacy},Processed,"
        f"2026-11-10T02:10:00+00:00,2026-11-10T03:00:00+00:00\r\n"
    )


def read(files: dict[str, Any] | InMemory, account: Account = ACCOUNT) -> list[Entry | NotUnderstood]:
    """Everything that a download shows, twice in the same order."""
    download = files if isinstance(files, InMemory) else InMemory(files)
    found = list(READER.read(download, account))
    assert found == list(READER.read(download, account)), "the order must not change"
    return found


def shown(files: dict[str, Any] | InMemory, account: Account = ACCOUNT) -> list[ItemSeen]:
    """The items that a download shows."""
    return [one.shown for one in read(files, account) if isinstance(one, Entry) and isinstance(one.shown, ItemSeen)]


def test_the_recorded_download() -> None:
    """The channel, a video, an answer to a comment and a message in a chat, each at its place."""
    download = recorded("youtube-takeout/handwritten")
    assert READER.recognizes(download)
    assert READER.about(download) == About(native_id=CITY)
    assert reader_for("youtube", download).name == "Google Takeout"
    found = [one for one in read(download) if isinstance(one, Entry)]
    assert [(one.path.rpartition("/")[2], one.pointer, one.sure) for one in found] == [
        ("channel.csv", "line 2", True), ("videos.csv", "line 2", True), ("comments.csv", "line 2", True),
        ("live chats.csv", "line 2", False),
    ]  # fmt: skip
    channel, meeting, answer, message = shown(download)
    assert (channel.key, channel.form, channel.body.title) == (f"youtube:{CITY}", Form.PROFILE, "City of Exampleton")
    assert (meeting.key, meeting.body.title) == ("youtube:vidMeeting1", "Council meeting of 9 November 2026")
    assert (str(meeting.state), meeting.body.visibility, meeting.body.text) == ("live", "public", None)
    assert meeting.created_at == datetime(2026, 11, 10, 3, tzinfo=UTC)
    assert answer.key == f"youtube:{TOP}.9ExampleReply09_abcdefgh"
    assert (answer.parent, answer.thread) == (f"youtube:{TOP}", "youtube:vidMeeting1")
    assert answer.body.text == "Item 7 moved to 23 November.\nThanks for asking"
    assert (message.form, message.parent, message.body.text) == (
        Form.CHAT, "youtube:vidLiveNow1", "We are turning it up.",
    )  # fmt: skip
    assert is_made(message.key)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "comment_new.csv",
            [
                ("youtube:UgytHqobEtqoKm_-pYB4AaABAg", "youtube:rWVAzS6duAs", "2023-04-14T07:39:35.956042+00:00",
                 "> I am about to get buried in the concrete\nthe most normal  Veritasium video!"),
                ("youtube:UgiNMzGz_nAsjXfCoAEC", "youtube:ZuvK-oe647c", "2016-01-29T18:26:53.255000+00:00",
                 "Great illustration of Bell inequality!"),
            ],
        ),
        (
            "comment_old.csv",
            [
                ("youtube:UgxtiXQkY7gqHbldJ1F4AaABAg", "youtube:WtOskFeLmr4", "2023-09-19T17:42:53.434647+00:00",
                 "coalowl the legend"),
                ("youtube:UgwDN8UeMxW4NDFbvY54AaABAg.9iwJkUYNcXa9u0lv3j3Abh", "youtube:UgwDN8UeMxW4NDFbvY54AaABAg",
                 "2023-08-30T01:54:46.801024+00:00",
                 LONG),
            ],
        ),
        (
            "live_chat.csv",
            [("", "youtube:0vGCh85obuI", "2018-09-02T05:16:35.510381+00:00", '"think the right thing" jeez')],
        ),
    ],
)  # fmt: skip
def test_recorded_tables(table: str, expected: list[tuple[str, str, str, str]]) -> None:
    """Real rows of both generations of comments, and of a chat, whose table has no titles."""
    files = recorded("youtube-takeout/google_takeout_parser")
    with files.open(table) as stream:
        found = shown({f"Takeout/{table}": stream.read()})
    told = [
        ("" if is_made(one.key) else one.key, one.parent, one.created_at.isoformat() if one.created_at else "",
         one.body.text)
        for one in found
    ]  # fmt: skip
    assert told == expected


def test_tables_are_known_by_their_values_in_any_language() -> None:
    """Neither titles nor names of files tell; the order of columns may be another."""
    german = (
        "Kanal-ID,Zeitstempel,Preis,Kommentar-ID,ID des übergeordneten Kommentars,Video-ID,Kommentartext\r\n"
        f"{CITY},{AT},0,{TOP},,vidMeeting1,{cell('Guten Tag')}\r\n"
    )
    turned = f"Text,Video,Kommentar,Zeit,Kanal,Preis,Neu\r\n{cell('Hallo')},vidMeeting1,{TOP},{AT},{CITY},0,\r\n"
    for table in (german, turned):
        (seen,) = shown({"Takeout/YouTube und YouTube Music/Kommentare/Kommentare.csv": table})
        assert (seen.key, seen.created_at, seen.parent) == (f"youtube:{TOP}", MOMENT, "youtube:vidMeeting1")
        assert seen.author is not None
        assert seen.author.native_id == CITY


def test_a_video_s_table_in_another_language_has_its_title() -> None:
    """And no privacy, the words for which nobody knows; an eleven-letter word is no video."""
    head = (
        "Environment,Video-ID,Dauer (ms),Kanal-ID,Videotitel (Original),Titelsprache,Datenschutz,Status,Erstellt,"
        "Veröffentlicht\r\n"
    )
    row = f"Environment,vidMeeting1,60000,{CITY},Ratssitzung,de,Öffentlich,Ok,{AT},{AT}\r\n"
    (seen,) = shown({"Takeout/Video-Metadaten/Videos.csv": head + row})
    assert (seen.key, seen.body.title, seen.state) == ("youtube:vidMeeting1", "Ratssitzung", None)


@pytest.mark.parametrize(
    ("privacy", "state", "visibility"),
    [("Public", "live", "public"), ("Unlisted", "live", "unlisted"), ("Private", "hidden", None), ("?", "None", None)],
)
def test_who_may_see_a_video(privacy: str, state: str, visibility: str | None) -> None:
    """As the table says."""
    (seen,) = shown({VIDEOS: TITLES + video("vidMeeting1", "Meeting", privacy=privacy)})
    assert (str(seen.state), seen.body.visibility) == (state, visibility)


def test_a_film_belongs_to_the_video_of_its_title() -> None:
    """As its file, under the name that the video's own record has for it."""
    files = {
        VIDEOS: TITLES + video("vidMeeting1", '"Budget: 2026/27, part 1"') + video("vidParks002", "Parks"),
        f"{ROOT}/videos/Budget_ 2026_27, part 1.mp4": b"film",
        f"{ROOT}/videos/Other.mp4": b"film",
    }
    found = read(files)
    entries = [one for one in found if isinstance(one, Entry)]
    assert [one.files for one in entries] == [
        (("youtube:vidMeeting1/film", f"{ROOT}/videos/Budget_ 2026_27, part 1.mp4"),), (),
    ]  # fmt: skip
    for one in entries:
        assert isinstance(one.shown, ItemSeen)
        assert [each.identity for each in one.shown.body.attachments or ()] == [f"{one.shown.key}/film"]
    assert [one.path for one in found if isinstance(one, NotUnderstood)] == [f"{ROOT}/videos/Other.mp4"]


def test_films_of_the_same_title_are_told_apart_by_their_length() -> None:
    """Where the length says nothing, or the same of two, they stay in the download."""
    files = {
        VIDEOS: TITLES + video("vidMeeting1", "Council meeting", 7_985_000)
        + video("vidMeeting2", "Council meeting", 3_600_000) + video("vidMeeting3", "Council meeting", 100_000)
        + video("vidMeeting4", "Council meeting", 100_500),
        f"{ROOT}/videos/Council meeting.mp4": film(3600.4),
        f"{ROOT}/videos/Council meeting(1).mp4": film(7985.2, wide=True, late=True),
        f"{ROOT}/videos/Council meeting(2).mp4": film(100.2),
        f"{ROOT}/videos/Council meeting(3).mp4": b"no film",
    }  # fmt: skip
    found = read(files)
    assert [one.files and one.files[0][1].rpartition("/")[2] for one in found if isinstance(one, Entry)] == [
        "Council meeting(1).mp4", "Council meeting.mp4", (), (),
    ]  # fmt: skip
    assert [one.path.rpartition("/")[2] for one in found if isinstance(one, NotUnderstood)] == [
        "Council meeting(2).mp4", "Council meeting(3).mp4",
    ]  # fmt: skip


def test_a_table_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    """And where it broke off, is told; of a channel whose first tables are broken the others tell whose it is."""
    good = f"{CITY},{AT},0,{TOP},,vidMeeting1,{cell('ok')}\r\n"
    rows = "".join(good.replace("UgxE", f"Ug{number:x}E") for number in range(20, 26))
    found = read({COMMENTS: NEW + rows + '"' + "x" * 200_000, VIDEOS: TITLES + video("vidMeeting1", "Meeting")})
    assert [one.path for one in found] == [VIDEOS, *[COMMENTS] * 7]
    assert isinstance(found[-1], NotUnderstood)
    assert found[-1].why.startswith("line 8: ")


def test_a_long_title_is_cut_in_the_file_s_name() -> None:
    """The beginning is enough where it is long."""
    title = "Council meeting of the ninth of November 2026 with public comment"
    files = {VIDEOS: TITLES + video("vidMeeting1", title), f"{ROOT}/videos/{title[:47]}.mp4": b"film"}
    assert [bool(one.files) for one in read(files) if isinstance(one, Entry)] == [True]
    short = {VIDEOS: TITLES + video("vidMeeting1", title), f"{ROOT}/videos/Council.mp4": b"film"}
    assert [bool(one.files) for one in read(short) if isinstance(one, Entry)] == [False]


def test_posts_of_the_community_tab_are_in_no_api() -> None:
    """A post has an id of its own; a comment below it names the post in place of a video."""
    posts = f"Post ID,Channel ID,Post Create Timestamp,Post Text\r\nUgkxPost0000000001,{CITY},{AT},{cell('Vote!')}\r\n"
    below = NEW.replace("Video ID", "Video ID,Post ID") + f"{CITY},{AT},0,{TOP},,,UgkxPost0000000001,{cell('Done')}\r\n"
    comment, post = shown({f"{ROOT}/posts/posts.csv": posts, COMMENTS: below})
    assert (post.key, post.parent, post.thread, post.body.text) == (
        "youtube:UgkxPost0000000001", None, "youtube:UgkxPost0000000001", "Vote!",
    )  # fmt: skip
    assert (comment.key, comment.parent, comment.thread) == (f"youtube:{TOP}", post.key, post.key)
    assert (comment.permalink, post.permalink) == (None, "https://www.youtube.com/post/UgkxPost0000000001")


def test_a_message_has_the_same_key_in_every_download() -> None:
    """Made of what it is: its id is not the one that the API gives."""
    head = "Live Chat ID,Channel ID,Live Chat Create Timestamp,Price,Video ID,Live Chat Text\r\n"
    one = head + f"LC1,{CITY},{AT},0,vidLiveNow1,{cell('Sound?')}\r\n"
    other = head + f"LC0,{CITY},{AT},0,vidLiveNow1,{cell('Hi')}\r\nLC9,{CITY},{AT},0,vidLiveNow1,{cell('Sound?')}\r\n"
    (first,), (_, again) = shown({CHATS: one}), shown({CHATS: other})
    assert first.key == again.key
    assert is_made(first.key)


@pytest.mark.parametrize(
    ("sentence", "row", "why"),
    [
        ("a broken text", f'{CITY},{AT},0,{TOP},,vidMeeting1,"{{""text"":"', "a text is no JSON"),
        ("no id", f"{CITY},{AT},0,,,vidMeeting1,{cell('x')}", "a comment without an id"),
        ("no place", f"{CITY},{AT},0,{TOP},,,{cell('x')}", "a comment that does not say where it stands"),
    ],
)
def test_a_row_that_can_t_be_read_is_told(sentence: str, row: str, why: str) -> None:
    """The others are read all the same."""
    good = f"{CITY},{AT},0,UgyGood00000000014AaABAg,,vidMeeting1,{cell('ok')}\r\n"
    found = read({COMMENTS: NEW + good + row + "\r\n" + good.replace("Ugy", "Ugz")})
    told = [one for one in found if isinstance(one, NotUnderstood)]
    assert [(one.path, one.pointer) for one in told] == [(COMMENTS, "line 3")], sentence
    assert told[0].why.startswith(why)
    assert len([one for one in found if isinstance(one, Entry)]) == 2


def test_a_comment_without_words_is_a_comment() -> None:
    """Its picture is not in the download; a plain text is taken as it is."""
    good = f"{CITY},{AT},0,{TOP},,vidMeeting1,{cell('ok')}\r\n"
    empty = f"{CITY},{AT},0,UgyB0000000000014AaABAg,,vidMeeting1,\r\n"
    plain = f"{CITY},{AT},0,UgyC0000000000014AaABAg,,vidMeeting1,just words\r\n"
    assert [one.body.text for one in shown({COMMENTS: NEW + good + empty + plain})] == ["ok", "", "just words"]


@pytest.mark.parametrize(
    ("sentence", "before", "after"),
    [
        ("as it comes", b"", b"\r\n"),
        ("without an end of line", b"", b""),
        ("with a byte order mark", b"\xef\xbb\xbf", b"\r\n"),
        ("with empty lines behind", b"", b"\r\n\r\n\r\n"),
    ],
)
def test_a_table_may_begin_and_end_as_it_likes(sentence: str, before: bytes, after: bytes) -> None:
    """Programs on the way add and cut."""
    row = f"{CITY},{AT},0,{TOP},,vidMeeting1,{cell('Guten Tag, schön')}"
    for head in (NEW, ""):
        (seen,) = shown({COMMENTS: before + (head + row).encode() + after})
        assert (seen.key, seen.body.text) == (f"youtube:{TOP}", "Guten Tag, schön"), sentence


def test_tables_of_other_things_are_named() -> None:
    """Subscriptions name channels, too, and history is not the channel's own word."""
    files = {
        COMMENTS: OLD + f"{TOP},{CITY},{AT},0,,vidMeeting1,{cell('ok')}\r\n",
        f"{ROOT}/subscriptions/subscriptions.csv": "Channel Id,Channel Url,Channel Title\r\n"
        f"{OTHER},http://www.youtube.com/channel/{OTHER},Other\r\n",
        f"{ROOT}/playlists/playlists.csv": "Playlist ID,Playlist Title (Original)\r\nPLmeetings,Meetings\r\n",
        f"{ROOT}/history/watch-history.json": [],
        f"{ROOT}/empty.csv": "",
        CHATS: "Live Chat ID,Channel ID,Live Chat Create Timestamp,Price,Video ID,Live Chat Text\r\n",
        f"{ROOT}/broken.csv": '"' + "x" * 200_000,
    }
    assert READER.about(InMemory(files)) == About(native_id=CITY)
    found = read(files)
    assert [one.path.rpartition("/")[2] for one in found if isinstance(one, NotUnderstood)] == [
        "broken.csv", "playlists.csv", "subscriptions.csv",
    ]  # fmt: skip
    assert len(found) == 4


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"data/tweets.js": "window.YTD.tweets.part0 = []"},
        {"a.csv": b"\xff\xfe\x00" * 100},
        {"a.csv": '"' + "x" * 200_000},
        {f"{ROOT}/subscriptions.csv": f"Channel Id,Channel Url,Channel Title\r\n{OTHER},http://x.example,Other\r\n"},
    ],
)
def test_other_downloads_are_not_taken_for_one(files: dict[str, Any]) -> None:
    """Nothing raises, whatever stands in them."""
    assert not READER.recognizes(InMemory(files))
    assert READER.about(InMemory(files)) == About()


def test_rebuilds_find_the_reader_by_its_name() -> None:
    """It never changes."""
    found = reader_named("Google Takeout")
    assert found is not None
    assert found.platform == "youtube"


def test_a_second_server_keeps_its_keys_apart() -> None:
    """Ids of people, too."""
    row = f"{CITY},{AT},0,{TOP},,vidMeeting1,{cell('ok')}\r\n"
    (seen,) = shown({COMMENTS: NEW + row}, Account("city", "youtube", "x", key_space="s/"))
    assert (seen.key, seen.parent) == (f"youtube:s/{TOP}", "youtube:s/vidMeeting1")
    assert seen.author is not None
    assert seen.author.native_id == f"s/{CITY}"
