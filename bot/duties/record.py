"""The rows of duties: who holds which, of which incident."""

from __future__ import annotations

from bot.domain.duty import Duty, Held
from bot.store.database import Read, Tx


def held(read: Read, incident: int) -> tuple[Held, ...]:
    """The incident's duties that somebody holds, the commander first. `read`: `Store.read` or `Tx.all`."""
    rows = read("SELECT duty, person, since FROM duties WHERE incident = ?", (incident,))
    found = {str(duty): Held(Duty(duty), person, since) for duty, person, since in rows}
    return tuple(found[duty.value] for duty in Duty if duty.value in found)


def holder(read: Read, incident: int, duty: Duty) -> str:
    """The plan id of whoever holds it, '' for nobody."""
    return next((one.person for one in held(read, incident) if one.duty is duty), "")


def give(tx: Tx, incident: int, duty: Duty, person: str) -> None:
    """It is this person's from now on, whoever had it before."""
    tx.run(
        "INSERT INTO duties (incident, duty, person, since) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (incident, duty) DO UPDATE SET person = excluded.person, since = excluded.since",
        (incident, duty.value, person, tx.now),
    )


def free(tx: Tx, incident: int, duty: Duty) -> None:
    """Nobody holds it any more."""
    tx.run("DELETE FROM duties WHERE incident = ? AND duty = ?", (incident, duty.value))
