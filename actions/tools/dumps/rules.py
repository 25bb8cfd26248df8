"""Which statements of a dump are run, left out or refused: an allow-list of what pg_dump writes.

Ownership is left out, as by `pg_dump --no-owner`: everything is made by the restore's own role and handed
to the target's owner at the end. Session time limits are left out too: they are drbot's. So are publications
and subscriptions, for a copy neither publishes nor takes anything in the original's name; and what only a
superuser may do and no row needs: event triggers, rights on the server's own functions and tables.
"""

from __future__ import annotations

import re
from enum import Enum

from actions.failures import Refused
from actions.tools.dumps.split import Statement
from actions.tools.dumps.sql_text import excerpt


class Verdict(Enum):
    """What becomes of a statement."""

    RUN = "run"
    SETTING = "setting"
    LEAVE_OUT = "left out"
    EXTENSION = "extension"


_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_MADE = (
    r"(?:OR REPLACE )?(?:SCHEMA|TYPE|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|OPERATOR(?: CLASS| FAMILY)?|CAST"
    r"|COLLATION|(?:DEFAULT )?CONVERSION|(?:UNLOGGED )?TABLE|(?:UNLOGGED )?SEQUENCE|(?:RECURSIVE )?VIEW"
    r"|MATERIALIZED VIEW|(?:UNIQUE )?INDEX|(?:CONSTRAINT )?TRIGGER|RULE|POLICY|STATISTICS"
    r"|TEXT SEARCH (?:CONFIGURATION|DICTIONARY|PARSER|TEMPLATE))"
)
_ALTERED = (
    r"(?:SCHEMA|TYPE|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|OPERATOR(?: CLASS| FAMILY)?|COLLATION|CONVERSION"
    r"|(?:FOREIGN )?TABLE|SEQUENCE|VIEW|MATERIALIZED VIEW|INDEX|TRIGGER|STATISTICS"
    r"|TEXT SEARCH (?:CONFIGURATION|DICTIONARY))"
)
_RUN = re.compile(
    rf"CREATE {_MADE} |ALTER {_ALTERED} |DROP {_ALTERED} IF EXISTS |ALTER LARGE OBJECT \d+ "
    r"|COPY |INSERT INTO |COMMENT ON |GRANT |REVOKE |REFRESH MATERIALIZED VIEW |BEGIN;|COMMIT;"
    r"|SELECT pg_catalog\.(?:setval|lo_create|lo_open|lowrite|lo_close)\(",
    re.IGNORECASE,
)
_SET = re.compile(
    r"SET (?:client_encoding = '(?:UTF8|SQL_ASCII|LATIN\d+|WIN\d+|ISO_8859_\d)'"
    r"|standard_conforming_strings = on|check_function_bodies = false|xmloption = content"
    r"|client_min_messages = warning|row_security = off|default_with_oids = false"
    rf"|default_tablespace = ''|default_table_access_method = {_NAME});\Z"
    r"|SELECT pg_catalog\.set_config\('search_path', '[^']*', false\);\Z"
)
_RIGHT = rf"[A-Z ]+(?:\({_NAME}(?:, ?{_NAME})*\))?"
_NAMED = r'"(?:[^"]|"")+"'
_LEFT_OUT = re.compile(
    r"SET (?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout) = 0;\Z"
    r"|(?:CREATE|ALTER) (?:PUBLICATION|SUBSCRIPTION) |SECURITY LABEL "
    r"|(?:CREATE|ALTER) EVENT TRIGGER |COMMENT ON (?:EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|EXTENSION) "
    rf"|ALTER (?:{_NAMED}|[^;'\"])+ OWNER TO {_NAME};\Z|ALTER DEFAULT PRIVILEGES "
    rf"|(?:GRANT|REVOKE) {_RIGHT}(?:,{_RIGHT})* ON"
    r" (?:(?:FUNCTION|PROCEDURE|TABLE|SEQUENCE|TYPE) (?:pg_catalog|information_schema)\."
    r"|SCHEMA (?:pg_catalog|information_schema) )"
    r"|SELECT pg_catalog\.lo_unlink\(",
    re.IGNORECASE,
)
_EXTENSION = re.compile(rf"CREATE EXTENSION IF NOT EXISTS ({_NAME}) WITH SCHEMA ({_NAME});\Z")
_GRANTED_ROLE = re.compile(
    rf"(?:GRANT|REVOKE) (?:GRANT OPTION FOR )?(?:{_NAMED}|[^;\"])*?\bON\b", re.IGNORECASE | re.DOTALL
)
_FUNCTION_CALL = re.compile(
    r"SELECT pg_catalog\.\w+\((?:'(?:[^']|'')*'|-?\d+|true|false|, |pg_catalog\.lo_open\('\d+', \d+\))*\);\Z"
)


def judge(statement: Statement) -> Verdict:
    """Run it (a setting: in every session), leave it out, or make the extension it names. Raises Refused."""
    if b"\0" in statement.text:
        raise refused(statement)
    text = statement.text.decode("utf-8", errors="replace")
    if _LEFT_OUT.match(text):
        return Verdict.LEAVE_OUT
    if _EXTENSION.match(text):
        return Verdict.EXTENSION
    if _SET.match(text):
        return Verdict.SETTING
    if not _RUN.match(text):
        raise refused(statement)
    if text.startswith("SELECT") and not _FUNCTION_CALL.match(text):
        raise refused(statement)
    if text[:6].upper() in ("GRANT ", "REVOKE") and not _GRANTED_ROLE.match(text):
        raise refused(statement)
    return Verdict.RUN


def extension_named(statement: Statement) -> tuple[str, str]:
    """Name and schema of a CREATE EXTENSION that `judge` let through."""
    found = _EXTENSION.match(statement.text.decode("utf-8", errors="replace"))
    if found is None:
        raise refused(statement)
    name, schema = (
        part[1:-1].replace('""', '"') if part.startswith('"') else part for part in found.groups()
    )
    return name, schema


def refused(statement: Statement) -> Refused:
    """The sentence for a statement that is never run."""
    return Refused(
        f"line {statement.line} of the dump holds a statement that no pg_dump of a database writes:"
        f" {excerpt(statement.text)}. It was not run, and the backup may have been tampered with."
        " Choose another backup, and tell whoever owns the bucket."
    )
