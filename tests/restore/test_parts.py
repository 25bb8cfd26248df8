"""The parts of loading: what runs side by side, how far it is, the file without a name, the lease."""

from __future__ import annotations

import threading

import psycopg
import pytest

from actions.backups.leases import leases
from actions.plan import Context, Refused
from actions.restores.restore import restore_database
from actions.tools.dumps.apart import Bundle, apart
from actions.tools.dumps.lanes import Lane, lanes, settle
from actions.tools.dumps.load_pace import Pace
from actions.tools.dumps.rules import Verdict, judge
from actions.tools.dumps.split import Statement
from tests.actions.conftest import World
from tests.actions.running import planned
from tests.real.postgres import RealPostgres
from tests.restore.conftest import Made

INDEX = "CREATE INDEX i ON {} USING btree (x);"
PRIMARY = "ALTER TABLE ONLY {}\n    ADD CONSTRAINT p PRIMARY KEY (id);"
FOREIGN = "ALTER TABLE ONLY {}\n    ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES {}(id) ON DELETE CASCADE;"


def of(text: str, *names: str) -> Statement:
    return Statement(text.format(*names).encode(), 1)


def test_indexes_share_a_table_and_keys_need_theirs_alone() -> None:
    a, again, b = (apart(of(INDEX, name)) for name in ("public.a", "public.a", "public.b"))
    primary, other = apart(of(PRIMARY, "public.a")), apart(of(PRIMARY, 'public."B; (x)"'))
    foreign, far = apart(of(FOREIGN, "public.a", "public.b")), apart(of(FOREIGN, "public.c", "public.b"))
    assert a
    assert again
    assert b
    assert primary
    assert other
    assert foreign
    assert far
    assert a.beside(again)
    assert a.beside(b)
    assert not a.beside(primary)
    assert primary.beside(other)
    assert other.tables == frozenset({b'public."B; (x)"'})
    assert foreign.tables == frozenset({b"public.a", b"public.b"})
    assert not foreign.beside(far)
    assert (a.group, primary.group, foreign.group) == ("index", "index", "key")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE public.a (id int);",
        "ALTER TABLE ONLY public.a ATTACH PARTITION public.b FOR VALUES IN (1);",
        "ALTER INDEX public.i ATTACH PARTITION public.j;",
        "ALTER TABLE public.a CLUSTER ON i;",
        "ALTER TABLE public.a\n    ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES public.b(id);",
        "CREATE TRIGGER t BEFORE INSERT ON public.a EXECUTE FUNCTION f();",
    ],
)
def test_everything_else_runs_alone(text: str) -> None:
    assert apart(Statement(text.encode(), 1)) is None


def test_a_bundle_never_runs_two_that_touch_one_table() -> None:
    jobs = [apart(of(PRIMARY, f"public.t{number % 3}")) for number in range(30)]
    bundle = Bundle([job for job in jobs if job])
    running: set[bytes] = set()
    together: set[int] = set()
    guard = threading.Lock()

    def run(statement: Statement) -> None:
        job = apart(statement)
        assert job is not None
        with guard:
            assert not running & job.tables, "another one is at this table"
            running.update(job.tables)
            together.add(len(running))
        threading.Event().wait(0.002)
        with guard:
            running.difference_update(job.tables)

    threads = [threading.Thread(target=bundle.work, args=(run,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert together == {1, 2}


def test_a_failure_in_one_lane_is_raised_and_ends_the_others(pg: RealPostgres) -> None:
    with pg.connect() as one, pg.connect() as two:

        def both() -> None:
            with lanes([one, two]) as made:
                made[0].do(lambda lane: _ask(lane, "select pg_sleep(60)"))
                made[1].do(lambda lane: _ask(lane, "select 1/0"))
                settle(made, lambda: None, 0.1)

        with pytest.raises(psycopg.errors.DivisionByZero):
            both()
        assert one.execute("select 1").fetchone() == (1,), "its query was cancelled, it still stands"


def _ask(lane: Lane, query: str) -> None:
    lane.session.execute(query.encode())


def test_how_far_it_is_is_said_in_a_sentence() -> None:
    pace = Pace(print, 338_000_000, 9)
    pace.done_bytes, pace.tables = 169_000_000, 4
    assert pace.text(10.0) == "loaded 169.0 MB of 338.0 MB, 4 of 9 tables, 16.9 MB/s, about 23 s left"
    pace.done_bytes, pace.tables, pace.builds, pace.builds_done = 338_000_000, 9, 30, 15
    assert pace.text(24.0) == (
        "loaded 338.0 MB of 338.0 MB, 9 of 9 tables, 15 of 30 indexes and keys, about 6 s left"
    )
    pace = Pace(print, 1_912_000_000, 9, "restored")
    pace.done_bytes, pace.tables = 478_000_000, 3
    assert pace.text(10.0) == "restored 478.0 MB of 1,912.0 MB, 3 of 9 tables, 47.8 MB/s, about 30 s left"
    assert "left" not in Pace(print, 10, 0).text(1.0)


@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_the_card_hears_of_it(
    world: World, archive: Made, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "archive":
        archive.into(world)
    monkeypatch.setattr("actions.tools.dumps.load_pace.TELL_EVERY_S", 0.0)
    _, plan = planned(restore_database, world.tools, environment="staging")
    said: list[str] = []
    plan.steps[0].do(Context(world.tools, 78, said.append))
    assert any(" MB of " in one and " of 6 tables" in one for one in said)
    plan.undo[2].do(Context(world.tools, 78))


@pytest.mark.disaster(40)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_what_is_being_read_is_leased(
    world: World, archive: Made, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "archive":
        archive.into(world)
    monkeypatch.setattr("actions.tools.dumps.load_pace.TELL_EVERY_S", 0.0)
    facts, plan = planned(restore_database, world.tools, environment="staging")
    seen: set[str] = set()
    plan.steps[0].do(Context(world.tools, 79, lambda said: seen.update(leases(world.bucket))))
    assert seen == {facts.backup.id}
    assert leases(world.bucket) == frozenset()
    plan.undo[2].do(Context(world.tools, 79))


def test_publications_and_subscriptions_of_a_plain_dump_are_left_out() -> None:
    for words in (
        "CREATE PUBLICATION noticias FOR ALL TABLES WITH (publish = 'insert');",
        "ALTER PUBLICATION noticias ADD TABLE ONLY public.usuarios;",
        "CREATE SUBSCRIPTION s CONNECTION 'host=far' PUBLICATION p WITH (connect = false);",
        "SECURITY LABEL FOR x ON TABLE public.usuarios IS 'y';",
    ):
        assert judge(Statement(words.encode(), 1)) is Verdict.LEAVE_OUT
    with pytest.raises(Refused):
        judge(Statement(b"DROP SUBSCRIPTION s;", 1))


def test_what_was_wrong_is_raised_once(pg: RealPostgres) -> None:
    with pg.connect() as one, lanes([one]) as made:
        made[0].do(lambda lane: _ask(lane, "select 1/0"))
        with pytest.raises(psycopg.errors.DivisionByZero):
            settle(made, lambda: None, 0.1)
        with pytest.raises(psycopg.errors.DivisionByZero):
            made[0].do(lambda lane: _ask(lane, "select 1"))
