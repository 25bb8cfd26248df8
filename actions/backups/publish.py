"""Publishing a dump: under its own name, read back, its checksum, and last the manifest; then the copies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from actions.backups.choice import Backup, Proof, backups_in, read_manifest
from actions.backups.manifest import CHECKSUM, MANIFEST, Manifest
from actions.failures import NotVerified, Refused
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.dumps.shelf import Shelf, content_of
from actions.tools.dumps.stages import drawn
from actions.tools.postgres.content import Tell, untold

_EVERY_CHUNK = 32


def publish(bucket: Bucket, source: str, manifest: Manifest, tell: Tell = untold) -> Manifest:
    """Put the dump at `source` under the name of its manifest, and the manifest beside it, last.

    What S3 then holds under that name is read back and hashed: not every S3 compares a checksum of ours, so
    none is trusted to. Returns the manifest as published. Safe to do twice. Raises Refused where another
    backup has that name, NotVerified where S3 holds something else than was sent.
    """
    found = _this_or_nothing(bucket, manifest)
    if found is not None:
        return found
    seen = bucket.copy(source, manifest.key)
    check_stored(bucket, seen, manifest, tell)
    return _describe(bucket, seen, manifest)


def published_at(shelf: Shelf, key: str) -> Manifest | None:
    """What is published under a key, or None. Raises Refused where its manifest cannot be believed."""
    backups, _ = backups_in(shelf)
    there = next((one for one in backups if one.object.key == key), None)
    return read_manifest(shelf, there) if there and there.proof is Proof.MANIFEST else None


def is_same(one: Manifest, other: Manifest) -> bool:
    """Whether both are of the same backup, wherever each lies."""
    return (one.run, one.sha256, one.started_at) == (other.run, other.sha256, other.started_at)


def _this_or_nothing(shelf: Shelf, manifest: Manifest) -> Manifest | None:
    found = published_at(shelf, manifest.key)
    if found is not None and not is_same(found, manifest):
        raise Refused(
            f"{found.key} is there already, made by another run (RUN-{found.run}): nothing of it was touched;"
            " ask again"
        )
    return found


def check_stored(shelf: Shelf, seen: ObjectSeen, manifest: Manifest, tell: Tell = untold) -> None:
    """Read it back and compare. Raises NotVerified where it is not what the manifest says."""
    if seen.size_bytes != manifest.size_bytes:
        raise NotVerified(
            f"{shelf.place} holds {seen.size_bytes:,} bytes of {manifest.key}, {manifest.size_bytes:,} were"
            " sent: it was not published"
        )
    for _ in _expected(content_of(shelf, seen), manifest, shelf.place, tell):
        pass


def copy_to(shelf: Shelf, source: Bucket, manifest: Manifest, tell: Tell = untold) -> bool:
    """Copy a published backup to another place, its manifest last; False where it is there already.

    The bytes are hashed on the way: no copy appears of a dump that is not what its manifest says. Safe to do
    twice. Raises Refused, Transient or NotVerified.
    """
    name = manifest.key.rsplit("/", 1)[-1]
    wanted = replace(manifest, key=shelf.prefix + name, version_id="")
    if _this_or_nothing(shelf, wanted) is not None:
        return False
    chunks = content_of(source, source.head(manifest.key))
    with drawn(_expected(chunks, manifest, source.place, tell)) as expected:
        seen = shelf.put_stream(wanted.key, expected)
    if seen.size_bytes != manifest.size_bytes:
        raise NotVerified(f"{shelf.place} holds {seen.size_bytes:,} bytes of {manifest.size_bytes:,}")
    _describe(shelf, seen, wanted)
    return True


def unpublish(shelf: Shelf, key: str) -> None:
    """Take a backup away: first what publishes it. Safe to do twice."""
    for name in (key + MANIFEST, key + CHECKSUM, key):
        shelf.delete(name)


def _describe(shelf: Shelf, seen: ObjectSeen, manifest: Manifest) -> Manifest:
    """Write the checksum, then the manifest."""
    version = "" if seen.version_id == "null" else seen.version_id
    described = replace(manifest, version_id=version)
    name = manifest.key.rsplit("/", 1)[-1]
    shelf.put(manifest.key + CHECKSUM, f"{manifest.sha256}  {name}\n".encode())
    shelf.put(manifest.key + MANIFEST, as_json(described))
    return described


def as_json(manifest: Manifest) -> bytes:
    """The manifest as it is written."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def _expected(chunks: Iterable[bytes], manifest: Manifest, place: str, tell: Tell) -> Iterator[bytes]:
    """The chunks; at their end, before the last one is given, NotVerified where they are not the backup."""
    digest, size, held = hashlib.sha256(), 0, b""
    with drawn(chunks) as source:
        for number, chunk in enumerate(source):
            digest.update(chunk)
            size += len(chunk)
            if number % _EVERY_CHUNK == 0:
                tell(f"read {size / 1e6:.1f} of {manifest.size_bytes / 1e6:.1f} MB")
            if held:
                yield held
            held = chunk
    if (digest.hexdigest(), size) != (manifest.sha256, manifest.size_bytes):
        raise NotVerified(
            f"what {place} holds of {manifest.key.rsplit('/', 1)[-1]} is not what was dumped (SHA-256"
            f" {digest.hexdigest()[:12]}…, its manifest says {manifest.sha256[:12]}…)"
        )
    if held:
        yield held


def proven(shelf: Shelf) -> tuple[Backup, ...]:
    """The backups with a manifest, newest first."""
    return tuple(one for one in backups_in(shelf)[0] if one.proof is Proof.MANIFEST)
