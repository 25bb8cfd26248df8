"""The splitter and the rules: any pieces, any quoting, one reading; and the server agrees."""

from __future__ import annotations

import gzip
import re
import time

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actions.backups.choice import Manifest
from actions.plan import Refused
from actions.tools.dumps.rules import Verdict, judge
from actions.tools.dumps.split import CopyRows, Cut, Part, Splitter, Statement, split
from actions.tools.dumps.unpack import gunzip
from tests.real.postgres import RealPostgres

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
hostile = st.sampled_from(
    [";", "'", '"', "$$", "$a$", "--", "/*", "*/", "\\", "\\.", "\n\\.\n", "(", ")", "begin", "E"]
)
inside = st.lists(st.one_of(text, hostile), max_size=6).map("".join)
tags = st.sampled_from(["$$", "$a$", "$_x1$", "$ação$"])

literal = inside.map(lambda said: "'" + said.replace("'", "''") + "'")
escaped = inside.map(lambda said: "E'" + said.replace("\\", "\\\\").replace("'", "\\'") + "'")
doubled = inside.map(lambda said: "E'" + said.replace("\\", "\\\\").replace("'", "''") + "'")
named = inside.map(lambda said: '"' + said.replace('"', '""') + 'x"')
dollared = st.tuples(tags, inside).map(
    lambda pair: f"{pair[0]}{pair[1].replace(pair[0], '').replace('$', '')}{pair[0]}"
)
block = inside.map(lambda said: "/*" + said.replace("/*", "").replace("*/", "").replace("/", "") + "*/")
line = inside.map(lambda said: "--" + said.replace("\n", "") + "\n")
word = st.sampled_from(
    ["SELECT", "x", "1", "1.5", "= ", "::text", "name$with$dollars", "$1", ", ", "case", "end", "e"]
)
bracketed = st.lists(st.one_of(word, literal, st.just(";")), max_size=3).map(
    lambda parts: f"({' '.join(parts)})"
)
piece = st.one_of(word, literal, escaped, doubled, named, dollared, block, line, bracketed)
statement = st.lists(piece, min_size=1, max_size=6).map(lambda parts: "SELECT " + " ".join(parts) + ";")
body = st.lists(
    st.sampled_from(["SELECT 1;", "SELECT case when true then 1 end;", "SELECT ';';"]), min_size=1, max_size=3
)
routine = body.map(lambda lines: "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC " + " ".join(lines) + " END;")
between = st.sampled_from(["\n", "\n\n-- a; comment\n", " ", "\n/* an old; 'one */\n", "\n--\n\n"])


def cut_up(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


def statements(parts: list[Part]) -> list[str]:
    return [part.text.decode(errors="surrogateescape") for part in parts if isinstance(part, Statement)]


@given(
    st.lists(st.tuples(st.one_of(statement, routine), between), max_size=6),
    st.lists(st.integers(1, 40), max_size=30),
)
@settings(max_examples=400, deadline=None)
def test_statements_come_back_whole_however_the_bytes_arrive(
    made: list[tuple[str, str]], sizes: list[int]
) -> None:
    data = "".join(words + gap for words, gap in made).encode()
    assert statements(list(split(cut_up(data, sizes)))) == [words for words, _ in made]


@given(st.lists(st.binary(max_size=30), max_size=20), st.lists(st.integers(1, 9), max_size=60))
@settings(deadline=None)
def test_rows_pass_unchanged_to_the_last_byte(rows: list[bytes], sizes: list[int]) -> None:
    lines = [row.replace(b"\n", b"").replace(b"\\", b"\\\\") for row in rows]
    data = b"".join(row + b"\n" for row in lines)
    dump = b"COPY public.t (a) FROM stdin;\n" + data + b"\\.\n\nSELECT 1;\n"
    parts = list(split(cut_up(dump, sizes)))
    assert b"".join(part.data for part in parts if isinstance(part, CopyRows)) == data
    assert statements(parts) == ["COPY public.t (a) FROM stdin;", "SELECT 1;"]


@given(st.binary(max_size=200), st.lists(st.integers(1, 20), max_size=10))
@settings(max_examples=300, deadline=None)
@example(b"\x80;", [])
def test_any_bytes_end_in_parts_or_in_a_sentence(data: bytes, sizes: list[int]) -> None:
    try:
        whole = list(split([data]))
    except (Refused, Cut):
        whole = None
    try:
        pieces = list(split(cut_up(data, sizes)))
    except (Refused, Cut):
        pieces = None
    if whole is None or pieces is None:
        assert whole is pieces
    else:
        assert statements(whole) == statements(pieces)


class Dump:
    """The text of a real dump; without a representation, which would be all of it."""

    def __init__(self, text: bytes) -> None:
        self.text = text


@pytest.fixture(scope="module")
def dump(backup: tuple[Manifest, bytes]) -> Dump:
    return Dump(gzip.decompress(backup[1]))


@given(at=st.one_of(st.integers(0, 3000), st.integers(0, 2_000_000), st.integers(1_200_000, 1_240_000)))
@settings(max_examples=100, deadline=None)
@example(at=41)
@example(at=60)
def test_a_cut_dump_is_never_taken_for_whole(dump: Dump, at: int) -> None:
    splitter, ended = Splitter(), True
    try:
        for part in splitter.feed(dump.text[: at % (len(dump.text) - 60)]):
            assert part
        for part in splitter.finish():
            assert part
    except Cut:
        ended = False
    assert not (ended and splitter.complete)


def test_a_real_dump_is_all_allowed_and_the_server_agrees_on_the_splits(
    pg: RealPostgres, backup: tuple[Manifest, bytes]
) -> None:
    parts = list(split(gunzip([backup[1]])))
    verdicts = {judge(part) for part in parts if isinstance(part, Statement)}
    assert verdicts == {Verdict.RUN, Verdict.SETTING, Verdict.LEAVE_OUT}
    with pg.connect("salon") as session, session.cursor() as cursor:
        for words in statements(parts):
            if not words.startswith("COPY"):
                with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
                    cursor.execute(f"{words} {words}".encode(), binary=True)


PSQL = (
    "\\! id",
    "  \\! id",
    "\\c postgres",
    "\\i /etc/passwd",
    "\\copy x from 'y'",
    "\\.",
    "\\restrict a b",
    "\\restrict a\n\\restrict b",
    "\\unrestrict a",
    "\\restrict a\n\\unrestrict b",
    "SELECT 1 \\; SELECT 2;",
)


@pytest.mark.parametrize("words", PSQL)
def test_psql_commands_are_refused(words: str) -> None:
    with pytest.raises(Refused, match="psql command"):
        list(split([words.encode() + b"\nSELECT 1;\n"]))


def test_the_restrict_pair_is_passed_over() -> None:
    parts = list(split([b"\\restrict aB3\nSELECT 1;\n\\unrestrict aB3\n"]))
    assert statements(parts) == ["SELECT 1;"]


FOREIGN = (
    "SET standard_conforming_strings = off;",
    "SET client_encoding = 'SJIS';",
    "SET session_authorization = 'postgres';",
    "VACUUM;",
    "CALL f();",
    "LOAD 'x';",
    "EXECUTE x;",
    "CREATE SERVER s FOREIGN DATA WRAPPER f;",
    "CREATE LANGUAGE plperlu;",
    "CREATE EXTENSION adminpack;",
    "ALTER DATABASE postgres SET x TO 1;",
    "ALTER ROLE belezza SUPERUSER;",
    "DROP ROLE IF EXISTS belezza;",
    "REVOKE a FROM b;",
    "SELECT pg_catalog.lo_import('/etc/passwd');",
    "SELECT pg_catalog.setval('s', 1, true), pg_read_file('x');",
    "GRANT\0",
)


@pytest.mark.parametrize("words", FOREIGN)
def test_what_no_dump_writes_is_refused(words: str) -> None:
    with pytest.raises(Refused, match=re.escape(words[:5])):
        judge(Statement(words.encode(), 1))


def test_a_bomb_is_unpacked_in_small_pieces() -> None:
    assert max(len(piece) for piece in gunzip([gzip.compress(b"\0" * 50_000_000)])) <= 1024 * 1024


def test_the_time_does_not_grow_with_the_size_of_a_piece() -> None:
    """Found at first: 0.4 MB/s where many small statements come in one piece of a megabyte."""
    dump = b"INSERT INTO public.t VALUES (1, 'abc');\n" * 20_000

    def took_s(piece_bytes: int) -> float:
        began = time.process_time()
        count = len(dump) // piece_bytes
        assert len(list(split(cut_up(dump, [piece_bytes] * count)))) == 20_000
        return time.process_time() - began

    assert took_s(len(dump)) < 10 * took_s(8192)
