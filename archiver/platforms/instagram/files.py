"""The bytes of one file. Its address is signed and ends after days; then the medium is asked for a new one.

A file without an address was withheld: Instagram gives none where it found somebody else's sound or picture in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.task import NotOffered, Shortfall, Step, Task
from archiver.platforms.instagram.answers import WORDS
from archiver.platforms.instagram.flavours import FILE
from archiver.platforms.instagram.ids import PICTURE, THUMBNAIL
from archiver.platforms.instagram.listings import profile
from archiver.platforms.instagram.office import WHO, Office
from archiver.platforms.meta.errors import error_of, words_for
from archiver.platforms.meta.fields import document, text
from archiver.platforms.meta.links import ends_at
from archiver.platforms.resuming import state_of

STREAM = "media"
_FILE, _ASKED = "file", "asked"
_EXPIRED = frozenset({401, 403, 404, 410})
_SLACK = timedelta(minutes=1)
WITHHELD = (
    "Instagram gives no address of the file of some media, for the most part videos in which it found music or "
    "pictures of others. Their words and comments are captured; the file has to come from whoever made it."
)
NOT_TOLD = "The address of a file has ended, and Instagram tells no new one."


def start(office: Office, task: Task) -> Step:
    """Where it was last seen, unless that has ended."""
    known = task.cursor or {}
    address = known.get(_FILE) or task.address or _address_in(task.subject)
    if isinstance(address, str) and address and not ended(address, task.started_at):
        return _fetching(office, address, asked=bool(known.get(_ASKED)))
    return _asking(office, task)


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """After a refusal the new address; after that, whatever came."""
    state = state_of(step)
    if exchange.purpose is Purpose.MEDIA:
        again = exchange.status in _EXPIRED and not state.get(_ASKED)
        return _asking(office, task) if again else Step()
    error = error_of(exchange)
    if error is not None:
        return _short(task, f"{NOT_TOLD} {words_for(error, WORDS)}")
    answer = document(exchange)
    names = ("profile_picture_url",) if PICTURE in (task.subject or "") else ("media_url",)
    if (task.subject or "").endswith(THUMBNAIL):
        names = ("thumbnail_url",)
    address = next((url for name in names if (url := text(answer.get(name)))), None)
    if address is None:
        return Step(findings=(NotOffered("withheld files", WITHHELD),))
    return _fetching(office, address, asked=True)


def ended(address: str, now: datetime) -> bool:
    """Whether a signed address has ended, or is about to."""
    end = ends_at(address)
    return end is not None and end <= now + _SLACK


def _fetching(office: Office, address: str, *, asked: bool) -> Step:
    """The file itself; its address is the server's of nobody, so the cursor keeps all of it."""
    cursor = {WHO: office.who.saved(), _FILE: address, _ASKED: asked}
    return Step((office.desk.media(address),), cursor)


def _asking(office: Office, task: Task) -> Step:
    """Ask the medium, or the account where it is its picture. Files of messages can't be asked for again."""
    request = _question(office, task)
    return office.step([request], {_ASKED: True}) if request is not None else _short(task, NOT_TOLD)


def _question(office: Office, task: Task) -> RequestSpec | None:
    native = office.names.native(task.subject or "").removesuffix(THUMBNAIL)
    if PICTURE in native:
        return profile(office, STREAM)
    return office.desk.ask(native, FILE, stream=STREAM) if native.isascii() and native.isdigit() else None


def _address_in(subject: str | None) -> str | None:
    return subject if subject and subject.startswith(("https://", "http://")) else None


def _short(task: Task, reason: str) -> Step:
    return Step(findings=(Shortfall(STREAM, task.started_at - timedelta(seconds=1), task.started_at, reason),))
