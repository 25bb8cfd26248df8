"""What a server must have for a dump from elsewhere: the locale it was sorted by, the extensions it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from actions.tools.postgres.server import Session

_EVERYWHERE = ("C", "POSIX")


def locale_of(session: Session, database: str) -> tuple[str, str]:
    """Collation and ctype of a database."""
    row = session.execute(
        "SELECT datcollate, datctype FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")


def knows_locale(session: Session, database: str, collation: str, ctype: str) -> bool:
    """Whether the server can make a database of this locale; that of `database` it can."""
    rows = session.execute(
        "SELECT datcollate FROM pg_database UNION SELECT datctype FROM pg_database"
        " UNION SELECT collcollate FROM pg_collation WHERE collprovider = 'c' AND collcollate <> ''"
    ).fetchall()
    known = {_plain(str(row[0])) for row in rows} | {_plain(name) for name in _EVERYWHERE}
    own = locale_of(session, database)
    return (collation, ctype) == own or {_plain(collation), _plain(ctype)} <= known


def _plain(name: str) -> str:
    """`en_US.UTF-8` and `en_US.utf8` are one locale."""
    return name.replace("-", "").lower()


def older_extensions(session: Session, wanted: Mapping[str, str]) -> Iterator[str]:
    """Sentences: extensions that the server has not, or only in an older version."""
    rows = session.execute(
        "SELECT name, coalesce(default_version, '') FROM pg_available_extensions"
    ).fetchall()
    available = {str(row[0]): str(row[1]) for row in rows}
    missing = [name for name in wanted if name not in available]
    if missing:
        yield f"the server has not the extension {', '.join(missing)}: install it first"
    for name, version in wanted.items():
        if name in available and _numbers(available[name]) < _numbers(version):
            yield f"the backup uses {name} {version}, the server has {available[name]}: update it first"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
