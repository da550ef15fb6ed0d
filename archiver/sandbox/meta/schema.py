"""How a platform says what it has: node types with fields and edges.

A field is a function of the thing and the call; it gives a plain JSON value, a `Node` (an object of which the caller
may choose members), or `LEFT_OUT`. An edge gives a `Listing`, of which the engine makes pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from archiver.sandbox.wire import Answer

if TYPE_CHECKING:
    from archiver.sandbox.meta.call import Call


class LeftOut:
    """A field without value, or that the token may not see, is left out without notice."""


LEFT_OUT: Final = LeftOut()

Getter = Callable[[Any, "Call"], Any]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What an edge was asked with: parameters of the request, or modifiers of an expansion."""

    values: Mapping[str, str]

    def one(self, name: str, default: str = "") -> str:
        """A value."""
        return self.values.get(name, default)

    def true(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.values.get(name, "").lower() in {"true", "1"}


@dataclass(frozen=True, slots=True)
class Node:
    """A thing as one type shows it. ``via`` is the number of the object through which it was reached."""

    type: NodeType
    thing: Any
    via: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything on an edge, in the order of its pages. ``summary``: what ``summary`` asks for."""

    nodes: Sequence[Node]
    summary: Mapping[str, Any] = field(default_factory=dict)


Cursors = Literal["key", "position"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A connection.

    ``usual`` and ``most``: the page size, and the largest; ``over`` says what a larger one leads to.
    ``cursors``: of the entry's key, or of its position, which shifts. ``since`` and ``until`` are the moment by which
    the parameters of these names choose (None: the edge knows neither). ``needs``: the scope, and ``without`` what
    comes of its lack. ``choices``: parameters with a set of values; ``switches``: other parameters that it knows.
    ``weight``: how many entries it usually has, for "reduce the amount of data". ``paged`` False: all at once.
    """

    list: Callable[[Any, Arguments, Call], Listing]
    usual: int = 25
    most: int = 100
    over: Literal["error", "cut"] = "error"
    cursors: Cursors = "key"
    since: Callable[[Any], datetime] | None = None
    needs: str = ""
    without: Literal["error", "silence"] = "error"
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    switches: frozenset[str] = frozenset()
    weight: int = 25
    paged: bool = True


@dataclass(frozen=True, slots=True)
class NodeType:
    """``name`` is the word of error texts; ``default`` is given when no fields are asked for, ``id`` always.

    ``needs``: scopes without which a field is left out. ``answers``: paths below the object that give something else
    than a connection (``picture``). ``identify``: the id of a node, which may depend on how it was reached.
    """

    name: str
    fields: Mapping[str, Getter]
    edges: Mapping[str, Edge] = field(default_factory=dict)
    default: tuple[str, ...] = ("id",)
    needs: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Callable[[Any, Arguments, Call], Answer]] = field(default_factory=dict)
    identify: Callable[[Node], str] = lambda node: str(node.thing.id)
