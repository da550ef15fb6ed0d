"""A small Bluesky network in memory: one server that is AppView and PDS at once, a city's account and some residents."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import GateSeen, GoneSeen, ItemSeen, Observation
from archiver.domain.task import Cursor, Finding, FollowUp, Meaning, Step, Task, TaskKind, Verdict
from archiver.platforms.bluesky import BlueskyAdapter
from archiver.sandbox.bluesky_api import BlueskyApi
from archiver.sandbox.images import picture
from archiver.sandbox.model import Card, Post, Standing
from archiver.sandbox.wire import Asked
from archiver.sandbox.world import World
from tests.platforms.bluesky.repository import repository

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
BASE = "http://bsky.test:2583"
MOST_REQUESTS = 600
CAR = (("Content-Type", "application/vnd.ipld.car"),)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, content codings removed."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json; charset=utf-8"),)


@dataclass(slots=True)
class Carried:
    """All that a task did, and how it ended: ``done``, or the meaning that ended it."""

    steps: list[Step] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    leftover: Cursor | None = None
    ended: str = "done"

    @property
    def sightings(self) -> list[ItemSeen]:
        """All sightings, in their order."""
        return [seen for seen in self.observations if isinstance(seen, ItemSeen)]

    @property
    def items(self) -> dict[str, ItemSeen]:
        """The last sighting of each record."""
        return {seen.key: seen for seen in self.sightings}

    @property
    def gone(self) -> list[GoneSeen]:
        """What is not there."""
        return [seen for seen in self.observations if isinstance(seen, GoneSeen)]

    @property
    def gates(self) -> list[GateSeen]:
        """What is hidden or detached."""
        return [seen for seen in self.observations if isinstance(seen, GateSeen)]

    @property
    def methods(self) -> list[str]:
        """The XRPC methods that were asked, in order, without their namespace."""
        return [urlsplit(exchange.url).path.rpartition(".")[2] for exchange in self.exchanges]


class BlueskyWorld:
    """The network. ``page_size`` is the most that a page holds.

    ``answers`` (by request number) and ``by_method`` go before everything else. ``proves`` False: the server gives no
    proofs. ``members_only``: ``app.bsky.*`` is answered to logged-in callers only, as by a PDS.
    """

    def __init__(self, *, page_size: int | None = None, told: World | None = None, account: str = "city") -> None:
        self.world = told or World(seed=7, now=NOW, domain="millbrook.example")
        if told is None:
            handle, name = "city.millbrook.example", "City of Millbrook"
            self.world.add_account(account, "bluesky", handle, name, department="Clerk", description="Official.")
        self.city = self.world.accounts[account]
        names = (("ann.example", "Ann (resident)"), ("bo.example", "Bo Ødegård 🌲"), ("dee.example", "Dee"))
        self.ann, self.bo, self.dee = (self.world.add_person("bluesky", *name) for name in names)
        self.api = BlueskyApi(self.world, BASE, factor=1000)
        self.page_size = page_size
        self.answers: dict[int, Reply] = {}
        self.by_method: dict[str, Reply] = {}
        self.asked: list[RequestSpec] = []
        self.named: dict[str, Post] = {}
        self.proves = True
        self.members_only = False
        self._token: str | None = None

    @property
    def account(self) -> Account:
        """The city's account as the store has it after its profile was read."""
        return replace(self.configured, native_id=self.city.person.id, facts={"pds": BASE})

    @property
    def configured(self) -> Account:
        """The city's account as the configuration has it."""
        return Account("city", "bluesky", self.city.person.handle, base_url=BASE)

    @property
    def logged_in(self) -> Account:
        """The same with an app password."""
        return replace(self.account, authenticated=True)

    def task(self, kind: TaskKind, *subjects: str, **more: object) -> Task:
        """A task of the city's account, at the world's present."""
        words: dict[str, object] = {
            "account": self.account,
            "started_at": self.world.now(),
            "subjects": subjects,
        } | more
        return Task(kind=kind, **words)  # type: ignore[arg-type]  # a shorthand

    def serve(self, spec: RequestSpec, page_size: int | None = None) -> Reply:
        """The answer to one request."""
        url = spec.url
        assert url.startswith(BASE), url
        size = page_size or self.page_size
        if size is not None:
            url = re.sub(r"([?&]limit=)(\d+)", lambda m: f"{m[1]}{min(size, int(m[2]))}", url)
        if "com.atproto.sync.getRecord?" in url:
            return self._proof(url) if self.proves else Reply(501, b'{"error": "MethodNotImplemented", "message": ""}')
        if self.members_only and "/xrpc/app.bsky." in url and not spec.credential:
            return Reply(401, b'{"error": "AuthMissing", "message": "Authentication Required"}')
        headers = {"authorization": f"Bearer {self._session()}"} if spec.credential else {}
        answer = self.api.answer(Asked.of(spec.method, url.removeprefix(BASE), headers, spec.body or b""))
        return Reply(answer.status, answer.body, (("Content-Type", answer.mime), *answer.headers))

    def _proof(self, url: str) -> Reply:
        """Like a PDS: the repository with or without the record, or why there is none."""
        params = parse_qs(urlsplit(url).query)
        did = params["did"][0]
        person = self.world.people["bluesky", did]
        if person.standing is not Standing.ACTIVE:
            name = {Standing.DELETED: "RepoNotFound", Standing.DEACTIVATED: "RepoDeactivated"}.get(person.standing)
            return Reply(400, json.dumps({"error": name or "RepoTakendown", "message": did}).encode())
        held = [post.id.split("/", 3)[3] for post in person.posts if not post.gone]
        return Reply(200, repository(did, [*held, "app.bsky.actor.profile/self"]), CAR)

    def _session(self) -> str:
        if self._token is None:
            self._token = self.api.sessions._issue(self.city.person)["accessJwt"]
        return self._token

    def carry_out(self, task: Task, *, most: int = MOST_REQUESTS) -> Carried:
        """A task from its start, or from its cursor, to its end."""
        adapter = BlueskyAdapter(task.account)
        done = Carried()
        step = adapter.start(task)
        _note(done, step)
        while not step.done:
            number = len(done.exchanges) + 1
            assert number <= most, f"asked for {step.requests[0].url} last"
            spec = step.requests[0]
            self.asked.append(spec)
            method = urlsplit(spec.url).path.rpartition(".")[2]
            reply = self.answers.get(number) or self.by_method.get(method) or self.serve(spec)
            exchange = exchange_of(task, spec, reply, number)
            done.steps.append(step)
            done.exchanges.append(exchange)
            done.verdicts.append(adapter.judge(exchange))
            if done.verdicts[-1].meaning is not Meaning.PROCEED:
                done.ended = str(done.verdicts[-1].meaning)
                return done
            done.observations += adapter.read(exchange)
            step = adapter.proceed(task, step, exchange)
            _note(done, step)
        done.leftover = step.cursor
        return done


def exchange_of(task: Task, spec: RequestSpec, reply: Reply, number: int = 1) -> Exchange:
    """What the loop makes of an answer."""
    return Exchange(
        id=f"00000000-0000-4000-8000-{number:012d}",
        sequence=number,
        account=task.account.id,
        url=spec.url,
        stream=spec.stream,
        captured_at=NOW,
        method=spec.method,
        status=reply.status,
        headers=reply.headers,
        body=b"" if spec.purpose == "media" else reply.body,
        purpose=spec.purpose,
        task_kind=str(task.kind),
        subject=task.subject,
    )


def story(world: BlueskyWorld) -> dict[str, Post]:
    """Some months of the city's life; the named posts."""
    w, city, ann, bo, dee = world.world, "city", world.ann, world.bo, world.dee
    begin = NOW - timedelta(days=90)
    named: dict[str, Post] = {}
    for n in range(12):
        text = f"Notice {n}: see https://millbrook.example/{n} #notice"
        named[f"notice {n}"] = w.post(city, text, at=begin + timedelta(days=n))
    pool = picture(1, "The pool")
    named["pictures"] = w.post(city, "New lanes.", at=begin + timedelta(days=20), pictures=[pool, picture(2, "")])
    card = Card("https://millbrook.example/budget", "Draft budget", "Open for comment.")
    named["card"] = w.post(city, "Read the draft.", at=begin + timedelta(days=21), card=card)
    parks = w.post(ann, "Ridge Loop is closed.", at=begin + timedelta(days=22))
    named["closed"] = parks
    named["share"] = w.share(city, parks, at=begin + timedelta(days=23))
    named["share of an own post"] = w.share(city, named["notice 1"], at=begin + timedelta(days=24))
    named["hearing"] = hearing = w.post(city, "Public hearing on Tuesday. (1/2)", at=begin + timedelta(days=30))
    minute = timedelta(minutes=1)
    named["own answer"] = w.reply(city, hearing, "The report is online. (2/2)", at=hearing.created_at + minute)
    named["question"] = w.reply(ann, hearing, "Will parking be removed?", at=hearing.created_at + 2 * minute)
    named["answer"] = w.reply(city, named["question"], "14 spaces.", at=hearing.created_at + 3 * minute)
    named["rude"] = w.reply(dee, hearing, "Rude comment", at=hearing.created_at + 4 * minute)
    named["below rude"] = w.reply(ann, named["rude"], "Calm down", at=hearing.created_at + 5 * minute)
    named["middle"] = w.reply(bo, hearing, "To be removed", at=hearing.created_at + 6 * minute)
    named["below middle"] = w.reply(ann, named["middle"], "Still here", at=hearing.created_at + 7 * minute)
    deep = named["answer"]
    for n in range(24):
        deep = w.reply(bo if n % 2 else ann, deep, f"deep {n}", at=hearing.created_at + (10 + n) * minute)
    named["deepest"] = deep
    named["quote"] = w.post(bo, "Look at this", at=hearing.created_at + 60 * minute, quote=hearing)
    named["other quote"] = w.post(ann, "And this", at=hearing.created_at + 61 * minute, quote=hearing)
    named["mention"] = w.post(
        ann, "Thank you @city.millbrook.example!", at=begin + timedelta(days=40), mentions=[world.city.person]
    )
    w.hide(named["rude"])
    w.detach(named["quote"])
    w.pin(named["notice 0"])
    w.describe(city, description="Posts and comments are public records.", avatar=picture(3, None))
    return named


def _note(done: Carried, step: Step) -> None:
    done.findings += step.findings
    done.follow_ups += step.follow_ups
