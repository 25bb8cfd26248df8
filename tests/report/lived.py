"""One incident lived through a store: an alert, a wrong number, a cause, a run, the end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.incidents import Incidents
from bot.messages import Ears
from bot.plan.models import DrPlan
from bot.report import request_report
from bot.store import incidents as rows
from bot.store.database import Tx
from bot.store.journal import append
from bot.store.sqlite import SqliteStore

BIA = Person("bia", "Bianca Mourelle", frozenset({"on-call"}))
RAFA = Person("rafa", "Rafa Tavolaro", frozenset({"on-call"}))
NAMES = {"bia": "Bianca Mourelle", "rafa": "Rafa Tavolaro", "livia": "Lívia Brandoni"}
CHANNEL = "C0INC1"


class Life:
    """A store whose clock this test sets, and what happens in it."""

    def __init__(self, path: Path) -> None:
        self.time = datetime(2026, 9, 30, 3, 2, 10, tzinfo=UTC)
        self.store = SqliteStore(path, clock=lambda: self.time)
        self.incidents = Incidents(self.store, DrPlan(), request_report)
        self.ears = Ears(self.store)

    def at(self, clock: str) -> Life:
        hour, minute, second = map(int, clock.split(":"))
        self.time = self.time.replace(hour=hour, minute=minute, second=second)
        return self

    def journal(self, kind: str, actor: str, data: dict[str, Json], run: int | None = None) -> None:
        self.store.write(lambda tx: append(tx, NewEntry(kind, actor, data, 1, run)))

    def say(self, clock: str, person: Person, text: str) -> str:
        ts = f"{self.at(clock).time.timestamp():.6f}"
        assert self.ears.posted(CHANNEL, ts, "", person.id, person.name, text)
        return ts

    def mark(self, ts: str, name: str, by: str) -> None:
        assert self.ears.marked(CHANNEL, ts, name, by, "")


def open_incident(life: Life) -> None:
    def work(tx: Tx) -> None:
        incident = Incident(
            id=1,
            title="Connection pool exhausted",
            severity=Severity.SEV2,
            state=IncidentState.OPEN,
            component="postgresql",
            environment="production",
            correlation="postgresql/production",
            opened_at=tx.now,
            alert_names=("PoolExhausted",),
            channel=CHANNEL,
        )
        rows.save(tx, incident, tx.now)

    life.store.write(work)
    opened: dict[str, Json] = {"title": "Connection pool exhausted", "severity": "SEV-2", "impact": "partial"}
    life.journal("incident-opened", "drbot", opened)
    fired: dict[str, Json] = {"name": "PoolExhausted", "summary": "98 of 100 connections used"}
    life.journal("alert-fired", "monitor:alertmanager", fired)


def end_long_queries(life: Life) -> None:
    title: dict[str, Json] = {"title": "End queries longer than 5 min in production"}
    life.at("03:09:00").journal("run-proposed", "bia", title | {"action": "end-long-queries"}, run=1)
    life.at("03:09:20").journal("run-approved", "rafa", title | {"digest": "d1"}, run=1)
    life.at("03:09:21").journal("run-started", "drbot", title | {"target": "production"}, run=1)
    step: dict[str, Json] = {"phase": "step", "title": "End the queries", "said": "3 sessions ended"}
    life.at("03:09:23").journal("step-done", "drbot", step, run=1)
    outcome: dict[str, Json] = {"outcome": "pool at 12 of 100, no query longer than 5 min"}
    life.at("03:09:25").journal("run-verified", "drbot", title | outcome, run=1)


def live(path: Path) -> Life:
    """The whole night."""
    lived = Life(path)
    open_incident(lived)
    lived.at("03:04:00").incidents.acknowledge(BIA, 1)
    lived.say("03:04:30", RAFA, "could it be the new agenda release?")
    lived.say("03:05:10", BIA, "no, nothing deployed since monday 22:10")
    ts = lived.say("03:06:00", BIA, "bookings fail with 500 since 02:58, 31 customers affected so far")
    lived.mark(ts, "boom", "rafa")
    lived.say("03:06:40", BIA, "sorry typo, 13 customers not 31")
    wrong = lived.say("03:07:00", RAFA, "password for the replica is Hunter22!")
    lived.ears.deleted(CHANNEL, wrong)
    cause = lived.say(
        "03:08:00", RAFA, "found it: the nightly report query holds 80 connections, its timeout is off"
    )
    lived.mark(cause, "mag", "bia")
    lived.at("03:08:30").incidents.set_severity(BIA, 1, Severity.SEV1, "no booking goes through")
    end_long_queries(lived)
    lived.say("03:11:00", RAFA, "bookings are back to normal, 0 errors")
    lived.journal("alert-resolved", "monitor:alertmanager", {"name": "PoolExhausted"})
    action = lived.say("03:15:00", RAFA, "statement_timeout for the report user, mine, by friday")
    lived.mark(action, "memo", "livia")
    lived.say("03:15:30", BIA, "nobody tested the report on real data, next time we do")
    lived.at("03:20:00").incidents.note(BIA, 1, "status page updated at 03:18 UTC")
    lived.at("03:21:00").incidents.resolve(BIA, 1)
    return lived
