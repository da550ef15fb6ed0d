"""XML from strangers as a tree: no document type, so no entities of its own and nothing outside to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from archiver.errors import ShapeChanged

_DEEPEST = 50
"""Feeds are five levels deep."""


@dataclass(slots=True)
class Element:
    """One element. ``name`` is ``{namespace}local``; names of attributes likewise, those without a namespace bare."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words right inside of it, without white space around."""
        return "".join(self.words).strip()

    def all(self, name: str) -> Iterator[Element]:
        """Its children of that name."""
        return (child for child in self.children if child.name == name)

    def find(self, *path: str) -> Element | None:
        """The first element at the end of a path of names; None where there is none."""
        found: Element | None = self
        for name in path:
            found = next(found.all(name), None) if found is not None else None
        return found

    def words_at(self, *path: str) -> str | None:
        """The words of the element at the end of a path; None where there is none, or no word in it."""
        found = self.find(*path)
        return (found.text or None) if found is not None else None


def tree(document: bytes) -> Element:
    """The root of a document; blank lines before it are borne with.

    Raises ShapeChanged for what is no XML, has a document type or is absurdly deep.
    """
    root = Element("", {})
    stack = [root]
    parser = expat.ParserCreate(namespace_separator="}")

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise ShapeChanged("A feed's XML is nested too deep to be one.")
        element = Element(_named(name), {_named(key): value for key, value in attributes.items()})
        stack[-1].children.append(element)
        stack.append(element)

    def heard(words: str) -> None:
        stack[-1].words.append(words)

    def end(_name: str) -> None:
        stack.pop()

    def refuse(*_: object) -> None:
        raise ShapeChanged("A feed's XML declares a document type, which feeds do not have.")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = heard
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document.lstrip(), True)  # noqa: FBT003 - expat takes it by place only
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ShapeChanged(f"A feed is not XML: {error}.") from error
    return root.children[0]


def _named(name: str) -> str:
    return "{" + name if "}" in name else name
