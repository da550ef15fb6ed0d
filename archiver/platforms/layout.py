"""Lines of plain text: blocks a line or a blank line apart, quotations and list entries with marks before each line."""

from __future__ import annotations

from dataclasses import dataclass

DEEPEST = 30
"""So far quotations and lists inside each other are indented; whoever nests them deeper writes for a machine."""


@dataclass(slots=True)
class _Margin:
    """What stands before the lines of a quotation or of a list's entry: once before the first, then before the rest."""

    first: str
    rest: str
    begun: bool = False


class Layout:
    """Text that grows by words. Line ends are remembered, and written before the next words: none trail."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._margins: list[_Margin] = []
        self._too_deep = 0
        self._gap = 0  # line ends that the blocks around ask for
        self._breaks = 0  # line ends that the text asked for

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._written)

    @property
    def parted(self) -> bool:
        """Whether the next words stand in another block than the last ones."""
        return self._gap > 0

    @property
    def at_line_start(self) -> bool:
        """Whether the next words begin a line."""
        return not self._written or self._gap > 0 or self._breaks > 0

    @property
    def empty(self) -> bool:
        """Whether nothing was said yet."""
        return not self._written

    def end_lines(self, count: int) -> None:
        """So many line ends of the text itself."""
        self._breaks += count

    def part(self, ends: int) -> None:
        """The border of a block: so many line ends at least. One of the text's own right before it shows nothing."""
        if self._breaks:
            self._breaks -= 1
        self._gap = max(self._gap, ends)

    def indent(self, first: str, rest: str) -> None:
        """The lines that follow have these marks, until ``outdent``."""
        if len(self._margins) < DEEPEST:
            self._margins.append(_Margin(first, rest))
        else:
            self._too_deep += 1

    def outdent(self, *, keep_mark: bool = False) -> None:
        """The innermost marks end. ``keep_mark``: an empty entry shows its mark all the same."""
        if self._too_deep:
            self._too_deep -= 1
            return
        if keep_mark and not self._margins[-1].begun:
            self.say("")
        self._margins.pop()

    def say(self, words: str) -> None:
        """Put words into the text, after the line ends that were asked for, with the marks of their lines."""
        unmarked = any(not margin.begun for margin in self._margins)
        if not words and not unmarked:
            return
        fresh = self.at_line_start
        ends = self._breaks + (self._gap if self._written else 0)
        self._gap = self._breaks = 0
        for _ in range(ends - 1):
            self._written.append("\n" + self._marks().rstrip(" "))
        if ends:
            self._written.append("\n")
        if fresh or unmarked:
            self._written.append(self._line_start())
        if self._margins and "\n" in words:
            words = words.replace("\n", "\n" + self._marks())
        self._written.append(words)

    def _line_start(self) -> str:
        before = ""
        for margin in self._margins:
            before += margin.rest if margin.begun else margin.first
            margin.begun = True
        return before

    def _marks(self) -> str:
        """The marks of a line inside: only of what had begun before it."""
        return "".join(margin.rest for margin in self._margins if margin.begun)
