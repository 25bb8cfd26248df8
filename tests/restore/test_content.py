"""What the hash of a table covers, and that no code of the database's users is run by whoever counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.plan import NotVerified, Refused
from actions.tools.dumps.copies import BackupFormat
from actions.tools.postgres.content import TableContent, differences, read_content
from actions.tools.postgres.row_hash import HASHED_TYPES, HashedBy
from tests.real.postgres import PASSWORD, RealPostgres
from tests.real.s3 import RealS3
from tests.restore.rounds import of_format_2, round_of

KINDS: tuple[BackupFormat, ...] = ("archive", "plain")
WAYS: tuple[HashedBy, ...] = ("text", "values")
EVIL = """
    create function evil(t) returns text language plpgsql as $$ begin
        insert into ran select current_user;
        execute format('copy (select current_user) to program %L', 'cat > {place}');
        return 'x';
    end $$
"""


def harmed(place: Path) -> bool:
    return place.exists()


@pytest.mark.disaster(10)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cast_of_a_tables_owner_is_not_run_by_a_backup_or_a_restore(
    pg: RealPostgres, s3: RealS3, kind: BackupFormat, tmp_path: Path
) -> None:
    place = Path("/tmp") / f"{tmp_path.name}-{kind}-harm"  # the server's account may write there
    made = ("create table t (id int)", "create table ran (who text)", "insert into t values (1)")
    cast = "create cast (t as text) with function evil(t)"
    with round_of(pg, s3, *made, EVIL.format(place=place), cast) as one:
        manifest = one.backed_up(kind)
        assert not harmed(place), "an ordinary role ran a command on the database's host"
        assert manifest.content.tables["public.t"].hash != TableContent(1, "x").hash
        done = one.restored()
        assert any("every row matched" in said.said for said in done)
        assert not harmed(place)
        assert one.ask(one.target, "select count(*) from ran") == 0


def test_no_policy_of_a_tables_owner_is_run_by_whoever_counts(pg: RealPostgres, s3: RealS3) -> None:
    made = (
        "create table t (id int)",
        "insert into t values (1)",
        "create function evil() returns bool language plpgsql as $$ begin raise 'the policy ran'; end $$",
        "alter table t enable row level security",
        "create policy p on t using (evil())",
    )
    with round_of(pg, s3, *made) as one:
        one.ask(one.source, f"create role reader login password '{PASSWORD}'")
        one.ask(one.source, "grant pg_read_all_data to reader")
        reader = one.server(one.source).login("reader", PASSWORD, one.source)
        try:
            with pytest.raises(Refused, match="row-level security policy"), reader.session() as session:
                read_content(session)
        finally:
            one.ask(one.source, "drop owned by reader")
            one.ask(one.source, "drop role reader")


text = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5))
rows = st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 2)), text), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("by", WAYS)
@given(first=rows, second=rows)
def test_two_tables_have_one_hash_only_where_they_hold_the_same_rows(
    pg: RealPostgres, by: HashedBy, first: list[tuple[object, ...]], second: list[tuple[object, ...]]
) -> None:
    """Also where a column is called as the hash calls the row (x), and whatever the order of the rows."""
    with pg.connect("postgres") as session:
        found = []
        for held in (first, second):
            session.execute("drop table if exists pts; create table pts (x int, y text)")
            if held:
                with session.cursor() as cursor:
                    cursor.executemany("insert into pts values (%s, %s)", held)
            found.append(read_content(session, by))
        session.execute("drop table pts")
    assert (differences(found[0], found[1]) == ()) is (Counter(first) == Counter(second))


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_inherits_comes_back_with_its_columns_in_another_order(
    pg: RealPostgres, s3: RealS3, kind: BackupFormat
) -> None:
    made = (
        "create table p (a int)",
        'create table c ("X y" int) inherits (p)',
        "alter table p add column b int",
        'insert into c (a, "X y", b) values (1, 2, 3)',
    )
    with round_of(pg, s3, *made) as one:
        one.backed_up(kind)
        one.restored()
        assert one.ask(one.target, "select c::text from c") == "(1,3,2)", "what the hash must not depend on"


def test_an_old_hash_that_says_something_else_is_told_and_not_compared(pg: RealPostgres, s3: RealS3) -> None:
    made = ("create table pts (x int, y text)", "insert into pts values (1, 'a')", "create table t (id int)")
    with round_of(pg, s3, *made) as one:
        manifest = one.backed_up("plain")
        tables = {**manifest.content.tables, "public.pts": TableContent(1, "7")}
        old = replace(of_format_2(manifest), content=replace(manifest.content, tables=tables))
        one.described(manifest, lambda _: old)
        (proof,) = [one for one in one.restored() if "matched the manifest" in one.said]
        assert "public.pts" in proof.said
        assert "only counted" in proof.said


def test_an_old_hash_that_can_be_compared_is(pg: RealPostgres, s3: RealS3) -> None:
    with round_of(pg, s3, "create table t (id int)", "insert into t values (1)") as one:
        manifest = one.backed_up("plain")
        with pg.connect(one.source) as session:
            row = session.execute(
                "select sum(hashtextextended(x::text, 0)::numeric)::text from t x"
            ).fetchone()
            by_text = read_content(session).tables["public.t"].hash
        assert row == (by_text,), "as format 2 hashed it"
        wrong = replace(manifest.content, tables={"public.t": TableContent(1, "7")}, hashed_by="text")
        one.described(manifest, lambda old: replace(of_format_2(old), content=wrong))
        with pytest.raises(NotVerified, match="right number of rows but other content"):
            one.restored()


TYPES = {
    "numeric": ("1.0", "1.00"),
    "float8": ("0", "-0"),
    "interval": ("24 hours", "1 day"),
    "char(3)": ("a", "b"),
    "mood": ("happy", "sad"),
    "mood[]": ("{happy}", "{sad}"),
    "positive": ("1", "2"),
    "pair": ("(1,a)", "(1,b)"),
    "json": ('{"a": 1}', '{"a":  1}'),
    "jsonb": ('{"a": 1}', '{"a": 2}'),
    "point": ("(1,2)", "(1,3)"),
    "int4range": ("[1,2)", "[1,3)"),
    "tsvector": ("a b", "a c"),
    "bit(2)": ("01", "10"),
    "timestamptz": ("2026-11-22 02:00Z", "2026-11-22 02:00:00.000001Z"),
    "bytea": ("\\x00", "\\x01"),
    "uuid": ("0" * 32, "0" * 31 + "1"),
}
KINDS_OF_TYPES = (
    "create type mood as enum ('sad', 'happy')",
    "create domain positive as int check (value > 0)",
    "create type pair as (a int, b text)",
)


@pytest.mark.parametrize("by", WAYS)
def test_values_of_every_kind_of_type_are_told_apart(pg: RealPostgres, s3: RealS3, by: HashedBy) -> None:
    kinds = dict(enumerate(TYPES))
    made = [f"create table t{number} (v {kind})" for number, kind in kinds.items()]
    with round_of(pg, s3, *KINDS_OF_TYPES, *made) as one, pg.connect(one.source) as session:
        hashes: list[dict[str, str]] = []
        for which in (0, 1):
            for number, kind in kinds.items():
                session.execute(f"truncate t{number}")
                session.execute(f"insert into t{number} values (%s)", [TYPES[kind][which]])
            hashes.append({name: held.hash for name, held in read_content(session, by).tables.items()})
        same = [
            kind
            for number, kind in kinds.items()
            if hashes[0][f"public.t{number}"] == hashes[1][f"public.t{number}"]
        ]
    assert same == []


def test_every_type_that_is_hashed_by_its_own_function_has_one(pg: RealPostgres) -> None:
    with pg.connect("postgres") as session:
        for name in HASHED_TYPES:
            session.execute(f'select hash_record_extended(row(null::pg_catalog."{name}"), 0)')


@pytest.mark.parametrize("by", WAYS)
def test_values_that_two_rows_trade_are_seen(pg: RealPostgres, by: HashedBy) -> None:
    with pg.connect("postgres") as session:
        session.execute("create table trade (id int, email text)")
        try:
            session.execute("insert into trade values (1, 'a'), (2, 'b')")
            before = read_content(session, by)
            session.execute("update trade set email = case id when 1 then 'b' else 'a' end")
            assert "other content" in " ".join(differences(before, read_content(session, by)))
        finally:
            session.execute("drop table trade")


@pytest.mark.parametrize("by", WAYS)
def test_a_table_without_columns_has_a_hash(pg: RealPostgres, by: HashedBy) -> None:
    with pg.connect("postgres") as session:
        session.execute("create table bare ()")
        try:
            session.execute("insert into bare default values")
            assert read_content(session, by).tables["public.bare"].rows == 1
        finally:
            session.execute("drop table bare")


def test_a_cast_of_a_columns_type_is_not_run(pg: RealPostgres, s3: RealS3) -> None:
    evil = "create function evil(mood) returns text language plpgsql as $$ begin raise 'the cast ran'; end $$"
    made = (
        KINDS_OF_TYPES[0],
        evil,
        "create cast (mood as text) with function evil(mood)",
        "create table t (v mood)",
    )
    with round_of(pg, s3, *made, "insert into t values ('sad')") as one:
        manifest = one.backed_up("plain")
        assert manifest.content.hashed_by == "values"
        one.restored()
