"""Is it still there? Asked with care, because Instagram says the same of what is deleted and of what may not be seen.

First the account must answer, then its newest media must be listed, and where comments are counted one of them must be
listed, too. Only then the ids themselves are asked, and a 100/33 about one of them is taken for the platform's word.
Whatever fails before is a gap, and nothing is gone because of it.

What an id is of, it does not tell: it is asked for as a comment, and where that has not such fields as a medium.
Messages are never asked about, because all but the newest answer as if they had been deleted.

Mentions elsewhere, of which events told, are read here as well, by the expansions that are made for them.
"""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.instagram.answers import WORDS
from archiver.platforms.instagram.flavours import HELD, MENTIONED, MENTIONED_COMMENT, Flavour
from archiver.platforms.instagram.life import Sight, question, sight
from archiver.platforms.instagram.office import Office
from archiver.platforms.instagram.routes import Call, route_of
from archiver.platforms.meta.errors import Fault, error_of, words_for
from archiver.platforms.meta.fields import count, document
from archiver.platforms.resuming import state_of

BATCH = 20
STREAM, COMMENTS, MENTIONS = "posts", "comments", "mentions"
LEDGER = "removals"
NO_POSTS = (
    "Instagram lists none of the account's posts, although it counts {count}. So what can't be read now may be there "
    "all the same, and nothing was taken for removed. Look at the token's scopes and at the role of the person behind "
    "it."
)
NO_COMMENTS = (
    "Instagram counts comments below the newest posts and lists none of them. So a comment that can't be read now may "
    "be there all the same, and nothing was taken for removed. The token lacks the scope for comments "
    "(instagram_manage_comments or instagram_business_manage_comments), or the app is not approved for them."
)
ONLY_WITH_PAGE = "With Instagram's own login, mentions elsewhere can't be read; only the event about them is kept."


def start(office: Office, task: Task) -> Step:
    """Signs of life, then the ids; mentions first, which need none."""
    subjects = list(dict.fromkeys(task.subjects))
    mentions = [found for one in subjects if (found := office.names.mentioned(one)) is not None]
    ids = [native for one in subjects if (native := office.names.native(one)) and not office.names.mentioned(one)]
    ids = [native for native in ids if native.isascii() and native.isdigit() and native != office.who.user_id]
    asked: list[RequestSpec] = []
    findings: list[Finding] = []
    if mentions and office.who.flavour is Flavour.FACEBOOK:
        asked += [_mention(office, medium, comment) for medium, comment in mentions]
    elif mentions:
        findings.append(NotOffered("mentions elsewhere", ONLY_WITH_PAGE))
    if ids:
        asked += _signs_of_life(office)
    return office.step(asked, {"ids": ids}, findings=findings)


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """On, as long as there is life; an id that is no comment's is asked for as a medium's."""
    rest, state = list(step.rest().requests), state_of(step)
    route, error = route_of(exchange.url), error_of(exchange)
    if route.call is Call.PROFILE and error is None:
        state["count"] = count(document(exchange).get("media_count"))
    elif route.call is Call.MEDIA:
        return _alive(office, task, step, exchange)
    elif route.call is Call.COMMENT and error is not None and error.fault in {Fault.FIELD, Fault.PARAMETER}:
        rest.insert(0, office.desk.ask(route.node, office.lists.media, stream=STREAM))
    return office.step(rest, state)


def _signs_of_life(office: Office) -> list[RequestSpec]:
    own = office.who.flavour is Flavour.INSTAGRAM
    account = office.desk.ask("me" if own else office.who.user_id, HELD[office.who.flavour], stream="profile")
    return [account, question(office, STREAM)]


def _alive(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """Whether the listing of media shows that records of this account can be read; then its ids."""
    rest, state = list(step.rest().requests), state_of(step)
    error = error_of(exchange)
    if error is not None:
        return office.step([], findings=[Shortfall(LEDGER, None, task.started_at, words_for(error, WORDS))])
    seen = sight(exchange)
    if seen is Sight.NOTHING and state.get("count") != 0:
        words = NO_POSTS.format(count=state.get("count") or "some")
        return office.step([], findings=[Shortfall(LEDGER, None, task.started_at, words)])
    if seen is Sight.SILENCE:
        return office.step([], findings=[Shortfall(LEDGER, None, task.started_at, NO_COMMENTS)])
    ids: list[str] = state.get("ids", [])
    rest += [office.desk.ask(native_id, office.lists.reply, stream=COMMENTS) for native_id in ids]
    return office.step(rest, {**state, "ids": []}, findings=[Covered(LEDGER, None, task.started_at)])


def _mention(office: Office, medium: str, comment: str | None) -> RequestSpec:
    """What somebody wrote elsewhere: the comment, or the caption."""
    if comment is not None:
        fields = f"mentioned_comment.comment_id({comment}){{{MENTIONED_COMMENT.text}}}"
    else:
        fields = f"mentioned_media.media_id({medium}){{{MENTIONED.text}}}"
    return office.desk.ask(office.who.user_id, None, (("fields", fields),), stream=MENTIONS)
