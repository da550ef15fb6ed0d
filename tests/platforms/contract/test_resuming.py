"""A cursor is all that a new process has."""

from __future__ import annotations

import json
from dataclasses import replace

from archiver.domain.task import Task
from archiver.platforms.registry import adapter_for
from tests.platforms.contract.server import Provided, Run, carry_out, essence, label


def test_every_cursor_is_json(provided: Provided) -> None:
    """And comes back from JSON as it was."""
    for task in provided.tasks:
        for step in carry_out(provided, task, page_size=3).steps:
            assert json.loads(json.dumps(step.cursor)) == step.cursor, label(task)


def test_a_new_process_goes_on_with_the_same_requests(provided: Provided) -> None:
    """From the cursor of any step, a fresh adapter asks what the old one was about to ask."""
    for task in provided.tasks:
        for step in carry_out(provided, task, page_size=3).steps:
            if step.cursor is None:
                continue
            again = adapter_for(task.account).start(replace(task, cursor=json.loads(json.dumps(step.cursor))))
            assert [spec.url for spec in again.requests] == [spec.url for spec in step.requests], label(task)


def test_stopping_anywhere_loses_and_adds_nothing(provided: Provided) -> None:
    """What was seen before a stop and after the resumption is together what an undisturbed task sees."""
    for task in provided.tasks:
        whole = carry_out(provided, task, page_size=3)
        for number in range(1, len(whole.steps)):
            seen = _seen_before(task, whole, number)
            resumed = carry_out(provided, replace(task, cursor=whole.steps[number].cursor), page_size=3)
            assert seen | essence(resumed.observations) == essence(whole.observations), f"{label(task)} {number}"
            assert resumed.ended == "done", label(task)


def _seen_before(task: Task, whole: Run, number: int) -> set[str]:
    adapter = adapter_for(task.account)
    return essence([seen for exchange in whole.exchanges[:number] for seen in adapter.read(exchange)])


def test_a_cursor_that_makes_no_sense_is_left_behind(provided: Provided) -> None:
    """A cursor of another release begins the task again."""
    for task in provided.tasks:
        for cursor in ({}, {"v": 999, "todo": [["?"]]}, {"unknown": [1, 2]}):
            assert carry_out(provided, replace(task, cursor=cursor)).ended == "done", label(task)
