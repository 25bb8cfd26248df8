"""What is imperfect in production comes back as it was; what was lost or changed on the way does not pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.backups.choice import Manifest
from actions.backups.facts import LastBackup, doubt_about
from actions.plan import NotVerified, Refused
from actions.tools.dumps.copies import BackupFormat
from actions.tools.postgres.content import Content, TableContent
from actions.tools.postgres.definitions import read_definitions, redefined
from actions.tools.postgres.large_objects import read_large_objects
from tests.backups.conftest import pretended
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.rounds import of_format_2, round_of

KINDS: tuple[BackupFormat, ...] = ("archive", "plain")
TABLE = "create table t (id int primary key, v int)"
IMPERFECT = {
    "a view that is stale": (
        TABLE,
        "create materialized view mv as select count(*) from t",
        "insert into t values (1)",
    ),
    "a view that was never filled": (TABLE, "create materialized view mv as select * from t with no data"),
    "a constraint that is not validated": (
        TABLE,
        "insert into t values (1, -1)",
        "alter table t add constraint positive check (v > 0) not valid",
    ),
    "a domain with one": (
        "create domain d as int",
        "create table t (v d)",
        "insert into t values (1)",
        "alter domain d add constraint positive check (value > 0) not valid",
    ),
    "a foreign key that is not validated": (
        TABLE,
        "create table o (t_id int)",
        "insert into o values (7)",
        "alter table o add foreign key (t_id) references t not valid",
    ),
    "a sequence behind": ("create table t (id serial)", "insert into t values (100)"),
    "a sequence of a numeric": (
        "create sequence s",
        "create table t (id numeric primary key default nextval('s'))",
        "alter sequence s owned by t.id",
        "insert into t default values",
    ),
    "a sequence of a text": (
        "create sequence s",
        "create table t (id text primary key default 'A' || nextval('s'))",
        "alter sequence s owned by t.id",
        "insert into t default values",
    ),
    "an index of a partitioned table without its parts": (
        "create table t (id int) partition by range (id)",
        "create table t1 partition of t for values from (0) to (9)",
        "create index part on only t (id)",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", IMPERFECT)
def test_it_comes_back_as_it_was(pg: RealPostgres, s3: RealS3, kind: BackupFormat, what: str) -> None:
    with round_of(pg, s3, *IMPERFECT[what]) as one:
        manifest = one.backed_up(kind)
        (proof,) = [said for said in one.restored() if "matched the manifest" in said.said]
        for said in manifest.faults.values():
            assert said in proof.said
            assert proof.light == "amber"
        assert bool(manifest.faults) is (what.split()[1] in ("constraint", "domain", "foreign", "index")
                                         or what == "a sequence behind")  # fmt: skip


def test_an_index_that_was_never_finished_is_in_no_dump(pg: RealPostgres, s3: RealS3) -> None:
    made = ("create table t (id int)", "insert into t values (1), (1)", "create index good on t (id)")
    with round_of(pg, s3, *made) as one:
        with pg.connect(one.source, "belezza") as session, pytest.raises(Exception, match="could not create"):
            session.execute("create unique index concurrently broken on t (id)")
        manifest = one.backed_up("archive")
        assert manifest.inventory["indexes"] == 1
        one.restored()
        assert one.ask(one.target, "select count(*) from pg_indexes where schemaname = 'public'") == 1


BEFORE: dict[str, tuple[tuple[str, ...], Callable[[Manifest], Manifest]]] = {
    "a view was counted and hashed as it lay": (
        IMPERFECT["a view that is stale"],
        lambda now: replace(
            now,
            content=replace(now.content, tables={**now.content.tables, "public.mv": TableContent(1, "5")}),
        ),
    ),
    "a fault was not noted": (IMPERFECT["a constraint that is not validated"], lambda now: now),
    "an unfinished index was counted": (
        (TABLE,),
        lambda now: replace(now, inventory={**now.inventory, "indexes": 2}),
    ),
}


@pytest.mark.parametrize("what", BEFORE)
def test_what_an_old_manifest_could_not_say_is_told_and_not_held_against_it(
    pg: RealPostgres, s3: RealS3, what: str
) -> None:
    made, change = BEFORE[what]
    with round_of(pg, s3, *made) as one:
        manifest = replace(one.backed_up("plain"), faults={}, views=(), definitions={})
        one.described(manifest, lambda _: of_format_2(change(manifest)))
        (proof,) = [said for said in one.restored() if "matched the manifest" in said.said]
        assert ("old manifest says" in proof.said) is (what != "a view was counted and hashed as it lay")


@pytest.mark.disaster(37)
def test_a_sequence_that_was_not_behind_when_the_backup_was_made_must_not_be(
    pg: RealPostgres, s3: RealS3
) -> None:
    with round_of(pg, s3, "create table t (id serial)", "insert into t values (100)") as one:
        manifest = one.backed_up("archive")
        one.described(manifest, lambda now: replace(now, faults={}))
        with pytest.raises(
            NotVerified, match=r"sequence public\.t_id_seq is at 0, but t\.id already holds 100"
        ):
            one.restored()


@pytest.mark.disaster(60)
@pytest.mark.parametrize("kind", KINDS)
def test_large_objects_are_compared_to_the_last_byte(
    pg: RealPostgres, s3: RealS3, kind: BackupFormat
) -> None:
    two_pieces = "select lo_from_bytea(0, convert_to(repeat('0123456789abcdef', 70000), 'UTF8'))"
    with round_of(pg, s3, TABLE, two_pieces, "select lo_from_bytea(0, 'small')") as one:
        manifest = one.backed_up(kind)
        assert manifest.content.large_objects == 2
        one.restored()
        one.ask(one.source, "select lo_put((select min(oid) from pg_largeobject_metadata), 1048580, 'X')")
        other = one.server(one.source)
        with other.session() as session:
            number, digest = read_large_objects(session)
        assert number == 2
        assert digest != manifest.content.large_objects_hash
        one.described(
            manifest, lambda now: replace(now, content=replace(now.content, large_objects_hash=digest))
        )
        with pytest.raises(NotVerified, match="right number of large objects, but other content"):
            one.restored()


def test_what_is_defined_otherwise_is_told_in_amber(pg: RealPostgres, s3: RealS3) -> None:
    made = (
        "create table t (id int not null, v text default 'a')",
        "create function f() returns int language sql as 'select 1'",
    )
    with round_of(pg, s3, *made) as one:
        manifest = one.backed_up("archive")
        assert set(manifest.definitions) == {"table public.t", "function public.f()"}
        other = dict.fromkeys(manifest.definitions, "0" * 16)
        one.described(manifest, lambda now: replace(now, definitions=other))
        (proof,) = [said for said in one.restored() if "matched the manifest" in said.said]
        assert "function public.f() is defined otherwise" in proof.said
        assert "table public.t is defined otherwise" in proof.said
        assert proof.light == "amber"


CHANGES = (
    "alter table t alter id drop not null",
    "alter table t alter v drop default",
    "alter table t alter v type varchar(9)",
    "create or replace function f() returns int language sql as 'select 666'",
    "alter function f() security definer",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_definition_changes_its_hash(pg: RealPostgres, s3: RealS3, change: str) -> None:
    made = (
        "create table t (id int not null, v text default 'a')",
        "create function f() returns int language sql as 'select 1'",
    )
    with round_of(pg, s3, *made) as one, one.server(one.source).session() as session:
        before = read_definitions(session)
        assert redefined(before, before) == ()
        one.ask(one.source, change)
        assert len(redefined(before, read_definitions(session))) == 1


@pytest.mark.disaster(13)
@pytest.mark.parametrize("kind", KINDS)
def test_every_role_that_the_dump_names_is_asked_for_before_anything_is_loaded(
    pg: RealPostgres, s3: RealS3, kind: BackupFormat
) -> None:
    roles = [f"gone_{what}_{kind}" for what in ("granted", "column", "policy", "large")]
    made = (
        *(f"create role {role}" for role in roles),
        TABLE,
        f"grant select on t to {roles[0]}",
        f"grant update (v) on t to {roles[1]}",
        "alter table t enable row level security",
        f"create policy p on t to {roles[2]} using (true)",
        "select lo_from_bytea(4242, 'x')",
        f"grant select on large object 4242 to {roles[3]}",
    )
    with round_of(pg, s3, *made, user="postgres") as one:
        assert sorted(one.backed_up(kind).roles) == sorted(roles)
        with pg.connect(one.source) as session:
            for role in roles:
                session.execute(f"drop owned by {role}; drop role {role}".encode())
        with pytest.raises(Refused) as error:
            one.restored()
        assert all(role in str(error.value) for role in roles)
        assert not [name for name in pg.names() if name.startswith(f"{one.target}__")]


def test_rows_of_materialized_views_are_not_missed_where_they_are_not_counted_any_more(s3: RealS3) -> None:
    bucket, tables = s3.bucket(), {"public.t": TableContent(10, "1")}
    at = datetime(2026, 11, 22, tzinfo=UTC)
    old = replace(pretended(bucket, at), content=Content({**tables, "public.mv": TableContent(90, "1")}))
    new = replace(pretended(bucket, at), content=Content(tables), views=("public.mv",), format=3)
    last = LastBackup("old", "", new.rows_beside(old), 10)
    assert doubt_about(last, new.content.rows, 10, "archive") == ""
    assert new.rows_beside(new) == 10
