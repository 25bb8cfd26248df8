"""Names as people really give them: what pg_dump writes of them is what the rules let through."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from actions.plan import Refused
from actions.tools.dumps.rules import Verdict, judge
from actions.tools.dumps.split import Statement, split
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.rounds import round_of

letters = st.text(
    st.one_of(
        st.sampled_from("()';\"$.,\\- ONTOFROM"),
        st.characters(codec="utf-8", categories=("L", "N", "S", "P"), exclude_characters="\0"),
    ),
    min_size=1,
    max_size=12,
).filter(lambda name: len(name.encode()) < 50)


def dumped(pg: RealPostgres, names: list[str]) -> bytes:
    """What pg_dump writes of tables of these names, with columns, rights, owners and comments alike."""
    with pg.copy_of("template0", "names") as database:
        with pg.connect(database) as session:
            for name in names:
                for statement in (
                    "CREATE TABLE {t} ({c} int, id serial PRIMARY KEY)",
                    "ALTER TABLE {t} OWNER TO belezza",
                    "GRANT SELECT ({c}) ON {t} TO belezza_leitura",
                    "COMMENT ON COLUMN {t}.{c} IS {l}",
                    "CREATE INDEX ON {t} ({c})",
                    "CREATE FUNCTION {f}({c} int DEFAULT 1) RETURNS int LANGUAGE sql AS 'select 1'",
                    "ALTER FUNCTION {f}(int) OWNER TO belezza",
                    "INSERT INTO {t} ({c}) VALUES (1)",
                ):
                    session.execute(
                        sql.SQL(statement).format(
                            t=sql.Identifier("public", name), c=sql.Identifier(f"{name}c"), l=name,
                            f=sql.Identifier("public", f"{name}f"),
                        )
                    )  # fmt: skip
        program: list[str | Path] = [
            pg.programs / "pg_dump",
            "--encoding=UTF8",
            f"--dbname={pg.url(database)}",
        ]
        return subprocess.run(program, check=True, capture_output=True, timeout=60).stdout


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(names=st.lists(letters, min_size=1, max_size=4, unique=True))
@example(names=["valor (R$)", "o'brien", 'say "so"', "a;b", "x OWNER TO y", "FROM stdin;", "über ON"])
def test_a_dump_of_any_names_is_let_through(pg: RealPostgres, names: list[str]) -> None:
    parts = [part for part in split([dumped(pg, names)]) if isinstance(part, Statement)]
    verdicts = [(judge(part), part.text) for part in parts]
    owners = [
        verdict for verdict, text in verdicts if text.startswith(b"ALTER") and b" OWNER TO belezza;" in text
    ]
    assert owners.count(Verdict.LEAVE_OUT) == len(owners) >= 2 * len(names)
    assert sum(text.startswith(b"COPY ") for _, text in verdicts) == len(names)


NOT_COPIED = (
    b"COPY public.t FROM PROGRAM 'id';\n",
    b"COPY public.t (a) TO stdout;\n",
    b"COPY (select 1) TO stdout;\n",
    b"COPY public.t FROM stdin WHERE f();\n",
    b"COPY public.t (a) FROM '/etc/passwd';\n",
    b"COPY public.t (a, f()) FROM stdin;\n",
)


@pytest.mark.disaster(10)
@pytest.mark.parametrize("words", NOT_COPIED)
def test_a_copy_of_another_kind_is_refused_whatever_its_names(words: bytes) -> None:
    with pytest.raises(Refused, match="COPY that no pg_dump writes"):
        list(split([words + b";\n\\.\n"]))


HIDDEN = (
    b'GRANT "a ON b" TO belezza;',
    b'REVOKE "x ON TABLE pg_catalog.y" FROM belezza;',
    b"ALTER SYSTEM SET x TO 'a OWNER TO b';",
    b"DROP DATABASE \"x OWNER TO y\";",
)  # fmt: skip


@pytest.mark.disaster(10, 57)
@pytest.mark.parametrize("words", HIDDEN)
def test_a_name_does_not_hide_what_a_statement_does(words: bytes) -> None:
    with pytest.raises(Refused):
        judge(Statement(words, 1))


LEFT_OUT = (
    b"CREATE EVENT TRIGGER vigia ON ddl_command_end EXECUTE FUNCTION public.vigia();",
    b"ALTER EVENT TRIGGER vigia DISABLE;",
    b"COMMENT ON EVENT TRIGGER vigia IS 'x';",
    b"COMMENT ON PUBLICATION p IS 'x';",
    b"COMMENT ON SUBSCRIPTION s IS 'x';",
    b"GRANT ALL ON FUNCTION pg_catalog.pg_ls_waldir(OUT name text) TO belezza_leitura;",
    b'GRANT SELECT("a;b"),UPDATE(c) ON TABLE pg_catalog.pg_authid TO "o\'brien";',
    b"REVOKE SELECT,INSERT ON TABLE information_schema.sql_parts FROM PUBLIC;",
    b"GRANT USAGE ON SCHEMA pg_catalog TO belezza;",
    b"ALTER TABLE public.\"o'brien\" OWNER TO \"a;b\";",
)  # fmt: skip


@pytest.mark.parametrize("words", LEFT_OUT)
def test_what_only_a_superuser_may_do_is_left_out(words: bytes) -> None:
    assert judge(Statement(words, 1)) is Verdict.LEAVE_OUT


@pytest.mark.parametrize("kind", ["archive", "plain"])
def test_a_database_with_them_comes_back(pg: RealPostgres, s3: RealS3, kind: str) -> None:
    made = (
        'create table "o\'brien (R$)" (id int, "valor (R$)" numeric)',
        'insert into "o\'brien (R$)" values (1, 2)',
        "create function vigia() returns event_trigger language plpgsql as 'begin end'",
        "create event trigger vigia on ddl_command_end execute function vigia()",
        "comment on event trigger vigia is 'looks'",
        "alter event trigger vigia disable",
        "create publication p for all tables",
        "comment on publication p is 'out'",
        "grant execute on function pg_catalog.pg_ls_waldir() to belezza_leitura",
        "grant select on pg_catalog.pg_authid to belezza_leitura",
        "grant select on information_schema.sql_parts to belezza_leitura with grant option",
        "create default conversion public.c1 for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
    )
    with round_of(pg, s3, *made, user="postgres") as one:
        one.backed_up("archive" if kind == "archive" else "plain")
        assert any("every row matched" in done.said for done in one.restored())
        assert one.ask(one.target, "select count(*) from pg_event_trigger") == 0
