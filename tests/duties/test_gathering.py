"""A handover is read from the tables as every room fills them, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Alert, AlertStatus, Notification
from bot.domain.outbound import NewJob, Way
from bot.domain.run import RunState
from bot.house import House, build
from bot.messages import Ears
from bot.settings import Settings
from bot.store import runs as run_rows
from bot.store.breakers import open_breaker
from bot.store.database import Tx, iso, utc_now
from bot.store.outbound import send_later
from tests.duties.house import SHIPPED, say
from tests.slack.stage import a_run
from tests.store.conftest import Opened, opened, postgres_url, store  # noqa: F401 - fixtures

DRAFT, APPROVED = "draft", "approved"


@pytest.fixture
def house(opened: Opened) -> Iterator[House]:  # noqa: F811
    made = build(Settings(plan=SHIPPED, database_url=opened.url))
    yield made
    made.close()


def alert(name: str) -> Alert:
    labels = {"alertname": name, "job": "postgres", "severity": "critical", "env": "production"}
    return Alert("alertmanager", name, AlertStatus.FIRING, datetime(2026, 3, 1, 3, 12, tzinfo=UTC), None,
                 labels, {"summary": "the database is down"})  # fmt: skip


def publication(tx: Tx, number: int, state: str, job: str = "") -> None:
    columns = {
        "id": number, "incident": 1, "kind": "status", "stage": "investigating", "subject": "s", "text": "t",
        "state": state, "recipient": "", "components": "{}", "impact": "", "next_update_s": 0,
        "drafted_by": "ana", "drafted_at": tx.now, "edited_by": "", "edited_at": "",
        "decided_by": "carla" if state == APPROVED else "", "decided_at": tx.now if state == APPROVED else "",
        "job": job, "request_key": "",
    }  # fmt: skip
    marks = ", ".join("?" * len(columns))
    tx.run(f"INSERT INTO publications ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))


def test_every_table_that_a_handover_reads_is_read(house: House) -> None:
    house.intake.accept(Notification((alert("PostgresDown"), alert("PoolExhausted")))).result(timeout=10)
    while house.correlator.fold_once():
        pass
    say(house, "duty INC-1 commander")
    card = house.store.read("SELECT channel FROM outbox WHERE key = 'incident:1:card'")[0][0]
    assert card == "#belezza-alerts"
    later = iso(utc_now() + timedelta(minutes=10, seconds=5))
    job = NewJob("statuspage:1:first", Way.STATUS_PAGE, "statuspage:1", "create", "the first word", {}, 1)

    def fill(tx: Tx) -> None:
        tx.run("UPDATE incidents SET channel = 'C1', thread = '5.5' WHERE id = 1")
        run_rows.insert_as(tx, a_run(1, incident=1, target="production/database", expires_at=later))
        done = a_run(2, incident=1, title="Restart the api", state=RunState.VERIFIED, ended_at=tx.now)
        run_rows.insert_as(tx, done)
        run_rows.insert_as(tx, a_run(3, incident=None, state=RunState.RUNNING, target="production/database"))
        run_rows.take_lock(tx, "production/database", 3)
        open_breaker(tx, "production/api", ["RUN-9"])
        open_breaker(tx, "staging/api", ["RUN-8"])
        send_later(tx, job)
        tx.run("UPDATE outbound SET state = 'done' WHERE key = ?", (job.key,))
        publication(tx, 1, APPROVED, job.key)
        publication(tx, 2, DRAFT)
        tx.run("DELETE FROM outside WHERE incident = 1")
        tx.run(
            "INSERT INTO outside (incident, next_update_at, soon_told, late_told, mail_offered_at)"
            " VALUES (1, ?, '', '', '')",
            (later,),
        )

    house.store.write(fill)
    Ears(house.store).posted("C1", "1773920692.169410", "5.5", "bruno", "Bruno Lima", "Who deployed last?")
    told = say(house, "handover INC-1").data
    needs, parts = told["needs"], told["parts"]
    assert isinstance(needs, list)
    assert isinstance(parts, dict)
    assert told["lead"] == "Ana Souza (commander), communications and operations: nobody"
    assert str(needs[0]).startswith(
        "2 of 2 alerts still fire: PoolExhausted since 2026-03-01 03:12 UTC, PostgresDown since "
    )
    assert str(needs[1]).startswith("Nobody has communications or operations: ")
    assert str(needs[2]).startswith("RUN-1 waits for approval by Bruno Lima, Carla Dias, Davi Rocha until ")
    assert str(needs[3]).startswith("PUB-2, status page (investigating), waits for approval since ")
    assert list(parts) == ["No answer seen", "Held or blocked", "Told outside", "Runs"]
    assert parts["Runs"][0].startswith("RUN-2 Restart the api: done and verified at ")
    assert parts["Told outside"][0].startswith("Status page (investigating): approved by Carla Dias at ")
    assert parts["Told outside"][1].endswith(", in 10 min")
    assert parts["No answer seen"] == ["Bruno Lima asked at 11:44 UTC: “Who deployed last?”"]
    assert len(parts["Held or blocked"]) == 2, "a breaker of another environment is not of this trouble"
    assert parts["Held or blocked"][0].startswith("production/database is held by RUN-3 since ")


def test_who_was_told_and_who_is_next_is_read_from_the_response_clock(house: House) -> None:
    house.intake.accept(Notification((alert("PostgresDown"),))).result(timeout=10)
    while house.correlator.fold_once():
        pass
    told = say(house, "handover INC-1").data
    needs, parts = told["needs"], told["parts"]
    assert isinstance(needs, list)
    assert isinstance(parts, dict)
    assert str(needs[1]).startswith("Nobody has acknowledged it, due by ")
    assert "On-call engineer is told next at " in str(needs[1])
    assert "Nothing is told outside, and the plan wants it told: `draft INC-1 status`" in needs
    (ahead,) = parts["Told inside"]
    assert ahead.startswith("While nobody answers: On-call engineer at ")
    assert "Engineering lead at " in ahead
