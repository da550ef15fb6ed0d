"""Pages of a PDF: headings, paragraphs, facts and tables that repeat their header. The only home of reportlab.

The fonts come with reportlab and are embedded. A character that they lack is written as its number (``[U+0E01]``), so
that nothing is left out unseen; the data files have it as it is. No time and no random id gets in.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    PageTemplate,
    Spacer,
    Table,
)
from reportlab.platypus import Paragraph as Text

PLAIN, BOLD = "Vera", "VeraBd"
SIZE, SMALL = 9.5, 7.0
LINE, FAINT = colors.HexColor("#555555"), colors.HexColor("#eeeeee")
MARGIN = 20 * mm
WIDTH_MM = 174
"""Columns of a listing add up to this or less."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the whole document says of itself. ``footer`` stands on each page, before the page's number."""

    title: str
    author: str
    subject: str
    footer: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part; it is in the document's outline too."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Text that is set as it is, line by line."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values; ``ruled`` leaves a line to write on below each value."""

    rows: tuple[tuple[str, str], ...]
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A table. Its header stands on each page that it reaches; ``numbers`` are the columns set to the right.

    ``widths`` are in mm, ``size`` is that of the letters in points.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numbers: frozenset[int] = frozenset()
    size: float = 8.0


Block = Heading | Paragraph | Note | Facts | Listing


def as_bytes(page: Page, blocks: Sequence[Block]) -> bytes:
    """The document, US Letter upright."""
    _register_fonts()
    made = io.BytesIO()
    document = BaseDocTemplate(
        made, pagesize=letter, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=page.title, author=page.author, subject=page.subject, creator="city-records-archiver", lang="en-US",
        invariant=1, pageCompression=1, displayDocTitle=True,
    )  # fmt: skip
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate(frames=[frame])])
    document.build([part for block in blocks for part in _PARTS[type(block)](block)], canvasmaker=_numbered(page))
    return made.getvalue()


def shown(text: str) -> str:
    """Text as the fonts can show it."""
    known = _characters()
    return "".join(one if ord(one) in known or one == "\n" else f"[U+{ord(one):04X}]" for one in text)


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    _register_fonts()
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph) & frozenset(pdfmetrics.getFont(BOLD).face.charToGlyph)


def _style(size: float = SIZE, *, bold: bool = False, above: float = 0, below: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}-{bold}-{above}", fontName=BOLD if bold else PLAIN, fontSize=size, leading=size * 1.35,
        spaceBefore=above, spaceAfter=below, splitLongWords=1, wordWrap=None,
    )  # fmt: skip


class _Title(Text):  # type: ignore[misc]  # reportlab has no types
    """A heading that enters itself into the outline, where a reader's program shows it."""

    def __init__(self, text: str, style: ParagraphStyle, level: int) -> None:
        super().__init__(_marked(text), style)
        self._entry = (text, level - 1)

    def draw(self) -> None:
        """On the page, and in the outline."""
        text, level = self._entry
        name = f"part-{self.canv.getPageNumber()}-{text}"
        self.canv.bookmarkPage(name)
        self.canv.addOutlineEntry(text, name, level, closed=False)
        super().draw()


def _heading(block: Heading) -> list[Flowable]:
    first = block.level == 1
    size = {1: 16.0, 2: 11.5}.get(block.level, SIZE)
    style = _style(size, bold=True, above=0 if first else 12, below=8 if first else 4)
    return [CondPageBreak(30 * mm), _Title(block.text, style, block.level)]


def _paragraph(block: Paragraph) -> list[Flowable]:
    return [Text(_marked(block.text), _style(below=4))]


def _note(block: Note) -> list[Flowable]:
    return [Text("<br/>".join(map(_marked, block.text.splitlines())), _style(SMALL, below=6))]


def _facts(block: Facts) -> list[Flowable]:
    rows = [[Text(_marked(name), _style(bold=True)), Text(_marked(value), _style())] for name, value in block.rows]
    ruled = [("LINEBELOW", (1, 0), (1, -1), 0.5, LINE), ("TOPPADDING", (0, 0), (-1, -1), 14)] if block.ruled else []
    table = Table(rows, colWidths=[38 * mm, (WIDTH_MM - 38) * mm], style=[*_PLAIN_CELLS, *ruled], hAlign="LEFT")
    return [KeepTogether([table]) if len(rows) < 12 else table, Spacer(0, 4)]


def _listing(block: Listing) -> list[Flowable]:
    size = block.size
    cells = [tuple(map(shown, block.columns))]
    widths = [width * mm for width in block.widths]
    cells += [
        tuple(_broken(shown(text), width - 6, size) for text, width in zip(row, widths, strict=True))
        for row in block.rows
    ]
    style = [
        *_PLAIN_CELLS,
        ("FONT", (0, 0), (-1, 0), BOLD, size, size * 1.25),
        ("FONT", (0, 1), (-1, -1), PLAIN, size, size * 1.25),
        ("BACKGROUND", (0, 0), (-1, 0), FAINT),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, LINE),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, LINE),
        *(("ALIGN", (column, 0), (column, -1), "RIGHT") for column in block.numbers),
    ]
    return [LongTable(cells, colWidths=widths, repeatRows=1, style=style, hAlign="LEFT"), Spacer(0, 6)]


_PLAIN_CELLS = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_PARTS: dict[type[Block], Callable[[Any], list[Flowable]]] = {
    Heading: _heading, Paragraph: _paragraph, Note: _note, Facts: _facts, Listing: _listing,
}  # fmt: skip


def _marked(text: str) -> str:
    """As reportlab's paragraphs take it: they read markup, which no text of ours is."""
    return escape(shown(text), quote=False)


def _broken(text: str, width: float, size: float) -> str:
    """A cell's text in lines that fit: keys and digests are long words, which nothing else would break."""
    return "\n".join(part for line in text.split("\n") for part in _lines(line, width, size))


def _lines(line: str, width: float, size: float) -> list[str]:
    parts, rest = [], line
    while _width(rest, size) > width:
        fits = max(1, _fitting(rest, width, size))
        at = rest.rfind(" ", 0, fits + 1)
        cut = at if at > 0 else fits
        parts.append(rest[:cut])
        rest = rest[cut:].lstrip(" ")
    return [*parts, rest]


def _fitting(text: str, width: float, size: float) -> int:
    """How many of its first characters fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(text[:middle], size) <= width else (low, middle - 1)
    return low


def _width(text: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, PLAIN, size))


def _numbered(page: Page) -> type[Canvas]:
    """A canvas that waits with the footers until it knows how many pages there are."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for state in self._pages:
                self.__dict__.update(state)
                self.setFont(PLAIN, SMALL)
                self.setFillColor(LINE)
                self.drawString(MARGIN, 11 * mm, shown(page.footer))
                self.drawRightString(letter[0] - MARGIN, 11 * mm, f"page {self._pageNumber} of {len(self._pages)}")
                super().showPage()
            super().save()

    return Numbered
