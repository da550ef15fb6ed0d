"""Faults in Meta's form, for the rules of `archiver.sandbox.faults`."""

from __future__ import annotations

from archiver.sandbox.faults import Delivery, Fault
from archiver.sandbox.meta.problems import Problem, too_much
from archiver.sandbox.meta.wire import JSON, encoded
from archiver.sandbox.wire import HTML, Answer, Asked

SORRY = (
    b'<!DOCTYPE html><html lang="en"><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1>'
    b"<p>We're working on it and we'll get it fixed as soon as we can.</p></body></html>"
)  # fmt: skip
_TRACE = "AbCdEfGhIjKlMnOpQrStUvW"


def graph_error(problem: Problem, *, status: int | None = None) -> Fault:
    """An error of the API in place of the answer; ``status`` another one than the error's own (200, say)."""

    def fault(_: Asked, delivery: Delivery) -> None:
        body = encoded({"error": problem.error(_TRACE)})
        delivery.answer = Answer(status or problem.status, body, JSON, list(problem.headers), cacheable=False)

    return fault


def unknown_error(subcode: int | None = 99, *, status: int = 500) -> Fault:
    """Code 1: whatever it was, it may be well the next time."""
    message = "An unknown error has occurred."
    return graph_error(Problem(1, message, subcode=subcode, status=status, more={"is_transient": True}))


def service_down() -> Fault:
    """Code 2."""
    message = "Service temporarily unavailable"
    return graph_error(Problem(2, message, status=503, more={"is_transient": True}))


def error_in_200(problem: Problem | None = None) -> Fault:
    """An error object in an answer that says 200."""
    return graph_error(problem or Problem(2, "Service temporarily unavailable"), status=200)


def reduce_the_amount() -> Fault:
    """Whatever was asked for, it was too much."""
    return graph_error(too_much())


def sorry_page(status: int = 500) -> Fault:
    """A page for people with HTTP 5xx."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = Answer(status, SORRY, HTML, cacheable=False)

    return fault


def empty(status: int = 503) -> Fault:
    """Nothing at all, with a status of a failure."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = Answer(status, b"", HTML, cacheable=False)

    return fault
