"""Trouble in X's form, for the rules of `archiver.sandbox.faults`."""

from __future__ import annotations

import json

from archiver.sandbox.faults import Delivery, Fault
from archiver.sandbox.wire import HTML, JSON, Answer, Asked
from archiver.sandbox.x import problems
from archiver.sandbox.x.problems import Refusal

_HOST = "api.twitter.com"
_PAGE = b"<!DOCTYPE html><html><head><title>x.com | 503</title></head><body>Something went wrong.</body></html>"


def refused(refusal: Refusal) -> Fault:
    """An error of the API in place of the answer."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = refusal.answer(_HOST)

    return fault


def unavailable(status: int = 503) -> Fault:
    """A short outage, told in JSON."""
    return refused(Refusal(status, "Service Unavailable", "Service Unavailable"))


def unauthorized() -> Fault:
    """A short outage that refuses good tokens."""
    return refused(problems.unauthorized())


def no_credits() -> Fault:
    """The balance is used up."""
    return refused(problems.no_credits(1_234_567_890_123_456_789))


def capped() -> Fault:
    """The month's posts are used up; the window is not."""
    return refused(problems.capped(1_234_567_890_123_456_789))


def old_too_many() -> Fault:
    """The limit of a window, in the words of the API before."""
    return _instead(429, json.dumps({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}).encode(), JSON)


def page(status: int = 503) -> Fault:
    """A page for people."""
    return _instead(status, _PAGE, HTML)


def empty(status: int = 503) -> Fault:
    """Nothing at all, with the status of a failure."""
    return _instead(status, b"", HTML)


def _instead(status: int, body: bytes, mime: str) -> Fault:
    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = Answer(status, body, mime, cacheable=False)

    return fault
