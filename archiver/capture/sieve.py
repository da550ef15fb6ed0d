"""Masking a payload that comes in pieces with framing between them: nothing but the secret's own bytes changes."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.capture.framing import Part, Piece
from archiver.capture.masking import Masker

_AT_ONCE_BYTES = 64 * 1024


class Sieve:
    """Holds back as much payload as a secret may be long, so that one cut in two is found. ``count`` were masked."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._pieces: list[Piece] = []
        self._payload_bytes = 0
        self.count = 0

    def push(self, piece: Piece) -> Iterator[Piece]:
        """Take one piece; give those that are safe by now, in order."""
        self._pieces.append(piece)
        if piece[0] is Part.PAYLOAD:
            self._payload_bytes += len(piece[1])
        if self._payload_bytes >= self._masker.reach + _AT_ONCE_BYTES:
            yield from self._work(keep=self._masker.reach)

    def flush(self) -> Iterator[Piece]:
        """Give all that is left."""
        yield from self._work(keep=0)

    def _work(self, keep: int) -> Iterator[Piece]:
        payload = bytearray(b"".join(data for part, data in self._pieces if part is Part.PAYLOAD))
        self.count += self._masker.mask(payload)
        at, cut = 0, len(payload) - keep
        held: list[Piece] = []
        for part, data in self._pieces:
            if part is not Part.PAYLOAD:
                if at > cut or held:
                    held.append((part, data))
                else:
                    masked = bytearray(data)
                    self.count += self._masker.mask(masked)
                    yield part, bytes(masked)
                continue
            end = at + len(data)
            if at < cut:
                yield part, bytes(payload[at : min(end, cut)])
            if end > cut:
                held.append((part, bytes(payload[max(at, cut) : end])))
            at = end
        self._pieces = held
        self._payload_bytes = min(keep, len(payload))
