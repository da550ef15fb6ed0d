"""The documentation is in step with the program: nothing is missing, and no link leads nowhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from archiver import config, errors
from archiver.cli.main import app
from archiver.cli.reference import page
from archiver.config.settings import Section
from archiver.domain.coverage import CoverageState
from archiver.domain.item import State
from archiver.services.health import AccountState

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
GUIDES = [DOCS / "tutorial", DOCS / "how-to", DOCS / "explanation"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))


def _text(*parts: str) -> str:
    return DOCS.joinpath(*parts).read_text(encoding="utf-8")


def _names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _anchors(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {_anchor(line.lstrip("#")) for line in lines if line.startswith("#")}


def _error_classes(base: type[errors.ArchiverError]) -> Iterator[type[errors.ArchiverError]]:
    yield base
    for one in base.__subclasses__():
        yield from _error_classes(one)


@pytest.mark.parametrize("path", PAGES, ids=_names)
def test_links_lead_somewhere(path: Path) -> None:
    """Each link to another page, and to a heading in it."""
    broken = []
    for link in LINK.findall(re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, heading = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (heading and heading not in _anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_found_from_the_index() -> None:
    """No page lies in a corner that nobody knows; decisions are reached by their folder."""
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(_text("index.md"))}
    pages = {path for path in DOCS.rglob("*.md") if path.parent.name != "decisions"} - {DOCS / "index.md"}
    assert sorted(map(_names, pages - listed)) == []


def test_the_page_of_commands_is_up_to_date() -> None:
    """`python -m archiver.cli.reference > docs/reference/commands.md` writes it."""
    assert _text("reference", "commands.md") == page()


def test_every_command_and_option_is_on_the_page_of_commands() -> None:
    """Read off the program itself, without what makes the page."""
    said = _text("reference", "commands.md")
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    missing = []
    for name, command in program.commands.items():
        for full, one in (
            [(f"{name} {under}", it) for under, it in command.commands.items()]
            if isinstance(command, TyperGroup)
            else [(name, command)]
        ):
            _, _, section = said.partition(f"\n## `archiver {full}`\n")
            section = section.partition("\n## ")[0]
            options = [opt for param in one.params for opt in param.opts if opt.startswith("-") and opt != "--help"]
            missing += [f"{full} {option}".strip() for option in ["", *options] if option not in section or not section]
    assert missing == []


def _options(command: TyperCommand) -> set[str]:
    return {option for one in command.params for option in (*one.opts, *one.secondary_opts)}


def _shown_commands() -> Iterator[tuple[str, list[str]]]:
    for path in [ROOT / "README.md", *(one for folder in GUIDES for one in sorted(folder.glob("*.md")))]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip().startswith("$ archiver"):
                yield _names(path), shlex.split(line.strip()[2:], comments=True)[1:]


def test_commands_that_are_shown_exist() -> None:
    """README, tutorial and how-to pages show commands and options that the program has."""
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    wrong, seen = [], 0
    for where, words in _shown_commands():
        command: object = program
        rest = iter(words)
        for word in rest:
            if word == "--config":
                next(rest)
            elif isinstance(command, TyperGroup):
                command = command.commands.get(word)
            elif not isinstance(command, TyperCommand):
                wrong.append(f"{where}: {words}")
            elif word.startswith("-") and word not in _options(command):
                wrong.append(f"{where}: {words}: {word}")
        wrong += [] if isinstance(command, TyperCommand) else [f"{where}: {words}"]
        seen += 1
    assert wrong == []
    assert seen > 20


def test_every_error_is_documented_with_its_exit_code() -> None:
    """The table of errors is that of `archiver/errors.py`."""
    table = dict(re.findall(r"^\| `(\w+)` \| (\d) \|", _text("reference", "errors.md"), re.MULTILINE))
    classes = list(_error_classes(errors.ArchiverError))[1:]
    assert table == {one.__name__: str(one.exit_code) for one in classes if one.__module__ == "archiver.errors"}


def _settings(section: type[Section]) -> Iterator[str]:
    for name, field in section.model_fields.items():
        if name != "path":
            yield name
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and issubclass(kind, Section):
                    yield from _settings(kind)


def test_every_setting_is_documented() -> None:
    """Each key of config.toml is named on the page of the configuration."""
    said = _text("reference", "configuration.md")
    names = set(_settings(config.Settings))
    assert {"name", "poll", "proxy", "handle", "webhook"} <= names
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", said)) == []


def test_the_states_that_people_see_are_explained() -> None:
    """States of accounts are in the tutorial, those of records in the glossary, those of coverage in the tutorial."""
    tutorial, glossary = _text("tutorial", "first-day.md"), _text("glossary.md")
    assert [state for state in AccountState if f"`{state}`" not in tutorial] == []
    assert [state for state in CoverageState if f"`{state}`" not in tutorial] == []
    assert [state for state in State if state != "disposed" and f"| {state} |" not in glossary] == []


def test_the_fields_of_metadata_records_are_documented() -> None:
    """Each name in `archiver/warc/facts.py` is on the page of WARC files."""
    from archiver.warc import facts

    names = [
        value for name, value in vars(facts).items() if name.isupper() and name[0] != "_" and isinstance(value, str)
    ]
    said = _text("reference", "warc-files.md")
    assert names
    assert [name for name in names if f"`{name}`" not in said] == []


def test_decisions_are_numbered_once() -> None:
    """The number in the name is that of the title, and nobody else's."""
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert len(numbers) == len(set(numbers))
    titles = [re.match(r"# (\d+)\. \S", path.read_text(encoding="utf-8")) for path in DECISIONS]
    assert [int(title[1]) if title else None for title in titles] == numbers


@pytest.mark.parametrize("path", DECISIONS, ids=_names)
def test_a_decision_says_what_was_refused(path: Path) -> None:
    """Question, decision, what was refused; what follows may come after it."""
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[:3] == ["Question", "Decision", "Refused"]


def test_decisions_that_are_named_exist() -> None:
    """Code and pages that point to a decision by its number point to one that is there."""
    numbers = {int(path.name[:4]) for path in DECISIONS}
    named = {
        (_names(path), int(number))
        for path in [*PAGES, *(ROOT / "archiver").rglob("*.py")]
        for number in re.findall(r"[Dd]ecision (\d+)", path.read_text(encoding="utf-8"))
    }
    assert {one for one in named if one[1] not in numbers} == set()


def test_the_picture_is_there_and_asks_nobody() -> None:
    """The README's picture is in the repository and loads nothing from elsewhere."""
    picture = (DOCS / "pictures" / "demo.svg").read_text(encoding="utf-8")
    assert "docs/pictures/demo.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "url(http" not in picture
    assert "xlink:href" not in picture
