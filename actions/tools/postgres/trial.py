"""The plan's own words, run in a restored copy: queries that must hold, statements that make it harmless."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from actions.failures import NotVerified
from actions.tools.postgres.server import Session, sentence

HOLD_TIMEOUT_S = 30
DEFUSE_TIMEOUT_S = 600
_UNANSWERED = f"was not answered within {HOLD_TIMEOUT_S} s"
_TOO_LONG = psycopg.errors.QueryCanceled
_AS_THE_APPLICATION = "SET LOCAL search_path = public"


def unanswered(sentence: str) -> bool:
    """Whether a sentence of `holding` only says that the answer took too long."""
    return sentence.endswith(_UNANSWERED)


def holding(session: Session, queries: Sequence[tuple[str, str]]) -> list[str]:
    """Sentences for the queries that do not answer true; each alone, read-only, within a time limit."""
    return [said for proves, query in queries if (said := _not_holding(session, proves, query))]


def _not_holding(session: Session, proves: str, query: str) -> str:
    try:
        with session.transaction():
            session.execute("SET TRANSACTION READ ONLY")
            session.execute(f"SET LOCAL statement_timeout = '{HOLD_TIMEOUT_S}s'".encode())
            session.execute(_AS_THE_APPLICATION)
            row = session.execute(query.encode(), binary=True).fetchone()
    except psycopg.errors.QueryCanceled:
        return f"“{proves}” {_UNANSWERED}"
    except psycopg.OperationalError:
        raise  # a lost connection says nothing about the data
    except psycopg.Error as error:
        return f"“{proves}” could not be asked: {sentence(error)}"
    if row is None or row[0] is not True:
        return f"“{proves}” does not hold"
    return ""


def defuse(session: Session, statements: Sequence[str], database: str, seal: str) -> int:
    """Run them all in one transaction, with the database's comment saying so: done wholly or not at all.

    Returns how many rows they touched. Raises NotVerified naming the statement that failed.
    """
    touched = 0
    with session.transaction():
        session.execute(f"SET LOCAL statement_timeout = '{DEFUSE_TIMEOUT_S}s'".encode())
        session.execute(_AS_THE_APPLICATION)
        for number, statement in enumerate(statements, 1):
            try:
                touched += max(0, session.execute(statement.encode(), binary=True).rowcount)
            except psycopg.Error as error:
                if isinstance(error, psycopg.OperationalError) and not isinstance(error, _TOO_LONG):
                    raise  # a lost connection: all of it is taken back, and may be tried again
                raise NotVerified(
                    f"statement {number} of {len(statements)} that makes a copy harmless failed:"
                    f" {sentence(error)}"
                ) from error
        session.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(seal))
        )
    return touched
