"""A disposal by its commands: proposed by one person, approved by another, carried out, certified."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from pypdf import PdfReader

from archiver.domain.profile import Profile
from archiver.store.engine import open_store
from tests.support.command import run
from tests.support.disposal import OTHERS, ROOT, SECOND, WORDS, found_in, key, quick_scratch, thread_archive

CONFIG = """
[archive]
name = "Maple Ford"
profile = "{profile}"

[[people]]
name = "Dana Clerk"

[[people]]
name = "Lee Attorney"

[[people]]
name = "Pat Intern"
approves = false

[[accounts]]
id = "city-mastodon"
platform = "mastodon"
handle = "city"
base_url = "{base}"
"""


@pytest.fixture
def home(tmp_path: Path, profile: Profile) -> Path:
    """An installation with a thread whose root and second answer are past their time."""
    return installed(tmp_path, profile.id)


def installed(home: Path, profile: str) -> Path:
    """The same, by the law of that profile."""
    shutil.copytree(thread_archive(), home / "data")
    base = (home / "data" / "base").read_text()
    (home / "config.toml").write_text(CONFIG.format(base=base, profile=profile))
    return home


def told(home: Path, *arguments: str, code: int = 0) -> str:
    """What a command says."""
    done: CompletedProcess[str] = run(home, "retention", *arguments)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def test_from_proposal_to_certificate(home: Path) -> None:
    """Each step tells the next one, and nobody takes two of them; at the end the words are gone."""
    said = told(home, "propose", "--by", "Dana Clerk", "--reason", "yearly")
    assert "D-2" in said
    (listed,) = json.loads(told(home, "disposals", "--json"))["disposals"]
    name, digest = listed["proposal"]["name"], listed["proposal"]["digest"]
    review = told(home, "review", name)
    for piece in ("2 records, proposed", "COM-1 Posts and comments", "3 answers that stay lose", digest, ROOT, SECOND):
        assert piece in review, review
    approve = ("approve", name, "--digest", digest[:8], "--by")
    assert "same person" in told(home, *approve, "Dana  CLERK", code=2)
    assert "approves nothing" in told(home, *approve, "Pat Intern", code=2)
    assert "not approved" in told(home, "run", name, "--by", "Lee Attorney", code=2)
    assert "another digest" in told(home, "approve", name, "--digest", "0" * 8, "--by", "Lee Attorney", code=2)
    told(home, *approve, "Lee Attorney")
    with quick_scratch():
        certificate = told(home, "run", name, "--by", "Lee Attorney")
    assert "2 records were destroyed" in certificate
    assert list(found_in(home, WORDS)) == []
    assert {word for _, word in found_in(home / "data", OTHERS)} == set(OTHERS)
    (one,) = json.loads(told(home, "certificates", "--json"))["certificates"]
    assert [destroyed["entry"]["record"] for destroyed in one["destroyed"]] == [key(ROOT), key(SECOND)]
    for ending, start in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbfdisposal")):
        told(home, "certificates", name, "-o", str(home / f"list.{ending}"))
        assert (home / f"list.{ending}").read_bytes().startswith(start)
    shown = run(home, "show", key(ROOT)).stdout
    assert (
        f"Disposed of under COM-1 Posts and comments, general 2019-01-01 on {one['run_at'][:10]}, by {name}." in shown
    )
    assert "carried out" in told(home, "disposals")
    assert "was carried out" in told(home, "run", name, "--by", "Lee Attorney", code=2)


def test_a_list_that_was_changed_goes_nowhere(tmp_path: Path) -> None:
    """Whoever edits the list in the database has a list that nobody approved (R28)."""
    home = installed(tmp_path, "us-mn")
    told(home, "propose", "--by", "Dana Clerk")
    (listed,) = json.loads(told(home, "disposals", "--json"))["disposals"]
    name, digest = listed["proposal"]["name"], listed["proposal"]["digest"]
    told(home, "approve", name, "--digest", digest[:8], "--by", "Lee Attorney")
    store = open_store(f"sqlite:///{home / 'data' / 'archive.sqlite'}")
    with store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER disposal_entries_no_DELETE")
        conn.exec_driver_sql("DELETE FROM disposal_entries WHERE record = ?", (key(ROOT),))
    store.dispose()
    assert "is not what was proposed" in told(home, "review", name)
    assert "was changed" in told(home, "run", name, "--by", "Lee Attorney", code=2)
    assert {word for _, word in found_in(home / "data", WORDS)} == set(WORDS)


def test_what_a_court_has_expunged(tmp_path: Path) -> None:
    """Listed under the order by one person, approved and carried out by another; no command knows its name then."""
    home = installed(tmp_path, "us-mn")
    with (home / "config.toml").open("a") as config:
        config.write('\n[backup]\nfolder = "backups"\n')
    listing = ["expunge", ROOT, "--order", "27-CR-20-1234", "--reason", "order of 3 May", "--by", "Dana Clerk"]
    listing += ["--name", "answer2word"]
    said = told(home, *listing)
    assert "1 records, proposed" in said
    assert "1 of them are still there at the platform" in said
    (listed,) = json.loads(told(home, "disposals", "--json"))["disposals"]
    name, digest = listed["proposal"]["name"], listed["proposal"]["digest"]
    review = told(home, "review", name)
    assert "under expungement by order of a court, court order 27-CR-20-1234" in review
    assert "These names go from what stays, too, of which 1 records have them: answer2word." in review
    told(home, "approve", name, "--digest", digest[:8], "--by", "Lee Attorney")
    assert run(home, "seal").returncode == 0
    older = Path(json.loads(run(home, "backup", "--json").stdout)["folder"])
    with quick_scratch():
        certificate = told(home, "run", name, "--by", "Lee Attorney")
    assert "1 record was expunged by order 27-CR-20-1234" in certificate
    assert "Backups that were made before" in certificate
    told(home, "certificates", name, "-o", str(home / "list.pdf"))
    for kind in ("csv", "sqlite"):
        assert run(home, "export", kind, "-o", str(home / f"out-{kind}")).returncode == 0
    refused = run(home, "restore", str(older), "--to", str(home / "again"))
    assert refused.returncode == 1
    assert "records were expunged by order of a court (E-20" in " ".join(refused.stderr.split())
    assert not (home / "again").exists()
    shutil.rmtree(older)
    newer = Path(json.loads(run(home, "backup", "--json").stdout)["folder"])
    assert list(found_in(home, [ROOT.encode(), WORDS[0], b"answer2word"])) == []
    paper = " ".join(page.extract_text() for page in PdfReader(home / "list.pdf").pages)
    assert "Certificate of expungement" in paper
    assert "and 1 name of people, replaced by marks in all that stays" in " ".join(paper.split())
    assert ROOT not in paper
    assert "answer2word" not in paper
    assert run(home, "show", key(ROOT)).returncode != 0
    restored = run(home, "restore", str(newer), "--to", str(home / "again"))
    assert restored.returncode == 0, restored.stderr
    assert "carried out" in told(home, "review", name)
    assert "There is no record" in told(home, *listing, code=1)
