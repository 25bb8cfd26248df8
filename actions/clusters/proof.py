"""What a recovered cluster must show before anybody relies on it: promoted, in time, filled, and sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from actions import rehearsal_values
from actions.clusters.facts import RecoveryFacts
from actions.clusters.moment import said
from actions.failures import NotVerified
from actions.plan import Context
from actions.tools.clusters.files import Mark
from actions.tools.postgres.content import empty_tables
from actions.tools.postgres.inventory import read_newest
from actions.tools.postgres.reading_role import reading
from actions.tools.postgres.server import Postgres, Session, whole
from actions.tools.postgres.trial import holding

SLACK = timedelta(seconds=5)
SAID_FAULTS = 5
STATEMENT_S = 3600.0
_STATE = """
    SELECT pg_is_in_recovery(), (SELECT system_identifier::text FROM pg_control_system()),
           ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int,
           current_setting('archive_mode')
"""
_TABLES = """
    SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^(pg_|information_schema)'
    ORDER BY 1, 2 LIMIT 2000
"""
_INDEXES = """
    SELECT c.oid::regclass::text, c.oid::bigint FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_am a ON a.oid = c.relam
    WHERE a.amname = 'btree' AND c.relpersistence = 'p' AND i.indisready AND i.indisvalid
    ORDER BY c.relpages DESC, 1 LIMIT 2000
"""
_AMCHECK = "SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"


def proven(
    server: Postgres, facts: RecoveryFacts, mark: Mark, context: Context
) -> tuple[str, Mapping[str, str]]:
    """A sentence and values on what was asked and held. Raises NotVerified with everything that did not."""
    with server.session(context.run, statement_timeout_s=STATEMENT_S) as session:
        wrong = list(_state(session, facts))
        wrong += [f"{name}, which must never be" for name in empty_tables(session, server.smoke_tables)]
        with reading(server, context.run, STATEMENT_S) as powerless:
            newest = _newest(powerless, server.newest)
            wrong += holding(powerless, tuple(server.holds.items()))
        wrong += _too_new(newest, facts)
        tables, rows = _counted(session, context)
        checked = _check_indexes(session, context, wrong)
        size = session.execute("SELECT pg_database_size(current_database())").fetchone()
    if wrong:
        more = f"; and {len(wrong) - SAID_FAULTS} more" if len(wrong) > SAID_FAULTS else ""
        raise NotVerified(
            f"what was recovered is not what it should be: {'; '.join(wrong[:SAID_FAULTS])}{more}."
            " The live cluster was not touched."
        )
    values = {
        rehearsal_values.BACKUP: facts.backup.label,
        rehearsal_values.DATA_OF: facts.at or mark.last_transaction or facts.backup.finished_at,
        rehearsal_values.TABLES: str(tables),
        rehearsal_values.ROWS: str(rows),
        rehearsal_values.BYTES: str(whole(size[0]) if size else 0),
        "indexes checked": str(checked) if checked is not None else "amcheck is not installed",
    }
    if newest:
        values[rehearsal_values.NEWEST_ROW] = said(newest[1])
    held = f", {len(server.holds)} rules held" if server.holds else ""
    row = f"; the newest row is of {said(newest[1])}" if newest else ""
    return f"{rows:,} rows in {tables} tables of {server.database} were counted{held}{row}", values


def _state(session: Session, facts: RecoveryFacts) -> Iterator[str]:
    row = session.execute(_STATE).fetchone()
    in_recovery, identifier, timeline, archive_mode = row or (True, "", 0, "")
    if in_recovery:
        yield "it still recovers"
    if facts.cluster.system_identifier and identifier != facts.cluster.system_identifier:
        yield f"it is of another cluster (identifier {identifier})"
    if whole(timeline) <= facts.cluster.timeline:
        yield f"it is on timeline {timeline}, which is not a new one"
    if archive_mode != "off":
        yield f"its archive_mode is {archive_mode}, so it could write to the original's archive"


def _newest(session: Session, columns: tuple[str, ...]) -> tuple[str, datetime] | None:
    """The newest of the plan's columns and its time; a table that was not there yet counts nothing."""
    found = {name: datetime.fromisoformat(at) for name, at in read_newest(session, columns).items()}
    return max(found.items(), key=lambda one: one[1], default=None)


def _too_new(newest: tuple[str, datetime] | None, facts: RecoveryFacts) -> Iterator[str]:
    if newest and facts.at and newest[1] > datetime.fromisoformat(facts.at) + SLACK:
        yield f"{newest[0]} holds a row of {said(newest[1])}, later than {facts.at}"


def _counted(session: Session, context: Context) -> tuple[int, int]:
    """Tables and rows, counted one by one: so every heap page was read."""
    tables = session.execute(_TABLES).fetchall()
    total = 0
    for number, (schema, name) in enumerate(tables):
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(str(schema), str(name)))
        row = session.execute(query).fetchone()
        total += whole(row[0]) if row else 0
        context.progress(f"counted {total:,} rows in {number + 1} of {len(tables)} tables")
    return len(tables), total


def _check_indexes(session: Session, context: Context, wrong: list[str]) -> int | None:
    """How many B-trees amcheck found sound; None where the database does not have it."""
    row = session.execute(f"{_AMCHECK} WHERE extname = 'amcheck'".encode()).fetchone()
    if row is None:
        return None
    check = sql.SQL("SELECT {}({}::oid::regclass)").format(
        sql.Identifier(str(row[0]), "bt_index_check"), sql.Placeholder()
    )
    found = session.execute(_INDEXES).fetchall()
    for number, (name, oid) in enumerate(found):
        context.progress(f"checked {number} of {len(found)} indexes")
        try:
            session.execute(check, [oid])
        except psycopg.Error as error:
            wrong.append(f"index {name}: {error.diag.message_primary or error}")
    return len(found)
