"""What a restore would refuse is said when the backup is made: exactly what a restore then refuses."""

from __future__ import annotations

import pytest

from actions.backups.back_up import back_up_database
from actions.plan import NotVerified, Refused
from actions.tools.dumps.copies import BackupFormat, Keeping
from actions.tools.dumps.judged import Judged
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.rounds import round_of

KINDS: tuple[BackupFormat, ...] = ("archive", "plain")
TABLE = "create table t (id int primary key, v text)"
REFUSED = {
    "a way to another server": (
        "create foreign data wrapper far", "create server there foreign data wrapper far",
    ),
    "a function of the server's own": (
        "create function f(int, int) returns bool language internal immutable as 'int4eq'",
    ),
    "a leakproof function": (
        "create function f() returns int language sql leakproof as 'select 1'",
    ),
    "a setting of a superuser's": (
        "create function f() returns int language sql set session_replication_role = replica as 'select 1'",
    ),
    "an operator class": (
        "create operator class c for type int4 using btree as function 1 btint4cmp(int, int)",
    ),
    "a cast between the server's own types": (
        "create function to_point(int4) returns point language sql immutable as 'select point($1, 0)'",
        "create cast (int4 as point) with function to_point(int4)",
    ),
    "a table that binds its owner": (
        TABLE,
        "insert into t values (1, 'a')",
        "alter table t enable row level security",
        "alter table t force row level security",
        "alter table t owner to belezza",
    ),
    "a template of text search": (
        "create text search template w (lexize = dsimple_lexize, init = dsimple_init)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", REFUSED)
def test_what_a_restore_refuses_is_remarked_when_it_is_backed_up(
    pg: RealPostgres, s3: RealS3, kind: BackupFormat, what: str
) -> None:
    with round_of(pg, s3, TABLE.replace(" t ", " other "), *REFUSED[what], user="postgres") as one:
        manifest = one.backed_up(kind)
        assert manifest.remark.startswith("a restore would refuse it: ")
        with pytest.raises((Refused, NotVerified)):
            one.restored()
        assert not [name for name in pg.names() if name.startswith(f"{one.target}__")]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_restore_takes_is_not_remarked(pg: RealPostgres, s3: RealS3, kind: BackupFormat) -> None:
    made = (
        TABLE,
        "create type mood as enum ('a', 'b')",
        "create domain d as int check (value > 0)",
        "create function f() returns int language plpgsql set search_path = public security definer"
        " as 'begin return 1; end'",
        "create cast (mood as int) with inout",
        "create operator === (leftarg = int, rightarg = int, function = int4eq)",
        "create aggregate total (int) (sfunc = int4pl, stype = int)",
        "alter table t enable row level security",
        "create policy p on t using (true)",
        "create view w as select * from t",
        "create publication p for all tables",
        "create text search configuration c (copy = simple)",
        "create text search dictionary dict (template = simple)",
        "select lo_from_bytea(0, 'x')",
        "create event trigger e on ddl_command_end execute function ev()",
    )
    trigger = "create function ev() returns event_trigger language plpgsql as 'begin end'"
    with round_of(pg, s3, trigger, *made, user="postgres") as one:
        assert one.backed_up(kind).remark == ""
        one.restored()


def test_the_run_says_it_in_amber_and_the_backup_does_not_count_as_good(pg: RealPostgres, s3: RealS3) -> None:
    with round_of(pg, s3, TABLE, *REFUSED["a way to another server"], user="postgres") as one:
        server, kept = one.server(one.source), {"production": Keeping(86400.0, "archive", ())}
        tools = FixedToolbox({"production": server}, {"production": one.bucket}, kept=kept)
        _, plan = planned(back_up_database, tools, environment="production")
        done = run(plan, tools, 31, tell=lambda said: None)
        (said,) = [one for one in done if "look at it" in one.said]
        assert "a restore would refuse it: the archive holds a way to another server" in said.said
        assert said.light == "amber"
        facts, _ = planned(back_up_database, tools, environment="production")
        assert facts.last.id == ""


def test_faults_of_the_original_are_said_in_amber_and_are_no_doubt(pg: RealPostgres, s3: RealS3) -> None:
    made = (TABLE, "alter table t add check (id > 0) not valid")
    with round_of(pg, s3, *made) as one:
        kept = {"production": Keeping(86400.0, "archive", ())}
        tools = FixedToolbox({"production": one.server(one.source)}, {"production": one.bucket}, kept=kept)
        _, plan = planned(back_up_database, tools, environment="production")
        done = run(plan, tools, 32, tell=lambda said: None)
        assert any(
            "t_id_check of public.t is not validated" in one.said and one.light == "amber" for one in done
        )
        facts, _ = planned(back_up_database, tools, environment="production")
        assert facts.last.id


@pytest.mark.parametrize("pieces", [1, 7, 4096])
def test_a_judge_never_raises_whatever_is_dumped(pieces: int) -> None:
    for words, says in ((b"ALTER SYSTEM SET x = 1;\n", "ALTER SYSTEM"), (b"\\! id\n", "psql command"),
                        (b"COPY t FROM stdin;\n1\n", "ends inside the rows")):  # fmt: skip
        judged = Judged()
        for at in range(0, len(words), pieces):
            judged.feed(words[at : at + pieces])
        judged.end()
        assert says in judged.refusal
        judged.feed(b"SELECT 1;")
        judged.end()
