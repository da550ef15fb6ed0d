"""Where secrets come from, and that their values go nowhere by themselves."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.capture.secrets import SecretRef, Secrets
from archiver.errors import OperatorError, TokenMissing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A secret's file that only its owner may read."""
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text("  s3cr3t-from-file \n")
    return path


def secrets(**refs: SecretRef) -> Secrets:
    """The secrets of one account."""
    return Secrets({"city": refs})


def test_from_a_file(file: Path) -> None:
    """A file's text is the secret, without the white space around it; a renewed one is seen at once."""
    some = secrets(token=SecretRef(file=file))
    assert some.get("city", "token") == "s3cr3t-from-file"
    file.write_text("renewed-secret")
    assert some.get("city", "token") == "renewed-secret"
    assert some.known("city") == {"s3cr3t-from-file", "renewed-secret"}


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable's value is the secret."""
    monkeypatch.setenv("CITY_TOKEN", "s3cr3t-from-env")
    assert secrets(token=SecretRef(env="CITY_TOKEN")).get("city") == "s3cr3t-from-env"


def test_none_is_configured() -> None:
    """An account without a secret has none; that is no error."""
    assert secrets().get("city", "token") is None
    assert secrets().get("parks", "token") is None


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o666, 0o602, 0o601])
def test_a_file_that_everybody_may_read(mode: int, file: Path) -> None:
    """A file that others may touch is refused, with what to do."""
    file.chmod(mode)
    with pytest.raises(TokenMissing, match=r"everybody .*chmod 600") as caught:
        secrets(token=SecretRef(file=file)).get("city", "token")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_file_for_a_group(mode: int, file: Path) -> None:
    """Owner and group may read."""
    file.chmod(mode)
    assert secrets(token=SecretRef(file=file)).get("city", "token")


BAD = {"empty": ("", "is empty"), "only white space": (" \n", "is empty"), "two lines": ("abc\ndef", "line break"),
       "a control character": ("abc\x07def", "control character")}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_secret(case: str, file: Path) -> None:
    """An empty or broken secret is one clear sentence that does not repeat it."""
    text, words = BAD[case]
    file.write_text(text)
    with pytest.raises(TokenMissing, match=words) as caught:
        secrets(token=SecretRef(file=file)).get("city", "token")
    assert "abc" not in str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    """A missing variable, file or text is named."""
    with pytest.raises(TokenMissing, match=r"city: token .* NO_SUCH_VARIABLE"):
        secrets(token=SecretRef(env="NO_SUCH_VARIABLE")).get("city")
    with pytest.raises(TokenMissing, match=r"nowhere.*No such file"):
        secrets(token=SecretRef(file=tmp_path / "nowhere")).get("city")
    binary = tmp_path / "binary"
    binary.touch(0o600)
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TokenMissing, match="not text"):
        secrets(token=SecretRef(file=binary)).get("city")


def test_values_are_not_shown(file: Path) -> None:
    """Neither repr nor str shows a value."""
    some = secrets(token=SecretRef(file=file))
    some.get("city")
    assert "s3cr3t" not in repr(some) + str(some)


def test_remembered_values() -> None:
    """Session tokens are known too; the oldest of very many are forgotten."""
    some = secrets()
    for number in range(40):
        some.remember("city", f"token-{number}")
    some.remember("parks", "park-token")
    assert "token-39" in some.known("city")
    assert "token-0" not in some.known("city")
    assert "park-token" not in some.known("city")
    assert {"park-token", "token-39"} <= some.known_anywhere()


def test_texts_without_secrets() -> None:
    """A text for a log loses the secrets of all accounts, those that come later too."""
    some = secrets()
    assert some.masked("Bearer park-token failed") == "Bearer park-token failed"
    some.remember("parks", "park-token")
    assert some.masked("Bearer park-token failed") == "Bearer REMOVEDREM failed"
    some.remember("city", "city-t/ken")
    assert some.masked("?t=city-t%2Fken&u=park-token") == "?t=REMOVEDREMOV&u=REMOVEDREM"


def test_storing(file: Path) -> None:
    """A new value takes the old one's place whole, for its owner only, with the time of the answer that brought it."""
    some, at = secrets(token=SecretRef(file=file)), datetime(2026, 11, 1, 8, tzinfo=UTC)
    file.chmod(0o640)
    assert some.storable("city")
    assert some.store("city", "token", "brand-new-secret", at) == file
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("brand-new-secret\n", 0o600)
    assert some.get("city") == "brand-new-secret"
    assert some.changed_at("city") == at
    file.write_text("set-by-a-person")
    assert some.get("city") == "set-by-a-person"
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_storing_through_a_link(file: Path, tmp_path: Path) -> None:
    """A link stays one: what it leads to is replaced."""
    link = tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(file)
    some = secrets(token=SecretRef(file=link))
    some.store("city", "token", "brand-new-secret", datetime.now(UTC))
    assert link.is_symlink()
    assert file.read_text() == "brand-new-secret\n"


def test_what_can_not_be_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held in memory, and the reason says what to do; what nothing refers to is only held."""
    monkeypatch.setenv("CITY_TOKEN", "old-one-canary")
    some = secrets(token=SecretRef(env="CITY_TOKEN"), refresh_token=SecretRef(file=tmp_path / "no" / "folder"))
    for name in ("token", "refresh_token"):
        assert not some.storable("city", name)
        with pytest.raises(OperatorError) as caught:
            some.store("city", name, "brand-new-secret", datetime.now(UTC))
        assert caught.value.advice
        assert "brand-new" not in str(caught.value)
        assert some.get("city", name) == "brand-new-secret"
    assert some.store("city", "client_secret", "another-secret", datetime.now(UTC)) is None
    assert some.get("city", "client_secret") == "another-secret"
    assert secrets().changed_at("city") is None


def test_an_apps_number_is_no_secret(file: Path) -> None:
    """It stands in honest answers, which must stay as they are."""
    some = secrets(app_id=SecretRef(file=file), client_id=SecretRef(file=file))
    assert some.get("city", "app_id") == some.get("city", "client_id") == "s3cr3t-from-file"
    assert some.known("city") == frozenset()


def test_accounts_of_the_same_app(file: Path, tmp_path: Path) -> None:
    """Equal values, wherever they come from; who has none, or one that can't be had, is alone."""
    copy = tmp_path / "copy"
    copy.touch(0o600)
    copy.write_text("s3cr3t-from-file")
    other = tmp_path / "other"
    other.touch(0o600)
    other.write_text("another")
    apps = {"page": file, "photos": copy, "parks": other, "lost": tmp_path / "none", "gone": tmp_path / "none"}
    some = Secrets({name: {"app_id": SecretRef(file=path)} for name, path in apps.items()} | {"birds": {}, "elks": {}})
    found = {name: some.sharing(name, "app_id") for name in (*apps, "birds", "elks", "unheard of")}
    assert found == {name: {name} for name in found} | {name: {"page", "photos"} for name in ("page", "photos")}
