"""Faults in Google's form, for the rules of `archiver.sandbox.faults`."""

from __future__ import annotations

from archiver.sandbox.faults import Delivery, Fault
from archiver.sandbox.wire import Asked
from archiver.sandbox.youtube.problems import Problem, processing_failure, too_fast, wrong_token


def google_error(problem: Problem) -> Fault:
    """An error of the API in place of the answer."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = problem.answer()

    return fault


def backend_error(status: int = 503) -> Fault:
    """The server did not make it; the next time it may."""
    reason = "backendError" if status == 503 else "internalError"
    return google_error(Problem(status, reason, "Backend Error", domain="global"))


def unavailable() -> Fault:
    """A recorded oddity: 403, and yet it passes."""
    message = "The service is currently unavailable."
    return google_error(
        Problem(403, "SERVICE_UNAVAILABLE", message, domain="youtube.CoreErrorDomain", state="UNAVAILABLE")
    )


def rate_limited() -> Fault:
    """Too many calls in a minute."""
    return google_error(too_fast())


def token_refused() -> Fault:
    """401, although the token is good."""
    return google_error(wrong_token())


def page_failed() -> Fault:
    """The server fails at a page token of its own."""
    return google_error(processing_failure())
