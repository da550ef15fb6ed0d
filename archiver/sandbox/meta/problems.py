"""Errors in Meta's form and words (facebook.md section 12)."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.meta.wire import answered
from archiver.sandbox.wire import Answer

DOCS = "https://developers.facebook.com/docs/graph-api"
REDUCE = "Please reduce the amount of data you're asking for, then retry your request"


class Problem(Exception):
    """The answer is an error. ``bare``: without ``type`` and ``fbtrace_id``."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        kind: str = "OAuthException",
        status: int = 400,
        bare: bool = False,
        more: dict[str, Any] | None = None,
        headers: list[tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.subcode, self.kind, self.status = code, message, subcode, kind, status
        self.bare = bare
        self.more = more or {}
        self.headers = headers or []

    def error(self, trace: str) -> dict[str, Any]:
        """What stands below ``error``."""
        if self.bare:
            return {"code": self.code, "message": self.message}
        value: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode is not None:
            value["error_subcode"] = self.subcode
        return value | self.more | {"fbtrace_id": trace}

    def answer(self, trace: str) -> Answer:
        """As it goes over the wire."""
        return answered({"error": self.error(trace)}, self.status, self.headers)


def missing(native: str, method: str = "get", *, kind: str = "GraphMethodException") -> Problem:
    """100/33: deleted, not allowed, or never there."""
    message = (
        f"Unsupported {method} request. Object with ID '{native}' does not exist, cannot be loaded due to missing "
        f"permissions, or does not support this operation. Please read the Graph API documentation at {DOCS}"
    )
    return Problem(100, message, subcode=33, kind=kind)


def unknown_alias(name: str) -> Problem:
    """803: nothing of that name."""
    return Problem(803, f"(#803) Some of the aliases you requested do not exist: {name}", status=404)


def unknown_field(field: str, node_type: str) -> Problem:
    """100: the field is named; the whole call fails."""
    return Problem(100, f"(#100) Tried accessing nonexisting field ({field}) on node type ({node_type})")


def unknown_path(path: str) -> Problem:
    """2500: more path than there is."""
    return Problem(2500, f"Unknown path components: {path}")


def bad_parameter(message: str) -> Problem:
    """100 for a value that is none of those allowed."""
    return Problem(100, f"(#100) {message}")


def too_much() -> Problem:
    """1, with HTTP 500 and nothing else."""
    return Problem(1, REDUCE, status=500, bare=True)


def no_permission(scope: str) -> Problem:
    """10: the app or token lacks a scope."""
    return Problem(
        10,
        f"(#10) This endpoint requires the '{scope}' permission or the 'Page Public Content Access' feature. Refer to "
        "https://developers.facebook.com/docs/apps/review/login-permissions#manage-pages for details.",
        status=403,
    )


def removed_api(message: str = "(#12) recommendation endpoint is deprecated for versions v22.0 and higher") -> Problem:
    """12: a part of the API that is no more."""
    return Problem(12, message)
