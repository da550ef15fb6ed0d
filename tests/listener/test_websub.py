"""WebSub: what hubs are answered, and whose pushes are kept."""

from __future__ import annotations

import hmac

import pytest

from archiver.listener.websub import Subscriptions, account_of, path_of, secret_of

WORD, ACCOUNT = "a word of our own", "city-youtube"
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCexampletonCity00000000"
PATH = path_of(WORD, ACCOUNT, TOPIC)
HUBS = Subscriptions(lambda: WORD)
ASKED = "hub.mode=subscribe&hub.challenge=7f3&hub.lease_seconds=432000&hub.topic="
QUOTED = "https%3A%2F%2Fwww.youtube.com%2Fxml%2Ffeeds%2Fvideos.xml%3Fchannel_id%3DUCexampletonCity00000000"


def test_the_path_names_the_account() -> None:
    """And nothing else has such a path."""
    assert account_of(PATH) == ACCOUNT
    assert [account_of(path) for path in ("/meta", "/websub/", "/websub/city", f"{PATH}/x", f"/x{PATH}")] == [None] * 5


@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        (PATH, ASKED + QUOTED, b"7f3"),
        (path_of(WORD, "other", TOPIC), ASKED + QUOTED, b"7f3"),
        (PATH, ASKED + "https%3A%2F%2Felsewhere.example%2Ffeed", None),
        (path_of("another word", ACCOUNT, TOPIC), ASKED + QUOTED, None),
        (PATH, (ASKED + QUOTED).replace("=subscribe", "=unsubscribe"), None),
        (PATH, (ASKED + QUOTED).replace("hub.challenge=7f3", ""), None),
        (PATH, f"{ASKED}{QUOTED}&hub.topic={QUOTED}", None),
        (PATH, ASKED + QUOTED + "&hub.challenge=" + "x" * 9000, None),
    ],
    ids=[
        "meant",
        "another account's own",
        "another topic",
        "forged path",
        "to end it",
        "no challenge",
        "twice",
        "long",
    ],
)
def test_a_hub_is_answered_for_the_topic_that_is_meant(path: str, query: str, answer: bytes | None) -> None:
    """Nobody can subscribe or unsubscribe us for anything else."""
    assert HUBS.confirmed(path, query) == answer


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_the_hub_signed_is_known(method: str) -> None:
    """All four methods of the recommendation; the secret is the callback's own."""
    header = f"{method}={hmac.new(secret_of(WORD, PATH).encode(), b'<feed/>', method).hexdigest()}"
    assert HUBS.has_signed(PATH, b"<feed/>", header)
    assert HUBS.has_signed(PATH, b"<feed/>", header.upper().replace(method.upper(), method))
    assert not HUBS.has_signed(PATH, b"<feed />", header)
    assert not HUBS.has_signed(path_of(WORD, "other", TOPIC), b"<feed/>", header)


@pytest.mark.parametrize("header", ["", "sha1=", "md5=900150983cd24fb0d6963f7d28e17f72", "sha1", "sha1=\udcff"])
def test_what_is_no_signature(header: str) -> None:
    """Nor is anything else."""
    assert not HUBS.has_signed(PATH, b"", header)
