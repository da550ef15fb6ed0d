"""From the bytes of an exchange to what may be stored of it.

Bytes pass through as they come, to memory or disk, with secrets masked on the way, so that no secret is on disk even
for a moment. Two kinds of answer are held back in memory until they are whole: a login's, whose tokens are known only
after it was read, and one with a content coding, beneath which a secret can only be seen after decoding
(docs/decisions/0011-secrets-in-answers.md).
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from archiver.capture.framing import AnswerHead, Framing, Part, Piece
from archiver.capture.heads import NO_NAMES, clean_form, clean_head
from archiver.capture.masking import Masker
from archiver.capture.media import Cut
from archiver.capture.sieve import Sieve
from archiver.warc.event import Block, BlockWriter, Redaction
from archiver.warc.http import CONTENT_LIMIT_BYTES, Head, Malformed, TooLarge, decoded

Learn = Callable[[AnswerHead, bytes], Iterable[str] | None]
"""The secrets that an answer brings, from its head and its content; None when it can't be told which they are."""
Scan = Callable[[bytes], Iterable[str]]
"""The secrets that stand in an answer although they were not asked for, from its content."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What may be stored of an exchange, and what it was without its secrets taken out.

    ``location`` is a redirect's ``Location`` as stored and as it truly was, the latter in memory only. ``cut`` is set
    when the body had to be left out.
    ``coded_secret``: a secret was found beneath a content coding; ask this server for none from now on.
    """

    request: bytes
    response: Block | None
    payload_sha256: str | None
    redactions: tuple[Redaction, ...]
    head: AnswerHead | None = field(repr=False, default=None)
    location: tuple[str, str] | None = field(repr=False, default=None)
    cut: Cut | None = None
    coded_secret: bool = False
    surplus_bytes: int = 0


class Recording:
    """Takes the bytes of one exchange. ``masker`` knows the account's secrets.

    ``look_inside``: whether the body could show them, because the request carried one. ``learn`` makes it a login: the
    answer is held, the secrets in it are learnt and masked in it as well. ``scan`` finds secrets in what is JSON and
    was no login. ``private`` names the request's parameters whose values are secret.
    """

    def __init__(
        self,
        method: str,
        writer: BlockWriter,
        masker: Masker,
        *,
        look_inside: bool,
        learn: Learn | None = None,
        scan: Scan | None = None,
        private: frozenset[str] = NO_NAMES,
    ) -> None:
        self._writer = writer
        self._masker = masker
        self._look_inside = (look_inside and bool(masker)) or learn is not None
        self._learn = learn
        self._scan = scan if self._look_inside else None
        self._private = private
        self._framing = Framing(method)
        self._sieve = Sieve(masker)
        self._request = bytearray()
        self._held: list[Piece] | None = [] if learn is not None else None
        self._payload_hash = hashlib.sha256()
        self._received_hash = hashlib.sha256()
        self._taken: Counter[str] = Counter()
        self._cut: Cut | None = None
        self._coded_secret = False
        self._location: tuple[str, str] | None = None
        self.received_bytes = 0
        self.surplus_bytes = 0

    @property
    def head(self) -> AnswerHead | None:
        """The final response's head, once it is whole."""
        return self._framing.head

    @property
    def holding(self) -> bool:
        """Whether the answer is held in memory until it is whole."""
        return self._held is not None

    @property
    def ended(self) -> bool:
        """Whether the answer came to the end that it announced."""
        return self._framing.ended

    def sent(self, data: bytes) -> None:
        """Bytes that go out."""
        self._request += data

    def received(self, data: bytes) -> None:
        """Bytes that came in; raises StorageFull."""
        self.received_bytes += len(data)
        for piece in self._framing.feed(data):
            self._take(piece)

    def finish(self) -> Recorded:
        """What may be stored. Nothing can be added after that."""
        for piece in self._framing.rest():
            self._take(piece)
        if self._held is not None:
            self._settle(self._held)
        for piece in self._sieve.flush():
            self._store(piece)
        request = self._clean_request()
        return Recorded(
            request=request,
            response=self._writer.finish() if self._writer.size else None,
            payload_sha256=self._payload_hash.hexdigest() if self.head else None,
            redactions=self._redactions(),
            head=self.head,
            location=self._location,
            cut=self._cut,
            coded_secret=self._coded_secret,
            surplus_bytes=self.surplus_bytes,
        )

    def discard(self) -> None:
        """Forget it all."""
        self._writer.discard()

    def _take(self, piece: Piece) -> None:
        part, data = piece
        if part is Part.SURPLUS:
            self.surplus_bytes += len(data)
            return
        if part is Part.PAYLOAD and self._look_inside:
            self._received_hash.update(data)
        if part is Part.HEAD and self._look_inside and self.head is not None and self._to_be_held(self.head):
            self._held = [] if self._held is None else self._held
        if self._held is not None:
            self._held.append(piece)
        else:
            self._pass(piece)

    def _to_be_held(self, head: AnswerHead) -> bool:
        """Whether what the body hides is seen only when it is whole."""
        return bool(_codings(head)) or (self._scan is not None and _is_json(head))

    def _pass(self, piece: Piece) -> None:
        """Clean one piece and store what is safe by now."""
        part, data = piece
        if part in {Part.HEAD, Part.INTERIM}:
            cleaned, taken = clean_head(data, "response", self._masker, self._private)
            self._taken += taken
            self._location = _location(data, cleaned)
            self._store((part, cleaned))
        elif self._look_inside:
            for safe in self._sieve.push(piece):
                self._store(safe)
        else:
            self._store(piece)

    def _store(self, piece: Piece) -> None:
        part, data = piece
        if part is Part.PAYLOAD:
            self._payload_hash.update(data)
        self._writer.write(data)

    # ---- answers that were held

    def _settle(self, pieces: list[Piece]) -> None:
        """Look into a held answer, and pass on what may be stored of it."""
        payload = b"".join(data for part, data in pieces if part is Part.PAYLOAD)
        left: bytes | None = payload
        if self._learn is not None and self.head is not None and not self._learnt(self._learn, payload, self.head):
            left = None
        if left is not None and self._scan is not None and self.head is not None and _is_json(self.head):
            self._know(self._scan(_content(payload, self.head)))
        if left is not None and self.head is not None and _codings(self.head):
            left = self._uncoded_masked(payload, self.head)
        for piece in pieces if left is payload else _replaced(pieces, left):
            self._pass(piece)

    def _learnt(self, learn: Learn, payload: bytes, head: AnswerHead) -> bool:
        """Learn the secrets that an answer brings; False when its body has to be left out, because it hides which."""
        new = learn(head, _content(payload, head))
        if new is None:
            self._taken["response-body"] += 1
            self._cut = Cut("unspecified", "The answer to a login was not readable and was left out.")
            return False
        self._know(new)
        return True

    def _know(self, new: Iterable[str]) -> None:
        """Mask these, too, in what is still held."""
        if not self._masker.secrets.issuperset(new := set(new)):
            self._masker = Masker({*self._masker.secrets, *new})
            self._sieve = Sieve(self._masker)

    def _uncoded_masked(self, payload: bytes, head: AnswerHead) -> bytes | None:
        """The coded payload if no secret is beneath the coding; else one of the same length without them, or None."""
        try:
            content = bytearray(_content(payload, head, strict=True))
        except TooLarge:
            self._cut = Cut("length", "The answer unfolds to more than can be looked through for credentials.")
            return None
        count = self._masker.mask(content)
        if not count:
            return payload
        self._coded_secret = True
        self._taken["response-body"] += count
        rewritten = recompressed(bytes(content), len(payload)) if _codings(head) in (["gzip"], ["x-gzip"]) else None
        if rewritten is None or not self._framing.ended:
            self._cut = Cut("unspecified", "The body held a credential beneath its compression and was left out.")
            return None
        return rewritten

    # ---- what was taken out

    def _clean_request(self) -> bytes:
        head, blank, body = bytes(self._request).partition(b"\r\n\r\n")
        cleaned, taken = clean_head(head + blank, "request", self._masker, self._private)
        form, fields = clean_form(body, self._private)
        masked = bytearray(form)
        taken["request-body"] += fields + self._masker.mask(masked)
        self._taken += taken
        return cleaned + bytes(masked)

    def _redactions(self) -> tuple[Redaction, ...]:
        self._taken["response-body"] += self._sieve.count
        received = f"sha256:{self._received_hash.hexdigest()}"
        return tuple(
            Redaction(place, count, received if place == "response-body" else None)
            for place, count in sorted((+self._taken).items())
        )


def recompressed(content: bytes, length: int) -> bytes | None:
    """A gzip member of exactly that length that unfolds to ``content``; None when it can't be made that small.

    What is left over is filled with the comment that a gzip header may have (RFC 1952, section 2.3.1).
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    body = deflate.compress(content) + deflate.flush()
    trailer = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    spare = length - (10 + len(body) + len(trailer))
    if spare < 0:
        return None
    flags, comment = (b"\x10", b"x" * (spare - 1) + b"\x00") if spare else (b"\x00", b"")
    return b"\x1f\x8b\x08" + flags + bytes(4) + b"\x02\xff" + comment + body + trailer


def _location(head: bytes, cleaned: bytes) -> tuple[str, str] | None:
    """Where an answer redirects to, as stored and as it came."""
    stored, true = AnswerHead.of(cleaned).value("location"), AnswerHead.of(head).value("location")
    return (stored, true) if stored is not None and true is not None else None


def _codings(head: AnswerHead) -> list[str]:
    return [word for word in head.words("content-encoding") if word != "identity"]


def _is_json(head: AnswerHead) -> bool:
    """Whether an answer says that it is JSON; Meta's older ones called it a script."""
    kind = (head.value("content-type") or "").partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json", "/javascript"))


def _content(payload: bytes, head: AnswerHead, *, strict: bool = False) -> bytes:
    """The payload without its content coding, as far as it can be decoded; raises TooLarge only if ``strict``."""
    fields = tuple((name, value) for name, value in head.fields if name == "content-encoding")
    content = bytearray()
    try:
        for part in decoded(
            [payload], Head(head.status, "", fields, 0), limit=CONTENT_LIMIT_BYTES, whole=lambda: False
        ):
            content += part
    except TooLarge:
        if strict:
            raise
    except Malformed:
        pass  # what was decoded up to there is what anybody can read of it
    return bytes(content)


def _replaced(pieces: list[Piece], payload: bytes | None) -> list[Piece]:
    """The pieces with another payload of the same length; None: without payload and its framing."""
    if payload is None:
        return [piece for piece in pieces if piece[0] in {Part.INTERIM, Part.HEAD}]
    return list(_spread(pieces, payload))


def _spread(pieces: list[Piece], payload: bytes) -> Iterator[Piece]:
    at = 0
    for part, data in pieces:
        if part is Part.PAYLOAD:
            yield part, payload[at : at + len(data)]
            at += len(data)
        else:
            yield part, data
