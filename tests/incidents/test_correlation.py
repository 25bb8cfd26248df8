"""Alerts become one incident where they are one trouble, and incidents rise, reopen and end with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.correlation.correlator import Correlator
from bot.domain.alert import Alert
from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.incidents import Incidents
from bot.plan.models import DrPlan, PersonEntry
from bot.store import incidents as rows
from bot.store.database import Tx, iso
from bot.store.journal import of_incident
from bot.store.sqlite import SqliteStore

PLAN = DrPlan(people={"ana": PersonEntry(name="Ana Souza", roles=("on-call",))})
ANA = Person("ana", "Ana Souza", frozenset({"on-call"}))


@dataclass(frozen=True)
class Verdict:
    severity: Severity
    component: str
    environment: str
    impact: str = "partial"
    why: tuple[str, ...] = ("impact partial: the word “slow”",)


class LabelJudge:
    """Severity and component straight from the labels, so that each test says what it means."""

    def judge(self, alert: Alert) -> Verdict:
        labels = alert.labels
        return Verdict(Severity.parse(labels["sev"]), labels.get("job", ""), labels.get("env", "production"))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class World:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.store = SqliteStore(folder / "drbot.db", self.clock)
        self.reports: list[int] = []
        self.correlator = Correlator(self.store, PLAN, LabelJudge(), self._report)
        self.incidents = Incidents(self.store, PLAN, self._report)

    def _report(self, tx: Tx, incident: Incident) -> None:
        del tx
        self.reports.append(incident.id)

    def alert(self, fingerprint: str, sev: str = "3", status: str = "firing", job: str = "db") -> None:
        now = iso(self.clock.now)
        labels = json.dumps({"alertname": f"Alert{fingerprint}", "sev": sev, "job": job})

        def work(tx: Tx) -> None:
            tx.run(
                "INSERT INTO alerts (source, fingerprint, status, starts_at, ends_at, name, labels,"
                " annotations, url, grouped, first_seen, last_seen, times, judged, incident, severity)"
                " VALUES ('am', ?, ?, ?, '', ?, ?, '{}', '', '', ?, ?, 1, 0, NULL, '')"
                " ON CONFLICT (source, fingerprint) DO UPDATE SET status = excluded.status, judged = 0,"
                " last_seen = excluded.last_seen, labels = excluded.labels",
                (fingerprint, status, now, f"Alert{fingerprint}", labels, now, now),
            )

        self.store.write(work)
        self.clock.now += timedelta(seconds=1)
        while self.correlator.fold_once():
            pass

    def incident(self, number: int) -> Incident:
        found = rows.get(self.store, number)
        assert found is not None
        return found

    def kinds(self, number: int) -> list[str]:
        return [entry.kind for entry in of_incident(self.store, number)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def test_alerts_of_one_component_are_one_incident_that_rises(world: World) -> None:
    world.alert("a", sev="3")
    world.alert("b", sev="1")
    world.alert("c", sev="4")
    one = world.incident(1)
    assert rows.get(world.store, 2) is None
    assert (one.severity, one.alerts_firing, one.alerts_total) == (Severity.SEV1, 3, 3)
    assert one.alert_names == ("Alerta", "Alertb", "Alertc")
    assert world.kinds(1) == [
        "incident-opened",
        "alert-fired",
        "alert-fired",
        "severity-changed",
        "alert-fired",
    ]


def test_another_component_is_another_incident(world: World) -> None:
    world.alert("a", job="db")
    world.alert("b", job="api")
    assert {world.incident(1).component, world.incident(2).component} == {"db", "api"}


def test_a_persons_severity_sticks_whatever_the_rules_say_afterwards(world: World) -> None:
    world.alert("a", sev="3")
    ana = PLAN.person("ana")
    assert ana is not None
    world.incidents.set_severity(ana, 1, Severity.SEV4, "one salon only")
    world.alert("b", sev="1")
    one = world.incident(1)
    assert one.severity is Severity.SEV4
    assert "Ana Souza set SEV-4 (was SEV-3): one salon only" in one.why[0]


def test_it_ends_with_its_last_alert_and_asks_for_the_report(world: World) -> None:
    world.alert("a")
    world.alert("b")
    world.alert("a", status="resolved")
    assert world.incident(1).is_open
    world.alert("b", status="resolved")
    assert world.incident(1).state is IncidentState.RESOLVED
    assert world.reports == [1]


def test_an_alert_that_comes_back_soon_reopens_and_later_opens_another(world: World) -> None:
    world.alert("a")
    world.alert("a", status="resolved")
    world.clock.now += timedelta(minutes=5)
    world.alert("a")
    assert world.incident(1).is_open
    world.alert("a", status="resolved")
    world.clock.now += timedelta(hours=2)
    world.alert("a")
    assert not world.incident(1).is_open
    assert world.incident(2).is_open


def test_back_and_graver_in_one_batch_is_one_line_in_the_channel(world: World) -> None:
    world.alert("a")
    world.alert("a", status="resolved")
    world.clock.now += timedelta(minutes=5)
    fold = world.correlator.fold_once
    world.correlator.fold_once = lambda: 0  # type: ignore[method-assign]  # both wait for one batch
    world.alert("a")
    world.alert("b", sev="1")
    world.correlator.fold_once = fold  # type: ignore[method-assign]
    world.correlator.fold_once()
    said = world.store.read("SELECT payload FROM outbox WHERE kind = 'incident-news'")
    assert [row[0] for row in said] == [
        "SEV-1 INC-1 “Alerta”: reopened, Alerta came back; SEV-3 → SEV-1, Alertb joined."
        " Acknowledge on the card, or with `/dr ack INC-1`."
    ]


def test_what_comes_back_can_be_taken_again(world: World) -> None:
    """Found at first: the card offered Acknowledge, and every press was refused as done already."""
    world.alert("a")
    world.incidents.acknowledge(ANA, 1)
    world.alert("a", status="resolved")
    world.clock.now += timedelta(minutes=5)
    world.alert("a")
    assert world.incident(1).acknowledged_by == ""
    assert world.incidents.acknowledge(ANA, 1).acknowledged_at == iso(world.clock.now)


def test_an_alert_judged_none_opens_nothing_and_is_not_judged_again(world: World) -> None:
    world.alert("watchdog", sev="none")
    assert rows.get(world.store, 1) is None
    assert world.correlator.fold_once() == 0


def test_the_card_is_wanted_once_however_many_alerts_join(world: World) -> None:
    for fingerprint in "abcdef":
        world.alert(fingerprint)
    keys = [row[0] for row in world.store.read("SELECT key FROM outbox WHERE kind = 'incident-card'")]
    assert keys == ["incident:1:card"]


def test_what_was_stored_before_a_crash_is_folded_after_it(world: World) -> None:
    world.correlator.fold_once = lambda: 0  # type: ignore[method-assign]  # the process dies before folding
    world.alert("a")
    assert rows.get(world.store, 1) is None
    reborn = Correlator(world.store, PLAN, LabelJudge(), world._report)
    reborn.start()
    try:
        deadline = datetime.now(UTC) + timedelta(seconds=10)
        while rows.get(world.store, 1) is None and datetime.now(UTC) < deadline:
            pass
        assert world.incident(1).alerts_firing == 1
    finally:
        reborn.stop()


def test_an_alert_that_cannot_be_folded_does_not_stand_before_the_others(world: World) -> None:
    judge = world.correlator._judge.judge

    def choke(alert: Alert) -> Verdict:
        if alert.fingerprint == "poison":
            raise RuntimeError("no rule was ever meant for this")
        found = judge(alert)
        assert isinstance(found, Verdict)
        return found

    world.correlator._judge.judge = choke  # type: ignore[method-assign]  # the fault is ours to make
    world.alert("poison")
    world.alert("b")
    assert world.incident(1).alert_names == ("Alertb",)
    assert "Alertpoison" in world.correlator.trouble
    assert world.store.read("SELECT COUNT(*) FROM alerts")[0][0] == 2
