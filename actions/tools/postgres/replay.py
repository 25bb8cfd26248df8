"""How far a standby's data is behind: measured at the standby, and at the server that it follows."""

from __future__ import annotations

from dataclasses import dataclass

from actions.failures import Refused, Transient
from actions.tools.postgres.server import Postgres

CONNECT_S = 4
STATEMENT_S = 5.0
_STANDBY = """
select pg_is_in_recovery(),
       (select system_identifier::text from pg_control_system()),
       pg_last_wal_replay_lsn()::text,
       extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8,
       exists (select from pg_stat_wal_receiver
               where status = 'streaming' and latest_end_lsn <= pg_last_wal_replay_lsn()
                 and last_msg_receipt_time > clock_timestamp() - interval '15 seconds')
"""
_LEADER = """
select (select system_identifier::text from pg_control_system()), pg_current_wal_lsn()::text
where not pg_is_in_recovery()
"""


@dataclass(frozen=True)
class Lag:
    """`seconds` of data that would be missing, at most; None where that is not known, and `said` why.

    `silent`: the database was to be asked and did not answer.
    """

    seconds: float | None
    said: str
    silent: bool = False


NOT_MEASURED = Lag(None, "how far its data is behind is not known: the plan names no database of its own")


def lag_of(standby_url: str, leader_url: str = "") -> Lag:
    """How far a standby is behind the database that it follows (`leader_url`; '' or away: by itself).

    Where the leader cannot be asked, it is the age of the last transaction that came: on an idle server
    more than what is missing, never less. Never raises: what cannot be measured says so.
    """
    if not standby_url:
        return NOT_MEASURED
    leader = _leader(leader_url)
    try:
        with Postgres(standby_url, connect_timeout_s=CONNECT_S).session(
            statement_timeout_s=STATEMENT_S
        ) as session:
            row = session.execute(_STANDBY).fetchone()
            is_ahead = bool(
                leader
                and row
                and row[1] == leader[0]
                and row[2]
                and _reached(
                    session.execute("select %s::pg_lsn >= %s::pg_lsn", [row[2], leader[1]]).fetchone()
                )
            )
    except (Refused, Transient) as error:
        return Lag(None, f"its database did not answer: {error}", silent=True)
    return _judged(row, is_ahead)


def _reached(row: tuple[object, ...] | None) -> bool:
    return bool(row and row[0])


def _judged(row: tuple[object, ...] | None, is_level: bool) -> Lag:
    if row is None or not row[0]:
        return Lag(None, "its database follows no other, so how far its data is behind is not known")
    if is_level:
        return Lag(0.0, "its data is level with the database that it follows")
    if row[4]:
        return Lag(0.0, "it has replayed all that it was sent, and is being sent more")
    if row[3] is None:
        return Lag(None, "its database has replayed no transaction yet: how far it is behind is not known")
    age_s = max(0.0, float(str(row[3])))
    return Lag(age_s, f"its last transaction is {age_s:.0f} s old")


def _leader(url: str) -> tuple[str, str] | None:
    """System identifier and position of the database that is followed; None where it cannot be asked."""
    if not url:
        return None
    try:
        with Postgres(url, connect_timeout_s=CONNECT_S).session(statement_timeout_s=STATEMENT_S) as session:
            row = session.execute(_LEADER).fetchone()
    except (Refused, Transient):
        return None  # it is the one that is down: its standby tells what it knows
    return (str(row[0]), str(row[1])) if row else None
