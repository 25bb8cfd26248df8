"""A memory that is brought back must not act on what was true when it was copied."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.domain.entry import Json, NewEntry
from bot.domain.run import RunState
from bot.self_dr.ending import end_drills, end_runs, stop_walks
from bot.self_dr.manifest import Manifest
from bot.self_dr.numbers import NUMBERS_LEFT_OUT, leave_gaps
from bot.store import outbound, outbox
from bot.store.database import Store, Tx
from bot.store.journal import append

__all__ = ["NUMBERS_LEFT_OUT", "Settled", "settle"]


@dataclass(frozen=True)
class Settled:
    """What was ended, by its number, as people say it.

    `stopped` are the runs that may have been changing something when the memory was lost, `given_up` those
    that were not; `walks` and `drills` were under way. `open_incidents` were not resolved in the copy.
    """

    stopped: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    walks: tuple[str, ...] = ()
    drills: tuple[str, ...] = ()
    open_incidents: tuple[str, ...] = ()


def settle(store: Store, manifest: Manifest, channel: str, actor: str, source: str) -> Settled:
    """End what is under way, forget locks and leases, draw a new name, and leave a gap in every numbering.

    Under the new name the engine's old workflows are nobody's: none is resumed. What was approved may have
    been done, half or whole, after the copy was made: a person is called for each that changes something.
    Raises StoreDown; nothing is changed then.
    """
    since = f"drbot's memory was brought back from a copy of {manifest.made_at[:16]}"

    def work(tx: Tx) -> Settled:
        outbox.mark_unsure(tx)  # before anything that is only wanted now
        outbound.mark_unsure(tx)
        walks = stop_walks(tx, channel, actor, since)
        drills = end_drills(tx, channel, since)
        runs = end_runs(tx, channel, actor, since)
        opened = tx.all("SELECT id FROM incidents WHERE state <> 'resolved' ORDER BY id")
        done = Settled(
            tuple(run.ref for run in runs if run.state is RunState.STOPPED),
            tuple(run.ref for run in runs if run.state is not RunState.STOPPED),
            walks,
            drills,
            tuple(f"INC-{number}" for (number,) in opened),
        )
        _begin_anew(tx)
        leave_gaps(tx, manifest.made_at[:16])
        append(tx, NewEntry("memory-restored", actor, _told(manifest, source, done)))
        return done

    return store.write(work)


def _begin_anew(tx: Tx) -> None:
    tx.run("DELETE FROM locks")
    tx.run("DELETE FROM leases")
    tx.run(
        "INSERT INTO settings (name, value) VALUES ('identity', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (secrets.token_hex(4),),
    )


def _told(manifest: Manifest, source: str, done: Settled) -> dict[str, Json]:
    """What the journal remembers. By `identity` later copies tell whose memory goes on in them."""
    return {
        "from": source,
        "copy_of": manifest.made_at,
        "head": str(manifest.head),
        "identity": manifest.identity,
        "stopped": list(done.stopped),
        "given_up": list(done.given_up),
        "walks": list(done.walks),
        "drills": list(done.drills),
    }
