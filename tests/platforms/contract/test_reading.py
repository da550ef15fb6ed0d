"""``read`` and ``judge`` are functions of the exchange: a rebuild reads what live capture read."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from archiver.domain.account import NO_FACTS, Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import AccountSeen, GateSeen, GoneSeen, ItemSeen, TotalSeen
from archiver.domain.task import Meaning, Task, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.registry import adapter_class, adapter_for
from tests.platforms.contract.server import NOW, Case, Provided, carry_out, each, exchange_of, label


def test_reading_twice_gives_the_same(provided: Provided) -> None:
    """Reading changes neither the adapter nor the exchange."""
    for task, run in each(provided):
        adapter = adapter_for(task.account)
        for exchange in run.exchanges:
            assert list(adapter.read(exchange)) == list(adapter.read(exchange))
            assert adapter.judge(exchange) == adapter.judge(exchange)


def test_reading_needs_nothing_that_was_learned(provided: Provided) -> None:
    """An adapter that knows only the configured account reads every exchange as the one that asked for it."""
    configured = replace(provided.account, native_id=None, facts=NO_FACTS, authenticated=False)
    for task, run in each(provided):
        for exchange in run.exchanges:
            assert list(adapter_for(configured).read(exchange)) == list(adapter_for(task.account).read(exchange))


def test_each_pointer_leads_to_an_object_of_the_body(provided: Provided) -> None:
    """A row can be found again inside its proof (RFC 6901; XPath for XML; records rule R4)."""
    for task, run in each(provided):
        for exchange in run.exchanges:
            for seen in adapter_for(task.account).read(exchange):
                if isinstance(seen, ItemSeen):
                    assert _at(exchange.body, seen.pointer), f"{label(task)} {seen.pointer}"


def test_keys_carry_the_platform_and_the_space(provided: Provided) -> None:
    """All keys begin with the platform; a key space, where one is set, follows, but for ids that are addresses anyway."""
    spaced = replace(provided.account, key_space="elsewhere.example/")
    for _task, run in each(provided):
        for exchange in run.exchanges:
            for seen in adapter_for(spaced).read(exchange):
                if isinstance(seen, ItemSeen):
                    keys = [seen.key, seen.parent, seen.thread, seen.shares, seen.body.quotes, *seen.aliases]
                    name = provided.account.platform
                    allowed = (f"{name}:elsewhere.example/", f"{name}:https://")
                    assert [key for key in keys if key is not None and not key.startswith(allowed)] == []


def test_the_profile_says_who_the_account_is(provided: Provided) -> None:
    """The profile task tells the permanent id, the handle and, where the platform states it, the number of posts."""
    task = next(task for task in provided.tasks if task.kind is TaskKind.PROFILE)
    seen = carry_out(provided, task).observations
    assert {one.native_id for one in seen if isinstance(one, AccountSeen)} == {provided.account.native_id}
    assert any(isinstance(one, TotalSeen) for one in seen) is provided.totals
    assert any(isinstance(one, ItemSeen) and one.form == "profile" for one in seen)


def test_confirmations_answer_about_what_was_asked(provided: Provided) -> None:
    """Whatever a confirmation finds gone was a subject of it."""
    for task, run in each(provided):
        if task.kind is TaskKind.CONFIRM:
            gone = {seen.key for seen in run.observations if isinstance(seen, GoneSeen)}
            assert gone, "the world has a deleted record among the subjects"
            assert gone <= set(task.subjects)


def test_no_gate_speaks_for_another_thread(provided: Provided) -> None:
    """A list of hidden answers is about a post of this account."""
    for _task, run in each(provided):
        for seen in run.observations:
            if isinstance(seen, GateSeen):
                assert (provided.account.native_id or "") in seen.scope


def test_the_judged_meanings(provided: Provided) -> None:
    """The platform's table of answers, each case a sentence."""
    for case in provided.meanings:
        account = case.account or provided.account
        verdict = adapter_for(account).judge(_exchange(case))
        assert verdict.meaning is case.meaning, f"{case.name}: {verdict}"
        if case.until is not None:
            assert verdict.until == case.until, case.name
        if verdict.meaning is Meaning.PROCEED:
            try:
                list(adapter_for(account).read(_exchange(case)))
            except ShapeChanged:
                pytest.fail(f"{case.name}: judged readable, and is not")


def test_the_adapter_declares_what_it_is(provided: Provided) -> None:
    """Its platform is the registry's name, it has tasks, and confirms at least one record at a time."""
    adapter = adapter_class(provided.account.platform)
    assert adapter.platform == provided.account.platform
    assert {TaskKind.PROFILE, TaskKind.POLL} <= adapter.kinds
    assert all(size >= 1 for size in adapter.batches.values())
    assert {task.kind for task in provided.tasks} == set(adapter.kinds), "the world has a task of each kind"


def _at(body: bytes, pointer: str) -> bool:
    """Whether an object of a JSON body, or an element of an XML body, stands there, as far as pointers of ours need it."""
    if body.startswith(b"<?xml"):
        found = re.fullmatch(r"//\*\[local-name\(\)='(\w+)'\]\[(\d+)\]", pointer)
        every = ET.fromstring(body).findall(f".//{{*}}{found[1]}") if found else []
        return not pointer or (found is not None and int(found[2]) <= len(every))
    document = json.loads(body)
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return isinstance(document, dict)


def _exchange(case: Case) -> Exchange:
    account = case.account or Account("somebody", "somewhere", "someone")
    spec = RequestSpec(case.url, case.stream, method=case.method)
    return exchange_of(Task(account, TaskKind.POLL, NOW), spec, case.reply, 1)
