"""The hash of a table's rows: one number whatever their order, made without any code of the table's owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from psycopg import sql

HashedBy: TypeAlias = Literal["text", "values"]
"""`text`: each row as it is printed, by any server. `values`: by the hash functions of PostgreSQL's own
types, less than half the work, since 14."""

VALUES_SINCE = 140000
HASHED_TYPES = (
    "bool", "char", "name", "int2", "int4", "int8", "oid", "text", "varchar", "bytea", "date", "time",
    "timestamp", "timestamptz", "uuid", "jsonb", "macaddr", "inet", "cidr",
)  # fmt: skip
"""Types of which two values hash alike only where people would call them the same. Left out are numeric and
float (1.0 and 1.00, 0 and -0), interval (24 hours and a day), bpchar, and enums, which hash by their number
in this one database."""


Taken: TypeAlias = Literal["value", "enum", "numeric", "printed"]
"""How a column goes into the hash: its `value` where its type is one of HASHED_TYPES and its collation tells
all texts apart; an `enum` or `numeric` as its type's output function prints it; all others as a row prints
them, which costs more."""
_TAKEN: dict[Taken, sql.SQL] = {
    "value": sql.SQL("{}"),
    "enum": sql.SQL("textin(enum_out({}))"),
    "numeric": sql.SQL("textin(numeric_out({}))"),
}


@dataclass(frozen=True)
class Column:
    """A column of a table, by its name."""

    name: str
    taken: Taken


def way_of(server_version: int) -> HashedBy:
    """How the tables of a new backup are hashed."""
    return "values" if server_version >= VALUES_SINCE else "text"


def sum_of_hashes(columns: Sequence[Column], by: HashedBy) -> sql.Composable:
    """An aggregate over the rows of a relation that is called `x`, as text; '0' where there is no row.

    Columns are put into a row without a type: the row of a table has one, and so may a column, for which its
    owner can make a cast to text, a function that would run with the rights of whoever counts.
    """
    hashed = _by_values(columns) if by == "values" else _by_text(columns)
    return sql.SQL("coalesce(sum({}), 0)::text").format(hashed)


def _by_text(columns: Sequence[Column]) -> sql.Composable:
    return sql.SQL("hashtextextended(ROW({})::text, 0)").format(_listed(columns))


def _by_values(columns: Sequence[Column]) -> sql.Composable:
    """The hash of a row is a sum over its columns, so two rows could trade values: it is hashed once more."""
    own = [
        _TAKEN[column.taken].format(sql.Identifier("x", column.name))
        for column in columns
        if column.taken in _TAKEN
    ]
    printed = [column for column in columns if column.taken not in _TAKEN]
    parts = [*own, sql.SQL("ROW({})::text").format(_listed(printed))] if printed else own
    return sql.SQL("hashint8extended(hash_record_extended(ROW({}), 0), 0)").format(sql.SQL(", ").join(parts))


def _listed(columns: Sequence[Column]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier("x", column.name) for column in columns)
