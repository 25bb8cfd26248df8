"""A rehearsal proves that a backup comes back, measures it, notes it, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import psycopg
import pytest

from actions import rehearsal_values as values
from actions.backups.choice import Manifest, choose, list_backups
from actions.backups.rehearsals import NOT_HELD, REHEARSED, NotHeld, Rehearsed, rehearsed_keys
from actions.failures import Transient
from actions.plan import Context, NotVerified, Plan, Refused
from actions.restores.rehearse import rehearse_restore
from actions.restores.restore import restore_database
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.shadow import Names, restore_lock
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo
from tests.real.proxy import proxy
from tests.restore.conftest import LATER, Made

RUN = 72
DENIED = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
GIVEN = {"environment": "staging"}


def left(world: World) -> set[str]:
    """What a rehearsal has left: databases beside, roles, notes."""
    with world.pg.connect() as session:
        roles = {
            str(row[0]) for row in session.execute("select rolname from pg_roles where rolname like 'dr_re%'")
        }
    notes = {seen.key for seen in world.bucket.list() if seen.key.endswith((REHEARSED, f"RUN-{RUN}"))}
    return world.relatives() | roles | notes


def noted(world: World, key: str) -> Rehearsed:
    return msgspec.json.decode(world.bucket.read(key + REHEARSED), type=Rehearsed)


@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_it_proves_a_backup_and_tells_what_it_measured(world: World, archive: Made, kind: str) -> None:
    manifest = archive.into(world) if kind == "archive" else world.manifest
    before = world.oid(world.staging.database)
    newest = replace(world.production, newest=("usuarios.criado_em",))
    tools = replace(world.tools, servers={**world.tools.servers, "production": newest})
    _, plan = planned(rehearse_restore, tools, **GIVEN)

    done = run(plan, tools, RUN)

    measured = next(one.values for one in done if values.BYTES in one.values)
    assert measured[values.BACKUP] in manifest.key
    assert measured[values.DATA_OF].startswith("2026-11-2")
    assert measured[values.ROWS] == str(manifest.content.rows)
    assert measured[values.TABLES] == "6"
    assert int(measured[values.BYTES]) > 7_000_000
    assert measured[values.NEWEST_ROW].startswith("202")
    assert noted(world, manifest.key).rows == manifest.content.rows
    assert noted(world, manifest.key).run == RUN
    assert noted(world, manifest.key).sha256 == manifest.sha256
    assert left(world) == {manifest.key + REHEARSED}, "nothing but the note"
    assert world.oid(world.staging.database) == before
    assert plan.undo_keep_s == 0, "there is nothing to be taken back later"
    assert plan.amount == float(manifest.database_bytes)


def test_every_step_may_be_repeated_and_taken_back(world: World) -> None:
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    run(plan, world.tools, RUN, times=2)
    undo(plan, world.tools, RUN, times=2)
    assert left(world) == set()


def test_the_note_of_another_run_stays(world: World) -> None:
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    run(plan, world.tools, RUN)
    undo(plan, world.tools, RUN + 1)
    assert noted(world, world.manifest.key).run == RUN


def test_it_runs_the_statements_that_make_a_copy_harmless(world: World) -> None:
    copied = replace(world.production, defuse=("DELETE FROM pagamentos",))
    tools = replace(world.tools, servers={**world.tools.servers, "production": copied})
    _, plan = planned(rehearse_restore, tools, **GIVEN)
    said = [one.said for one in run(plan, tools, RUN)]
    assert any("made the copy of production harmless (6,000 rows)" in one for one in said)
    wrong = replace(world.production, defuse=("DELETE FROM nobody",))
    tools = replace(world.tools, servers={**world.tools.servers, "production": wrong})
    _, plan = planned(rehearse_restore, tools, **GIVEN)
    fails(plan, world, NotVerified, "harmless failed")


def fails(plan: Plan, world: World, kind: type[Exception], says: str) -> None:
    """It ends so, and the way back leaves nothing new."""
    world.bucket.delete(world.manifest.key + REHEARSED)
    with pytest.raises(kind, match=f"(?s){says}"):
        run(plan, world.tools, RUN)
    undo(plan, world.tools, RUN)
    assert left(world) == set()


def another(world: World, archive: Made) -> Manifest:
    """The newest backup is one whose content is not as its manifest says."""
    content = replace(archive.manifest.content, sequences={"public.x": 5})
    return Made(replace(archive.manifest, content=content), archive.data).into(world)


@pytest.mark.disaster(37)
def test_a_backup_that_does_not_hold_is_noted_and_latest_passes_it_over(world: World, archive: Made) -> None:
    bad = another(world, archive)
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    with pytest.raises(NotVerified, match=r"(?s)sequence public\.x is missing.*latest passes it over until"):
        run(plan, world.tools, RUN)
    undo(plan, world.tools, RUN)

    assert left(world) == {bad.key + NOT_HELD}, (
        "the note is no trace of a run, but what is known of the backup"
    )
    told = msgspec.json.decode(world.bucket.read(bad.key + NOT_HELD), type=NotHeld)
    assert (told.run, told.sha256, "sequence public.x is missing" in told.why) == (RUN, bad.sha256, True)
    facts, _ = planned(rehearse_restore, world.tools, **GIVEN)
    older = choose(list_backups(world.bucket), "latest").id
    assert facts.backup.id == older != LATER
    assert f"{older}: {LATER} passed over: newer, but did not hold when rehearsed" in facts.remarks
    by_name, _ = planned(rehearse_restore, world.tools, **GIVEN, backup=LATER)
    assert f"{LATER}: its last rehearsal did not hold" in by_name.remarks


def test_a_later_rehearsal_that_holds_clears_the_note(world: World) -> None:
    note = msgspec.json.encode(NotHeld(8, "2026-11-22T03:00:00Z", "the plan asked for too much", "0" * 64))
    key = world.manifest.key
    world.bucket.put(key + REHEARSED, b"{}")
    world.bucket.put(key + NOT_HELD, note)
    assert key not in rehearsed_keys(world.bucket)
    with pytest.raises(Refused, match=r"no backup that can be proven held .*Name one to take it"):
        planned(rehearse_restore, world.tools, **GIVEN)
    _, plan = planned(rehearse_restore, world.tools, **GIVEN, backup=key.rsplit("/", 1)[-1])
    run(plan, world.tools, RUN)
    assert left(world) == {key + REHEARSED}
    assert key in rehearsed_keys(world.bucket)
    assert choose(list_backups(world.bucket), "latest").object.key == key


@pytest.mark.parametrize("passing", [Transient("the connection is lost"), psycopg.errors.DiskFull("full")])
def test_what_passes_is_not_noted(world: World, passing: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(*_: object) -> object:
        raise passing

    monkeypatch.setattr("actions.restores.verify.read_content", reads)
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    for step in (*plan.before, plan.steps[0]):
        step.do(Context(world.tools, RUN))
    with pytest.raises(Transient):
        plan.steps[1].do(Context(world.tools, RUN))
    with pytest.raises(NotVerified, match="was not loaded to the end"):
        plan.steps[1].do(Context(world.tools, RUN))  # as the engine does
    undo(plan, world.tools, RUN)
    assert left(world) == set()


def test_a_rule_that_is_not_answered_in_time_is_not_the_backups_fault(world: World) -> None:
    slow = replace(world.staging, holds={"it is quick": "select pg_sleep(60) is not null"})
    tools = replace(world.tools, servers={**world.tools.servers, "staging": slow})
    _, plan = planned(rehearse_restore, tools, **GIVEN)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("actions.tools.postgres.trial.HOLD_TIMEOUT_S", 1)
        with pytest.raises(NotVerified, match="“it is quick” was not answered"):
            run(plan, tools, RUN)
    undo(plan, tools, RUN)
    assert left(world) == set()


def test_a_note_that_may_not_be_written_is_told(world: World, archive: Made) -> None:
    another(world, archive)
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    for step in (*plan.before, plan.steps[0]):
        step.do(Context(world.tools, RUN))
    with proxy(_address(world.bucket)) as way:
        bucket = replace(world.bucket, endpoint_url=way.url)
        closed = replace(world.tools, buckets={"production": bucket})
        way.at(3, lambda: way.answer(403, DENIED, "application/xml"))
        with pytest.raises(NotVerified, match="could not be noted beside it, so latest may still take it"):
            plan.steps[1].do(Context(closed, RUN))
    undo(plan, world.tools, RUN)
    assert left(world) == set()


def test_given_up_half_way_nothing_is_left(world: World) -> None:
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    for step in (*plan.before, *plan.steps[:2]):
        step.do(Context(world.tools, RUN))
    assert world.relatives() == {f"__dr_{RUN}"}
    undo(plan, world.tools, RUN)
    assert left(world) == set()


def test_a_place_that_may_not_be_written_is_told_and_does_not_count(world: World) -> None:
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    for step in (*plan.before, *plan.steps, *plan.after[:-1]):
        step.do(Context(world.tools, RUN))
    with proxy(_address(world.bucket)) as way:
        bucket = replace(world.bucket, endpoint_url=way.url)
        closed = replace(world.tools, buckets={"production": bucket})
        way.at(2, lambda: way.answer(403, DENIED, "application/xml"))
        said = plan.after[-1].do(Context(closed, RUN)).said
    assert "could not be noted beside it, so it does not count as verified" in said


def _address(bucket: Bucket) -> tuple[str, int]:
    host, port = str(bucket.endpoint_url).removeprefix("http://").split(":")
    return host, int(port)


def test_a_restore_beside_it_is_not_held_up(world: World) -> None:
    _, rehearsal = planned(rehearse_restore, world.tools, **GIVEN)
    _, restore = planned(restore_database, world.tools, **GIVEN)
    with restore_lock(world.staging, Names(world.staging.database, 8, rehearsal=True)):
        run(restore, world.tools, 9)
        with pytest.raises(Refused, match=r"another rehearsal beside .* is running: drbot:8"):
            run(rehearsal, world.tools, RUN)
    run(rehearsal, world.tools, RUN)
    assert world.relatives() == {"__old_9"}


def test_where_customers_are_served_it_is_refused(world: World) -> None:
    served = replace(world.staging, serves_customers=True)
    tools = replace(world.tools, servers={"staging": served})
    with pytest.raises(Refused, match="Rehearse where nobody is served"):
        planned(rehearse_restore, tools, **GIVEN)


def test_a_database_that_has_its_name_is_left_alone(world: World) -> None:
    name = f"{world.staging.database}__dr_{RUN}"
    with world.pg.connect() as session:
        session.execute(f"create database {name}".encode())
    _, plan = planned(rehearse_restore, world.tools, **GIVEN)
    with pytest.raises(Refused, match=rf"{name} is there already"):
        run(plan, world.tools, RUN)
    assert world.relatives() == {f"__dr_{RUN}"}


def test_what_moved_since_is_drift(world: World) -> None:
    was, _ = planned(rehearse_restore, world.tools, **GIVEN)
    assert rehearse_restore.drift(was, replace(was, target=replace(was.target, oid=1))) is None
    assert "another server" in str(
        rehearse_restore.drift(was, replace(was, target=replace(was.target, system_identifier="1")))
    )
    assert "overwritten" in str(
        rehearse_restore.drift(was, replace(was, backup=replace(was.backup, etag="x")))
    )
    assert "newest backup is" in str(
        rehearse_restore.drift(was, replace(was, backup=replace(was.backup, id="x")))
    )
