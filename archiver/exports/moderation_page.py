"""The moderation report as one page that a person reads, on a screen, on paper or with a screen reader.

It needs nothing beside it and runs nothing. All words of strangers are escaped, stand in elements that keep their
direction to themselves, and lead nowhere but to an address of the web.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.domain.moderation import ON_PEOPLE, Doubt, Entry, PolicyVersion
from archiver.domain.moderation_report import Look, Report
from archiver.exports.moderation_rows import DONE, SOURCES, WHOSE
from archiver.exports.target import new_file

_STYLE = """
:root{color-scheme:light}
body{font:1rem/1.5 Georgia,"Times New Roman",serif;color:#111;background:#fff;
 max-width:52rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3,th,dt,caption{font-family:system-ui,sans-serif}
h1{font-size:1.8rem;margin-bottom:.2rem}
h2{font-size:1.3rem;margin-top:2.5rem;border-bottom:2px solid #111}
h3{font-size:1.05rem;margin:0 0 .5rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}
caption{text-align:left;font-weight:600;margin-bottom:.3rem}
th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}
td.n{text-align:right}
article{border:1px solid #767676;padding:.8rem 1rem;margin:1rem 0;break-inside:avoid-page}
article.open{border-left:.5rem solid #a3000b}
dl{display:grid;grid-template-columns:11rem 1fr;gap:.15rem 1rem;margin:.5rem 0 0}
dt{font-weight:600;font-size:.9rem}
dd{margin:0;overflow-wrap:anywhere}
blockquote{margin:.4rem 0;padding:.5rem .8rem;background:#f4f4f4;border-left:.25rem solid #767676;
 white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
.doubt{color:#a3000b;font-weight:600}
.small{font-size:.85rem}
a{color:#00369f}
@media (max-width:40rem){dl{grid-template-columns:1fr}}
@media print{body{margin:0;max-width:none;font-size:10.5pt}h2,h3{break-after:avoid}a{color:inherit}th{background:none}
 tr{break-inside:avoid}}
"""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WEB = re.compile(r"https?://[^\s\"'<>]+\Z", re.IGNORECASE)

WHAT_IT_IS = (
    "What the archive's captures show is stated as captured. Who did it, under which rule and why is what people of "
    "the city wrote down, under their name. The archiver never hides, deletes or blocks anything itself."
)
NOTHING = "Nothing was seen to be hidden, deleted or blocked in this period, and nobody wrote anything down."
HOW_COMPLETE = (
    "What no capture covers, this record can't know. These are the spans of the accounts and dates above; those of "
    "single threads only where they are gaps."
)


def write(report: Report, path: Path, *, force: bool) -> None:
    """Write the page. Raises UsageError where something is in the way."""
    with new_file(path, force=force) as temporary:
        temporary.write_text(page(report), encoding="utf-8", newline="\n")


def page(report: Report) -> str:
    """The page."""
    return "\n".join(_Page(report).lines()) + "\n"


class _Page:
    """The report's parts, in the order in which they are read."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.zone = ZoneInfo(report.timezone)
        self.numbers = {one.reference: number for number, one in enumerate(report.entries, start=1)}

    def lines(self) -> Iterator[str]:
        title = f"Moderation record of {self.report.archive}"
        yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
        yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield '<meta name="referrer" content="no-referrer">'
        yield f"<title>{_said(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
        yield f"<h1>{_said(title)}</h1>"
        yield from self._head()
        yield from self._counts()
        yield from self._doubts()
        yield from self._entries()
        yield from self._unlike()
        yield from self._settings()
        yield from self._policies()
        yield from self._coverage()
        yield "</main>\n</body>\n</html>"

    def _head(self) -> Iterator[str]:
        one = self.report
        yield "<dl>"
        yield _fact("Period", f"{self._day(one.since, 'the beginning')} until {self._day(one.until, 'now')}")
        yield _fact("Accounts", ", ".join(_said(name) for name in one.accounts) or "none")
        yield _fact("Made", f"{self._time(one.made_at)}; times are those of {_said(one.timezone)}")
        yield _fact("Made from", _said(one.clearance))
        yield _fact("Entries", f"{len(one.entries)}, of which {len(one.open)} have no reason yet")
        yield f"</dl>\n<p>{WHAT_IT_IS}</p>"
        gaps = one.gaps()
        if gaps:
            words = "gap" if len(gaps) == 1 else "gaps"
            yield f'<p class="doubt">Not all was captured: {len(gaps)} {words}, listed under Coverage.</p>'

    def _counts(self) -> Iterator[str]:
        yield '<h2 id="counts">How often</h2>'
        rows = [
            (account, _DONE[action], _WHOSE.get(by, by), rule or "none", str(number))
            for account, action, by, rule, number in self.report.counts()
        ]
        yield from _table(
            "Entries by account, action, person and rule", ("Account", "What", "By", "Rule", "Entries"), rows
        )

    def _doubts(self) -> Iterator[str]:
        yield '<h2 id="open">What is missing</h2>'
        doubted = list(self.report.doubted())
        if not doubted:
            yield "<p>Nothing: every entry that wants a reason has one.</p>"
        for doubt, entries in doubted:
            places = ", ".join(f'<a href="#e{(n := self.numbers[one.reference])}">{n}</a>' for one in entries)
            yield f'<p><strong class="doubt">{_said(_sentence(doubt))}</strong> ({len(entries)}): entries {places}.</p>'

    def _entries(self) -> Iterator[str]:
        yield '<h2 id="entries">What happened</h2>'
        if not self.report.entries:
            yield f"<p>{NOTHING}</p>"
        for one in self.report.entries:
            number = self.numbers[one.reference]
            yield f'<article id="e{number}" class="{"open" if one.is_open else "done"}" aria-labelledby="h{number}">'
            what = DONE[one.action] + ("" if one.subject.kind is None else f": a {one.subject.kind}")
            yield f'<h3 id="h{number}">{number}. {_said(one.account)}: {_said(what)}, {self._when(one)}</h3>'
            yield from self._words(one)
            yield "<dl>"
            yield from (_fact(name, value) for name, value in self._facts(one) if value)
            yield "</dl>\n</article>"

    def _words(self, one: Entry) -> Iterator[str]:
        subject = one.subject
        if subject.withheld is not None:
            what = "Whom it is about" if one.action in ON_PEOPLE else "What it says"
            yield f"<p>{what} is withheld: {_said(subject.withheld)}.</p>"
        if subject.text is not None:
            yield f'<blockquote dir="auto">{_said(subject.text)}</blockquote>'
        if subject.earlier_text is not None:
            yield f'<p>Before an edit it read:</p>\n<blockquote dir="auto">{_said(subject.earlier_text)}</blockquote>'

    def _facts(self, one: Entry) -> Iterator[tuple[str, str]]:
        subject, said = one.subject, one.said
        yield "By", _said(WHOSE[one.by]) + (f": {_bdi(said.actor)}" if said.actor else "")
        if one.seen_as is not one.action:
            yield "As captured", _said(DONE[one.seen_as])
        yield "Written by", _bdi(subject.author)
        yield "Person", _bdi(subject.person)
        yield "Setting", _bdi(subject.setting)
        yield "Rule", self._rule(one)
        yield "Reason", _bdi(said.reason)
        yield "Notice to the person", _bdi(said.notice)
        yield "Appeal", _bdi(said.appeal)
        yield "Missing", "; ".join(f'<span class="doubt">{_said(doubt)}</span>' for doubt in one.doubts)
        yield "Source", _said(SOURCES[one.source]) + (f" ({_bdi(one.basis)})" if one.basis else "")
        if said.notes:
            yield "Said by", "; ".join(f"{_bdi(note.by.name)}, {self._time(note.at)}" for note in said.notes)
        if one.before is not None:
            yield (
                "Capture before",
                f'{self._time(one.before.at)}, <span class="small">{_said(one.before.exchange)}</span>',
            )
        if one.shown is not None:
            yield (
                "Capture that shows it",
                f'{self._time(one.shown.at)}, <span class="small">{_said(one.shown.exchange)}</span>',
            )
        if subject.record is not None:
            version = f", version {subject.version}" if subject.version else ""
            yield "Record", f"{_link(subject.permalink, subject.record)}{version}"
        if one.kept is not None:
            yield "File", f'{_bdi(one.kept.name)}, <span class="small">{_said(one.kept.path)}</span>'
        yield "Entry", f'<span class="small">{_said(one.reference)}</span>'

    def _rule(self, one: Entry) -> str:
        if not one.said.rule:
            return ""
        words = f": {_bdi(one.rule.words)}" if one.rule and one.rule.words else ""
        policy = one.policy
        of = f" (policy in force since {policy.effective.isoformat()})" if policy else ""
        return f"{_bdi(one.said.rule)}{words}{of}"

    def _when(self, one: Entry) -> str:
        if one.day_only:
            return f"on {one.at.astimezone(self.zone).date().isoformat()}"
        if one.after is not None and self._time(one.after) != self._time(one.at):
            return f"between {self._time(one.after)} and {self._time(one.at)}"
        return f"seen {self._time(one.at)}" if one.shown is not None else self._time(one.at)

    def _unlike(self) -> Iterator[str]:
        yield '<h2 id="unlike">The same text, treated differently</h2>'
        if not self.report.unlike:
            yield "<p>No text that was taken away was found standing elsewhere on the same account.</p>"
        for one in self.report.unlike:
            places = ", ".join(f'<a href="#e{(n := self.numbers[entry.reference])}">{n}</a>' for entry in one.entries)
            standing = ", ".join(_bdi(key) for key in one.standing)
            yield f'<blockquote dir="auto">{_said(one.text)}</blockquote>'
            yield f"<p>On {_said(one.account)}: taken away in entries {places}; left standing in {standing}.</p>"
        if self.report.not_compared:
            yield (
                f"<p>{self.report.not_compared} texts were not compared: they have no words to search for, or words "
                "that very many records have.</p>"
            )

    def _settings(self) -> Iterator[str]:
        yield '<h2 id="settings">Settings that were looked at</h2>'
        rows = [
            (
                one.account, str(one.setting).replace("_", " "),
                "written down by a person" if one.manual else "captured",
                self._time(one.first_at), self._time(one.last_at), look_words(one),
            )
            for one in self.report.settings
        ]  # fmt: skip
        columns = ("Account", "Setting", "Source", "First look", "Last look", "As it stood then")
        yield from _table("Settings, each with its first and last look", columns, rows)

    def _policies(self) -> Iterator[str]:
        yield '<h2 id="policy">The comment policy</h2>'
        if not self.report.policies:
            yield '<p class="doubt">No comment policy is on file.</p>'
        for one in self.report.policies:
            yield f"<h3>{_said(one.title)}, in force from {one.effective.isoformat()}</h3>"
            yield f"<p>{_policy_words(one)}</p>"
            if one.rules:
                yield "<ul>"
                yield from (f"<li>{_bdi(rule.code)}: {_bdi(rule.words)}</li>" for rule in one.rules)
                yield "</ul>"

    def _coverage(self) -> Iterator[str]:
        yield '<h2 id="coverage">Coverage</h2>'
        yield f"<p>{HOW_COMPLETE}</p>"
        rows = [
            (
                str(span["account"]), str(span["stream"]) + (f" of {span['thread']}" if span["thread"] else ""),
                self._time(span["from_at"]) if span["from_at"] else "the beginning", self._time(span["until_at"]),
                str(span["state"]).replace("_", " "), str(span["reason"] or ""),
            )
            for span in self.report.coverage
            if span["thread"] is None or span["state"] == "gap"
        ]  # fmt: skip
        yield from _table("Spans of time, and how completely they were captured", (
            "Account", "Stream", "From", "Until", "State", "Reason",
        ), rows)  # fmt: skip

    def _time(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def _day(self, at: datetime | None, otherwise: str) -> str:
        return otherwise if at is None else self._time(at)


def _policy_words(one: PolicyVersion) -> str:
    where = "for every account without a policy of its own" if one.account is None else f"for {_said(one.account)}"
    return (
        f"Holds {where}; shown at {_bdi(one.shown_at)}; entered by {_bdi(one.by.name)}; "
        f'<span class="small">SHA-256 {_said(one.sha256)}</span>'
    )


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        yield "<p>Nothing.</p>"
        return
    yield f"<table>\n<caption>{_said(caption)}</caption>\n<thead><tr>"
    yield "".join(f'<th scope="col">{_said(column)}</th>' for column in columns)
    yield "</tr></thead>\n<tbody>"
    for first, *others in rows:
        *middle, last = others
        cells = "".join(f"<td>{_bdi(cell)}</td>" for cell in middle) + f"<td{_number(last)}>{_bdi(last)}</td>"
        yield f'<tr><th scope="row">{_bdi(first)}</th>{cells}</tr>'
    yield "</tbody>\n</table>"


def _number(cell: str) -> str:
    return ' class="n"' if cell.isdecimal() else ""


def _fact(name: str, value: str) -> str:
    return f"<dt>{_said(name)}</dt><dd>{value}</dd>"


def look_words(look: Look) -> str:
    """A setting's entries in a line, or how many people it is about."""
    if not look.entries:
        return "nothing"
    if look.words is None:
        return f"{look.entries} {'person' if look.entries == 1 else 'people'}; who they are is withheld"
    return ", ".join(look.words)


_DONE = {str(one): words for one, words in DONE.items()}
_WHOSE = {str(one): words for one, words in WHOSE.items()}


def _sentence(doubt: Doubt) -> str:
    return str(doubt)[:1].upper() + str(doubt)[1:]


def _link(url: str | None, words: str) -> str:
    """An address of the web as a link, anything else as words."""
    if url is None or not _WEB.match(url):
        return _bdi(words)
    return f'<a href="{_said(url)}" rel="noopener noreferrer">{_bdi(words)}</a>'


def _bdi(text: str | None) -> str:
    """Words of people in a line of ours: they keep their direction to themselves."""
    return f"<bdi>{_said(text)}</bdi>" if text else ""


def _said(text: str) -> str:
    """Any text as HTML shows it."""
    return escape(_CONTROL.sub("\ufffd", text), quote=True)
