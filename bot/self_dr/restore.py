"""drbot's memory brought back from a copy: proven whole, settled, then put in place at once."""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.domain.answer import Refusal
from bot.engine import system_url
from bot.engine.lease import LEASE_S, Holder, Lease
from bot.engine.lease import NAME as LEASE
from bot.self_dr.backup import describe, digest
from bot.self_dr.choice import Choice, choose
from bot.self_dr.manifest import MEMORY, Manifest
from bot.self_dr.memory_file import alone, damage, exchange, open_elsewhere, set_aside
from bot.self_dr.place import Place, place_of
from bot.self_dr.settling import Settled, settle
from bot.store.copying import file_of, is_sqlite, load_server
from bot.store.database import Clock, Read, StoreDown, iso, utc_now
from bot.store.opening import open_store
from bot.store.sqlite import SqliteStore

STOP_IT = "stop it first, then restore. Nothing was changed"
REPLACE = "add replace=yes to keep it beside and put the copy in its place. Nothing was changed"


@dataclass(frozen=True)
class Restored:
    """What was brought back: the copy's manifest, what was ended in it, and where the old memory is now.

    `engine_kept` is where a damaged database of the engine went: no workflow in it would be taken up anyway.
    """

    manifest: Manifest
    source: str
    settled: Settled
    kept: str = ""
    engine_kept: str = ""


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

    Refused where a bot works on the memory now, where it holds something already or cannot be read (unless
    `replace`, which keeps the old one beside), where the copy is not whole, and where a place holds copies of
    several memories. Raises Refusal, UsageError, StoreDown, OSError, Refused, Transient; the memory is as it
    was then, except for Unconfirmed.
    """
    place = place_of(source, environment)
    choice = choose(place, source)
    stamp = f"{clock():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory(prefix="drbot-restore-") as folder:
        copy = Path(folder) / MEMORY
        _fetch(place, choice, copy)

        def settled() -> Settled:
            with closing(SqliteStore(copy, clock)) as store:
                return settle(store, choice.manifest, channel, actor, choice.where)

        bring = _into_file if is_sqlite(database_url) else _into_server
        ended, kept, engine = bring(database_url, copy, settled, replace, clock, stamp)
    return Restored(choice.manifest, choice.where, ended, kept, engine)


def _into_file(
    database_url: str, copy: Path, settled: Callable[[], Settled], replace: bool, clock: Clock, stamp: str
) -> tuple[Settled, str, str]:
    target = file_of(database_url).resolve()  # the log lies beside the file itself, not beside a link to it
    with alone(target):
        there = target.exists()
        broken = damage(target) if there else ""
        held = (
            _ready(database_url, replace, clock) if there and not broken else _unread(target, broken, replace)
        )
        ended = settled()
        if target.exists() and not held and (not there or _holds(database_url)):
            raise Refusal(f"somebody wrote to {target} meanwhile: {REPLACE}")
        engine = set_aside(file_of(system_url(database_url)).resolve(), stamp)
        return ended, exchange(copy, target, stamp, held, sound=not broken), engine


def _into_server(
    database_url: str, copy: Path, settled: Callable[[], Settled], replace: bool, clock: Clock, stamp: str
) -> tuple[Settled, str, str]:
    try:
        held = _ready(database_url, replace, clock)
    except StoreDown as error:
        raise StoreDown(
            f"{error}. Where that database cannot be mended now, let DR_DATABASE_URL name an empty one, or a"
            " file (sqlite:////var/lib/drbot/drbot.db): the copy goes into either"
        ) from error

    def changed(read: Read) -> str:
        """What came between: the lease lasts seconds, loading may last longer."""
        holder = read(f"SELECT holder FROM leases WHERE name = '{LEASE}'", ())  # noqa: S608 - ours
        if [str(row[0]) for row in holder] != [str(Holder.here())]:
            return f"a bot began to work on this memory meanwhile: {STOP_IT}"
        now = _held(read)
        return f"the memory holds something now ({now}): {REPLACE}" if now and not held else ""

    aside = f"drbot_before_{stamp.lower().replace('-', '_')}" if held else ""
    ended = settled()
    load_server(copy, database_url, aside, changed)
    return ended, f"the schema {aside}" if aside else "", ""


def _fetch(place: Place, choice: Choice, copy: Path) -> None:
    """The copy's bytes, proven. Raises Refusal where they are not what was written."""
    try:
        place.fetch(choice.name, copy)
    except FileNotFoundError as error:
        raise Refusal(
            f"the copy at {choice.where} is not whole, {MEMORY} is missing: nothing was brought back;"
            f" {_other(choice)}"
        ) from error
    _prove(copy, choice)


def _other(choice: Choice) -> str:
    if choice.before:
        return f"take the one before it: `dr self restore {choice.before}`"
    return "take another copy"


def _prove(copy: Path, choice: Choice) -> None:
    """The very bytes that were written, and a journal whose chain holds to the head that was noted."""
    manifest, where, other = choice.manifest, choice.where, _other(choice)
    sha256, size_bytes = digest(copy)
    if (sha256, size_bytes) != (manifest.sha256, manifest.size_bytes):
        raise Refusal(
            f"the copy at {where} is not what was written ({size_bytes} bytes, {manifest.size_bytes} were):"
            f" nothing was brought back; {other}"
        )
    try:
        found = describe(copy, manifest.made_at)
    except (StoreDown, sqlite3.Error) as error:
        said = str(error).rstrip(".")
        raise Refusal(
            f"the copy at {where} cannot be trusted: {said}. Nothing was brought back; {other}"
        ) from error
    if found.head != manifest.head or found.counts != manifest.counts:
        raise Refusal(
            f"the copy at {where} does not hold what its manifest says: nothing was brought back; {other}"
        )


def _unread(target: Path, broken: str, replace: bool) -> bool:
    """The same where there is no memory that could be asked: the file is gone, or it is damaged."""
    if open_elsewhere(target):
        raise Refusal(f"a process works on {target} or on the log beside it: {STOP_IT}")
    if broken and not replace:
        raise Refusal(f"the memory at {target} cannot be read ({broken}): {REPLACE}")
    return bool(broken)


def _ready(database_url: str, replace: bool, clock: Clock) -> bool:
    """Whether something is there that must be kept beside. Takes the lease, so that no bot begins."""
    with closing(open_store(database_url, clock)) as memory:
        lease = Lease(memory, Holder.here())
        holder = lease.holder(iso(clock()))
        if holder is not None or not lease.take():
            named = f" ({holder.host} pid {holder.pid})" if holder else ""
            dead = f". One whose host is dead is forgotten within {LEASE_S:.0f} s"
            raise Refusal(f"a bot works on this memory now{named}: {STOP_IT}{dead}")
        held = _held(memory.read)
        if held and not replace:
            lease.give_back()
            raise Refusal(f"the memory holds something already ({held}): {REPLACE}")
    return bool(held)


def _holds(database_url: str) -> str:
    with closing(open_store(database_url)) as memory:
        return _held(memory.read)


def _held(read: Read) -> str:
    entries = read("SELECT COUNT(*) FROM journal", ())[0][0]
    alerts = read("SELECT COUNT(*) FROM alerts", ())[0][0]
    return f"{entries} journal entries, {alerts} alerts" if entries or alerts else ""
