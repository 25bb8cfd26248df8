"""How pg_dump and pg_restore are told where to log in: nothing secret stands in their list of arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import conninfo

from actions.failures import Refused
from actions.tools.dumps.spool import held
from actions.tools.postgres.server import Postgres

SERVICE = "drbot"
SECRETS = ("sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
"""What a connection URL may hold in secret, beside the password, and for which libpq has no variable."""
LINE_LIMIT_BYTES = 1000


@dataclass(frozen=True)
class Login:
    """What a program is given: `words` among its arguments, variables, and the files it must keep open."""

    words: str
    variables: Mapping[str, str]
    keep: tuple[int, ...] = ()


@contextlib.contextmanager
def login_of(server: Postgres, **also: str) -> Iterator[Login]:
    """The way in, for as long as the block lasts; `also` are settings where the URL has none of its own.

    The password goes as a variable, other secrets in a service file without a name: whoever may list the
    processes reads neither. Raises Refused where a secret cannot be written into such a file.
    """
    parts = {**also, **conninfo.conninfo_to_dict(server.url)}
    variables = {"PGPASSWORD": str(parts.pop("password", None) or "")}
    secret = {name: str(value) for name in SECRETS if (value := parts.pop(name, None))}
    if not secret:
        yield Login(conninfo.make_conninfo("", **parts), variables)
        return
    with held(_service_file(server, secret, "service" in parts)) as file:
        words = conninfo.make_conninfo("", **{**parts, "service": SERVICE})
        yield Login(words, {**variables, "PGSERVICEFILE": file.path}, file.keep)


def _service_file(server: Postgres, secret: Mapping[str, str], taken: bool) -> bytes:
    lines = [f"{name}={value}" for name, value in secret.items()]
    if taken or any(
        line != line.rstrip() or "\n" in line or len(line.encode()) > LINE_LIMIT_BYTES for line in lines
    ):
        why = "beside a service of its own" if taken else "with a line break, a blank at its end, or too long"
        raise Refused(
            f"the URL of {server.place} holds {', '.join(secret)} {why}: pg_dump could only be told it where"
            " every user of this host reads it. Nothing was changed; use a key without a password that only"
            " drbot may read"
        )
    return "\n".join([f"[{SERVICE}]", *lines, ""]).encode()
