"""Broken answers: each ends in a verdict or in ShapeChanged, never in another exception, and never in an endless task."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.task import Covered, Meaning, Task, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.registry import adapter_for, platforms
from tests.platforms.contract.server import Provided, Reply, Run, Spoil, carry_out, essence, label

PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
HTML = (("Content-Type", "text/html"),)


def _cut(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body[: max(1, len(reply.body) * 2 // 3)], reply.headers)


BROKEN: dict[str, Callable[[Reply], Reply]] = {
    "a body that was cut off": _cut,
    "an empty body": lambda reply: Reply(reply.status, b"", reply.headers),
    "a web page with status 200": lambda _: Reply(200, PAGE, HTML),
    "a web page with status 502": lambda _: Reply(502, PAGE, HTML),
    "a web page with status 403": lambda _: Reply(403, PAGE, HTML),
    "a web page with status 404": lambda _: Reply(404, PAGE, HTML),
    "a redirect to a login page": lambda _: Reply(302, b"", (("Location", "https://login.example/"), *HTML)),
    "an internal error without a body": lambda _: Reply(500, b"", ()),
    "JSON of another kind: null": lambda _: Reply(200, b"null"),
    "JSON of another kind: a number": lambda _: Reply(200, b"7"),
    "JSON of another kind: a text": lambda _: Reply(200, b'"hello"'),
    "JSON of another kind: an empty object": lambda _: Reply(200, b"{}"),
    "JSON of another kind: an empty list": lambda _: Reply(200, b"[]"),
    "JSON of another kind: a list of nulls": lambda _: Reply(200, b"[null, null]"),
    "JSON so deep that no parser follows": lambda _: Reply(200, b"[" * 200_000),
    "bytes that are no text": lambda _: Reply(200, b"\xff\xfe\x00\x80" * 9),
    "an error that is no object": lambda _: Reply(400, b"[1]"),
    "an error of another shape": lambda _: Reply(400, b'{"error": {"code": 7}, "message": ["x"]}'),
}


@pytest.mark.parametrize("fault", sorted(BROKEN))
def test_a_broken_answer_ends_well(provided: Provided, fault: str) -> None:
    """Whichever answer of whichever task is broken."""
    for task in provided.tasks:
        undisturbed = carry_out(provided, task)
        for number in range(1, len(undisturbed.exchanges) + 1):
            carry_out(provided, task, spoil=_only(number, fault))


def _only(number: int, fault: str) -> Spoil:
    def spoil(at: int, spec: RequestSpec, reply: Reply) -> Reply:
        return BROKEN[fault](reply) if at == number and spec.purpose is Purpose.API else reply

    return spoil


def test_a_listing_that_was_broken_off_is_not_complete(provided: Provided) -> None:
    """A poll whose every answer is an error claims no coverage."""
    for task in provided.tasks:
        if task.kind in {TaskKind.POLL, TaskKind.BACKFILL}:
            run = carry_out(provided, task, spoil=lambda *_: Reply(502, PAGE, HTML))
            assert not [found for found in run.findings if isinstance(found, Covered)], label(task)


def test_unknown_fields_change_nothing(provided: Provided) -> None:
    """Tomorrow's members in every object of every answer: the same observations (python-tuf's ADR 8, habit 7)."""
    for task in provided.tasks:
        plain = carry_out(provided, task)
        richer = carry_out(provided, task, spoil=_with_unknown_fields)
        assert essence(richer.observations) == essence(plain.observations), label(task)
        assert richer.ended == plain.ended, label(task)


def _with_unknown_fields(_number: int, _spec: RequestSpec, reply: Reply) -> Reply:
    try:
        body = json.loads(reply.body)
    except ValueError:
        return reply
    return Reply(reply.status, json.dumps(_enriched(body)).encode(), reply.headers)


def _enriched(value: Any) -> Any:
    if isinstance(value, list):
        return [_enriched(one) for one in value]
    if isinstance(value, dict):
        new = {"zzNew": {"deep": [1, None, {"$type": "com.example.unknown#thing"}]}, "zz_new": "7"}
        return {name: _enriched(one) for name, one in value.items()} | new
    return value


# --- a changed shape, anywhere


REPLACEMENTS: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        7.5,
        10**30,
        "",
        "x",
        "\ud800",
        "https://[",
        "at://",
        [],
        [None],
        [[]],
        {},
        {"$type": 5},
        [{}],
        "9" * 5000,
    ]
)


@pytest.mark.parametrize("platform", platforms())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_changed_shape_ends_well(platform: str, data: st.DataObject) -> None:
    """Any value of any answer replaced, removed or moved to another name: a verdict or ShapeChanged."""
    runs = _recorded(platform)
    task, run = runs[data.draw(st.integers(0, len(runs) - 1), label="task")]
    number = data.draw(st.integers(0, len(run.exchanges) - 1), label="exchange")
    exchange = run.exchanges[number]
    adapter = adapter_for(task.account)
    changed = replace(exchange, body=_changed(exchange.body, data.draw(st.integers(1, 3), label="changes"), data))
    if adapter.judge(changed).meaning is not Meaning.PROCEED:
        return
    with contextlib.suppress(ShapeChanged):
        list(adapter.read(changed))
    try:
        following = adapter.proceed(task, run.steps[number], changed)
    except ShapeChanged:
        return
    json.dumps(following.cursor)


_RECORDED: dict[str, list[tuple[Task, Run]]] = {}


def _recorded(platform: str) -> list[tuple[Task, Run]]:
    """All carried-out tasks of a platform, with their answers that were JSON or XML."""
    if platform not in _RECORDED:
        provided: Provided = import_module(f"tests.platforms.contract.{platform}").provide()
        found = []
        for task in provided.tasks:
            run = carry_out(provided, task)
            kept = [n for n, one in enumerate(run.exchanges) if one.purpose is Purpose.API and _is_document(one.body)]
            run.exchanges = [run.exchanges[n] for n in kept]
            run.steps = [run.steps[n] for n in kept]
            if kept:
                found.append((task, run))
        _RECORDED[platform] = found
    return _RECORDED[platform]


def _is_document(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return body.startswith(b"<?xml")
    return True


def _changed(body: bytes, times: int, data: st.DataObject) -> bytes:
    if body.startswith(b"<?xml"):
        tree = ET.fromstring(body)
        for _ in range(times):
            _mutate_element(tree, data)
        return bytes(ET.tostring(tree, xml_declaration=True, encoding="utf-8"))
    document = json.loads(body)
    for _ in range(times):
        document = _mutated(document, data)
    return json.dumps(document).encode()


def _mutate_element(tree: ET.Element, data: st.DataObject) -> None:
    """Change the words of any element, or take one of its children away, or give it another name or place."""
    every = list(tree.iter())
    one = every[data.draw(st.integers(0, len(every) - 1), label="element")]
    change = data.draw(st.sampled_from(["words", "remove", "rename", "attributes", "again"]), label="change")
    if change == "words":
        one.text = data.draw(
            st.sampled_from(["", "x", "9" * 5000, "https://[", "<p", "Tue, 99 Foo 2026"]), label="words"
        )
    elif change == "remove" and len(one):
        one.remove(one[0])
    elif change == "rename":
        one.tag += "New"
    elif change == "attributes":
        one.attrib = {"href": "https://[", "type": "xhtml", "rel": "next", "url": "x"}
    elif len(one):
        one.append(one[-1])


def _mutated(value: Any, data: st.DataObject) -> Any:
    """Walk down a random path and change what is there."""
    inside = isinstance(value, list | dict) and bool(value)
    if not inside or data.draw(st.integers(0, 9), label="here") == 0:
        return data.draw(REPLACEMENTS, label="replacement")
    if isinstance(value, list):
        at = data.draw(st.integers(0, len(value) - 1), label="index")
        copy = list(value)
        copy[at] = _mutated(copy[at], data)
        return copy
    name = data.draw(st.sampled_from(sorted(value)), label="member")
    change = data.draw(st.sampled_from(["into", "into", "into", "remove", "rename"]), label="change")
    if change == "into":
        return value | {name: _mutated(value[name], data)}
    rest = {key: one for key, one in value.items() if key != name}
    return rest if change == "remove" else rest | {name + "New": value[name]}
