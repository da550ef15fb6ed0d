"""The archive's key: made once, for its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from archiver.errors import OperatorError
from archiver.ledger import keys


def test_made_once(tmp_path: Path) -> None:
    """The first call makes the key (0600) and its public half; later ones find the same, whatever the archive is called."""
    first = keys.signer(tmp_path / "keys", "City of Example")
    second = keys.signer(tmp_path / "keys", "City of Elsewhere")
    assert second.secret() == first.secret()
    assert first.name == "city-of-example/seals"
    assert stat.S_IMODE((tmp_path / "keys" / keys.PRIVATE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert str(keys.verifier(tmp_path / "keys")) == str(first.verifier)


def test_open_to_everybody(tmp_path: Path) -> None:
    """A key that everybody may read is refused in one sentence with what to do."""
    keys.signer(tmp_path, "x")
    (tmp_path / keys.PRIVATE).chmod(0o644)
    with pytest.raises(OperatorError, match="Everybody on this machine may read") as caught:
        keys.signer(tmp_path, "x")
    assert "chmod 600" in str(caught.value)
    assert keys.fault(tmp_path) == str(caught.value)


@pytest.mark.parametrize("content", [b"", b"nothing", b"\xff\xfe"])
def test_no_key(tmp_path: Path, content: bytes) -> None:
    """A file that is no key is a sentence, and it is not written over."""
    path = tmp_path / keys.PRIVATE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(OperatorError, match="is not the archive's key"):
        keys.signer(tmp_path, "x")
    assert path.read_bytes() == content
    assert keys.fault(tmp_path)


def test_a_lost_public_half(tmp_path: Path) -> None:
    """The public half comes back from the private one; looking for it alone makes nothing."""
    first = keys.signer(tmp_path, "x")
    (tmp_path / keys.PUBLIC).unlink()
    assert keys.verifier(tmp_path) is None
    keys.signer(tmp_path, "x")
    assert str(keys.verifier(tmp_path)) == str(first.verifier)
    (tmp_path / keys.PUBLIC).write_text("nothing")
    with pytest.raises(OperatorError, match="public key"):
        keys.verifier(tmp_path)


@pytest.mark.parametrize(
    ("archive", "name"), [("City of Mörön!", "city-of-m-r-n/seals"), ("東京", "archive/seals"), ("a+b", "a-b/seals")]
)
def test_names(archive: str, name: str) -> None:
    """Any archive's name gives a name that the format can hold."""
    assert keys.key_name(archive) == name
