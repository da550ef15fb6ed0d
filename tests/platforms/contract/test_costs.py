"""Each request says the most that its answer may cost, and no answer costs more (docs/decisions/0070-budgets.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.domain.task import Task
from archiver.platforms.registry import adapter_for
from tests.platforms.contract.server import Provided, Reply, Run, carry_out, label
from tests.platforms.contract.test_faults import BROKEN


@pytest.mark.parametrize("page_size", [None, 1, 3])
def test_no_answer_costs_more_than_was_said(provided: Provided, page_size: int | None) -> None:
    """Of any page size, whatever the answer brings; who has no tariff has no prices."""
    for task in provided.tasks:
        assert_within(task, carry_out(provided, task, page_size=page_size))


@pytest.mark.parametrize("fault", sorted(BROKEN))
def test_a_broken_answer_costs_no_more(provided: Provided, fault: str) -> None:
    """Nor does the price of what can't be read fail."""
    for task in provided.tasks:

        def spoil(_number: int, _spec: object, reply: Reply) -> Reply:
            return BROKEN[fault](reply)

        assert_within(task, carry_out(provided, task, spoil=spoil))


def test_a_request_that_is_written_again_costs_the_same(provided: Provided) -> None:
    """A task that goes on from its cursor is no cheaper, and no dearer."""
    for task in provided.tasks:
        run = carry_out(provided, task)
        for step in run.steps:
            again = adapter_for(task.account).start(replace(task, cursor=step.cursor)) if step.cursor else step
            prices = {spec.url: spec.cost for spec in again.requests}
            for spec in step.requests:
                assert prices.get(spec.url, spec.cost) == spec.cost, f"{label(task)}: {spec.url}"


def assert_within(task: Task, run: Run) -> None:
    """Every exchange of a run is within its request's price."""
    tariff = adapter_for(task.account).tariff
    for spec, exchange in zip(run.specs, run.exchanges, strict=True):
        price = tariff.cost(exchange) if tariff is not None else 0
        assert 0 <= price <= spec.cost or (tariff is None and spec.cost == 0), f"{label(task)}: {spec.url}"
