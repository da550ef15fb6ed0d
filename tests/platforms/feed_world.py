"""A small news site in memory: an Atom feed, paged (RFC 5005), and the same as RSS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Task, TaskKind

HOST = "news.example.gov"
BASE = f"https://{HOST}"
FEED = f"{BASE}/news/atom.xml"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(slots=True)
class Article:
    """An entry of the feed."""

    id: str
    title: str
    html: str
    at: datetime
    updated: datetime | None = None
    enclosure: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Site:
    """A site that shows its newest articles ``page_size`` at a time. ``paged``: older ones have pages of their own."""

    articles: list[Article] = field(default_factory=list)
    page_size: int = 10
    paged: bool = True

    def publish(self, number: int, html: str = "<p>Hello</p>", **more: object) -> Article:
        """A new article; ``at`` is when."""
        at = more.pop("at", NOW - timedelta(days=1))
        assert isinstance(at, datetime)
        article = Article(f"tag:{HOST},2026:{number}", f"Notice {number}", html, at, **more)  # type: ignore[arg-type]  # a test's own words
        self.articles.append(article)
        return article

    def page(self, number: int) -> Sequence[Article]:
        """One page, newest first."""
        newest = sorted(self.articles, key=lambda one: one.at, reverse=True)
        return newest[(number - 1) * self.page_size : number * self.page_size]

    def atom(self, number: int = 1) -> bytes:
        """A page as Atom 1.0."""
        more = self.paged and number * self.page_size < len(self.articles)
        following = f'<link rel="next" href="{FEED}?page={number + 1}"/>' if more else ""
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
            f"<title>City of Example News</title><subtitle>What is new</subtitle><id>{FEED}</id>"
            f'<link href="{BASE}/news/"/>{following}<updated>{_iso(NOW)}</updated>'
            f"{''.join(_atom(one) for one in self.page(number))}</feed>"
        ).encode()

    def rss(self, number: int = 1) -> bytes:
        """A page as RSS 2.0."""
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>City of Example News</title>'
            f"<link>{BASE}/news/</link><description>What is new</description>"
            f"{''.join(_rss(one) for one in self.page(number))}</channel></rss>"
        ).encode()


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _atom(one: Article) -> str:
    link = f'<link rel="enclosure" type="application/pdf" href={quoteattr(one.enclosure)}/>' if one.enclosure else ""
    tags = "".join(f"<category term={quoteattr(tag)}/>" for tag in one.tags)
    return (
        f"<entry><id>{one.id}</id><title>{escape(one.title)}</title><author><name>Ann Clerk</name></author>"
        f'<link href="{BASE}/news/{one.id.rpartition(":")[2]}"/>{link}{tags}'
        f"<published>{_iso(one.at)}</published><updated>{_iso(one.updated or one.at)}</updated>"
        f'<content type="html">{escape(one.html)}</content></entry>'
    )


def _rss(one: Article) -> str:
    link = f'<enclosure type="application/pdf" length="9" url={quoteattr(one.enclosure)}/>' if one.enclosure else ""
    tags = "".join(f"<category>{escape(tag)}</category>" for tag in one.tags)
    return (
        f'<item><guid isPermaLink="false">{one.id}</guid><title>{escape(one.title)}</title>'
        f"<link>{BASE}/news/{one.id.rpartition(':')[2]}</link>{link}{tags}"
        f"<pubDate>{format_datetime(one.at)}</pubDate><description>{escape(one.html)}</description></item>"
    )


def news(**more: object) -> Account:
    """The city's account."""
    words = {"id": "city-news", "platform": "feed", "handle": FEED, "native_id": FEED, **more}
    return Account(**words)  # type: ignore[arg-type]  # a test's own words


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: object) -> Task:
    """A task of that account, at the world's present."""
    return Task(account or news(), kind, NOW, subjects, **more)  # type: ignore[arg-type]  # a test's own words


def exchange(body: bytes, *, url: str = FEED, kind: str = "application/atom+xml", status: int = 200) -> Exchange:
    """An answer of the site."""
    spec = RequestSpec(url, "posts")
    return Exchange(
        "00000000-0000-4000-8000-000000000001", 1, "city-news", spec.url, spec.stream, NOW, status=status,
        headers=(("Content-Type", kind),), body=body, task_kind="poll",
    )  # fmt: skip
