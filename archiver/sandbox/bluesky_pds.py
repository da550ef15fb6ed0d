"""The PDS's calls, ``com.atproto.*``: repositories, blobs, identity and the PLC directory's documents."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.bluesky_records import blobs, collection, collections, find_record
from archiver.sandbox.cid import cid_of_record
from archiver.sandbox.ids import iso_ms, micros_of, tid
from archiver.sandbox.model import BLUESKY, Person, Standing
from archiver.sandbox.repository import Commit
from archiver.sandbox.repository import commit as sign_state
from archiver.sandbox.signing import legacy_key, multikey, secret_key
from archiver.sandbox.wire import Answer, json_answer
from archiver.sandbox.world import World
from archiver.sandbox.xrpc import Call, Refused, listing

CAR = "application/vnd.ipld.car"


class Pds:
    """Answers about one world; every account lives on this PDS."""

    def __init__(self, world: World, base_url: str) -> None:
        self.world = world
        self.base_url = base_url
        self.legacy_keys = False
        self._commits: dict[str, tuple[int, Commit]] = {}
        self.routes = {
            "com.atproto.identity.resolveHandle": self.resolve_handle,
            "com.atproto.repo.describeRepo": self.describe_repo,
            "com.atproto.repo.listRecords": self.list_records,
            "com.atproto.repo.getRecord": self.get_record,
            "com.atproto.sync.getLatestCommit": self.get_latest_commit,
            "com.atproto.sync.getRecord": self.get_proof,
            "com.atproto.sync.getRepo": self.get_repo,
            "com.atproto.sync.getRepoStatus": self.get_repo_status,
            "com.atproto.sync.getBlob": self.get_blob,
            "com.atproto.sync.listBlobs": self.list_blobs,
            "com.atproto.server.describeServer": self.describe_server,
            "_health": self.health,
        }

    def resolve_handle(self, call: Call) -> Answer:
        """``com.atproto.identity.resolveHandle``."""
        person = self.world.find_person(BLUESKY, call.required("handle"))
        if person is None or person.standing is Standing.DELETED:
            error = "InvalidRequest" if call.style == "0.0.221" else "HandleNotFound"
            raise Refused(400, error, "Unable to resolve handle")
        return json_answer({"did": person.id})

    def describe_repo(self, call: Call) -> Answer:
        """``com.atproto.repo.describeRepo``."""
        person = self._synced(call.required("repo"))
        description: dict[str, Any] = {"handle": person.handle, "did": person.id}
        description |= {"didDoc": self.did_document(person), "collections": collections(self.world, person)}
        return json_answer(description | {"handleIsCorrect": person.handle_valid})

    def list_records(self, call: Call) -> Answer:
        """``com.atproto.repo.listRecords``: by record key, newest first; the cursor is the page's last key."""
        name, wanted = call.required("repo"), call.required("collection")
        limit = call.number("limit", 50, 1, 100, at_pds=True)
        records = collection(self.world, self._repo(name), wanted)
        if call.flag("reverse"):
            records = [record for record in records if call.cursor is None or record.rkey > call.cursor]
        else:
            records = [record for record in reversed(records) if call.cursor is None or record.rkey < call.cursor]
        page = records[:limit]
        views = [{"uri": r.uri, "cid": r.cid, "value": r.value} for r in page]
        return listing({"records": views}, page[-1].rkey if page else None)

    def get_record(self, call: Call) -> Answer:
        """``com.atproto.repo.getRecord``."""
        name, wanted, rkey = call.required("repo"), call.required("collection"), call.required("rkey")
        person = self._repo(name)
        record = find_record(self.world, person, wanted, rkey)
        if record is None or call.asked.one("cid") not in {None, record.cid}:
            uri = f"at://{person.id}/{wanted}/{rkey}"
            raise Refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        return json_answer({"uri": record.uri, "cid": record.cid, "value": record.value})

    def get_latest_commit(self, call: Call) -> Answer:
        """``com.atproto.sync.getLatestCommit``: moves with each change of the repository."""
        state = self.commit(self._synced(call.required("did")))
        return json_answer({"cid": state.cid, "rev": state.rev})

    def get_proof(self, call: Call) -> Answer:
        """``com.atproto.sync.getRecord``: a signed proof that a record is there, or that it is not."""
        person = self._synced(call.required("did"))
        path = f"{call.required('collection')}/{call.required('rkey')}"
        return Answer(200, self.commit(person).proof(path), CAR)

    def get_repo(self, call: Call) -> Answer:
        """``com.atproto.sync.getRepo``: the whole repository (with ``since`` too, which allows more than was asked)."""
        return Answer(200, self.commit(self._synced(call.required("did"))).whole(), CAR)

    def get_repo_status(self, call: Call) -> Answer:
        """``com.atproto.sync.getRepoStatus``."""
        did = call.required("did")
        person = self.world.find_person(BLUESKY, did)
        if person is None or person.standing is Standing.DELETED:
            raise Refused(400, "RepoNotFound", f"Could not find repo for DID: {did}")
        if not person.active:
            return json_answer({"did": person.id, "active": False, "status": person.standing.value})
        return json_answer({"did": person.id, "active": True, "rev": self._rev(person)})

    def get_blob(self, call: Call) -> Answer:
        """``com.atproto.sync.getBlob``: the bytes as uploaded; gone with the last record that refers to them."""
        person = self._synced(call.required("did"))
        picture = blobs(person).get(call.required("cid"))
        if picture is None:
            raise Refused(400, "InvalidRequest", "Blob not found")
        headers = [
            ("x-content-type-options", "nosniff"),
            ("content-disposition", f'attachment; filename="{picture.cid}"'),
            ("content-security-policy", "default-src 'none'; sandbox"),
        ]
        return Answer(200, picture.data, picture.mime, headers)

    def list_blobs(self, call: Call) -> Answer:
        """``com.atproto.sync.listBlobs``."""
        person = self._synced(call.required("did"))
        limit = call.number("limit", 500, 1, 1000)
        page = [cid for cid in sorted(blobs(person)) if call.cursor is None or cid > call.cursor][:limit]
        return listing({"cids": page}, page[-1] if page else None)

    def describe_server(self, _: Call) -> Answer:
        """``com.atproto.server.describeServer``."""
        server = {"did": "did:web:localhost", "availableUserDomains": [f".{self.world.domain}"]}
        more = {"inviteCodeRequired": True, "blobUploadLimit": 52_428_800, "links": {}, "contact": {}}
        return json_answer({**server, **more})

    def health(self, call: Call) -> Answer:
        """``_health``."""
        return json_answer({"version": "0.4.217" if call.style == "0.0.221" else "0.5.35"})

    # --- identity

    def did_document(self, person: Person) -> dict[str, Any]:
        """The DID document; ``legacy_keys`` gives the key in the older form."""
        key = secret_key(person.id)
        method = {"id": f"{person.id}#atproto", "type": "Multikey", "controller": person.id}
        method["publicKeyMultibase"] = legacy_key(key) if self.legacy_keys else multikey(key)
        contexts = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
        if self.legacy_keys:
            method |= {"id": "#atproto", "type": "EcdsaSecp256k1VerificationKey2019"}
            contexts[1] = "https://w3id.org/security/suites/secp256k1-2019/v1"
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.base_url}
        return {
            "@context": contexts,
            "id": person.id,
            "alsoKnownAs": [f"at://{person.handle}"],
            "verificationMethod": [method],
            "service": [service],
        }

    def plc(self, path: str) -> Answer:
        """``/<did>``, ``/<did>/data``, ``/<did>/log`` and ``/<did>/log/audit``."""
        did, _, part = path.strip("/").partition("/")
        person = self.world.people.get((BLUESKY, did))
        if person is None:
            return json_answer({"message": f"DID not registered: {did}"}, 404)
        if not part:
            return json_answer(self.did_document(person), mime="application/did+ld+json; charset=utf-8")
        key = "did:key:" + multikey(secret_key(person.id))
        services = {"atproto_pds": {"type": "AtprotoPersonalDataServer", "endpoint": self.base_url}}
        data: dict[str, Any] = {"verificationMethods": {"atproto": key}, "rotationKeys": [key]}
        data |= {"alsoKnownAs": [f"at://{person.handle}"], "services": services}
        if part == "data":
            return json_answer({"did": did} | data)
        operation = {"sig": "sandbox", "prev": None, "type": "plc_operation"} | data
        if part == "log":
            return json_answer([operation])
        entry = {"did": did, "operation": operation, "cid": cid_of_record(operation), "nullified": False}
        return json_answer([entry | {"createdAt": iso_ms(person.joined_at)}])

    def commit(self, person: Person) -> Commit:
        """The present signed state of a repository. What an administrator took down is still in it."""
        revision = self.world.revisions.get(person.id, 0)
        kept = self._commits.get(person.id)
        if kept is None or kept[0] != revision:
            names = collections(self.world, person)
            found = [record for name in names for record in collection(self.world, person, name, with_removed=True)]
            paths = {record.uri.split("/", 3)[3]: record for record in found}
            values = {path: record.value for path, record in paths.items()}
            cids = {path: record.cid for path, record in paths.items()}
            state = sign_state(person.id, self._rev(person), values, cids, secret_key(person.id))
            kept = self._commits[person.id] = (revision, state)
        return kept[1]

    def _rev(self, person: Person) -> str:
        changes = self.world.revisions.get(person.id, 0)
        return tid(micros_of(person.joined_at) + changes * 1_000_003, person.serial)

    def _repo(self, name: str) -> Person:
        person = self.world.find_person(BLUESKY, name)
        if person is None or not person.active:
            raise Refused(400, "InvalidRequest", f"Could not find repo: {person.id if person else name}")
        return person

    def _synced(self, name: str) -> Person:
        """The same for ``com.atproto.sync``, which says why."""
        person = self.world.find_person(BLUESKY, name)
        if person is None or person.standing is Standing.DELETED:
            raise Refused(400, "RepoNotFound", f"Could not find repo for DID: {person.id if person else name}")
        if person.standing is Standing.DEACTIVATED:
            raise Refused(400, "RepoDeactivated", f"Repo has been deactivated: {person.id}")
        if person.standing is Standing.TAKEN_DOWN:
            raise Refused(400, "RepoTakendown", f"Repo has been takendown: {person.id}")
        return person
