"""The subscription to the channel's feed at Google's hub, made anew each day: it ends by itself after five.

A hub that can't be had ends nothing: polls find what no push told.
(https://developers.google.com/youtube/v3/guides/push_notifications)
"""

from __future__ import annotations

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.task import Meaning, Step, Task, Verdict
from archiver.platforms.websub import subscription
from archiver.platforms.youtube.office import Office
from archiver.platforms.youtube.routes import SITE

HUB = "https://pubsubhubbub.appspot.com"
"""What stands before ``/subscribe``, unless the account has a ``base_url``."""
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


def topic_of(office: Office) -> str | None:
    """What the hub calls the channel's feed, wherever the feed itself is asked for; None without the channel's id."""
    return f"{SITE}/xml/feeds/videos.xml?channel_id={office.channel}" if office.channel is not None else None


def start(office: Office, task: Task) -> Step:
    """One request; nothing where nobody listens, or where the channel is not known yet."""
    topic = topic_of(office)
    if topic is None or task.callback is None:
        return Step()
    return Step((subscription(f"{_hub(task.account)}/subscribe", topic, task.callback),))


def proceed(_office: Office, _task: Task, step: Step, _exchange: Exchange) -> Step:
    """Done: whether it is meant, the hub asks the callback itself."""
    return step.rest()


def judged(exchange: Exchange) -> Verdict:
    """What the hub's answer means. It is not YouTube's API, so no failure of it ends a round."""
    if exchange.ok:
        return Verdict(Meaning.PROCEED)
    if exchange.status in _PASSING:
        return Verdict(Meaning.RETRY, f"the hub answered {exchange.status}")
    said = f"the hub answered {exchange.status}" if exchange.status is not None else "the hub did not answer"
    return Verdict(Meaning.SHAPE_CHANGED, f"{said}; new videos are found by polling alone")


def _hub(account: Account) -> str:
    return (account.base_url or HUB).rstrip("/")
