"""Alert rows as intake writes them: many a statement, because each statement costs more than its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from bot.domain.firing import Known, News, news
from bot.domain.pager import PagerEvent
from bot.store.database import Row, Tx, from_iso, iso
from bot.store.pages import keep_event

COLUMNS = (
    "source, fingerprint, status, starts_at, ends_at, name, labels, annotations, url, grouped, truncated,"
    " first_seen, last_seen, times, judged, severity"
)
_WIDTH = COLUMNS.count(",")  # all but the severity, which triage fills in
_KEPT = ("source", "fingerprint", "first_seen", "times", "severity")
_SET = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ") if name not in _KEPT)
KEYS_A_STATEMENT = 256
# A firing reported anew this long after its resolution, with its old start, is no late duplicate.
REOPEN_AFTER = timedelta(minutes=15)


class Reported(NamedTuple):
    """One alert of one notification, as its columns."""

    source: str
    fingerprint: str
    status: str
    starts_at: str
    ends_at: str
    name: str
    labels: str
    annotations: str
    url: str
    grouped: str
    truncated: int


@dataclass(frozen=True)
class Accepted:
    """What one notification brought: firings nobody had judged, changes, and what was known already."""

    new: int
    changed: int
    repeated: int


@dataclass(frozen=True)
class Arrival:
    """One notification on its way to the store; its alerts are of one source."""

    source: str
    alerts: Sequence[Reported]
    event_key: str = ""
    pager: PagerEvent | None = None


class _Held:
    """An alert while one batch is written: what was stored of it, and what to write at the end."""

    __slots__ = ("judged", "last_seen", "reported", "stored", "times")

    def __init__(self) -> None:
        self.stored: Known | None = None
        self.reported: Reported | None = None
        self.times = 0
        self.judged = False
        self.last_seen = ""

    def known(self) -> Known | None:
        """What is known by now, an earlier notification of the same batch included."""
        one = self.reported
        if one is None:
            return self.stored
        firing = one.status == "firing"
        return Known(
            firing, one.starts_at, one.ends_at, one.labels, one.truncated, self.judged, self.last_seen
        )


_AllHeld: TypeAlias = "dict[str, dict[str, _Held]]"


def store_arrivals(tx: Tx, arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Store them in order. Rings `alerts` where triage has something to do, `pages` where a pager told
    something. Safe to do twice.
    """
    replayed = _replayed(tx, [arrival.event_key for arrival in arrivals if arrival.event_key])
    held = _held(tx, arrivals)
    reopen = iso(from_iso(tx.now) - REOPEN_AFTER)
    accepted: list[Accepted] = []
    for arrival in arrivals:
        if arrival.event_key in replayed:
            accepted.append(Accepted(0, 0, len(arrival.alerts)))
            continue
        if arrival.event_key:
            replayed.add(arrival.event_key)
            tx.run("INSERT INTO seen (key, at) VALUES (?, ?)", (arrival.event_key, tx.now))
        if arrival.pager is not None:
            keep_event(tx, arrival.pager)
        accepted.append(_apply(arrival.alerts, held[arrival.source], tx.now, reopen))
    for source, alerts in held.items():
        _save(tx, source, alerts)
    if any(one.new or one.changed for one in accepted):
        tx.ring("alerts")
    return accepted


def _apply(alerts: Sequence[Reported], held: dict[str, _Held], now: str, reopen: str) -> Accepted:
    new = changed = 0
    for alert in alerts:
        one = held[alert.fingerprint]
        firing = alert.status == "firing"
        if not firing and not alert.ends_at:
            alert = alert._replace(ends_at=now)
        known = one.known()
        said = news(known, firing, alert.starts_at, alert.ends_at, alert.labels, alert.truncated, reopen)
        one.times += 1
        if said is News.STALE:
            continue
        new += said is News.NEW
        changed += said is News.CHANGED
        if said is News.REPEATED and known is not None:
            # Until it is judged, last_seen stays the moment of the change that waits.
            one.judged, one.last_seen = known.judged, now if known.judged else known.last_seen
        else:
            one.judged, one.last_seen = said is News.UNKNOWN_RESOLVED, now
        one.reported = alert
    return Accepted(new, changed, len(alerts) - new - changed)


def _replayed(tx: Tx, keys: Sequence[str]) -> set[str]:
    return {
        row[0]
        for part in _parts(keys)
        for row in tx.all(f"SELECT key FROM seen WHERE key IN ({_marks(len(part))})", part)  # noqa: S608
    }


def _held(tx: Tx, arrivals: Sequence[Arrival]) -> _AllHeld:
    """Every alert that the arrivals name, by source and fingerprint, with what is stored of it."""
    held: _AllHeld = {}
    for arrival in arrivals:
        of_source = held.setdefault(arrival.source, {})
        for alert in arrival.alerts:
            if alert.fingerprint not in of_source:
                of_source[alert.fingerprint] = _Held()
    for source, of_source in held.items():
        for part in _parts(list(of_source)):
            for row in tx.all(_select(len(part)), (source, *part)):
                of_source[row[0]].stored = _known(row)
    return held


def _known(row: Row) -> Known:
    _, status, starts_at, ends_at, labels, truncated, judged, last_seen = row
    return Known(status == "firing", starts_at, ends_at, labels, truncated, bool(judged), last_seen)


def _save(tx: Tx, source: str, held: dict[str, _Held]) -> None:
    full: list[object] = []
    touched: list[tuple[object, ...]] = []
    now = tx.now
    for fingerprint, one in held.items():
        if one.reported is not None:
            full += one.reported
            full += (now, one.last_seen, one.times, int(one.judged))
        elif one.times:
            touched.append((one.times, source, fingerprint))
    done = 0
    if tx.rows_a_statement == 1:
        tx.many(_upsert(1), [full[at : at + _WIDTH] for at in range(0, len(full), _WIDTH)])
        full = []
    for rows in _steps(len(full) // _WIDTH, tx.rows_a_statement):
        tx.run(_upsert(rows), tuple(full[done : done + rows * _WIDTH]))
        done += rows * _WIDTH
    if touched:
        tx.many("UPDATE alerts SET times = times + ? WHERE source = ? AND fingerprint = ?", touched)


def _steps(count: int, size: int) -> Iterator[int]:
    """A number of rows as few statements of few shapes, so that each stays prepared: 100 is 64, 32, 4."""
    while count:
        while size > count:
            size //= 2
        yield size
        count -= size


def _parts(keys: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Keys for `IN (…)`, filled up to a power of two by repeating the last: few shapes again."""
    for start in range(0, len(keys), KEYS_A_STATEMENT):
        part = tuple(keys[start : start + KEYS_A_STATEMENT])
        size = 1 << (len(part) - 1).bit_length()
        yield part + part[-1:] * (size - len(part))


def _marks(count: int) -> str:
    return ", ".join("?" * count)


@lru_cache(maxsize=16)
def _select(keys: int) -> str:
    return (
        "SELECT fingerprint, status, starts_at, ends_at, labels, truncated, judged, last_seen FROM alerts"  # noqa: S608 - marks
        f" WHERE source = ? AND fingerprint IN ({_marks(keys)})"
    )


@lru_cache(maxsize=16)
def _upsert(rows: int) -> str:
    values = ", ".join([f"({_marks(_WIDTH)}, '')"] * rows)
    return (
        f"INSERT INTO alerts ({COLUMNS}) VALUES {values} ON CONFLICT (source, fingerprint) DO UPDATE SET"  # noqa: S608
        f" {_SET}, times = alerts.times + excluded.times"
    )
