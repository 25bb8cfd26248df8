"""The tools an action is handed, built once by the bot from the plan and the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from actions.failures import Refused

if TYPE_CHECKING:
    from actions.tools.postgres import Postgres
    from actions.tools.s3 import Bucket


class Toolbox(Protocol):
    """Finds the tool for a place of the plan. Raises Refused where the plan names none."""

    def postgres(self, environment: str) -> Postgres:
        """The database server of an environment."""
        ...

    def backups(self, environment: str) -> Bucket:
        """Where the backups of an environment are kept."""
        ...


@dataclass(frozen=True)
class FixedToolbox:
    """A toolbox of ready tools, by environment."""

    servers: dict[str, Postgres]
    buckets: dict[str, Bucket]

    def postgres(self, environment: str) -> Postgres:
        if environment not in self.servers:
            raise _unnamed("database", environment)
        return self.servers[environment]

    def backups(self, environment: str) -> Bucket:
        if environment not in self.buckets:
            raise _unnamed("place for backups", environment)
        return self.buckets[environment]


def _unnamed(what: str, environment: str) -> Exception:
    return Refused(f"the plan names no {what} for {environment!r} (or its setting is missing)")
