"""The story that ``demo`` tells: what happens in the city, and what the archive makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from archiver.cli.demo import ACCOUNTS
from archiver.cli.demo_commands import Commands
from archiver.cli.output import harmless
from archiver.sandbox.model import BLUESKY, Post
from archiver.sandbox.quarter import AnyScene
from archiver.sandbox.server import SandboxCity

Document = dict[str, Any]

FIRST_STEPS = (8, 2, 0, 1, 3, 4, 5, 6, 7, 9, 10)
"""The second act without the revoked token. Who leaves goes first and takes no other scene's comment along; the
overwriting comes before the new post, so that it meets one that was captured."""
PLATFORMS = {"facebook": "Facebook", "instagram": "Instagram", "threads": "Threads", "x": "X", "youtube": "YouTube",
             "bluesky": "Bluesky", "mastodon": "Mastodon"}  # fmt: skip
TOLD = {"facebook": ("edit", "comment edited", "hidden", "comment removed"),
        "instagram": ("new post", "hidden", "unhidden"), "threads": ("edit", "hidden", "burst"),
        "x": ("edit", "post removed", "suspended", "protected"),
        "youtube": ("edit", "hidden", "private", "post removed")}  # fmt: skip
"""The scenes of the second act that are told of each platform; the others happen there as well."""
DISCONNECTED = "city-facebook"
EARLIEST_YEAR = 2015
WIDE = 96
PROVEN = {
    "by_city": "the city's own account did it",
    "by_author": "the author did it",
    "by_platform": "the platform did it",
    "held_for_review": "it waits for review",
    "owner_private": "its owner made it private",
    "author_protected": "the author protects their posts",
    "account_closed": "the author's account is closed",
    "author_suspended": "the platform suspended the author",
}


class Story:
    """Chapter by chapter. Everything said about the archive comes out of its commands."""

    def __init__(self, city: SandboxCity, commands: Commands, folder: Path) -> None:
        self.city = city
        self.commands = commands
        self.folder = folder
        self.quote = self._a_quotation()

    def tell(self) -> None:
        """All of it."""
        self.accounts()
        self.first_capture()
        self.second_act()
        self.lost_access()
        self.morning()
        self.production()
        self.proof()
        self.onwards()

    # --- the chapters

    def accounts(self) -> None:
        """Who is archived."""
        _chapter("1. The City of Maple Ford has eight accounts on seven platforms")
        _say("The city is simulated: its servers run on this machine for as long as this takes, and speak the")
        _say("platforms' own interfaces. What archives it is the real program, with the commands that you would type.")
        typer.echo()
        for name in ACCOUNTS:
            account = self.city.world.accounts[name]
            where = PLATFORMS[account.platform]
            _say(f"  {name:18}{where:11}{account.handle:28}{account.person.profile.display_name}")
        typer.echo()
        self.commands.show("check")

    def first_capture(self) -> None:
        """Everything that is there."""
        _chapter("2. The first capture: everything that can still be had")
        self.commands.show("collect", "--all")
        records = self._records()
        counts = self.commands.ask("export", "sqlite", "-o", str(self.folder / "exports" / "first-capture.sqlite"))
        kinds = Counter(record["kind"] for record in records)
        posts, comments = kinds["post"] + kinds["quote"] + kinds["share"], kinds["comment"] + kinds["reply"]
        media = counts["counts"].get("media", 0)
        _say(f"Captured: {posts} posts, {comments} comments and replies, {media} pictures and videos.")
        years = Counter(record["created_at"][:4] for record in records if record["created_at"])
        spread = ", ".join(f"{year}: {years[year]}" for year in sorted(years) if int(year) > EARLIEST_YEAR)
        _say(f"They were written over {_years(years)} years ({spread}).")
        _say("Each answer of the platforms was on disk as a WARC record before anything was read out of it.")
        typer.echo()

    def second_act(self) -> None:
        """Life goes on."""
        _chapter("3. Life goes on in Maple Ford")
        self.city.look()
        played = [self.city.live(step) for step in FIRST_STEPS]
        scenes: list[AnyScene] = self._elsewhere() + [scene for scene in played if scene is not None]
        self.city.world.detach(self.quote)
        for scene in scenes:
            _say(f"  * {scene.told}  ({scene.account})")
        _say("  * The city detaches its post from a resident's quotation of it.  (hall-bluesky)")
        typer.echo()
        self.commands.show("collect", "--all")
        _chapter("4. What the archive noticed")
        for scene in scenes:
            for line in NOTICED[scene.name](self, scene):
                _say(line)
        for line in self._detached():
            _say(line)
        typer.echo()

    def lost_access(self) -> None:
        """A gap opens and is closed."""
        _chapter("5. Somebody revokes a token: silence is never success")
        self.city.revoke(DISCONNECTED)
        late = self.city.hosts.pages.post(DISCONNECTED, "The rink on Cedar Street opens tonight at seven.")
        self.commands.show("collect", DISCONNECTED, "--all", codes=(3,))
        (state,) = [one for one in self.commands.ask("status")["accounts"] if one["account"] == DISCONNECTED]
        _say(f"{DISCONNECTED} is in '{state['state']}', with a gap from that moment on. Meanwhile the account posts.")
        _say("A person reconnects it, and the next round closes the gap:")
        typer.echo()
        self.city.reconnect(DISCONNECTED)
        self.commands.show("collect", DISCONNECTED, "--all")
        found = self._one(late.key)
        _say(f"Captured late, and not lost: {_short(found['text'])}")
        typer.echo()
        self.commands.show("coverage", DISCONNECTED)

    def morning(self) -> None:
        """What the clerk looks at each morning."""
        _chapter("6. Each morning: is everything being captured?")
        self.commands.show("status")
        _chapter("7. Somebody asks for a record")
        self.commands.show("search", "rink")
        self.commands.show("search", "Cedar", "Street", "--state", "live", "--limit", "3")
        edited = self._one(self.edited.key)
        _say("One record with its versions, its events, and where its proof is:")
        self.commands.show("show", edited["record"])

    def production(self) -> None:
        """Files that others open without us."""
        _chapter("8. Files that open without this program")
        exports = self.folder / "exports"
        self.commands.show("export", "sqlite", "-o", str(exports / "maple-ford.sqlite"))
        self.commands.show("export", "csv", "-o", str(exports / "maple-ford-csv"))
        self.commands.show("export", "json", "-o", str(exports / "maple-ford.json"))

    def proof(self) -> None:
        """It verifies, and it can be made again."""
        _chapter("9. Is it whole?")
        self.commands.show("seal")
        self.commands.show("verify", "--full")
        _say("The store is an index over the WARC files; made again from them, it is the same:")
        self.commands.show("rebuild", "--check")

    def onwards(self) -> None:
        """What to try next."""
        config = self.folder / "config.toml"
        _chapter("What to try next")
        _say(f"  archiver --config {config} search snow --since 2024-01-01")
        _say(f"  archiver --config {config} search --state gone")
        _say(f"  archiver --config {config} coverage")
        _say(f"  datasette {self.folder / 'exports' / 'maple-ford.sqlite'}      (pip install datasette)")
        _say("  archiver init my-city --account bluesky:YOURCITY.gov      your own accounts; no token needed there")
        _say("  archiver account connect city-facebook      leads to a token where one is needed")
        typer.echo()

    def _elsewhere(self) -> list[AnyScene]:
        """What happens on the platforms that have acts of their own, as far as it is told."""
        told: list[AnyScene] = []
        for quarter in self.city.quarters:
            for name, account in self.city.world.accounts.items():
                if account.platform in quarter.platforms:
                    played = quarter.act(name).play()
                    told += [scene for scene in played if scene.name in TOLD[account.platform]]
        return told

    # --- what the archive noticed

    def captured(self, scene: AnyScene) -> Iterator[str]:
        """A new post with its picture."""
        found = self._one(scene.posts[0].key)
        yield f"captured   {_short(found['text'])}  ({scene.account})"
        for picture in found["attachments"]:
            yield f"           with {picture['kind']} ({_short(picture['alt_text'] or '')}), sha256 {picture['media']}"

    def was_edited(self, scene: AnyScene) -> Iterator[str]:
        """The text before and after."""
        self.edited = scene.posts[0]
        versions = self._one(scene.posts[0].key)["versions"]
        yield f"edited     {len(versions)} versions are kept  ({scene.account})"
        for version in versions:
            yield f"           {version['version']}: {_short(_words(version), 3 * WIDE)}"

    def was_hidden(self, scene: AnyScene) -> Iterator[str]:
        """Hidden, and shown again: the text stays in the archive."""
        found = self._one(scene.posts[0].key)
        cause = f", {PROVEN.get(found['cause'], found['cause'])}" if found["cause"] else ""
        yield f"{scene.name:11}{_short(_words(found))} is now {found['state']}{cause}"
        yield from _proof(found, "unhidden" if found["state"] == "live" else "hidden")

    def was_removed(self, scene: AnyScene) -> Iterator[str]:
        """Gone, with the answer that shows it."""
        found = self._one(scene.posts[0].key)
        cause = PROVEN.get(found["cause"] or "", "by whom, the platform does not say")
        yield f"removed    {_short(_words(found))}: {found['state']}; {cause}"
        yield from _proof(found, "gone")

    def burst(self, scene: AnyScene) -> Iterator[str]:
        """All of them."""
        known = {record["record"] for record in self._records("--account", scene.account)}
        comments = [post for post in scene.posts[1:] if post.key in known]
        said = f"{len(comments)} of {len(scene.posts) - 1} comments are there, the rude ones too"
        yield f"burst      {said}  ({scene.account})"

    def renamed(self, scene: AnyScene) -> Iterator[str]:
        """The profile is a record of its own."""
        (profile,) = self._records("--account", scene.account, "--kind", "profile")
        names = [version["author"] for version in self._one(profile["record"])["versions"]]
        yield f"renamed    {' -> '.join(harmless(name or '') for name in dict.fromkeys(names))}"

    def early_end(self, scene: AnyScene) -> Iterator[str]:
        """A listing that stops without a word."""
        gaps = [one for one in self.commands.ask("coverage", scene.account)["coverage"] if one["state"] == "gap"]
        said = f"{len(gaps)} gaps noted" if gaps else "checked against the city's own repository: nothing is missing"
        yield f"early end  a listing of {scene.account} stopped after three posts; {said}"

    def _detached(self) -> Iterator[str]:
        found = self._one(self.quote.key)
        yield f"detached   {_short(found['text'])} no longer shows the city's post"
        yield from _proof(found, "detached")

    # --- asking the archive

    def _one(self, record: str) -> Document:
        found: Document = self.commands.ask("show", record)
        return found

    def _records(self, *filters: str) -> list[Document]:
        found: list[Document] = self.commands.ask("search", *filters, "--limit", "10000")["records"]
        return found

    def _a_quotation(self) -> Post:
        """A resident quotes the city's newest post, before anything is captured."""
        world = self.city.world
        hall = world.person("hall-bluesky")
        quoted = max((post for post in hall.posts if post.shares is None), key=lambda post: post.created_at)
        resident = next(p for (platform, _), p in world.people.items() if platform == BLUESKY and not p.official)
        return world.post(resident, "Look what they say at City Hall now.", quote=quoted, mentions=[hall])


NOTICED: dict[str, Callable[[Story, AnyScene], Iterator[str]]] = {
    "new post": Story.captured,
    "edit": Story.was_edited,
    "comment edited": Story.was_edited,
    "overwritten": Story.was_edited,
    "hidden": Story.was_hidden,
    "unhidden": Story.was_hidden,
    "private": Story.was_hidden,
    "protected": Story.was_hidden,
    "comment removed": Story.was_removed,
    "post removed": Story.was_removed,
    "suspended": Story.was_removed,
    "left": Story.was_removed,
    "burst": Story.burst,
    "renamed": Story.renamed,
    "gap": Story.early_end,
}
"""What to say of each scene of the city's second act."""


def _proof(found: Document, event: str) -> Iterator[str]:
    """The exchange that the latest event of that name stands on."""
    exchange = next((one["exchange"] for one in reversed(found["events"]) if one["event"] == event), None)
    for row in found["exchanges"]:
        if row["exchange"] == exchange:
            yield f"           proof: {row['warc_file']}, at byte {row['warc_offset']}: answer {row['status']} of"
            yield f"           {harmless(row['url'])[: 2 * WIDE]}"


def _years(years: Counter[str]) -> int:
    known = [int(year) for year in years if int(year) > EARLIEST_YEAR]
    return max(known) - min(known)


def _words(found: Document) -> str:
    """What it says; of a video, which has a title, that first."""
    return "\n".join(filter(None, (found.get("title"), found["text"])))


def _short(text: str | None, most: int = WIDE) -> str:
    shown = harmless(text or "")
    return f'"{shown if len(shown) <= most else shown[: most - 1] + "…"}"'


def _chapter(title: str) -> None:
    typer.secho(title, bold=True)
    typer.secho("─" * len(title), dim=True)


def _say(text: str) -> None:
    typer.echo(text)
