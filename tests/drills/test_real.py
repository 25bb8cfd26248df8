"""Section 5.2 of the plan in one command, on real parts: PostgreSQL, S3, the shell with its engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from actions.backups.choice import MANIFEST
from actions.backups.make import dump_database
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.server import Postgres
from bot.app import Shell, shell
from bot.domain.answer import Exit
from bot.drills.certificate import Certificate
from bot.drills.view import certificate_of
from bot.settings import read_settings
from bot.store import drills as rows
from tests.real.postgres import RealPostgres
from tests.real.s3 import KEYS, RealS3

STAGING = "belezza_staging"
PLAN = """
communication: {{channel: "#belezza-alerts"}}
people:
  ana: {{name: Ana Lima, slack: "@ana", roles: [on-call]}}
objectives:
  rto: {{title: Recovery Time Objective, target: 4h, priority: Critical systems}}
  rpo: {{title: Recovery Point Objective, target: 1h, priority: Database}}
risks:
  look: {{ask: [], approve: []}}
  low: {{ask: [on-call], approve: []}}
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
"""


class Salon:
    """The salon's backups, a staging server, and a shell over them."""

    def __init__(self, root: Path, pg: RealPostgres, bucket: Bucket, s3: RealS3, staging: str) -> None:
        self.pg, self.bucket = pg, bucket
        self._server = Postgres(pg.url("salon"), programs=pg.programs, newest=("usuarios.criado_em",))
        plan = root / "plan.yaml"
        plan.write_text(
            PLAN.format(bucket=bucket.name, prefix=bucket.prefix, name=bucket.stem, staging=staging)
        )
        self._environment = {
            "DR_PLAN": str(plan),
            "DR_DATABASE_URL": f"sqlite:///{root}/drbot.db",
            "PRODUCTION_URL": pg.url("salon"),
            "STAGING_URL": pg.url(staging),
            "AWS_ENDPOINT_URL": s3.endpoint_url,
            "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
            "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
        }

    def back_up(self, old: timedelta = timedelta()) -> str:
        """A backup of now, or one that says of itself that it is so old."""
        at = datetime.now(UTC) - old
        made = dump_database(self._server, self.bucket, "production", at, kind="archive")
        said = replace(made, started_at=(datetime.fromisoformat(made.started_at) - old).isoformat())
        self.bucket.put(made.key + MANIFEST, msgspec.json.encode(said))
        return made.key.rsplit("/")[-1]

    def open(self) -> Shell:
        self._context = shell(read_settings(self._environment, Path("no-such-file")))
        return self._context.__enter__()

    def close(self) -> None:
        self._context.__exit__(None, None, None)


@pytest.fixture
def salon(tmp_path: Path, pg: RealPostgres, s3: RealS3) -> Iterator[Salon]:
    with pg.copy_of("template0", STAGING) as staging:
        yield Salon(tmp_path, pg, s3.bucket(), s3, staging)


def certificate(one: Shell, number: int = 1) -> Certificate:
    drill = rows.get(one.house.store, number)
    assert drill is not None
    found = certificate_of(drill)
    assert found is not None
    return found


@pytest.mark.slow
def test_one_command_restores_proves_measures_and_leaves_nothing(salon: Salon) -> None:
    name = salon.back_up()
    one = salon.open()
    try:
        before = set(salon.pg.names())
        answer = one.say("drill restore", one.people()["ana"])
        assert answer.exit is Exit.DONE, answer
        assert answer.title == "DRILL-1 passed: Backup restore to staging."
        assert "RTO 4 h promised and kept. RPO 1 h promised and kept:" in answer.lines[-2]
        paper = certificate(one)
        (came,) = paper.rehearsed
        assert name.startswith(came.backup.split(".")[0])
        assert came.tables == 6
        assert came.rows is not None
        assert came.rows > 0
        assert came.newest_row.startswith("20")
        groups = dict(paper.groups)
        assert {"survey", "guards", "load", "verify", "clean up"} <= set(groups)
        assert all(phase.held for phase in paper.phases)
        in_all = sum(groups.values())
        assert groups["between them"] < in_all / 2
        rto = paper.objectives[0].measured_s
        assert rto is not None
        assert groups["load"] + groups["verify"] < rto < in_all
        assert set(salon.pg.names()) == before, "nothing is left"
        printed = one.say("certificate DRILL-1", one.people()["ana"])
        assert "does not stand" not in printed.document
        assert f"| Backup | {came.backup}" in printed.document
    finally:
        salon.close()


@pytest.mark.slow
def test_a_backup_that_comes_back_too_old_fails_the_promise_and_not_the_restore(salon: Salon) -> None:
    salon.back_up(timedelta(hours=9))
    one = salon.open()
    try:
        answer = one.say("drill restore", one.people()["ana"])
        assert answer.exit is Exit.FAILED
        assert answer.lines[-2].startswith("Recovery worked, in ")
        assert "RPO 1 h promised, 9 h" in answer.lines[-2]
        assert certificate(one).recovered
    finally:
        salon.close()


@pytest.mark.slow
def test_without_a_backup_nothing_is_rehearsed_and_the_drill_says_so(salon: Salon) -> None:
    one = salon.open()
    try:
        answer = one.say("drill restore", one.people()["ana"])
        assert answer.exit is Exit.FAILED
        assert "Recovery was not rehearsed: Rehearse a restore: " in answer.lines[-2]
        assert certificate(one).recovered is False
    finally:
        salon.close()
