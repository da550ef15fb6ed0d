"""Files behind signed links: new ones at each answer, refused when they have ended or were changed."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.sandbox.images import Picture, picture
from tests.sandbox.conftest import ask
from tests.sandbox.meta.conftest import Graph

SHOWN = picture(5, None)
FILM = picture(6, None, mime="video/mp4")


def link(graph: Graph, shown: Picture = SHOWN) -> str:
    """An address of a file, as an answer has it."""
    post = graph.pages.post(graph.page, "", pictures=[shown])
    if shown.kind == "video":
        return str(graph.ok(post.parts[0].id, fields="source")["source"])
    return str(graph.ok(post.parts[0].id, fields="images")["images"][0]["source"])


@pytest.mark.parametrize("shown", [SHOWN, FILM], ids=["picture", "film"])
def test_the_file(graph: Graph, shown: Picture) -> None:
    """Whole, with its type; or a range of it."""
    url = link(graph, shown)
    answer = ask(url)
    assert (answer.status, answer.headers["content-type"]) == (200, shown.mime)
    assert hashlib.sha256(answer.body).hexdigest() == shown.sha256
    part = ask(url, headers={"Range": "bytes=2-5"})
    assert (part.status, part.body) == (206, shown.data[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{len(shown.data)}"
    assert ask(url, headers={"Range": "bytes=999999-"}).status == 416


def test_each_answer_has_another_link(graph: Graph) -> None:
    """The name of the file stays."""
    post = graph.pages.post(graph.page, "", pictures=[SHOWN])
    links = [graph.ok(post.id, fields="full_picture")["full_picture"] for _ in range(3)]
    assert len(set(links)) == 3
    assert len({urlsplit(one).path for one in links}) == 1
    assert int(parse_qs(urlsplit(links[0]).query)["oe"][0], 16) > graph.city.world.now().timestamp()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: url.replace("_nc_cat=101", "_nc_cat=102"), "URL signature mismatch"),
        (lambda url: url.replace("_n.png", "_o.png").replace("_n.jpg", "_o.jpg"), "URL signature mismatch"),
        (lambda url: url.split("?")[0], "Bad URL hash"),
        (lambda url: re.sub(r"oe=\w+", "oe=zz", url), "Bad URL timestamp"),
    ],
)
def test_any_change_breaks_it(graph: Graph, change: object, words: str) -> None:
    """With 403 and a word of text."""
    assert callable(change)
    answer = ask(change(link(graph)))
    assert (answer.status, answer.body.decode(), answer.headers["content-type"]) == (403, words, "text/plain")


def test_links_end(graph: Graph) -> None:
    """After days; the next answer has a good one."""
    post = graph.pages.post(graph.page, "", pictures=[SHOWN])
    old = graph.ok(post.id, fields="full_picture")["full_picture"]
    graph.city.world.advance(timedelta(days=15))
    answer = ask(old)
    assert (answer.status, answer.body) == (403, b"URL signature expired")
    assert ask(graph.ok(post.id, fields="full_picture")["full_picture"]).status == 200


def test_tokens_sent_there_are_noted(graph: Graph) -> None:
    """A client must not."""
    url = link(graph)
    ask(url)
    assert graph.city.facebook.api.cdn.with_tokens == []
    ask(url, token=graph.token)
    assert len(graph.city.facebook.api.cdn.with_tokens) == 1
