"""What is said of a database that was looked at: each finding a sentence with its weight, worst first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from actions.restores.facts import age_text, size_text
from actions.tools.postgres.readiness import DatabaseState, ServerState, Slot, Standby
from actions.tools.postgres.sessions import Pool

WRAPS_AT = 2**31
STOPS_BEFORE = 3_000_000
FULL_SHARE = 0.9
FREE_SHARE = 0.15
KEPT_BYTES = 1_000_000_000
LAG_S = 60.0
RESTARTED_S = 900.0


class Weight(IntEnum):
    """How much a finding matters; the worst sorts first."""

    BAD = 0
    WATCH = 1
    FINE = 2


@dataclass(frozen=True)
class Finding:
    weight: Weight
    about: str
    said: str


def server_findings(state: ServerState) -> Iterator[Finding]:
    """Version, uptime, recovery, read only, archiving, age of transactions."""
    fresh = Weight.WATCH if state.up_s < RESTARTED_S else Weight.FINE
    said = f"PostgreSQL {state.version}, up for {age_text(state.up_s)}"
    yield Finding(fresh, "server", f"{said}: it restarted just now" if fresh is Weight.WATCH else said)
    yield from _recovery(state)
    if state.archive_mode != "off":
        yield (
            Finding(Weight.BAD, "archive", f"WAL could not be archived at {state.archive_failed}, nor since")
            if state.archive_failing
            else Finding(Weight.FINE, "archive", "WAL is archived")
        )
    yield _wraparound(state)
    if not state.autovacuum:
        yield Finding(Weight.BAD, "autovacuum", "autovacuum is off for the whole server")


def _recovery(state: ServerState) -> Iterator[Finding]:
    if not state.in_recovery:
        yield (
            Finding(
                Weight.BAD, "writes", "every new transaction is read only (default_transaction_read_only)"
            )
            if state.read_only
            else Finding(Weight.FINE, "writes", "it is the primary and takes writes")
        )
        return
    lag = f", {age_text(state.replay_lag_s)} behind" if state.replay_lag_s else ""
    yield Finding(Weight.WATCH, "writes", f"it is in recovery (a standby): read only{lag}")
    if state.replay_paused:
        yield Finding(Weight.BAD, "replay", "replay is paused: it falls behind until pg_wal_replay_resume()")


def _wraparound(state: ServerState) -> Finding:
    age, limit = state.oldest_age, state.freeze_max_age
    said = f"the oldest transaction id is {age:,} old, in {state.oldest_database}"
    if age > WRAPS_AT - STOPS_BEFORE - 100_000_000:
        return Finding(Weight.BAD, "wraparound", f"{said}: near {WRAPS_AT:,} the server takes no writes")
    if age > limit:
        return Finding(Weight.WATCH, "wraparound", f"{said}, beyond autovacuum_freeze_max_age of {limit:,}")
    return Finding(Weight.FINE, "wraparound", f"{said}, of {limit:,} before a forced vacuum")


def follower_findings(standbys: tuple[Standby, ...], slots: tuple[Slot, ...]) -> Iterator[Finding]:
    """Who follows and how far behind they are; what waits for those who do not."""
    for one in standbys:
        behind = f"{size_text(one.lag_bytes)} behind" + (
            f", {age_text(one.lag_s)}" if one.lag_s and one.lag_s >= LAG_S else ""
        )
        late = one.state != "streaming" or (one.lag_s or 0) > LAG_S or one.lag_bytes > KEPT_BYTES
        weight = Weight.WATCH if late else Weight.FINE
        yield Finding(weight, f"standby {one.name}", f"is {one.state}, {behind}")
    if not standbys:
        yield Finding(Weight.FINE, "standbys", "nobody follows by streaming")
    for slot in slots:
        kept = f"{size_text(slot.kept_bytes)} of WAL kept for it"
        if slot.wal_status in ("lost", "unreserved"):
            yield Finding(Weight.BAD, f"slot {slot.name}", f"has lost its place ({slot.wal_status}), {kept}")
        elif not slot.active:
            heavy = Weight.BAD if slot.kept_bytes > KEPT_BYTES else Weight.WATCH
            yield Finding(heavy, f"slot {slot.name}", f"is used by nobody; {kept}, and that grows")
        else:
            yield Finding(Weight.FINE, f"slot {slot.name}", f"is in use; {kept}")


def database_findings(name: str, state: DatabaseState, pool: Pool, checksums: bool) -> Iterator[Finding]:
    """Connections, checksums, size and space, last vacuum and analyze."""
    used = f"{pool.used} of {pool.usable} connections in use ({100 * pool.share:.0f} %)"
    if pool.used >= pool.usable:
        yield Finding(Weight.BAD, "connections", f"{used}: clients are turned away")
    else:
        yield Finding(Weight.WATCH if pool.share >= FULL_SHARE else Weight.FINE, "connections", used)
    if state.checksum_failures:
        said = f"{state.checksum_failures} pages of {name} failed their checksum: do not trust this copy"
        yield Finding(Weight.BAD, "checksums", said)
    else:
        said = (
            "no page has failed its checksum" if checksums else "page checksums are off: damage is not seen"
        )
        yield Finding(Weight.FINE if checksums else Weight.WATCH, "checksums", said)
    yield _space(name, state)
    yield _care("vacuum", state.vacuumed_s, state.tables)
    yield _care("analyze", state.analyzed_s, state.tables)


def _space(name: str, state: DatabaseState) -> Finding:
    said = f"{name} holds {size_text(state.size_bytes)}, all databases {size_text(state.all_bytes)}"
    if state.free_bytes is None:
        return Finding(Weight.FINE, "disk", f"{said}; free space cannot be seen from here")
    tight = state.free_bytes < FREE_SHARE * (state.free_bytes + state.all_bytes)
    free = f"{size_text(state.free_bytes)} free on the server's disk"
    return Finding(Weight.WATCH if tight else Weight.FINE, "disk", f"{said}; {free}")


def _care(what: str, ago_s: float | None, tables: int) -> Finding:
    if ago_s is None:
        weight = Weight.WATCH if tables else Weight.FINE
        return Finding(weight, f"last {what}", f"never, since the statistics began ({tables} tables)")
    return Finding(Weight.FINE, f"last {what}", f"{age_text(ago_s)} ago")
