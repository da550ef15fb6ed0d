"""The data dictionary: the rows of the table ``columns``, and docs/reference/data-dictionary.md.

``python -m archiver.exports.dictionary`` prints the page; a test holds it against the real schema.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from archiver.exports import ddl, schema
from archiver.exports.schema import Column, Kind, Table
from archiver.exports.views import VIEWS, View

SEARCH = {
    "search": (
        "Full-text search (FTS5) over title, text, author, descriptions of pictures and earlier texts. Letter case and"
        " accents don't count; there is no stemming, but pothole* finds potholes."
    ),
    "search_cjk": (
        "The same for records in scripts without spaces (Chinese, Japanese, Thai, Korean and others): finds any three"
        " letters or more that stand together."
    ),
}

_ID = Column("id", "Number of the row, to which the search tables refer.", Kind.COUNT, required=True)


def columns_of(table: Table) -> tuple[Column, ...]:
    """A table's columns as they are in the SQLite file."""
    return (_ID, *table.columns) if table is schema.RECORDS else table.columns


def view_columns(view: View) -> list[Column]:
    """A view's columns with their meaning."""
    return [view.column(name) or _same_as(name) for name in ddl.view_columns()[view.name]]


def entries(*, views: bool = True) -> Iterator[dict[str, str]]:
    """A row of the table ``columns`` for every column of every table and, in an SQLite file, of every view."""
    for table in (schema.ABOUT, schema.COLUMNS, *schema.TABLES):
        for column in columns_of(table) if views else schema.plain_columns(table):
            yield _entry(table.name, column)
    for view in VIEWS if views else ():
        for column in view_columns(view):
            yield _entry(view.name, column)
    if views:
        for name, meaning in SEARCH.items():
            yield {"of_table": name, "name": name, "type": "text", "meaning": meaning}


def _same_as(name: str) -> Column:
    """The column of that name in the tables that views are made of."""
    tables = (schema.RECORDS, schema.VERSIONS, schema.EVENTS)
    return next(column for table in tables for column in table.columns if column.name == name)


def _entry(table: str, column: Column) -> dict[str, str]:
    return {"of_table": table, "name": column.name, "type": column.kind.value, "meaning": column.meaning}


def page() -> str:
    """The page for people, in Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "What is in an export. The SQLite file has the tables, the views and the search; CSV and JSON have the tables.",
        "The page is made by `python -m archiver.exports.dictionary`; every SQLite file and every JSON and CSV export",
        "carries it too, in `columns`.",
        "",
        f"Schema version {schema.SCHEMA_VERSION}. Columns may be added in later versions; none is renamed or removed.",
        "",
        *_WORDS.strip().splitlines(),
    ]
    lines += ["", "## Tables"]
    for table in (schema.ABOUT, schema.COLUMNS, *schema.TABLES):
        lines += ["", f"### {table.name}", "", table.meaning, ""]
        if table.key:
            lines += [f"Key: {', '.join(f'`{name}`' for name in table.key)}.", ""]
        lines += _markdown(columns_of(table))
    lines += ["", "## Views", "", "In the SQLite file only."]
    for view in VIEWS:
        lines += ["", f"### {view.name}", "", view.meaning, "", *_markdown(tuple(view_columns(view)))]
    lines += ["", "## Search", "", "In the SQLite file only.", ""]
    lines += [f"* `{name}`: {meaning}" for name, meaning in SEARCH.items()]
    lines += ["", *_SEARCHING.strip().splitlines(), ""]
    return "\n".join(lines)


def _markdown(columns: tuple[Column, ...]) -> list[str]:
    lines = ["| column | type | meaning |", "|---|---|---|"]
    for column in columns:
        meaning = column.meaning
        if column.refers:
            meaning += " Refers to `{}.{}`.".format(*column.refers)
        kind = column.kind.value + (", never empty" if column.required else "")
        lines.append(f"| `{column.name}` | {kind} | {meaning} |")
    return lines


_WORDS = """
## Conventions

* Times are ISO 8601 in UTC, whole seconds: `2026-11-22T15:04:05Z`.
* A key names a record for good: `platform:native_id`. `parent`, `thread`, `quotes` and `shares` may name a record that
  was never seen or is not in this export; all other references lead to a row.
* *Absent is not empty.* What the platform did not say is NULL (JSON: `null`); an empty text is an empty text. CSV can't
  tell the two apart.
* NUL characters and broken (lone) surrogates in texts are replaced by U+FFFD. The WARC files have them as they came.
* `state` and `cause`: a cause stands only where a source proves it. `gone` means that the platform, asked for this very
  record, said that it is not there; `hidden` that it exists and visitors are not shown it.
* `at` and `observed_at` say when the archive saw something, not when it happened: that was between then and the look
  before.
* `digest` of a version is the SHA-256 of the canonical JSON (sorted members, no spaces, ASCII) of what an edit can
  change, as far as the platform returned it: `text`, `title`, `content_warning`, `visibility`, `quotes`, `attachments`
  (a list of `[kind, permanent name or address, description]`), `links` (addresses in the text), `poll` (its options).
* What is not public is left out unless the export was made with `--clearance`, and each such record or part is listed
  in `withheld` with the law: what somebody marked, and, until somebody decides, what the platform shows to followers or
  named people only (`visibility` is neither empty nor `public` nor `unlisted`). In the place of words that were taken
  out stands `[withheld: LAW]`; the version's `digest` is then the word `withheld`. A record whose key names an author
  who is withheld has the key `platform:withheld-N`, where N is the number of the mark.

## The formats

* **SQLite**: all of it in one file. `application_id` is `0x41524356`, `user_version` the schema version.
* **CSV**: for spreadsheets. A folder (or a .zip) with one file per table, UTF-8 with a byte order mark, CRLF; when the
  name ends in `.csv`, the records are that file and the rest is in `NAME.csv-tables` beside it. So that no cell runs as
  a formula and no id or date is changed on opening, a text that begins with `= + - @ | %`, a tab, a line break or an
  apostrophe, and one that a spreadsheet would take for a number or a date, has an apostrophe put before it. Remove the
  first apostrophe of such a cell to have it exactly. SQLite and JSON are always exact.
* **JSON**: one document, `{"about": {…}, "columns": […], "accounts": […], "coverage": […],
  "downloads": […], "records": […], "exchanges": […], "media": […], "withheld": […]}`. Each record has its rows of the
  other tables inside: `versions` (the list, not the number), `events`, `attachments`, `links`, `polls`, `metrics`,
  `origins`. When the file name ends in `.jsonl`: one line per row, `{"table": "records", "row": {…}}`.
"""

_SEARCHING = """
```sql
SELECT r.* FROM search JOIN records r ON r.id = search.rowid
WHERE search MATCH 'pothole AND main' ORDER BY r.created_at DESC;
```

Emoji are no words to these indexes: `SELECT * FROM records WHERE text LIKE '%❄%'`.
"""


if __name__ == "__main__":
    sys.stdout.write(page())
