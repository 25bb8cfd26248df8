"""What the hash of a table covers, and that no code of the database's users is run by whoever counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.plan import NotVerified
from actions.tools.content import TableContent, differences, read_content
from actions.tools.copies import BackupFormat
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.conftest import pg, s3
from tests.restore.rounds import of_format_2, round_of

__all__ = ["pg", "s3"]
KINDS: tuple[BackupFormat, ...] = ("archive", "plain")
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


text = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5))
rows = st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 2)), text), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, second=rows)
def test_two_tables_have_one_hash_only_where_they_hold_the_same_rows(
    pg: RealPostgres, first: list[tuple[object, ...]], second: list[tuple[object, ...]]
) -> None:
    """Also where a column is called as the hash calls the row (x), and whatever the order of the rows."""
    with pg.connect("postgres") as session:
        found = []
        for held in (first, second):
            session.execute("drop table if exists pts; create table pts (x int, y text)")
            if held:
                with session.cursor() as cursor:
                    cursor.executemany("insert into pts values (%s, %s)", held)
            found.append(read_content(session))
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
        assert row == (manifest.content.tables["public.t"].hash,), "as format 2 hashed it"
        wrong = replace(manifest.content, tables={"public.t": TableContent(1, "7")})
        one.described(manifest, lambda old: replace(of_format_2(old), content=wrong))
        with pytest.raises(NotVerified, match="right number of rows but other content"):
            one.restored()
