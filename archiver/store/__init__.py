"""The only home of SQL: an index over the WARC files, and later the decisions that people made.

The functions take an open connection first and never commit; transactions begin in `engine.Store`.
"""

from __future__ import annotations

from sqlalchemy import Connection

__all__ = ["Connection"]
