"""Where requests go, what they carry, and that their parameters are within bounds."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from archiver.domain.exchange import Purpose
from archiver.domain.task import TaskKind
from archiver.platforms.registry import adapter_for
from tests.platforms.contract.server import Provided, each, label, origin


def test_every_call_goes_to_the_base_url(provided: Provided) -> None:
    """With a ``base_url``, no call of the API goes to another origin (design, section 5.4); media may."""
    base_url = provided.account.base_url
    assert base_url is not None
    for task, run in each(provided):
        for spec in run.specs:
            if spec.purpose is Purpose.API:
                assert spec.url.startswith(base_url), f"{label(task)}: {spec.url}"


def test_a_base_url_with_a_path_is_kept(provided: Provided) -> None:
    """A gateway may put the API below a path of its own, and the operator may end it with a slash."""
    for base_url in ("http://gateway.test:8443/bsky/", "http://gateway.test:8443/bsky"):
        account = replace(provided.account, base_url=base_url)
        for task in provided.tasks:
            for spec in adapter_for(account).start(replace(task, account=account)).requests:
                if spec.purpose is Purpose.API:
                    assert spec.url.startswith("http://gateway.test:8443/bsky/"), f"{label(task)}: {spec.url}"
                    assert "//" not in urlsplit(spec.url).path


def test_credentials_go_to_the_account_s_own_servers_only(provided: Provided) -> None:
    """With a ``base_url`` to its origin, without one to the hosts that the platform names."""
    for task, run in each(provided):
        for spec in run.specs:
            if spec.credential is not None:
                assert origin(spec.url) == origin(provided.account.base_url or ""), label(task)
    elsewhere = replace(provided.elsewhere, authenticated=True)
    for task in provided.tasks:
        adapter = adapter_for(elsewhere)
        login = adapter.login()
        specs = [spec for spec in adapter.start(replace(task, account=elsewhere)).requests if spec.credential]
        specs += [spec for spec in ((login.request, login.refresh) if login else ()) if spec is not None]
        assert {urlsplit(spec.url).hostname for spec in specs} <= provided.may_hold_secret, label(task)
        assert {urlsplit(spec.url).scheme for spec in specs} <= {"https"}, label(task)


def test_media_carry_no_credential(provided: Provided) -> None:
    """Pictures are asked for without the account's secret."""
    for task, run in each(provided):
        if task.kind is TaskKind.MEDIA:
            assert run.specs
            assert {spec.credential for spec in run.specs if spec.purpose is Purpose.MEDIA} == {None}


def test_no_parameter_is_out_of_its_range(provided: Provided) -> None:
    """Servers answer a limit of 101 with 400 or 500: it is never sent."""
    for task, run in each(provided):
        for spec in run.specs:
            params = parse_qs(urlsplit(spec.url).query)
            for name, values in params.items():
                if name in provided.limits:
                    low, high = provided.limits[name]
                    assert all(low <= int(value) <= high for value in values), f"{label(task)}: {spec.url}"
                assert len(values) <= provided.most_values.get(name, 1), f"{label(task)}: {spec.url}"


def test_requests_read_and_never_write(provided: Provided) -> None:
    """An archive asks; it posts nothing, but for the wish to be told (WebSub)."""
    for task, run in each(provided):
        if task.kind is TaskKind.SUBSCRIBE:
            continue
        assert {spec.method for spec in run.specs} <= {"GET"}, label(task)


def test_each_request_names_a_stream_of_the_coverage_ledger(provided: Provided) -> None:
    """The streams are a closed list."""
    streams = {"profile", "posts", "comments", "quotes", "mentions", "edits", "media"}
    streams |= {"stories", "reviews", "messages", "push", "access", "chat", "captions"}
    for task, run in each(provided):
        assert {spec.stream for spec in run.specs} <= streams, label(task)
