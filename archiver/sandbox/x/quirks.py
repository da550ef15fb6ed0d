"""Switches for tests: what X does otherwise today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Naming = Literal["tweet", "post answers", "post"]


@dataclass(slots=True)
class Quirks:
    """Everything is off in the beginning, or as X is known to be.

    ``names``: ``tweet`` is the old way throughout; ``post answers`` takes the old parameters and answers with the new
    names; ``post`` takes and gives the new ones alone.
    ``short_pages``: pages hold fewer than asked, some of them none, while lists go on.
    ``single_404``: a missing post asked for alone is 404 (else 200 with errors).
    ``problems_host``: the host in the ``type`` of problems.
    ``search_lag``: a search's end where none is given; younger posts are not found.
    ``wall``, ``named_wall``: how far back timelines and lists of mentions reach.
    ``archive_default``: how far back the full archive is searched where no beginning is given.
    ``refuse_tokens``: so many of the next calls with a token of a list are refused: it has ended.
    ``extra_fields``: objects have members that nobody documented.
    ``refused_fields``: names of fields that are not accepted (any more).
    ``reposts_of_quotes``: lists of quotes have reposts of quotes in them.
    """

    names: Naming = "tweet"
    short_pages: bool = False
    single_404: bool = False
    problems_host: str = "api.twitter.com"
    search_lag: timedelta = timedelta(seconds=30)
    wall: int = 3200
    wall_without_replies: int = 800
    named_wall: int = 800
    refuse_tokens: int = 0
    extra_fields: bool = False
    refused_fields: set[str] = field(default_factory=set)
    reposts_of_quotes: bool = True
    archive_default: timedelta = timedelta(days=30)
