"""What vacuum has to do and what holds it back, read from one database."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.rows import class_row

from actions.tools.postgres.server import Session, whole

TABLES_LIMIT = 10

# A table's own reloptions win over the server's settings.
_OPTION = "(SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = '{}')"
_ENABLED = _OPTION.format("autovacuum_enabled")
_SCALE = _OPTION.format("autovacuum_vacuum_scale_factor")
_THRESHOLD = _OPTION.format("autovacuum_vacuum_threshold")
# Rows at their average width (ANALYZE's) with tuple header, line pointer and alignment, in full pages.
_TABLES = f"""
    WITH widths AS (
        SELECT schemaname, tablename, sum((1 - null_frac) * avg_width) AS bytes
        FROM pg_stats WHERE NOT inherited GROUP BY 1, 2)
    SELECT format('%I.%I', s.schemaname, s.relname) AS name, s.n_dead_tup AS dead, s.n_live_tup AS live,
           pg_relation_size(c.oid) AS size_bytes,
           CASE WHEN w.bytes IS NULL OR c.reltuples <= 0 THEN NULL
                ELSE greatest(0, pg_relation_size(c.oid)
                  - ceil(c.reltuples * (w.bytes + 32) / (0.96 * b.size)) * b.size)::bigint END AS bloat_bytes,
           extract(epoch FROM clock_timestamp() - greatest(s.last_vacuum, s.last_autovacuum))::float8
             AS vacuumed_s,
           extract(epoch FROM clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::float8
             AS analyzed_s,
           coalesce({_ENABLED}, 'on') IN ('on', 'true', 'yes', '1') AS autovacuum,
           (coalesce({_THRESHOLD}::float8, current_setting('autovacuum_vacuum_threshold')::float8)
             + coalesce({_SCALE}::float8, current_setting('autovacuum_vacuum_scale_factor')::float8)
             * greatest(c.reltuples, 0))::bigint AS due_at,
           age(c.relfrozenxid) AS age, current_setting('autovacuum_freeze_max_age')::int AS freeze_max_age
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    LEFT JOIN widths w ON (w.schemaname, w.tablename) = (s.schemaname, s.relname)
    CROSS JOIN (SELECT current_setting('block_size')::int AS size) b
    WHERE c.relkind IN ('r', 'm')
"""  # noqa: S608  # only constants above are put in
_HOLDERS = """
    SELECT 'session' AS kind, a.pid::text AS name, coalesce(a.usename::text, '') AS who,
           coalesce(a.state, a.backend_type) AS state, false AS active,
           greatest(age(a.backend_xmin), age(a.backend_xid), 0) AS age,
           coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8 AS since_s
    FROM pg_stat_activity a
    WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL) AND a.pid <> pg_backend_pid()
      AND a.backend_type = 'client backend' AND a.datname = current_database()
      AND clock_timestamp() - a.xact_start > make_interval(secs => %s)
    UNION ALL
    SELECT 'slot', slot_name::text, coalesce(database::text, ''), coalesce(plugin::text, 'physical'), active,
           greatest(age(xmin), age(catalog_xmin), 0), 0
    FROM pg_replication_slots
    WHERE (xmin IS NOT NULL OR catalog_xmin IS NOT NULL)
    UNION ALL
    SELECT 'prepared', gid, owner::text, 'prepared', false, age(transaction),
           extract(epoch FROM clock_timestamp() - prepared)::float8
    FROM pg_prepared_xacts WHERE database = current_database()
    UNION ALL
    SELECT 'standby', coalesce(nullif(application_name, ''), 'unnamed'), coalesce(usename::text, ''),
           coalesce(state, ''), true, age(backend_xmin), 0
    FROM pg_stat_replication WHERE backend_xmin IS NOT NULL
    ORDER BY age DESC, since_s DESC LIMIT 10
"""


@dataclass(frozen=True)
class TableCare:
    """One table. Ages of vacuum and analyze are seconds, None for never; `age` is in transactions.

    `due_at` is how many dead rows call autovacuum; `bloat_bytes` is an estimate from ANALYZE's widths, None
    where they are not known (never analyzed, or the role may not read the table).
    """

    name: str
    dead: int
    live: int
    size_bytes: int
    bloat_bytes: int | None
    vacuumed_s: float | None
    analyzed_s: float | None
    autovacuum: bool
    due_at: int
    age: int
    freeze_max_age: int

    @property
    def dead_share(self) -> float:
        return self.dead / max(1, self.dead + self.live)


@dataclass(frozen=True)
class Holdback:
    """What keeps vacuum from removing rows: a session (its pid), slot, prepared transaction or standby."""

    kind: str
    name: str
    who: str
    state: str
    active: bool
    age: int
    since_s: float


def read_dead(session: Session) -> tuple[TableCare, ...]:
    """The tables of the session's database with the most dead rows, those first; at most 10."""
    return _tables(session, f"{_TABLES} AND s.n_dead_tup > 0 ORDER BY dead DESC, name LIMIT {TABLES_LIMIT}")


def read_bloated(session: Session) -> tuple[TableCare, ...]:
    """The tables with the most space that a rewrite would free, by estimate; at most 10."""
    return _tables(session, f"{_TABLES} ORDER BY bloat_bytes DESC NULLS LAST, name LIMIT {TABLES_LIMIT}")


def read_old(session: Session) -> tuple[TableCare, ...]:
    """The tables whose transaction ids are the oldest; at most 10."""
    return _tables(session, f"{_TABLES} ORDER BY age DESC, name LIMIT {TABLES_LIMIT}")


def _tables(session: Session, query: str) -> tuple[TableCare, ...]:
    with session.cursor(row_factory=class_row(TableCare)) as cursor:
        return tuple(cursor.execute(query.encode()).fetchall())


def read_holdbacks(session: Session, older_than_s: float) -> tuple[Holdback, ...]:
    """What holds vacuum back now: sessions older than this (s), and slots and the like; at most 10."""
    with session.cursor(row_factory=class_row(Holdback)) as cursor:
        return tuple(cursor.execute(_HOLDERS.encode(), [older_than_s]).fetchall())


def autovacuum_on(session: Session) -> tuple[bool, int]:
    """Whether autovacuum may work at all, and how many of its workers are at it."""
    row = session.execute(
        "SELECT current_setting('autovacuum')::bool AND current_setting('track_counts')::bool,"
        " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker')"
    ).fetchone()
    return (bool(row[0]), whole(row[1])) if row else (False, 0)
