"""drbot's memory brought back from a copy: proven whole, settled, then put in place at once."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.domain.answer import Refusal, UsageError
from bot.engine.lease import Holder, Lease
from bot.self_dr.backup import describe, digest
from bot.self_dr.manifest import MEMORY, Manifest
from bot.self_dr.place import Place, place_of
from bot.self_dr.settling import Settled, settle
from bot.store.copying import close_log, file_of, is_sqlite, load_file, load_server
from bot.store.database import Clock, Store, StoreDown, iso, utc_now
from bot.store.opening import open_store
from bot.store.sqlite import SqliteStore


@dataclass(frozen=True)
class Restored:
    """What was brought back: the copy's manifest, what was ended in it, and where the old memory is now."""

    manifest: Manifest
    source: str
    settled: Settled
    kept: str = ""


def restore(
    database_url: str,
    source: str,
    environment: Mapping[str, str],
    channel: str,
    actor: str,
    replace: bool = False,
    clock: Clock = utc_now,
) -> Restored:
    """Bring the memory back from a copy, or from the newest copy of a place.

    Refused where a bot works on the memory now, where it holds something already (unless `replace`, which
    keeps the old one beside), and where the copy is not whole. Raises Refusal, UsageError, StoreDown,
    OSError, Refused, Transient; the memory is as it was then.
    """
    place = place_of(source, environment)
    name = _newest(place, source)
    stamp = f"{clock():%Y%m%dT%H%M%SZ}"
    with tempfile.TemporaryDirectory(prefix="drbot-restore-") as folder:
        copy = Path(folder) / MEMORY
        manifest = Manifest.read(place.manifest(name), f"{source} {name}".strip())
        place.fetch(name, copy)
        _prove(copy, manifest, source)
        held = _ready(database_url, replace, clock)
        with closing(SqliteStore(copy, clock)) as store:
            settled = settle(store, manifest, channel, actor, source)
        if is_sqlite(database_url):
            kept = _place_file(copy, file_of(database_url), stamp, held)
        else:
            aside = f"drbot_before_{stamp.lower()}" if held else ""
            load_server(copy, database_url, aside)
            kept = f"the schema {aside}" if aside else ""
    return Restored(manifest, f"{source.rstrip('/')}/{name}" if name else source, settled, kept)


def _newest(place: Place, source: str) -> str:
    names = place.names()
    if not names:
        raise UsageError(
            f"there is no copy of drbot's memory at {source}: a copy is a folder drbot-… with a manifest.json"
        )
    return names[0]


def _prove(copy: Path, manifest: Manifest, source: str) -> None:
    """The very bytes that were written, and a journal whose chain holds to the head that was noted."""
    sha256, size_bytes = digest(copy)
    if (sha256, size_bytes) != (manifest.sha256, manifest.size_bytes):
        raise Refusal(
            f"the copy at {source} is not what was written ({size_bytes} bytes, {manifest.size_bytes} were):"
            " nothing was brought back; take another copy"
        )
    try:
        found = describe(copy, manifest.made_at)
    except StoreDown as error:
        raise Refusal(f"the copy at {source} cannot be trusted: {error}. Nothing was brought back") from error
    if found.head != manifest.head or found.counts != manifest.counts:
        raise Refusal(
            f"the copy at {source} does not hold what its manifest says: nothing was brought back; take"
            " another copy"
        )


def _ready(database_url: str, replace: bool, clock: Clock) -> bool:
    """Whether something is there that must be kept beside. Takes the lease, so that no bot begins."""
    if is_sqlite(database_url) and not file_of(database_url).exists():
        return False
    with closing(open_store(database_url, clock)) as memory:
        lease = Lease(memory, Holder.here())
        holder = lease.holder(iso(clock()))
        if holder is not None or not lease.take():
            named = f" ({holder.host} pid {holder.pid})" if holder else ""
            raise Refusal(
                f"a bot works on this memory now{named}: stop it first, then restore. Nothing was changed"
            )
        held = _held(memory)
        if held and not replace:
            lease.give_back()
            raise Refusal(
                f"the memory holds something already ({held}): add replace=yes to keep it beside and put the"
                " copy in its place. Nothing was changed"
            )
    return bool(held)


def _held(memory: Store) -> str:
    entries = memory.read("SELECT COUNT(*) FROM journal")[0][0]
    alerts = memory.read("SELECT COUNT(*) FROM alerts")[0][0]
    return f"{entries} journal entries, {alerts} alerts" if entries or alerts else ""


def _place_file(copy: Path, target: Path, stamp: str, held: bool) -> str:
    """The new file is made beside and moved in place at once: always the old or the new one is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f"{target.name}.{stamp}.restoring")
    aside = target.with_name(f"{target.name}.before-{stamp}")
    try:
        load_file(copy, made)
        if target.exists():
            close_log(target)
            if held:
                aside.hardlink_to(target)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return str(aside) if held else ""
