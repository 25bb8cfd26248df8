"""How far a load is, as a person waits for it: megabytes, tables, rate, and about how long it still takes."""

from __future__ import annotations

import time

from actions.tools.postgres.content import Tell

TELL_EVERY_S = 2.0
ROWS_SHARE = 0.6
"""Of a plain load's time, what the rows take; indexes and keys take the rest (measured: 0.5 to 0.65)."""


class Pace:
    """Counts of one load; whoever counts may be another thread than who tells.

    `total_bytes` is what `done_bytes` comes to at the end; `tables_total` is 0 where nobody knows.
    """

    def __init__(self, tell: Tell, total_bytes: int, tables_total: int, doing: str = "loaded") -> None:
        self._tell = tell
        self._doing = doing
        self.total_bytes = total_bytes
        self.tables_total = tables_total
        self.done_bytes = self.tables = 0
        self.builds = self.builds_done = 0
        self._began_s = time.monotonic()
        self._told_s = self._began_s

    def look(self) -> None:
        """Say how far it is, if that was not said just now."""
        now = time.monotonic()
        if now - self._told_s >= TELL_EVERY_S:
            self._told_s = now
            self._tell(self.text(now - self._began_s))

    def text(self, spent_s: float) -> str:
        """The sentence after so many seconds."""
        of = f" of {self.tables_total}" if self.tables_total else ""
        total_bytes = max(self.total_bytes, self.done_bytes)  # a restored database may come out larger
        said = [
            f"{self._doing} {self.done_bytes / 1e6:,.1f} MB of {total_bytes / 1e6:,.1f} MB",
            f"{self.tables}{of} tables",
        ]
        if self.builds:
            said.append(f"{self.builds_done} of {self.builds} indexes and keys")
        else:
            said.append(f"{self.done_bytes / 1e6 / max(0.001, spent_s):,.1f} MB/s")
        if (left_s := self._left_s(spent_s)) is not None:
            said.append(f"about {left_s:,.0f} s left")
        return ", ".join(said)

    def _left_s(self, spent_s: float) -> float | None:
        share = min(1.0, self.done_bytes / max(1, self.total_bytes))
        if self._doing == "loaded":
            share = ROWS_SHARE * share + (1 - ROWS_SHARE) * self.builds_done / max(1, self.builds)
        return spent_s * (1 - share) / share if 0.01 < share < 1 else None
