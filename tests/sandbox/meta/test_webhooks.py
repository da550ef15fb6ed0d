"""The sender of pushed events, against a receiver that writes down what it gets."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.webhooks import Sender
from tests.sandbox.meta.conftest import Graph


class Receiver(ThreadingHTTPServer):
    """Answers handshakes with their challenge and deliveries with 200, and keeps them all."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/push"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Receiver

    def do_GET(self) -> None:
        """The handshake."""
        query = parse_qs(urlsplit(self.path).query)
        self._reply(200, query["hub.challenge"][0].encode())

    def do_POST(self) -> None:
        """A delivery."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self._reply(200, b"ok")

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sender(graph: Graph, receiver: Receiver) -> Sender:
    """Sends the page's events there."""
    return graph.city.hosts.page_events(receiver.url)


@pytest.fixture
def comment(graph: Graph, sender: Sender) -> Thing:
    """A comment on a post, of which nothing has been told yet but that it is there."""
    post = graph.pages.post(graph.page, "Leaf pick-up")
    sender.skip()
    return graph.pages.comment(graph.resident(), post, "Größe/Maß? 🌱")


def changes(receiver: Receiver) -> list[dict[str, Any]]:
    """What was told, in order."""
    return [
        change["value"]
        for _, body in receiver.got
        for entry in json.loads(body)["entry"]
        for change in entry.get("changes", ())
    ]


def test_the_handshake(sender: Sender) -> None:
    """The challenge comes back."""
    answer = sender.handshake(challenge="12345")
    assert (answer.status, answer.answer) == (200, b"12345")


def test_bytes_are_signed_as_they_are(graph: Graph, sender: Sender, receiver: Receiver, comment: Thing) -> None:
    """Escaped letters and slashes are inside the signature."""
    sender.flush()
    ((headers, body),) = receiver.got
    expected = hmac.new(graph.city.hosts.app.secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={expected}"
    assert b"Gr\\u00f6\\u00dfe\\/Ma\\u00df? \\ud83c\\udf31" in body
    (value,) = changes(receiver)
    assert (value["message"], value["verb"], value["item"]) == (comment.text, "add", "comment")
    assert (value["comment_id"], value["parent_id"]) == (comment.id, comment.top.id)


def test_what_happens_to_a_comment(graph: Graph, sender: Sender, receiver: Receiver, comment: Thing) -> None:
    """Edits, hiding and removal, in order; a removal brings no text."""
    meta = graph.city.meta
    meta.edit(comment, "Better words")
    meta.hide(comment)
    meta.unhide(comment)
    meta.delete(comment)
    sender.flush()
    told = changes(receiver)
    assert [one["verb"] for one in told] == ["add", "edited", "hide", "unhide", "remove"]
    assert told[1]["message"] == "Better words"
    assert "message" not in told[4]
    sender.flush()
    assert len(receiver.got) == 5


def test_together_twice_and_in_another_order(graph: Graph, sender: Sender, receiver: Receiver, comment: Thing) -> None:
    """Several changes in one entry, each delivery twice, shuffled."""
    for number in range(9):
        graph.pages.comment(graph.page, comment, f"Answer {number}")
    sender.flush(together=4, twice=True, shuffle=Random(3))
    assert len(receiver.got) == 6
    assert receiver.got[0][1] == receiver.got[1][1]
    said = [one["message"] for one in changes(receiver)]
    assert len(said) == 20
    assert said[:10] != [comment.text, *(f"Answer {number}" for number in range(9))]
    assert len(json.loads(receiver.got[0][1])["entry"][0]["changes"]) == 4


@pytest.mark.parametrize("signature", ["wrong", "missing", "legacy"])
def test_signatures_that_do_not_fit(
    graph: Graph, sender: Sender, receiver: Receiver, comment: Thing, signature: Any
) -> None:
    """As a stranger would send them, or an old subscription."""
    sender.flush(signature=signature)
    ((headers, body),) = receiver.got
    right = "sha256=" + hmac.new(graph.city.hosts.app.secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers.get("x-hub-signature-256") != right
    assert ("x-hub-signature" in headers) is (signature == "legacy")
    assert comment.form == "comment"


def test_without_values_and_messages(graph: Graph, sender: Sender, receiver: Receiver, comment: Thing) -> None:
    """Only the names of fields; messages come in a layout of their own."""
    sender.flush(values=False)
    assert json.loads(receiver.got[0][1])["entry"][0]["changed_fields"] == ["feed"]
    conversation = graph.pages.converse(graph.page, graph.resident())
    graph.pages.message(conversation, graph.resident(), "My permit?")
    sender.flush()
    (entry,) = json.loads(receiver.got[-1][1])["entry"]
    assert entry["messaging"][0]["message"]["text"] == "My permit?"
    assert entry["messaging"][0]["recipient"]["id"] == graph.page.id == comment.owner.id


def test_posts_mentions_and_a_callback_that_is_away(
    graph: Graph, sender: Sender, receiver: Receiver, comment: Thing
) -> None:
    """Each in its field; nobody there is a status of 0."""
    sender.skip()
    graph.pages.tag(graph.resident(), graph.page, "Does the city know?")
    graph.pages.visitor_post(graph.resident(), graph.page, "Hello city")
    sender.flush(together=2)
    told = [change for _, body in receiver.got for change in json.loads(body)["entry"][0]["changes"]]
    assert [(one["field"], one["value"]["item"]) for one in told] == [("mention", "post"), ("feed", "post")]
    sender.callback = "http://127.0.0.1:9/none"
    graph.city.meta.delete(comment)
    assert [one.status for one in sender.flush()] == [0]
