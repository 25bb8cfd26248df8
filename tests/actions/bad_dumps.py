"""Dumps that are not what they should be, by what is wrong with them, and the disasters that each proves."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from actions.backups.choice import Manifest
from actions.plan import NotVerified, Refused
from actions.tools.postgres.content import TableContent
from tests.actions.conftest import World


def with_text(change: Callable[[bytes], bytes]) -> Callable[[World, bytes], tuple[Manifest, bytes]]:
    """A dump whose SQL was changed, packed and described as if it were right."""

    def make(world: World, data: bytes) -> tuple[Manifest, bytes]:
        packed = gzip.compress(change(gzip.decompress(data)), 1)
        return described(world.manifest, packed), packed

    return make


def described(manifest: Manifest, data: bytes) -> Manifest:
    return replace(manifest, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def with_bytes(change: Callable[[bytes], bytes]) -> Callable[[World, bytes], tuple[Manifest, bytes]]:
    """An object changed after its manifest was written, size and checksum described as they are now."""

    def make(world: World, data: bytes) -> tuple[Manifest, bytes]:
        changed = change(data)
        return described(world.manifest, changed), changed

    return make


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


def before_end(words: bytes) -> Callable[[bytes], bytes]:
    end = b"--\n-- PostgreSQL database dump complete"
    return lambda text: text.replace(end, words + b"\n" + end)


def without_a_row(text: bytes) -> bytes:
    start = text.index(b"COPY public.pagamentos")
    row = text.index(b"\n", start) + 1
    return text[:row] + text[text.index(b"\n", row) + 1 :]


def with_other_value(text: bytes) -> bytes:
    return text.replace(b"cliente77@exemplo.com.br", b"cliente00@exemplo.com.br")


@dataclass(frozen=True)
class Bad:
    make: Callable[[World, bytes], tuple[Manifest, bytes]]
    says: str
    kind: type[Exception] = Refused


WHILE_RUNNING = {
    "gzip cut in half": Bad(with_bytes(lambda data: data[: len(data) // 2]), "cut off"),
    "gzip without its end": Bad(with_bytes(lambda data: data[:-8]), "cut off"),
    "SQL cut in rows, gzip closed": Bad(
        with_text(lambda text: text[: len(text) // 2]), "cut off.*rows of a table"
    ),
    "SQL cut between statements": Bad(
        with_text(lambda text: text[: text.index(b"ALTER TABLE ONLY")]), "last line is missing"
    ),
    "trailer taken away": Bad(
        with_text(lambda text: text.replace(b"dump complete", b"dump")), "last line is missing"
    ),
    "a byte flipped": Bad(
        with_bytes(flipped), "damaged|cut off|did not accept|not what its|no pg_dump|psql command|longer"
    ),
    "another checksum": Bad(
        lambda world, data: (replace(world.manifest, sha256="0" * 64), data), "not what its manifest says"
    ),
    "not gzip": Bad(with_bytes(lambda data: b"PGDMP" + data), "damaged"),
    "empty": Bad(with_bytes(lambda data: b""), "cut off"),
    "psql shell": Bad(with_text(before_end(b"\\! touch /tmp/harm")), "psql command"),
    "psql connect": Bad(with_text(before_end(b"\\connect postgres")), "psql command"),
    "psql in a statement": Bad(with_text(before_end(b"SELECT 1 \\gexec")), "psql command"),
    "unrestrict with another key": Bad(with_text(before_end(b"\\unrestrict abc")), "psql command"),
    "copy to program": Bad(
        with_text(before_end(b"COPY public.usuarios TO PROGRAM 'touch /tmp/harm';")), "COPY that no pg_dump"
    ),
    "copy from program": Bad(
        with_text(before_end(b"COPY public.usuarios FROM PROGRAM 'id';")), "COPY that no pg_dump"
    ),
    "copy a file": Bad(
        with_text(before_end(b"COPY public.usuarios FROM '/etc/passwd';")), "COPY that no pg_dump"
    ),
    "alter system": Bad(
        with_text(before_end(b"ALTER SYSTEM SET log_statement = 'all';")), "no pg_dump of a database"
    ),
    "drop database": Bad(with_text(before_end(b"DROP DATABASE postgres;")), "no pg_dump of a database"),
    "create database": Bad(with_text(before_end(b"CREATE DATABASE evil;")), "no pg_dump of a database"),
    "create role": Bad(with_text(before_end(b"CREATE ROLE evil SUPERUSER;")), "no pg_dump of a database"),
    "role membership": Bad(with_text(before_end(b"GRANT postgres TO belezza;")), "no pg_dump of a database"),
    "set role": Bad(with_text(before_end(b"SET ROLE postgres;")), "no pg_dump of a database"),
    "reset authorization": Bad(
        with_text(before_end(b"RESET SESSION AUTHORIZATION;")), "no pg_dump of a database"
    ),
    "do block": Bad(with_text(before_end(b"DO $$ begin perform 1; end $$;")), "no pg_dump of a database"),
    "any select": Bad(
        with_text(before_end(b"SELECT pg_read_file('/etc/passwd');")), "no pg_dump of a database"
    ),
    "select in setval": Bad(
        with_text(before_end(b"SELECT pg_catalog.setval('s', (SELECT 1));")), "no pg_dump of a database"
    ),
    "a role that is not there": Bad(
        with_text(before_end(b"GRANT SELECT ON TABLE public.usuarios TO ninguem;")), "did not accept"
    ),
    "untrusted language": Bad(
        with_text(before_end(b"CREATE FUNCTION public.f() RETURNS int LANGUAGE internal AS 'x';")),
        "a right that a restore never has",
    ),
    "undescribed extension": Bad(
        with_text(before_end(b"CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;")),
        "manifest says nothing",
    ),
    "a row less": Bad(
        with_text(without_a_row), "pagamentos has 5,999 rows, the manifest says 6,000", NotVerified
    ),
    "a value other": Bad(
        with_text(with_other_value), "usuarios has the right number of rows but other content", NotVerified
    ),
    "sequence behind": Bad(
        with_text(
            lambda text: text.replace(b"'public.pagamentos_id_seq', 6000", b"'public.pagamentos_id_seq', 60")
        ),
        "sequence public.pagamentos_id_seq is at 60",
        NotVerified,
    ),
    "constraint not valid": Bad(
        with_text(
            lambda text: text.replace(
                b"REFERENCES public.saloes(id);", b"REFERENCES public.saloes(id) NOT VALID;"
            )
        ),
        "not validated",
        NotVerified,
    ),
    "a table less": Bad(
        lambda world, data: (
            replace(
                world.manifest,
                content=replace(
                    world.manifest.content,
                    tables={**world.manifest.content.tables, "public.x": TableContent(1, "1")},
                ),
            ),
            data,
        ),
        "table public.x is missing",
        NotVerified,
    ),
}

PROVES: Mapping[str, int] = {
    "gzip cut in half": 1,
    "gzip without its end": 1,
    "SQL cut in rows, gzip closed": 2,
    "SQL cut between statements": 2,
    "trailer taken away": 2,
    "a byte flipped": 3,
    "another checksum": 47,
    "empty": 59,
    "psql shell": 9,
    "psql connect": 9,
    "psql in a statement": 9,
    "unrestrict with another key": 9,
    "copy to program": 10,
    "copy from program": 10,
    "copy a file": 10,
    "alter system": 10,
    "drop database": 57,
    "create role": 10,
    "role membership": 10,
    "set role": 10,
    "reset authorization": 10,
    "untrusted language": 10,
    "a role that is not there": 13,
    "undescribed extension": 14,
    "a row less": 60,
    "a value other": 60,
    "sequence behind": 37,
    "a table less": 38,
}
"""Which rows of the table of disasters a case proves."""
