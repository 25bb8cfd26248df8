"""What the plan says of copies of an environment's database; asking for it needs no way to the database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Original:
    """`defuse` is SQL that runs in a restored copy before anybody can connect, so that it sends nothing and
    runs nothing in the original's name; `newest` are the `table.column` that say when a row was written.
    """

    defuse: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
