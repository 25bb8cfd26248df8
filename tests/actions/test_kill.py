"""kill -9 anywhere in a restore: staging is the old or the new database, never none, and a repeat ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from actions.plan import Context, Plan, to_json
from actions.restores.restore import restore_database
from tests.actions.conftest import World
from tests.actions.running import planned, run

ROOT = Path(__file__).parents[2]
RUN = 40
MOMENTS = {
    "the role is made": ("CREATE ROLE", 1),
    "the shadow is made": ("CREATE DATABASE", 1),
    "some tables are made": ("CREATE TABLE", 3),
    "rows are coming in": ("^COPY public.agendamentos", 1),
    "keys are being added": ("ADD CONSTRAINT", 4),
    "the load is sealed": ("COMMENT ON DATABASE .*loaded", 1),
    "rows are being compared": ("hash_record_extended", 3),
    "the shadow is handed over": ("REASSIGN OWNED", 1),
    "the hand-over is sealed": ("COMMENT ON DATABASE .*ready", 1),
    "the old one is renamed": ("RENAME TO", 1),
    "the new one is renamed": ("RENAME TO", 2),
    "the swap is about to be committed": ("COMMENT ON DATABASE .*written", 1),
    "the new one is asked": ("relkind IN \\('r', 'm'\\) AND n.nspname", 1),
}


def die(world: World, facts: object, moment: tuple[str, int], undo: bool = False) -> int:
    """Let a process run into its death; returns the index of the step that it died in."""
    job = {
        "params": {"environment": "staging"},
        "facts": to_json(facts),
        "staging": world.staging.url,
        "prefix": world.bucket.prefix,
        "endpoint_url": world.bucket.endpoint_url,
        "run": RUN,
        "pattern": moment[0],
        "count": moment[1],
        "undo": undo,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "tests.actions.dying_child"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, f"it was to die: {ended.stderr[-2000:]}"
    return int(ended.stdout.split()[-1])


def finish(plan: Plan, world: World, at: int, undo: bool = False) -> None:
    """What the engine does then: the broken step again, and the rest."""
    steps = plan.undo if undo else (*plan.before, *plan.steps, *plan.after)
    for step in steps[at:]:
        step.do(Context(world.tools, RUN))


@pytest.mark.disaster(18, 19)
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_killed_in_a_restore(world: World, moment: tuple[str, int]) -> None:
    before = world.oid(world.staging.database)
    facts, plan = planned(restore_database, world.tools, environment="staging")

    at = die(world, facts, moment)

    rows = world.ask(world.staging.database, "select count(*) from usuarios")
    assert rows in (2, 2500), "the old or the new one is there, whole"
    finish(plan, world, at)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500
    assert world.oid(f"{world.staging.database}__old_{RUN}") == before
    assert world.relatives() == {f"__old_{RUN}"}, "no shadow is left"
    assert world.ask("postgres", f"select count(*) from pg_roles where rolname = 'dr_restore_{RUN}'") == 0


@pytest.mark.disaster(19)
@pytest.mark.parametrize(
    "moment", [("RENAME TO", 1), ("RENAME TO", 2)], ids=["first rename", "second rename"]
)
def test_killed_on_the_way_back(world: World, moment: tuple[str, int]) -> None:
    before = world.oid(world.staging.database)
    facts, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, RUN)

    at = die(world, facts, moment, undo=True)

    assert world.ask(world.staging.database, "select count(*) from usuarios") in (2, 2500)
    finish(plan, world, at, undo=True)
    assert world.oid(world.staging.database) == before
    assert world.relatives() == {f"__undone_{RUN}"}


@pytest.mark.disaster(18)
@pytest.mark.parametrize(
    "moment", [MOMENTS["rows are coming in"], MOMENTS["the old one is renamed"]], ids=["loading", "swapping"]
)
def test_given_up_after_a_kill_the_way_back_leaves_nothing(world: World, moment: tuple[str, int]) -> None:
    before = world.oid(world.staging.database)
    facts, plan = planned(restore_database, world.tools, environment="staging")
    die(world, facts, moment)
    finish(plan, world, 0, undo=True)
    assert world.oid(world.staging.database) == before
    assert world.relatives() == set()
