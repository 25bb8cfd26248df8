"""A night on real parts: at two o'clock the backup, after it the restore drill, and nobody was asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.alarms import Alarms
from bot.domain.drill import DrillState
from bot.domain.person import Person
from bot.domain.run import RunState
from bot.drills import Drills
from bot.house import House, build
from bot.plan.cron import Cron
from bot.schedules.answering import Answers
from bot.schedules.clockwork import Clockwork
from bot.schedules.noticing import Notices
from bot.settings import read_settings
from bot.store import drills, incidents, runs
from bot.store.database import utc_now
from bot.store.journal import verify
from tests.real.postgres import RealPostgres
from tests.real.s3 import KEYS, RealS3
from tests.schedules.conftest import Clock, until

STAGING = "night_staging"
PLAN = """
communication: {{channel: "#belezza-alerts"}}
people:
  ana: {{name: Ana Lima, slack: "@ana", roles: [on-call]}}
objectives:
  rto: {{title: Recovery Time Objective, target: 4h, priority: Critical systems}}
  rpo: {{title: Recovery Point Objective, target: 1h, priority: Database}}
environments:
  production:
    customers: true
    backups: {{bucket: {bucket}, prefix: {prefix}, name: {name}}}
    database: {{name: salon, url_env: PRODUCTION_URL, newest: [usuarios.criado_em]}}
  staging:
    database: {{name: {staging}, url_env: STAGING_URL}}
testing:
  tests:
    restore:
      title: Backup restore to staging
      every: monthly
      owner: DevOps
      does:
        - action: rehearse-restore
          params: {{environment: staging, from_environment: production, backup: latest}}
schedules:
  daily-backup:
    title: Daily backup
    cron: 0 2 * * *
    action: back-up-database
    params: {{environment: production}}
  restore-drill: {{title: Restore drill after the daily backup, after: daily-backup, drill: restore}}
"""


class Night:
    """A whole house, its clockwork by a clock that is set."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.clock = Clock(utc_now())
        held = Drills(house.store, house.plan, house.runs, house.actions)

        def hold(drill: str, name: str, key: str) -> int:
            asks = f"schedule:{name}"
            return held.hold(Person(asks, house.plan.called(asks)), drill, key).id

        alarms = Alarms(house.store, house.intake.accept)
        self.clockwork = Clockwork(
            house.store,
            Answers(house.store, house.plan, house.runs, self.clock, hold),
            Notices(house.store, house.plan, alarms, utc_now, lambda: None),
            lambda: house.engine.ours,
            poll_s=0.1,
        )

    def start(self) -> None:
        self.house.correlator.start()
        self.house.engine.start()
        self.house.conductor.start()
        self.clockwork.start()

    def stop(self) -> None:
        self.clockwork.stop()
        self.house.conductor.stop()
        self.house.correlator.stop()
        self.house.engine.stop()
        self.house.close()


@pytest.fixture
def night(tmp_path: Path, pg: RealPostgres, s3: RealS3) -> Iterator[Night]:
    bucket = s3.bucket()
    with pg.copy_of("template0", STAGING) as staging:
        plan = tmp_path / "plan.yaml"
        plan.write_text(
            PLAN.format(bucket=bucket.name, prefix=bucket.prefix, name=bucket.stem, staging=staging)
        )
        environment = {
            "DR_PLAN": str(plan),
            "DR_DATABASE_URL": f"sqlite:///{tmp_path}/drbot.db",
            "DR_PG_PROGRAMS": str(pg.programs),
            "PRODUCTION_URL": pg.url("salon"),
            "STAGING_URL": pg.url(staging),
            "AWS_ENDPOINT_URL": s3.endpoint_url,
            "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
            "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
        }
        made = Night(build(read_settings(environment, Path("no-such-file"))))
        yield made
        made.stop()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_backup_is_made_and_proven_while_everybody_sleeps(night: Night, pg: RealPostgres) -> None:
    store = night.house.store
    before = set(pg.names())
    night.start()
    until(lambda: len(store.read("SELECT 1 FROM schedules")) == 2)
    two = Cron.parse("0 2 * * *").following(night.clock.now)
    assert two is not None
    night.clock.now = two + timedelta(seconds=1)
    until(lambda: drills.recent(store) and drills.recent(store)[0].state is not DrillState.UNDER_WAY, 120)

    (drill,) = drills.recent(store)
    assert drill.state is DrillState.PASSED, drill.said
    assert drill.started_by == "schedule:restore-drill"
    made, rehearsed = sorted(runs.recent(store, 9), key=lambda run: run.id)
    assert (made.action, made.state, made.approved_by) == (
        "back-up-database",
        RunState.VERIFIED,
        "schedule:daily-backup",
    )
    assert (rehearsed.action, rehearsed.state) == ("rehearse-restore", RunState.VERIFIED)
    assert rehearsed.requested_by == "schedule:restore-drill"
    assert incidents.open_incidents(store) == []
    assert night.clockwork.trouble == ""
    assert set(pg.names()) == before
    assert verify(store) is None
