"""The backups of an environment as a person reads them: age, proof, copies, rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from actions.amounts import span_text
from actions.backups.choice import Backup, NotBelieved, Proof, list_backups, read_manifest
from actions.backups.manifest import MANIFEST
from actions.backups.rehearsals import rehearsed_keys
from actions.failures import Refused, Transient
from actions.restores.facts import size_text
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import Keeping
from actions.tools.dumps.shelf import shelf_of

MANIFESTS_READ = 5


@dataclass(frozen=True)
class Listed:
    """One line. `copies` says in how many of the further places it is (`?` where one did not answer)."""

    id: str
    age: str
    size: str
    kind: str
    proven_by: str
    copies: str
    rehearsed: str
    remark: str


def list_for_people(bucket: Bucket, keeping: Keeping, limit: int) -> tuple[tuple[Listed, ...], int]:
    """The newest `limit` backups, and how many there are in all.

    Remarks are read from the manifests of the newest five. Raises Refused or Transient where the first place
    does not tell; a further place that does not is told as `?`.
    """
    found = list_backups(bucket)
    rehearsed = rehearsed_keys(bucket)
    held = _held(bucket, keeping)
    now = datetime.now(UTC)
    lines = []
    for number, one in enumerate(found[:limit]):
        lines.append(
            Listed(
                one.id,
                span_text(max(0.0, (now - one.taken_at).total_seconds())),
                size_text(one.object.size_bytes),
                one.kind,
                one.proof.value,
                _copies(one, held),
                "yes" if one.object.key in rehearsed else "no",
                _remark(bucket, one) if number < MANIFESTS_READ else one.remark,
            )
        )
    return tuple(lines), len(found)


def _held(bucket: Bucket, keeping: Keeping) -> Mapping[str, frozenset[str] | None]:
    """File names with a manifest by place; None where it does not answer."""
    held: dict[str, frozenset[str] | None] = {}
    for place in keeping.copies:
        try:
            names = {seen.key.rsplit("/", 1)[-1] for seen in shelf_of(place, bucket.stem).list()}
        except (Refused, Transient):
            held[place.name] = None  # the line says ? for it; `verify` and the look say why
        else:
            held[place.name] = frozenset(name for name in names if name + MANIFEST in names)
    return held


def _copies(backup: Backup, held: Mapping[str, frozenset[str] | None]) -> str:
    if not held:
        return "–"
    known = [names for names in held.values() if names is not None]
    there = sum(backup.file_name in names for names in known)
    return f"{there} of {len(held)}{' ?' if len(known) < len(held) else ''}"


def _remark(bucket: Bucket, backup: Backup) -> str:
    if backup.proof is not Proof.MANIFEST:
        return backup.remark
    try:
        said = read_manifest(bucket, backup).remark
    except (NotBelieved, Transient) as error:
        said = str(error)
    return "; ".join(one for one in (backup.remark, said) if one)[:160]
