"""What X says when something is wrong: parts of an answer that came, and whole calls that failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archiver.sandbox.wire import Answer, json_answer

BLANK = "about:blank"


@dataclass(slots=True)
class Refusal(Exception):
    """A call that fails as a whole. ``kind`` is what stands after ``/problems/``; "" for ``about:blank``.

    ``more`` are members of the body beside title, detail and type. ``headers`` go with it.
    """

    status: int
    title: str
    detail: str
    kind: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def answer(self, host: str) -> Answer:
        """The answer, with problem types at a host."""
        body: dict[str, Any] = {**self.more, "title": self.title, "detail": self.detail, "type": _type(self.kind, host)}
        if not self.kind:
            body["status"] = self.status
        return json_answer(body, self.status, cacheable=False)


def _type(kind: str, host: str) -> str:
    return f"https://{host}/2/problems/{kind}" if kind else BLANK


def invalid(*wrong: tuple[str, str, str]) -> Refusal:
    """400: each of ``wrong`` is a parameter, its value and what is wrong with it."""
    errors = [{"parameters": {name: [value]}, "message": message} for name, value, message in wrong]
    detail = "One or more parameters to your request was invalid."
    return Refusal(400, "Invalid Request", detail, "invalid-request", {"errors": errors})


def unauthorized() -> Refusal:
    """401: no token, or one that is not good."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def unsupported(kind: str, supported: str) -> Refusal:
    """403: the wrong sort of token for an endpoint."""
    detail = f"Authenticating with {kind} is forbidden for this endpoint.  Supported authentication types are "
    return Refusal(
        403, "Unsupported Authentication", f"{detail}[{supported}].", "unsupported-authentication", {"status": 403}
    )


def forbidden(detail: str) -> Refusal:
    """403: the token lacks a scope."""
    return Refusal(403, "Forbidden", detail, "", {})


def no_credits(account: int) -> Refusal:
    """402: the balance is used up."""
    detail = f"Your enrolled account [{account}] does not have any credits to fulfill this request."
    return Refusal(402, "CreditsDepleted", detail, "credits", {"account_id": account})


def too_many() -> Refusal:
    """429: of a window, or of the one call a second of the full archive."""
    return Refusal(429, "Too Many Requests", "Too Many Requests")


def capped(account: int) -> Refusal:
    """429: the month's posts are used up."""
    more = {"account_id": account, "product_name": "standard-basic", "period": "Monthly", "scope": "Product"}
    return Refusal(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", "usage-capped", more)


def not_found(path: str) -> Refusal:
    """404: no such endpoint."""
    return Refusal(404, "Not Found Error", f"Path not found: {path}", "resource-not-found")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something in an answer that is not shown: ``what`` (``tweet``, ``user``), asked for by ``parameter``.

    ``why``: ``gone`` (nobody can say more), ``suspended``, ``unauthorized``. ``included``: it was only referred to.
    """

    what: str
    value: str
    parameter: str
    why: str = "gone"
    included: bool = False

    def told(self, host: str) -> dict[str, Any]:
        """The entry of ``errors``."""
        said: dict[str, Any] = {
            "value": self.value,
            "resource_type": self.what,
            "parameter": self.parameter,
            "resource_id": self.value,
        }
        if self.included or self.why == "unauthorized":
            said["section"] = "includes" if self.included else "data"
        if self.why == "unauthorized":
            what = "Tweet" if self.what == "tweet" else "User"
            said["title"] = "Authorization Error"
            said["detail"] = f"Sorry, you are not authorized to see the {what} with {self.parameter}: [{self.value}]."
            said["type"] = _type("not-authorized-for-resource", host)
            return said
        said["type"] = _type("resource-not-found", host)
        if self.why == "suspended":
            return said | {"title": "Forbidden", "detail": f"User has been suspended: [{self.value}]."}
        detail = f"Could not find {self.what} with {self.parameter}: [{self.value}]."
        return said | {"title": "Not Found Error", "detail": detail}
