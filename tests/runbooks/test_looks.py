"""The first look: by itself, once, the worst first, a few a minute, never in a storm's way."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.domain.incident import Incident
from bot.domain.looked import Looked
from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.runbooks.findings import findings
from bot.runbooks.looking import A_MINUTE, AN_INCIDENT
from bot.store import looked as rows
from tests.runbooks.conftest import LOOK, House, alert, fire, until

Make = Callable[..., House]
QUIET = threading.Event()


def look(place: str, how: str = "") -> str:
    return f"{{action: look-shelve, params: {{place: {place}, how: {how or 'well'}}}}}"


def looked(house: House, incident: Incident) -> list[Looked]:
    return list(rows.of_incident(house.store, incident.id))


def found(house: House, incident: Incident) -> list[tuple[str, bool]]:
    told = looked(house, incident)
    runs = {one.run: house.runs.get(one.run) for one in told if one.run}
    return [(one.said, one.alarming) for one in findings(told, runs)]


def all_ended(house: House, incident: Incident, count: int) -> bool:
    told = looked(house, incident)
    return len(told) == count and all(one.run is None or house.runs.get(one.run).state.ended for one in told)


def test_an_incident_is_looked_at_before_anybody_asks(house: Make) -> None:
    made = house(looks=f"{LOOK}, {look('attic', 'refuse-survey')}, {look('cellar', 'refuse-guard')}")
    incident = made.incident()
    until(lambda: all_ended(made, incident, 3))
    assert sorted(found(made, incident)) == [
        ("found 0 items", False),
        ("there is no such shelf", True),
        ("“Look at the shelf”: the shelf is full", True),
    ]
    first = made.runs.get(1)
    assert (first.requested_by, first.incident) == ("drbot", incident.id)
    assert made.store.read("SELECT key FROM outbox WHERE kind = 'run-card'") == [], "findings are on the card"
    assert made.store.read("SELECT wanted FROM outbox WHERE key = 'incident:1:card'")[0][0] > 1


def test_the_same_look_of_a_moment_ago_is_shared(house: Make) -> None:
    made = house(looks=LOOK)
    first = made.incident()
    until(lambda: all_ended(made, first, 1))
    second = made.incident("ShelfGone")
    until(lambda: all_ended(made, second, 1))
    (other,) = looked(made, second)
    assert (other.run, other.shared) == (looked(made, first)[0].run, True)
    assert found(made, second) == [("found 0 items", False)]
    assert len(made.runs.recent()) == 1


def test_a_look_that_refused_is_not_asked_again_for_another_incident(house: Make) -> None:
    made = house(looks=look("attic", "refuse-survey"))
    first = made.incident()
    until(lambda: all_ended(made, first, 1))
    calls = made.shelf.calls.count("survey")
    second = made.incident("ShelfGone")
    until(lambda: all_ended(made, second, 1))
    assert found(made, second) == [("there is no such shelf", True)]
    assert made.shelf.calls.count("survey") == calls


def test_a_runbook_that_fits_later_is_looked_at_then_and_nothing_twice(house: Make) -> None:
    made = house(looks=f"{LOOK}, {look('attic')}")
    incident = made.incident()
    until(lambda: all_ended(made, incident, 2))
    made.store.write(
        lambda tx: tx.run("UPDATE incidents SET last_alert_at = ? WHERE id = ?", (tx.now, incident.id))
    )
    other = made.incident("Another", place="x")
    until(lambda: all_ended(made, other, 2))
    assert len(looked(made, incident)) == 2


def test_no_more_than_four_an_incident_and_ten_a_minute_the_worst_first(house: Make) -> None:
    made = house(looks=", ".join(look(f"room{number}") for number in range(6)), started=False)
    mild = made.incident(severity=Severity.SEV4)
    worst = made.incident(severity=Severity.SEV1)
    made.start()
    until(lambda: all_ended(made, worst, AN_INCIDENT))
    until(lambda: all_ended(made, mild, AN_INCIDENT))
    assert [one.shared for one in looked(made, mild)] == [True] * AN_INCIDENT, "the worst was looked at first"


def test_ten_a_minute(house: Make) -> None:
    looks = ", ".join(f"{look(f'room{number}')}" for number in range(AN_INCIDENT))
    made = house(looks=looks, started=False)
    own = 0

    def keep_one() -> None:
        nonlocal own
        own += 1
        number = own
        made.store.write(
            lambda tx: rows.keep(tx, Looked(900 + number, f"other {number}", "Other", number, tx.now))
        )

    for _ in range(A_MINUTE - 1):
        keep_one()
    incident = made.incident()
    made.start()
    until(lambda: len(looked(made, incident)) == 1)
    until(lambda: not made.looks._under_way)
    assert made.looks._left()[0] == 0
    assert len(looked(made, incident)) == 1


def test_it_waits_until_the_storm_is_folded(house: Make) -> None:
    made = house(looks=LOOK)
    made.calm.clear()
    incident = made.incident()
    QUIET.wait(0.4)
    assert looked(made, incident) == [], "intake is busy"
    made.store.write(
        lambda tx: fire(tx, alert("Waiting", "w", {"alertname": "Waiting"}), incident.id, judged=0)
    )
    made.calm.set()
    QUIET.wait(0.4)
    assert looked(made, incident) == [], "alerts wait to be folded"
    made.store.write(lambda tx: tx.run("UPDATE alerts SET judged = 1"))
    until(lambda: all_ended(made, incident, 1))


def test_an_old_incident_and_one_without_looks_are_left_alone(house: Make) -> None:
    made = house(looks=LOOK, started=False)
    incident = made.incident()
    made.store.write(lambda tx: tx.run("UPDATE incidents SET last_alert_at = '2026-01-01T00:00:00.000000Z'"))
    made.start()
    QUIET.wait(0.4)
    assert looked(made, incident) == []


def test_a_look_that_was_killed_before_it_was_noted_is_not_repeated(house: Make) -> None:
    made = house(looks=LOOK)
    incident = made.incident()
    until(lambda: all_ended(made, incident, 1))
    made.store.write(lambda tx: tx.run("DELETE FROM looked"))
    made.looks._seen.clear()
    until(lambda: all_ended(made, incident, 1))
    assert [run.state for run in made.runs.recent()] == [RunState.VERIFIED]


def test_where_the_alerts_name_no_environment_nothing_is_looked_at_there(house: Make) -> None:
    there = '{action: look-shelve, params: {place: attic, environment: "{environment}"}}'
    made = house(looks=f"{there}, {LOOK}", started=False)
    incident = made.incident()
    made.store.write(lambda tx: tx.run("UPDATE incidents SET environment = ''"))
    made.start()
    until(lambda: all_ended(made, incident, 1))
    QUIET.wait(0.4)
    assert found(made, incident) == [("found 0 items", False)]
