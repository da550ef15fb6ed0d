"""Who the account is: the profile task, logins, mentions, media."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.domain.exchange import Purpose
from archiver.domain.observation import AccountSeen, TotalSeen
from archiver.domain.task import Covered, NotOffered, TaskKind
from archiver.platforms.bluesky import BlueskyAdapter
from archiver.sandbox.model import Standing
from tests.platforms.bluesky.internet import CITY_PDS, Internet
from tests.platforms.bluesky_world import BASE, NOW, BlueskyWorld, Carried, Reply, story


@pytest.fixture
def world() -> BlueskyWorld:
    """A city, one server."""
    world = BlueskyWorld()
    world.named = story(world)
    return world


@pytest.fixture
def internet() -> Internet:
    """The same city in the network as it is."""
    return Internet()


def accounts(done: Carried) -> list[AccountSeen]:
    """Who was seen."""
    return [seen for seen in done.observations if isinstance(seen, AccountSeen)]


# --- the profile


def test_a_configured_handle_leads_to_did_and_repository(world: BlueskyWorld) -> None:
    """With a base_url by resolveHandle and describeRepo, no directory."""
    done = world.carry_out(world.task(TaskKind.PROFILE, account=world.configured))
    assert done.methods == ["resolveHandle", "describeRepo", "getProfile", "getRecord", "getRepoStatus"]
    assert {seen.native_id for seen in accounts(done)} == {world.city.person.id}
    assert accounts(done)[0].facts == {"did": world.city.person.id, "pds": BASE}
    assert TotalSeen("posts without shares", 17) in done.observations


def test_in_production_the_directory_says_where_the_repository_is(internet: Internet) -> None:
    """AppView, PLC document, profile, record, status, and the audit log as evidence of the identity's history."""
    account = replace(internet.account, native_id=None, facts={})
    done = internet.carry_out(internet.task(TaskKind.PROFILE, account=account))
    assert internet.hosts == [
        "public.api.bsky.app", "plc.directory", "public.api.bsky.app",
        "oyster.us-east.host.bsky.network", "oyster.us-east.host.bsky.network", "plc.directory",
    ]  # fmt: skip
    assert done.exchanges[-1].url.endswith("/log/audit")
    assert {"did": internet.city.person.id, "pds": CITY_PDS} in [seen.facts for seen in accounts(done)]


def test_the_profile_is_a_record_with_text_name_and_pictures(world: BlueskyWorld) -> None:
    """View and record say the same, so that no edit is seen between them."""
    done = world.carry_out(world.task(TaskKind.PROFILE))
    view, record = done.sightings
    assert record.body.text == view.body.text == "Posts and comments are public records."
    assert record.body.title == view.body.title == "City of Millbrook"
    shown, held = ([(one.kind, one.identity) for one in seen.body.attachments or ()] for seen in (view, record))
    assert shown == held
    assert (view.origin, record.origin, view.native_version) == (False, True, None)


def test_a_description_that_was_taken_out_is_empty_in_the_record(world: BlueskyWorld) -> None:
    """Not unknown: the owner's own record does not have it any more."""
    world.world.describe("city", description="")
    done = world.carry_out(world.task(TaskKind.PROFILE))
    assert done.items[f"bluesky:at://{world.city.person.id}/app.bsky.actor.profile/self"].body.text == ""


def test_a_changed_handle_changes_nothing_but_the_handle(world: BlueskyWorld) -> None:
    """Everything is asked by DID; the old handle's answers would be "not found" (pitfall 5)."""
    world.world.rename("city", handle="cityofmillbrook.gov")
    done = world.carry_out(world.task(TaskKind.PROFILE))
    assert "resolveHandle" not in done.methods
    assert {(seen.native_id, seen.handle) for seen in accounts(done)} == {(world.city.person.id, "cityofmillbrook.gov")}
    assert world.carry_out(world.task(TaskKind.POLL, full=True)).ended == "done"


def test_a_handle_that_does_not_point_back_is_not_taken_for_a_name(world: BlueskyWorld) -> None:
    """``handle.invalid`` is shown instead of it."""
    world.city.person.handle_valid = False
    done = world.carry_out(world.task(TaskKind.PROFILE))
    assert "handle.invalid" not in {seen.handle for seen in accounts(done)}


def test_a_did_may_be_configured_instead_of_a_handle(internet: Internet) -> None:
    """Then nothing is resolved."""
    did = internet.city.person.id
    account = replace(internet.account, handle=did, native_id=None, facts={})
    done = internet.carry_out(internet.task(TaskKind.PROFILE, account=account))
    assert done.exchanges[0].url == f"https://plc.directory/{did}"


def test_did_web_leads_to_its_own_host() -> None:
    """``did:web:city.example.gov`` has its document at that host."""
    world = Internet()
    account = replace(world.account, handle="did:web:city.example.gov", native_id=None, facts={})
    step = BlueskyAdapter(account).start(world.task(TaskKind.POLL, account=account))
    assert step.requests[0].url == "https://city.example.gov/.well-known/did.json"


def test_a_did_of_an_unknown_method_is_a_gap(world: BlueskyWorld) -> None:
    """There is no place to look for its document."""
    account = replace(world.account, base_url=None, handle="did:key:zabc", native_id=None, facts={})
    step = BlueskyAdapter(account).start(world.task(TaskKind.POLL, account=account))
    assert step.done
    assert step.findings


def test_a_document_that_names_no_public_server_is_a_gap(internet: Internet) -> None:
    """The operator's machine is not asked on a stranger's word."""
    document = {
        "id": internet.city.person.id,
        "service": [{"id": "#atproto_pds", "serviceEndpoint": "http://127.0.0.1:8080"}],
    }
    internet.refuse["plc.directory"] = Reply(200, json.dumps(document).encode())
    account = replace(internet.account, facts={})
    done = internet.carry_out(internet.task(TaskKind.POLL, account=account))
    assert internet.hosts == ["plc.directory"]
    assert done.findings


@pytest.mark.parametrize("standing", [Standing.DEACTIVATED, Standing.TAKEN_DOWN, Standing.DELETED])
def test_an_account_in_another_state_is_gone(world: BlueskyWorld, standing: Standing) -> None:
    """Deactivated and taken down are said by name; deleted is "not found"."""
    world.world.suspend("city", standing)
    assert world.carry_out(world.task(TaskKind.PROFILE)).ended == "account_gone"


def test_edits_are_not_offered(world: BlueskyWorld) -> None:
    """Said once, so that nobody takes it for a gap."""
    done = world.carry_out(world.task(TaskKind.PROFILE))
    assert [found.stream for found in done.findings if isinstance(found, NotOffered)] == ["edits"]


# --- logins and mentions


def test_without_a_login_mentions_are_not_offered(world: BlueskyWorld) -> None:
    """And nothing is asked."""
    done = world.carry_out(world.task(TaskKind.MENTIONS))
    assert done.exchanges == []
    assert isinstance(done.findings[0], NotOffered)


def test_mentions_come_from_the_account_s_own_notifications(world: BlueskyWorld) -> None:
    """Mentions, quotes and answers; likes and reposts are no records."""
    done = world.carry_out(world.task(TaskKind.MENTIONS, account=world.logged_in, full=True))
    mention = done.items[world.named["mention"].key]
    assert mention.mentions == {world.city.person.id}
    assert world.named["question"].key in done.items
    assert {seen.form for seen in done.items.values()} == {"post"}
    assert [spec.credential for spec in world.asked] == ["token"]
    assert [type(found) for found in done.findings] == [Covered]


def test_mentions_go_back_to_the_window_s_beginning_only(world: BlueskyWorld) -> None:
    """Page by page, newest first."""
    world.page_size = 2
    since = NOW - timedelta(days=50, minutes=1)
    done = world.carry_out(world.task(TaskKind.MENTIONS, account=world.logged_in, since=since))
    assert world.named["mention"].key in done.items
    assert world.named["question"].key not in done.items
    assert done.findings == [Covered("mentions", since, NOW)]


def test_only_notifications_are_asked_with_the_login(world: BlueskyWorld) -> None:
    """A login sees what its blocks and mutes let it see: the archive collects the public's view."""
    for kind, subjects in (
        (TaskKind.PROFILE, ()),
        (TaskKind.POLL, ()),
        (TaskKind.THREAD, (world.named["hearing"].key,)),
    ):
        world.carry_out(world.task(kind, *subjects, account=world.logged_in, full=True))
    assert {spec.credential for spec in world.asked} == {None}


def test_a_server_that_answers_no_one_without_a_login_gets_one(world: BlueskyWorld) -> None:
    """A PDS as base_url: app.bsky.* is forwarded for its own users only."""
    world.members_only = True
    login = world.logged_in
    thread = world.carry_out(world.task(TaskKind.THREAD, world.named["hearing"].key, account=login))
    assert world.named["question"].key in thread.items
    poll = world.carry_out(world.task(TaskKind.POLL, account=login, full=True))
    assert poll.items[world.named["share"].key].body.text == "Ridge Loop is closed."
    assert (
        TotalSeen("posts without shares", 17)
        in world.carry_out(world.task(TaskKind.PROFILE, account=login)).observations
    )
    confirmed = world.carry_out(world.task(TaskKind.CONFIRM, world.named["question"].key, account=login))
    assert [seen.origin for seen in confirmed.sightings] == [False, True]
    assert world.carry_out(world.task(TaskKind.THREAD, world.named["hearing"].key)).ended == "needs_token"


def test_an_app_password_becomes_a_session_at_the_account_s_own_server(internet: Internet) -> None:
    """One session is kept and refreshed: thirty logins in five minutes lock the city out (pitfall 7)."""
    login = BlueskyAdapter(replace(internet.account, authenticated=True)).login()
    assert login is not None
    assert login.refresh is not None
    assert login.request.url == f"{CITY_PDS}/xrpc/com.atproto.server.createSession"
    assert json.loads(login.request.body or b"") == {"identifier": internet.city.person.id, "password": "{secret}"}
    assert login.refresh.url == f"{CITY_PDS}/xrpc/com.atproto.server.refreshSession"
    assert (login.access_member, login.refresh_member) == ("accessJwt", "refreshJwt")
    assert BlueskyAdapter(internet.account).login() is None


def test_before_its_server_is_known_the_entryway_takes_the_login(internet: Internet) -> None:
    """By handle."""
    login = BlueskyAdapter(replace(internet.account, authenticated=True, native_id=None, facts={})).login()
    assert login is not None
    assert login.request.url.startswith("https://bsky.social/xrpc/")
    assert json.loads(login.request.body or b"")["identifier"] == "city.millbrook.example"


# --- media


def test_the_original_is_the_blob_at_its_owner_s_server(world: BlueskyWorld) -> None:
    """Not the CDN's re-encoded copy (pitfall 9)."""
    picture = world.named["pictures"].latest.pictures[0]
    done = world.carry_out(world.task(TaskKind.MEDIA, f"blob:{world.city.person.id}/{picture.cid}"))
    (spec,) = world.asked
    assert done.methods == ["getBlob"]
    assert (spec.purpose, spec.follow, spec.credential, spec.stream) == (Purpose.MEDIA, True, None, "media")
    assert done.exchanges[0].status == 200


def test_what_attachments_name_is_what_the_media_task_asks_for(world: BlueskyWorld) -> None:
    """Every identity of every record of the story leads to bytes."""
    done = world.carry_out(world.task(TaskKind.POLL, full=True))
    names = {one.identity for seen in done.items.values() for one in seen.body.attachments or ()}
    assert len(names) == 2
    for name in names:
        assert world.carry_out(world.task(TaskKind.MEDIA, name)).exchanges[-1].status == 200


def test_in_production_a_stranger_s_blob_is_looked_up_and_the_cdn_is_the_last_resort(internet: Internet) -> None:
    """Directory, their server, and, since it has the blob no more, the copy."""
    done = internet.carry_out(internet.task(TaskKind.MEDIA, f"blob:{internet.ann.id}/bafkreimissing"))
    assert internet.hosts == ["plc.directory", "pds.residents.example", "cdn.bsky.app"]
    assert (
        done.exchanges[-1].url == f"https://cdn.bsky.app/img/feed_fullsize/plain/{internet.ann.id}/bafkreimissing@jpeg"
    )
    assert done.ended == "done"


def test_the_city_s_blobs_need_no_look_up(internet: Internet) -> None:
    """Its server is known."""
    picture = internet.named["pictures"].latest.pictures[0]
    internet.carry_out(internet.task(TaskKind.MEDIA, f"blob:{internet.city.person.id}/{picture.cid}"))
    assert internet.hosts == ["oyster.us-east.host.bsky.network"]


@pytest.mark.parametrize(
    "subject", ["ftp://x.example/a", "file:///etc/passwd", "", "blob:", "blob:x", "javascript:alert(1)"]
)
def test_other_names_are_not_asked_for(world: BlueskyWorld, subject: str) -> None:
    """Or at the server itself, which will say no."""
    done = world.carry_out(world.task(TaskKind.MEDIA, subject))
    assert {exchange.url.partition("?")[0] for exchange in done.exchanges} <= {f"{BASE}/xrpc/com.atproto.sync.getBlob"}


def test_a_file_elsewhere_is_fetched_at_its_address(world: BlueskyWorld) -> None:
    """As media: the network guard watches over it."""
    step = BlueskyAdapter(world.account).start(world.task(TaskKind.MEDIA, "https://files.example/a.jpg"))
    (spec,) = step.requests
    assert (spec.url, spec.purpose, spec.follow) == ("https://files.example/a.jpg", Purpose.MEDIA, True)
