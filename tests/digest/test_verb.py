"""The verb, in words and as JSON; and a large month, read at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.digest.period import holding, last_whole
from bot.domain.answer import Answer, Exit
from bot.domain.entry import NewEntry
from bot.house import House, build
from bot.settings import Settings
from bot.store.database import Params, Row, Tx, iso, utc_now
from bot.store.journal import append
from tests.digest.conftest import World, moment

INCIDENTS = 5_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(Settings(database_url=f"sqlite:///{tmp_path}/drbot.db"))
    yield made
    made.close()


def say(house: House, line: str, who: str = "ana") -> Answer:
    person = house.plan.person(who)
    assert person is not None
    return house.console.execute(line, person, Where("shell"))


def test_it_is_said_for_a_week_and_a_month(house: House) -> None:
    say(house, "declare checkout is slow sev=1")
    week = say(house, "digest of=now")
    assert week.exit is Exit.DONE
    assert "1 incident, 0 the week before. 1 is still open." in week.title
    assert "| SEV-1 | 1 |" in week.document
    told = json.loads(json.dumps(week.data))
    assert told["figures"]["opened"] == 1
    assert told["period"] == f"{utc_now():%G-W%V}"
    assert say(house, "digest monthly of=now").data["period"] == f"{utc_now():%Y-%m}"
    assert say(house, "digest").title.endswith("A quiet week: no incident.")
    assert week.lines == ()
    assert "# Monthly digest" in say(house, "digest monthly of=2026-01").document


def test_who_asks_after_a_bad_night_reads_which_week_is_told_and_where_the_night_is(house: House) -> None:
    say(house, "declare checkout is slow sev=1")
    last, running = last_whole("weekly", utc_now()), holding("weekly", utc_now())
    told = say(house, "digest")
    assert told.title == f"{last.days} ({last.name}): A quiet week: no incident."
    assert told.lines == (
        f"That week is over. The running one, {running.days}, has 1 incident so far: `digest weekly of=now`.",
    )
    assert "has no incident so far" not in say(house, "digest monthly").lines[0]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("digest daily", "say weekly or monthly"),
        ("digest of=yesterday", "write 2026-W47 or 2026-11"),
        ("digest monthly of=2026-W40", "2026-W40 is not a month"),
        ("digest of=2090-01", "2090-01 has not begun"),
        ("digest of=0001-01", "write 2026-W47 or 2026-11"),
        ("digest of=0001-W01", "write 2026-W47 or 2026-11"),
    ],
)
def test_what_is_no_period_is_told(house: House, line: str, why: str) -> None:
    answer = say(house, line)
    assert (answer.exit, why in answer.title) == (Exit.USAGE, True), answer.title


def test_a_month_of_five_thousand_incidents_is_read_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a few questions, however many there are."""
    begun = moment("2026-11-01T00:00:00")

    def work(tx: Tx) -> None:
        rows, entries = [], []
        for number in range(1, INCIDENTS + 1):
            opened = begun + timedelta(minutes=8 * number)
            name = f"Alert{number % 40}"
            severity = "SEV-2" if number % 20 == 0 else "SEV-3"
            rows.append((number, severity, iso(opened), iso(opened + timedelta(hours=1)), json.dumps([name])))
            told = {"name": name, "fingerprint": str(number % 40), "severity": "SEV-3"}
            entries += [NewEntry(kind, "monitor:alertmanager", told, number)
                        for kind in ("alert-fired", "alert-resolved")]  # fmt: skip
            entries += [NewEntry("note-added", "ana", {"text": "x"}, number)] * (number % 3 == 0)
        tx.many(
            "INSERT INTO incidents VALUES (?, 'x', ?, 0, 'resolved', 'database', 'production', 'c', '', '[]',"
            " ?, 0, 1, 1, 0, ?, '', '', ?, 'monitor', '', '', '', '')",
            [(number, severity, names, opened, over) for number, severity, opened, over, names in rows],
        )
        append(tx, *entries)

    world.clock.now = begun + timedelta(days=10)
    world.store.write(work)
    asked: list[str] = []
    read = world.store.read

    def counted(sql: str, params: Params = ()) -> list[Row]:
        asked.append(sql)
        return read(sql, params)

    monkeypatch.setattr(world.store, "read", counted)
    told = world.digest("2026-11", now="2026-12-01T08:00:00")
    assert (told.figures.opened, told.figures.recovery.measured) == (INCIDENTS, INCIDENTS)
    assert [one.fired for one in told.figures.noisy] == [125] * 5
    assert len(told.markdown) < 9_000
    assert len(asked) < 20
