"""X's part of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from archiver.domain.account import Account
from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import About, Meaning, TaskKind
from tests.platforms.contract.server import NOW, Case, Provided, Reply
from tests.platforms.x_world import ANN, BASE, BOB, CITY, EVE, Server, city, task

PICTURE = "https://pbs.twimg.com/media/GExample1.jpg?name=orig"


def provide() -> Provided:
    """A city with some posts, a repost, an edit, a picture, threads with a removed answer, mentions, a quotation."""
    server, ids = _story()
    account = city()
    user = replace(account, facts={"kind of token": "user", "holder of the token": CITY})

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        if spec.purpose is Purpose.MEDIA:
            return Reply(200, b"", (("Content-Type", "image/jpeg"),))
        server.page_most = page_size
        server.token = "user" if "owned" in spec.note else "app"
        status, headers, body = server.answer(spec)
        return Reply(status, body, tuple(headers))

    listed = {"mentions": ((None, NOW),)}
    root, other = Key(f"x:{ids['hearing']}"), Key(f"x:{ids['ours elsewhere']}")
    known = tuple(Key(f"x:{ids[name]}") for name in ("hearing", "first", "gone", "second"))
    about = {
        root: About(CITY, root, None, known), other: About(CITY, Key(f"x:{ids['foreign']}"), None, ()),
    }  # fmt: skip
    authors = {Key(f"x:{ids['gone']}"): About(ANN), Key(f"x:{ids['suspended']}"): About(EVE)}
    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.ACCESS, account=account),
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.PROFILE, account=city(native_id=None)),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=user, since=NOW - timedelta(days=6, hours=12)),
            task(TaskKind.POLL, account=account, since=NOW - timedelta(days=3), cursor={"newest": ids["note 8"]}),
            task(TaskKind.BACKFILL, account=account, since=NOW - timedelta(days=19)),
            task(TaskKind.MENTIONS, account=account, full=True),
            task(TaskKind.THREAD, root, other, account=account, known=known, about=about, complete=listed),
            task(TaskKind.HISTORY, f"x:{ids['note 3']}", f"x:{ids['note 4']}", account=account),
            task(TaskKind.CONFIRM, *known, f"x:{ids['suspended']}", f"x:user/{CITY}", account=account, about=authors),
            task(TaskKind.MEDIA, "x:media/777", account=account, address=PICTURE),
        ),
        elsewhere=city(base_url=None),
        limits={"max_results": (5, 100)},
        most_values={},
        may_hold_secret=frozenset({"api.x.com"}),
        meanings=_meanings(account, ids["note 1"]),
    )


def _story() -> tuple[Server, dict[str, str]]:
    server, day, ids = Server(), timedelta(days=1), dict[str, str]()
    for n in range(1, 9):
        ids[f"note {n}"] = server.post(text=f"Notice {n}", at=NOW - (20 - 2 * n) * day)["id"]
    server.edit(ids["note 3"], "Notice 3, corrected", NOW - 14 * day + timedelta(minutes=20))
    server.media["3_777"] = {"media_key": "3_777", "type": "photo", "url": PICTURE.partition("?")[0]}
    server.posts[ids["note 4"]]["attachments"] = {"media_keys": ["3_777"]}
    original = server.post(ANN, "Trail closed & flooded", at=NOW - 4 * day)
    server.post(text="RT @ann: Trail closed", repost=original["id"], at=NOW - 3 * day)
    ids["hearing"] = server.post(text="Hearing on Tuesday", at=NOW - 2 * day)["id"]
    ids["first"] = server.post(ANN, "When?", to=ids["hearing"], at=NOW - day)["id"]
    ids["gone"] = server.post(BOB, "Where?", to=ids["hearing"], at=NOW - day)["id"]
    ids["second"] = server.post(BOB, "At noon", to=ids["first"], at=NOW - day)["id"]
    server.post(ANN, "Thank you", to=ids["second"], at=NOW - day / 2)
    ids["suspended"] = server.post(EVE, "Spam", to=ids["hearing"], at=NOW - day)["id"]
    ids["foreign"] = server.post(ANN, "Who ploughs Elm St?", at=NOW - 2 * day)["id"]
    ids["ours elsewhere"] = server.post(text="We do", to=ids["foreign"], at=NOW - day)["id"]
    server.post(BOB, "Thanks", to=ids["ours elsewhere"], at=NOW - day / 2)
    server.post(BOB, "They quote well", quote=ids["hearing"], at=NOW - day / 2)
    server.post(ANN, "Dear @ExampletonCity, hello", at=NOW - day / 3)
    server.gone.add(ids["gone"])
    server.suspended.add(EVE)
    return server, ids


def _meanings(account: Account, post: str) -> list[Case]:
    """A few of the table; the adapter's own tests have the rest."""
    timeline, profile = f"{BASE}/2/users/{CITY}/tweets?max_results=50", f"{BASE}/2/users/{CITY}"
    reset = (("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", f"{int(NOW.timestamp()) + 300}"))
    cap = (
        b'{"title": "UsageCapExceeded", "type": "https://api.twitter.com/2/problems/usage-capped", "period": "Monthly"}'
    )
    missing = b'{"errors": [{"title": "Not Found Error", "parameter": "id", "resource_id": "%b", "type": "/problems/resource-not-found"}]}'
    page = Reply(502, b"<html>Bad gateway</html>", (("Content-Type", "text/html"),))
    anonymous = replace(account, authenticated=False)
    return [
        Case("429 without calls left waits for the window", timeline, Reply(429, b"{}", reset), Meaning.WAIT,
             until=NOW + timedelta(seconds=302)),
        Case("429 with calls left is the pace", timeline, Reply(429, b"{}", (("x-rate-limit-remaining", "9"),)), Meaning.RETRY),
        Case("429 for the month's cap waits for tomorrow", timeline, Reply(429, cap, (("x-rate-limit-remaining", "9"),)),
             Meaning.WAIT, until=datetime.fromisoformat("2026-11-23T00:00:00+00:00")),
        Case("402 needs a person", timeline, Reply(402, b'{"title": "CreditsDepleted"}'), Meaning.ACCESS_LOST),
        Case("401 may pass", timeline, Reply(401, b'{"title": "Unauthorized"}'), Meaning.RETRY),
        Case("401 without a token needs one", timeline, Reply(401, b"{}"), Meaning.NEEDS_TOKEN, account=anonymous),
        Case("a bad gateway passes", timeline, page, Meaning.RETRY),
        Case("a post that is not there is an answer", f"{BASE}/2/tweets/{post}", Reply(404, missing % post.encode()),
             Meaning.PROCEED),
        Case("an account that is not there is gone", profile, Reply(200, missing % CITY.encode()), Meaning.ACCOUNT_GONE),
        Case("a closed archive is an answer", f"{BASE}/2/tweets/search/all?query=x", Reply(403, b'{"type": "a/problems/client-forbidden"}'),
             Meaning.PROCEED),
    ]  # fmt: skip
